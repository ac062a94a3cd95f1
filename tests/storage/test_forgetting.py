"""Forgetting a person: nothing of theirs is left in any byte of the data folder."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.allowance import Allowance, Subject, Unit
from core.departures import Departures
from core.errors import GoneError, NotFoundError
from core.forgetting import NOBODY, Forgetting
from core.jobs import Actor, Image, Job, NewJob, Owner, Parent, State
from core.request import Kind, Part, Source
from core.works import Order, Query, Viewer, work_id
from storage.opening import Storage
from tests.builders import FakeClock
from tests.storage.build import ON_DISCORD, anything, new_job, request

# Of Discord's size, so that their bytes are nobody else's.
EVE = Owner(1122334455667788990, "Evelyn Quux")
BEN = Owner(998877665544332211, "Ben")
SECRET = "xylophonist in a zeppelin"
VIEWER = Viewer(person_id=BEN.id, servers=frozenset({ON_DISCORD.server_id}))


@pytest.fixture
def forgetting(storage: Storage) -> Forgetting:
    clock = FakeClock(500.0)
    return Forgetting(storage.jobs, storage.eraser, Departures(storage.notices, clock), clock)


async def made(
    storage: Storage, owner: Owner, text: str, *, parent: Parent | None = None, **how: Any
) -> Job:
    asked = request(**{"text": text, "parts": (Part(text),), **how})
    place = replace(ON_DISCORD, channel_id=71)
    return await finished(storage, new_job(owner, place, request=asked, parent=parent))


async def finished(storage: Storage, new: NewJob) -> Job:
    job = (await storage.jobs.admit(new, anything)).job
    await storage.jobs.claim(job.id, by="me", now=1.0, lease_until=9.0)
    images = [
        Image(
            job_id=job.id, number=number, width=8, height=8, seed=1,
            blob=await storage.blobs.put(f"{new.request.text} {job.id} {number}".encode(), ".png"),
        )
        for number in (1, 2)
    ]  # fmt: skip
    grid = await storage.blobs.put(f"grid of {new.request.text}, {job.id}".encode(), ".png")
    done = await storage.jobs.finish(
        job.id, 1, images=images, grid=grid, gpu_ms=800, now=2.0, note=f"Well, {new.owner.name}."
    )
    assert done is not None
    await storage.jobs.shown_at(job.id, 3141592653589793)
    return done


async def live(storage: Storage) -> list[Job]:
    """What Eve does, and what others do with it."""
    given = await storage.blobs.put(b"a photograph of Evelyn Quux", ".png")
    first = await made(storage, EVE, SECRET)
    second = await made(storage, EVE, f"{SECRET}, at night", source=Source(given, 0.5))
    await storage.jobs.cancel((await storage.jobs.admit(new_job(EVE), anything)).job.id, 3.0)
    (picture, _) = await storage.jobs.images(first.id)
    picked = new_job(
        BEN, images=(picture,), parent=Parent(first.id, 1),
        request=replace(first.request, kind=Kind.UPSCALE, source=Source(picture.blob, 0.0)),
    )  # fmt: skip
    await storage.jobs.admit(picked, anything)
    varied = await made(
        storage, BEN, "a lighthouse", parent=Parent(first.id, 1), source=Source(picture.blob, 0.5)
    )
    await storage.album.like(first.id, 1, BEN.id, 4.0, likes=True)
    await storage.album.like(varied.id, 1, EVE.id, 4.0, likes=True)
    await storage.wishes.change(EVE.id, lambda p: p.with_option("mine", f"--no {SECRET}"))
    rules, whom = storage.rules, Subject.member(EVE.id)
    server_id = ON_DISCORD.server_id
    how: dict[str, Any] = {"by": BEN, "now": 5.0}
    await rules.change_line(server_id, whom, lambda _: Allowance(max_running=1), **how)
    await rules.grant(server_id, whom, Unit.PICTURES, 9, expires_at=None, **how)
    await rules.reset(server_id, whom, **how)
    await rules.change_line(
        server_id, Subject.member(BEN.id), lambda _: Allowance(max_running=2), by=EVE, now=6.0
    )
    return [first, second, varied]


def traces(folder: Path) -> set[str]:
    """The files in which anything of Eve's is to be read: her id as digits or as SQLite keeps
    whole numbers, her name, or a word of hers that nobody else has."""
    marks = [str(EVE.id).encode(), EVE.id.to_bytes(8, "big"), b"Evelyn", b"Quux", b"evelyn"]
    marks += [word.encode() for word in ("xylophonist", "zeppelin", "3141592653589793")]
    return {
        f"{path.name}: {mark!r}"
        for path in folder.rglob("*")
        if path.is_file()
        for mark in marks
        if mark in path.read_bytes()
    }


async def test_not_a_byte_is_left(data: Path, storage: Storage, forgetting: Forgetting) -> None:
    jobs = await live(storage)
    before = traces(data)
    assert len({line.partition(":")[0] for line in before}) >= 7
    for key in await storage.notices.keys():
        await storage.notices.forget(key)

    done = await forgetting.forget(Actor(EVE), EVE.id)
    assert (done.jobs, done.pictures) == (3, 6)
    owed = [f"gone:71:{job.message_id or 3141592653589793}" for job in jobs[:1]]
    assert [key for key in await storage.notices.keys() if key.startswith("gone:")] == owed
    # Noted until the bot has removed the message.
    await storage.notices.forget(owed[0])
    assert traces(data) == set()
    assert sorted(path.name for path in (data / "blobs").rglob("*.png")) == sorted(
        [image.blob for image in await storage.jobs.images(jobs[2].id)] + [jobs[2].grid]
    )


async def test_others_keep_theirs_and_the_account_its_sums(
    storage: Storage, forgetting: Forgetting
) -> None:
    first, second, varied = await live(storage)
    spent = [(line.job_id, line.kind, line.gpu_ms) for line in await storage.jobs.ledger()]
    # From here on they are held in memory.
    assert len((await storage.rules.rules(ON_DISCORD.server_id)).lines) == 2
    await forgetting.forget(Actor(EVE), EVE.id)
    page = await storage.works.find(Query(), VIEWER)
    assert [work.job_id for work in page.works] == [varied.id, varied.id]
    assert page.works[0].likes == page.works[1].likes == 0
    for words in ("xylophonist", "by:evelyn"):
        found = await storage.works.find(Query(words=words, order=Order.BEST), VIEWER)
        assert found.works == ()
    lines = await storage.jobs.ledger()
    assert [(line.job_id, line.kind, line.gpu_ms) for line in lines] == spent
    assert {line.owner_id for line in lines} == {NOBODY.id, BEN.id}
    emptied = await storage.jobs.get(first.id)
    assert (emptied.owner, emptied.request.text, emptied.state) == (NOBODY, "", State.DONE)
    assert (emptied.cost_ms, emptied.place.server_id) == (800, ON_DISCORD.server_id)
    assert await storage.jobs.history(EVE.id) == []
    with pytest.raises(GoneError):
        await storage.works.get(work_id(second.id, 1))
    (picture, _) = await storage.jobs.images(varied.id)
    assert await storage.blobs.get(picture.blob)
    assert varied.request.source is not None
    with pytest.raises(NotFoundError):
        await storage.blobs.get(varied.request.source.blob)
    rules = await storage.rules.rules(ON_DISCORD.server_id)
    assert [line.subject for line in rules.lines] == [Subject.member(BEN.id)]
    assert {change.by_name for change in await storage.rules.audit(7)} == {BEN.name, NOBODY.name}


async def test_once_more_finds_nothing(storage: Storage, forgetting: Forgetting) -> None:
    await live(storage)
    await forgetting.forget(Actor(EVE), EVE.id)
    assert (await forgetting.forget(Actor(EVE), EVE.id)).jobs == 0


async def test_of_the_account_only_the_name_can_be_taken_out(data: Path, storage: Storage) -> None:
    await live(storage)
    with closing(sqlite3.connect(data / "easel.db")) as raw:
        for change in (
            "UPDATE ledger SET gpu_ms = 0",
            "UPDATE ledger SET owner_id = 5",
            "UPDATE ledger SET owner_id = -1, charged_ms = 0",
            "UPDATE grants SET amount = 99",
            "UPDATE audit SET by_id = 5",
            "DELETE FROM ledger",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                raw.execute(change)
