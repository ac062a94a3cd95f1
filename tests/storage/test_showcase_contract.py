"""What every keeper of showcases promises; told as stories, run on each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.album import Album
from core.errors import ImageNotFoundError, NotFoundError, RefusedError
from core.jobs import Place
from core.ports import JobStore
from core.request import Visibility
from core.showcase import FRESH, MOST_SHOWCASES, By, Errand, Hanging, Showcase, Showcases, Way
from core.works import Showing, work_id
from storage.opening import Storage
from tests.fakes.memory_album import MemoryAlbum
from tests.fakes.memory_showcases import MemoryShowcases
from tests.fakes.memory_store import MemoryJobStore
from tests.storage.build import ADA, BEN, ON_DISCORD, new_job, request
from tests.storage.conftest import STORES, opened
from tests.storage.test_jobs_contract import finished

SERVER = 7


@dataclass(frozen=True)
class Wall:
    jobs: JobStore
    album: Album
    showcases: Showcases
    storage: Storage | None = None

    async def add(self, **what: object) -> Showcase:
        values = {"id": 0, "server_id": SERVER, "channel_id": 90, **what}
        return await self.showcases.add(Showcase(**values), by=ADA, now=1.0)  # type: ignore[arg-type]

    async def hang(self, showcase: Showcase, job_id: str, number: int = 1) -> Hanging:
        found, new = await self.showcases.hang(
            showcase.id, job_id, number, Way.PUBLISHED, lambda before: None, now=2.0
        )
        assert new
        return found

    async def hung(self, showcase: Showcase, job_id: str, number: int = 1) -> Hanging:
        hanging = await self.hang(showcase, job_id, number)
        await self.showcases.posted(hanging, 1000 + hanging.id, 0, 3.0)
        return (await self.showcases.hanging(hanging.id))[0]

    async def hide(self, job_id: str, *numbers: int) -> None:
        """Their owner makes them private."""
        if isinstance(self.showcases, MemoryShowcases):
            self.showcases.hidden.add(job_id)
        else:
            assert self.storage is not None
            for number in numbers:
                await self.storage.works.show(work_id(job_id, number), Showing.PRIVATE)

    async def due(self, now: float = 10.0) -> list[tuple[Errand, int]]:
        return [(due.errand, due.hanging.id) for due in await self.showcases.due(now)]


@pytest.fixture(params=STORES)
async def wall(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Wall]:
    if request.param == "memory":
        store = MemoryJobStore()
        album = MemoryAlbum(store)
        yield Wall(store, album, MemoryShowcases(store, album))
    else:
        async with opened(request, tmp_path) as storage:
            yield Wall(storage.jobs, storage.album, storage.showcases, storage)


class TestShowcases:
    async def test_a_server_has_those_that_were_added(self, wall: Wall) -> None:
        one = await wall.add(topic="cats", likes=3)
        other = await wall.add(channel_id=91, age_rated=True)
        await wall.add(server_id=8)
        assert await wall.showcases.of_server(SERVER) == [one, other]
        assert await wall.showcases.get(one.id) == one
        assert (one.topic, one.likes, other.age_rated) == ("cats", 3, True)

    async def test_one_is_changed_and_removed(self, wall: Wall) -> None:
        one = await wall.add()
        changed = await wall.showcases.change(
            one.id, lambda before: replace(before, likes=9), by=ADA, now=2.0
        )
        assert await wall.showcases.get(one.id) == changed == replace(one, likes=9)
        await wall.showcases.remove(one.id, by=ADA, now=3.0)
        assert await wall.showcases.of_server(SERVER) == []
        for act in (
            wall.showcases.get(one.id),
            wall.showcases.remove(one.id, by=ADA, now=4.0),
            wall.showcases.change(one.id, lambda before: before, by=ADA, now=4.0),
        ):
            with pytest.raises(NotFoundError, match="no longer there"):
                await act

    async def test_a_server_has_so_many_at_most_and_the_refused_one_is_not_kept(
        self, wall: Wall
    ) -> None:
        for _ in range(MOST_SHOWCASES):
            await wall.add()
        with pytest.raises(RefusedError, match=f"There are {MOST_SHOWCASES} showcases"):
            await wall.add()
        assert len(await wall.showcases.of_server(SERVER)) == MOST_SHOWCASES

    async def test_a_change_that_is_refused_changes_nothing(self, wall: Wall) -> None:
        one = await wall.add()

        def refuse(before: Showcase) -> Showcase:
            raise RefusedError

        with pytest.raises(RefusedError):
            await wall.showcases.change(one.id, refuse, by=ADA, now=2.0)
        assert await wall.showcases.get(one.id) == one


class TestPictures:
    async def test_the_likes_of_others_count(self, wall: Wall) -> None:
        job = await finished(wall.jobs)
        for person in (ADA.id, BEN.id, 77):
            await wall.album.like(job.id, 2, person, 1.0, likes=True)
        found = await wall.showcases.exhibit(job.id, 2)
        assert (found.votes, found.owner, found.server_id) == (2, ADA, SERVER)
        assert (found.public, found.text, found.number) == (True, "a red lighthouse", 2)
        assert (await wall.showcases.exhibit(job.id, 1)).votes == 0

    async def test_what_is_private_or_from_nowhere_is_not_public(self, wall: Wall) -> None:
        hidden = request(visibility=Visibility.STEALTH)
        for new in (new_job(request=hidden), new_job(place=Place(channel_id=5))):
            job = await finished(wall.jobs, new)
            assert not (await wall.showcases.exhibit(job.id, 1)).public

    async def test_a_server_without_a_web_gallery_has_showcases_all_the_same(
        self, wall: Wall
    ) -> None:
        showcase, job = await wall.add(), await finished(wall.jobs)
        await wall.hung(showcase, job.id)
        if wall.storage is not None:
            await wall.storage.rules.change_house(
                SERVER, lambda house: replace(house, gallery=Showing.PRIVATE), by=ADA, now=5.0
            )
        assert (await wall.showcases.exhibit(job.id, 1)).public
        assert await wall.due() == []
        hidden = await finished(wall.jobs, new_job(place=replace(ON_DISCORD, closed=True)))
        assert not (await wall.showcases.exhibit(hidden.id, 1)).public

    async def test_a_picture_that_is_gone_is_none(self, wall: Wall) -> None:
        job = await finished(wall.jobs)
        await wall.album.delete(job.id, 9.0)
        with pytest.raises(ImageNotFoundError):
            await wall.showcases.exhibit(job.id, 1)

    async def test_what_was_liked_since_is_found_where_likes_bring_it(self, wall: Wall) -> None:
        one, other = await finished(wall.jobs), await finished(wall.jobs)
        for job, at in ((one, 5.0), (other, 6.0), (one, 7.0)):
            await wall.album.like(job.id, 1, int(at), at, likes=True)
        await wall.add()
        assert await wall.showcases.liked(0.0) == []
        await wall.add(likes=2)
        assert await wall.showcases.liked(0.0) == [(other.id, 1, 6.0), (one.id, 1, 7.0)]
        assert await wall.showcases.liked(6.5) == [(one.id, 1, 7.0)]
        assert await wall.showcases.liked(0.0, limit=2) == [(one.id, 1, 5.0), (other.id, 1, 6.0)]


class TestHanging:
    async def test_a_picture_hangs_once_in_each_showcase(self, wall: Wall) -> None:
        one, other = await wall.add(), await wall.add()
        job = await finished(wall.jobs)
        first = await wall.hang(one, job.id)
        assert await wall.showcases.hang(
            one.id, job.id, 1, Way.LIKES, lambda before: None, now=3.0
        ) == (first, False)
        await wall.hang(other, job.id)
        await wall.hang(one, job.id, 2)
        assert len(await wall.due()) == 3

    async def test_many_at_once_hang_it_up_once(self, wall: Wall) -> None:
        showcase, job = await wall.add(), await finished(wall.jobs)
        found = await asyncio.gather(
            *(
                wall.showcases.hang(showcase.id, job.id, 1, Way.LIKES, lambda before: None, now=3.0)
                for _ in range(8)
            )
        )
        assert sum(new for _, new in found) == 1
        assert len({hanging.id for hanging, _ in found}) == 1

    async def test_what_was_taken_down_comes_back_only_if_it_may(self, wall: Wall) -> None:
        showcase, job = await wall.add(), await finished(wall.jobs)
        first = await wall.hung(showcase, job.id)
        gone = await wall.showcases.take_down(first.id, By.OWNER, now=4.0)
        assert gone.taken_by is By.OWNER
        assert await wall.showcases.take_down(first.id, By.MODERATOR, now=5.0, by=BEN) == gone
        await wall.showcases.cleared(gone)
        seen: list[Hanging] = []

        def refuse(before: Hanging) -> None:
            seen.append(before)
            raise RefusedError

        with pytest.raises(RefusedError):
            await wall.showcases.hang(showcase.id, job.id, 1, Way.LIKES, refuse, now=6.0)
        assert [one.taken_by for one in seen] == [By.OWNER]
        again = await wall.hang(showcase, job.id)
        assert (again.id, again.turn, again.message_id) == (first.id, 2, 0)
        # What the first turn still had to say comes too late.
        await wall.showcases.posted(first, 555, 3, 9.0)
        assert (await wall.showcases.hanging(first.id))[0] == again

    async def test_it_waits_for_the_old_message_to_be_gone(self, wall: Wall) -> None:
        showcase, job = await wall.add(), await finished(wall.jobs)
        hanging = await wall.hung(showcase, job.id)
        await wall.showcases.take_down(hanging.id, By.OWNER, now=4.0)
        with pytest.raises(RefusedError, match="just being taken down"):
            await wall.hang(showcase, job.id)

    async def test_nothing_hangs_in_a_showcase_that_was_removed(self, wall: Wall) -> None:
        showcase, job = await wall.add(), await finished(wall.jobs)
        waits, hangs = await wall.hang(showcase, job.id), await wall.hung(showcase, job.id, 2)
        await wall.showcases.remove(showcase.id, by=ADA, now=5.0)
        with pytest.raises(NotFoundError):
            await wall.hang(showcase, job.id, 3)
        with pytest.raises(NotFoundError):
            await wall.showcases.hanging(waits.id)
        # What hangs can still be taken down by its button.
        assert await wall.due() == []
        await wall.showcases.take_down(hangs.id, By.OWNER, now=6.0)
        assert await wall.due() == [(Errand.TAKE_DOWN, hangs.id)]


class TestErrands:
    async def test_a_post_is_due_until_it_is_there(self, wall: Wall) -> None:
        showcase, job = await wall.add(), await finished(wall.jobs)
        hanging = await wall.hang(showcase, job.id)
        (due,) = await wall.showcases.due(3.0)
        assert (due.errand, due.showcase) == (Errand.POST, showcase)
        assert due.exhibit == await wall.showcases.exhibit(job.id, 1)
        assert await wall.showcases.posting(hanging, 3.0) == 3.0
        assert await wall.showcases.posting(hanging, 8.0) == 3.0
        await wall.showcases.posted(hanging, 555, 0, 9.0)
        assert await wall.due() == []
        found, _ = await wall.showcases.hanging(hanging.id)
        assert (found.message_id, found.hung_at, found.began_at) == (555, 9.0, 3.0)

    async def test_another_number_of_likes_is_due_while_it_is_fresh(self, wall: Wall) -> None:
        showcase, job = await wall.add(), await finished(wall.jobs)
        hanging = await wall.hung(showcase, job.id)
        await wall.album.like(job.id, 1, ADA.id, 5.0, likes=True)
        assert await wall.due() == []
        await wall.album.like(job.id, 1, BEN.id, 5.0, likes=True)
        assert await wall.due() == [(Errand.RECOUNT, hanging.id)]
        assert await wall.due(4.0 + FRESH) == []
        await wall.showcases.posted(hanging, hanging.message_id, 1, 6.0)
        assert await wall.due() == []

    async def test_in_a_quick_look_what_hangs_is_compared_for_some_jobs_alone(
        self, wall: Wall
    ) -> None:
        showcase, one, other = await wall.add(), *[await finished(wall.jobs) for _ in range(2)]
        hangs = [await wall.hung(showcase, job.id) for job in (one, other)]
        for job in (one, other):
            await wall.album.like(job.id, 1, BEN.id, 5.0, likes=True)
        waits = await wall.hang(showcase, one.id, 2)

        async def quick(*job_ids: str) -> list[int]:
            return [due.hanging.id for due in await wall.showcases.due(9.0, job_ids=job_ids)]

        assert await quick() == [waits.id]
        assert await quick(other.id) == [waits.id, hangs[1].id]
        await wall.showcases.take_down(hangs[0].id, By.OWNER, now=9.0)
        assert await quick() == [hangs[0].id, waits.id]

    async def test_what_was_deleted_is_taken_down_and_forgotten(self, wall: Wall) -> None:
        showcase, job = await wall.add(), await finished(wall.jobs)
        hanging, waits = await wall.hung(showcase, job.id), await wall.hang(showcase, job.id, 2)
        await wall.album.delete(job.id, 9.0)
        assert await wall.due() == [(Errand.TAKE_DOWN, id) for id in (hanging.id, waits.id)]
        assert all(due.exhibit is None for due in await wall.showcases.due(9.0))
        for one in (hanging, waits):
            await wall.showcases.cleared(one)
            with pytest.raises(NotFoundError):
                await wall.showcases.hanging(one.id)

    async def test_what_is_made_private_is_taken_down_and_kept_in_mind(self, wall: Wall) -> None:
        showcase, job = await wall.add(), await finished(wall.jobs)
        hanging, waits = await wall.hung(showcase, job.id), await wall.hang(showcase, job.id, 2)
        await wall.hide(job.id, 1, 2)
        assert await wall.due() == [(Errand.TAKE_DOWN, id) for id in (hanging.id, waits.id)]
        for one in (hanging, waits):
            await wall.showcases.take_down(one.id, By.NOBODY, now=9.0)
            await wall.showcases.cleared(one)
            assert (await wall.showcases.hanging(one.id))[0].taken_by is By.NOBODY
        assert await wall.due() == []

    async def test_a_post_that_may_be_there_is_looked_for_before_it_is_forgotten(
        self, wall: Wall
    ) -> None:
        showcase, job = await wall.add(), await finished(wall.jobs)
        hanging = await wall.hang(showcase, job.id)
        await wall.showcases.posting(hanging, 3.0)
        await wall.showcases.take_down(hanging.id, By.OWNER, now=4.0)
        assert await wall.due() == [(Errand.TAKE_DOWN, hanging.id)]
        with pytest.raises(RefusedError, match="just being taken down"):
            await wall.hang(showcase, job.id)
        await wall.showcases.cleared(hanging)
        assert await wall.due() == []
        assert (await wall.hang(showcase, job.id)).turn == 2

    async def test_all_of_a_showcase_is_taken_down(self, wall: Wall) -> None:
        showcase, other = await wall.add(), await wall.add()
        job = await finished(wall.jobs)
        hanging, waits = await wall.hung(showcase, job.id), await wall.hang(showcase, job.id, 2)
        await wall.hung(other, job.id)
        assert await wall.showcases.take_all_down(showcase.id) == 2
        assert await wall.showcases.take_all_down(showcase.id) == 0
        assert await wall.due() == [(Errand.TAKE_DOWN, hanging.id)]
        assert (await wall.showcases.hanging(waits.id))[0].taken_by is By.NOBODY

    async def test_what_is_to_go_comes_first(self, wall: Wall) -> None:
        showcase, job = await wall.add(), await finished(wall.jobs)
        waits = await wall.hang(showcase, job.id, 1)
        hangs = await wall.hung(showcase, job.id, 2)
        await wall.showcases.take_down(hangs.id, By.OWNER, now=4.0)
        assert await wall.due() == [(Errand.TAKE_DOWN, hangs.id), (Errand.POST, waits.id)]
        assert len(await wall.showcases.due(5.0, limit=1)) == 1


async def test_changes_and_moderators_hands_are_in_the_audit_log(wall: Wall) -> None:
    showcase, job = await wall.add(likes=2), await finished(wall.jobs)
    hanging, _ = await wall.showcases.hang(
        showcase.id, job.id, 1, Way.FEATURED, lambda before: None, now=2.0, by=BEN
    )
    await wall.showcases.take_down(hanging.id, By.MODERATOR, now=3.0, by=BEN)
    await wall.showcases.remove(showcase.id, by=ADA, now=4.0)
    if isinstance(wall.showcases, MemoryShowcases):
        logged = [(by.name, now) for _, by, now in wall.showcases.logged]
    else:
        assert wall.storage is not None
        changes = await wall.storage.rules.audit(SERVER)
        assert {change.what for change in changes} == {"showcase"}
        logged = [(change.by_name, change.at) for change in reversed(changes)]
    assert logged == [("Ada", 1.0), ("Ben", 2.0), ("Ben", 3.0), ("Ada", 4.0)]
