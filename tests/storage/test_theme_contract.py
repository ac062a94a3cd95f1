"""What every keeper of themes promises; told as stories, run on each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.album import Album
from core.errors import NotFoundError, RefusedError
from core.jobs import Job
from core.ports import JobStore
from core.themes import MOST_OPEN, Entry, Phase, Theme, Themes
from storage.opening import Storage
from storage.themes import forget
from tests.fakes.memory_album import MemoryAlbum
from tests.fakes.memory_showcases import MemoryShowcases
from tests.fakes.memory_store import MemoryJobStore
from tests.fakes.memory_themes import MemoryThemes
from tests.storage.build import ADA, BEN
from tests.storage.conftest import STORES, opened
from tests.storage.test_jobs_contract import finished

SERVER = 7


@dataclass(frozen=True)
class Fair:
    jobs: JobStore
    album: Album
    themes: Themes
    storage: Storage | None = None

    async def start(
        self, words: str = "fog", ends_at: float = 200.0, server: int = SERVER
    ) -> Theme:
        new = Theme(
            id=0,
            server_id=server,
            channel_id=90,
            words=words,
            starts_at=1.0,
            votes_from=100.0,
            ends_at=ends_at,
            most=2,
        )
        return await self.themes.start(new, by=ADA, now=1.0)

    async def enter(self, theme: Theme, job: Job, number: int = 1) -> bool:
        return await self.themes.enter(theme.id, job.id, number, anything, now=float(number))

    async def vote(self, theme: Theme, place: int, member_id: int) -> None:
        await self.themes.vote(theme.id, place, member_id, lambda theme, entry: None)

    async def tally(self, theme: Theme) -> list[tuple[int, int]]:
        return [(one.place, one.votes) for one in await self.themes.entries(theme.id)]


def anything(theme: Theme, entries: Sequence[Entry]) -> None:
    """Lets everything in."""


@pytest.fixture(params=STORES)
async def fair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Fair]:
    if request.param == "memory":
        store = MemoryJobStore()
        album = MemoryAlbum(store)
        yield Fair(store, album, MemoryThemes(MemoryShowcases(store, album)))
    else:
        async with opened(request, tmp_path) as storage:
            yield Fair(storage.jobs, storage.album, storage.themes, storage)


async def test_a_server_has_its_themes_the_first_to_end_first(fair: Fair) -> None:
    late, soon = await fair.start("late", 300.0), await fair.start("soon")
    await fair.start("elsewhere", server=8)
    assert await fair.themes.open_in(SERVER) == [soon, late]
    assert await fair.themes.get(late.id) == late
    assert (late.words, late.most, late.phase) == ("late", 2, Phase.ENTRIES)
    with pytest.raises(NotFoundError):
        await fair.themes.get(404)


async def test_a_server_has_so_many_open_at_most(fair: Fair) -> None:
    first = await fair.start()
    for _ in range(MOST_OPEN - 1):
        await fair.start()
    with pytest.raises(RefusedError, match=f"There are {MOST_OPEN} themes"):
        await fair.start()
    assert (await fair.themes.call_off(first.id, by=ADA, now=2.0)).called_off
    await fair.start()


async def test_those_that_were_decided_are_remembered_the_last_first(fair: Fair) -> None:
    early, late = await fair.start("early"), await fair.start("late", 300.0, server=8)
    for theme in (early, late):
        await fair.themes.turn(theme.id, Phase.OVER)
    await fair.themes.call_off((await fair.start("no more")).id, by=ADA, now=2.0)
    await fair.start("open")
    assert [one.words for one in await fair.themes.over()] == ["late", "early"]
    assert [one.words for one in await fair.themes.over(limit=1)] == ["late"]


async def test_a_picture_is_entered_once_and_taken_out(fair: Fair) -> None:
    theme, job = await fair.start(), await finished(fair.jobs)
    assert await fair.enter(theme, job)
    assert not await fair.enter(theme, job)
    assert await fair.enter(theme, job, 2)
    entries = await fair.themes.entries(theme.id)
    assert [(one.job_id, one.number, one.place) for one in entries] == [
        (job.id, 1, 0),
        (job.id, 2, 0),
    ]
    assert entries[0].exhibit is not None
    assert entries[0].exhibit.owner == ADA
    assert await fair.themes.leave(theme.id, job.id, 1, lambda theme: None)
    assert not await fair.themes.leave(theme.id, job.id, 1, lambda theme: None)
    assert len(await fair.themes.entries(theme.id)) == 1


async def test_who_decides_is_shown_what_is_there_and_refuses_with_nothing_done(
    fair: Fair,
) -> None:
    theme, job = await fair.start(), await finished(fair.jobs)
    await fair.enter(theme, job)
    seen: list[int] = []

    def refuse(theme: Theme, entries: Sequence[Entry]) -> None:
        seen.append(len(entries))
        raise RefusedError

    with pytest.raises(RefusedError):
        await fair.themes.enter(theme.id, job.id, 2, refuse, now=2.0)
    assert seen == [1]
    assert len(await fair.themes.entries(theme.id)) == 1


async def test_only_so_many_are_entered_at_once_as_are_let_in(fair: Fair) -> None:
    theme, job = await fair.start(), await finished(fair.jobs)

    def one_alone(theme: Theme, entries: Sequence[Entry]) -> None:
        if entries:
            raise RefusedError

    entering = (fair.themes.enter(theme.id, job.id, n, one_alone, now=1.0) for n in range(1, 5))
    found = await asyncio.gather(*entering, return_exceptions=True)
    assert sum(one is True for one in found) == 1


async def test_places_are_drawn_when_the_voting_begins_and_stay(fair: Fair) -> None:
    theme, job = await fair.start(), await finished(fair.jobs)
    for number in (1, 2, 3, 4):
        await fair.enter(theme, job, number)
    assert (await fair.themes.turn(theme.id, Phase.VOTING)).phase is Phase.VOTING
    drawn = await fair.themes.entries(theme.id)
    assert [one.place for one in drawn] == [1, 2, 3, 4]
    await fair.themes.turn(theme.id, Phase.VOTING)
    assert await fair.themes.entries(theme.id) == drawn
    await fair.themes.turn(theme.id, Phase.OVER)
    assert (await fair.themes.turn(theme.id, Phase.VOTING)).phase is Phase.OVER
    assert await fair.themes.open_in(SERVER) == []


async def test_each_member_has_one_vote_the_last(fair: Fair) -> None:
    theme, job = await fair.start(), await finished(fair.jobs)
    for number in (1, 2):
        await fair.enter(theme, job, number)
    with pytest.raises(NotFoundError):
        await fair.vote(theme, 0, BEN.id)
    await fair.themes.turn(theme.id, Phase.VOTING)
    for place, member in ((1, 50), (2, 51), (1, 52), (2, 50)):
        await fair.vote(theme, place, member)
    assert await fair.tally(theme) == [(1, 1), (2, 2)]
    with pytest.raises(NotFoundError):
        await fair.vote(theme, 3, BEN.id)

    def refuse(theme: Theme, entry: Entry) -> None:
        raise RefusedError

    with pytest.raises(RefusedError):
        await fair.themes.vote(theme.id, 1, 51, refuse)
    assert await fair.tally(theme) == [(1, 1), (2, 2)]


async def test_what_is_deleted_takes_no_part_and_leaves_its_place(fair: Fair) -> None:
    theme = await fair.start()
    one, other, late = [await finished(fair.jobs) for _ in range(3)]
    for job in (one, other, late):
        await fair.enter(theme, job)
    await fair.album.delete(late.id, 50.0)
    await fair.themes.turn(theme.id, Phase.VOTING)
    await fair.album.delete(one.id, 60.0)
    entries = {entry.job_id: entry for entry in await fair.themes.entries(theme.id)}
    assert entries[late.id].place == 0
    assert entries[one.id].exhibit is None
    assert {entries[one.id].place, entries[other.id].place} == {1, 2}


async def test_what_was_posted_is_remembered(fair: Fair) -> None:
    theme = await fair.start()
    assert await fair.themes.sheets(theme.id) == {}
    assert await fair.themes.posting(theme.id, "start", 5.0) == 5.0
    assert await fair.themes.posting(theme.id, "start", 9.0) == 5.0
    before = (await fair.themes.sheets(theme.id))["start"]
    assert (before.message_id, before.posted_at) == (0, None)
    await fair.themes.posted(theme.id, "start", 777, "1,2", 10.0)
    after = (await fair.themes.sheets(theme.id))["start"]
    assert (after.message_id, after.posted_at, after.shown) == (777, 10.0, "1,2")


async def test_a_theme_is_looked_after_until_it_is_settled(fair: Fair) -> None:
    theme = await fair.start()
    await fair.themes.turn(theme.id, Phase.OVER)
    assert [one.id for one in await fair.themes.unsettled()] == [theme.id]
    await fair.themes.settle(theme.id, 300.0)
    assert await fair.themes.unsettled() == []


async def test_starts_and_ends_are_in_the_audit_log_and_votes_can_be_forgotten(fair: Fair) -> None:
    theme, job = await fair.start(), await finished(fair.jobs)
    await fair.enter(theme, job)
    await fair.themes.turn(theme.id, Phase.VOTING)
    await fair.vote(theme, 1, BEN.id)
    if fair.storage is not None:
        await fair.storage.database.write(lambda tx: forget(tx, BEN.id))
        assert await fair.tally(theme) == [(1, 0)]
    await fair.themes.call_off(theme.id, by=BEN, now=3.0)
    if isinstance(fair.themes, MemoryThemes):
        logged = [(by.name, now) for _, by, now in fair.themes.logged]
    else:
        assert fair.storage is not None
        changes = await fair.storage.rules.audit(SERVER)
        logged = [(change.by_name, change.at) for change in reversed(changes)]
        assert {change.what for change in changes} == {"theme"}
    assert logged == [("Ada", 1.0), ("Ben", 3.0)]
