"""Who may look at a job, and what its pictures were made from."""

from __future__ import annotations

import pytest

from core.archive import MOST_KIN, Archive
from core.errors import BannedError, JobNotFoundError, NotYoursError
from core.jobs import Job, Parent
from core.request import Visibility
from tests.builders import ADA, BO, CHANNEL, actor, new_job, request
from tests.fakes.memory_album import MemoryAlbum
from tests.fakes.memory_store import MemoryJobStore

ME, THEM = actor(ADA), actor(BO)


@pytest.fixture
def store() -> MemoryJobStore:
    return MemoryJobStore()


async def made(store: MemoryJobStore, number: int, above: int = 0, **changes: object) -> Job:
    parent = Parent(f"{above:020x}", 2) if above else None
    new = new_job(f"{number:020x}", parent=parent, created_at=float(number), **changes)
    return (await store.admit(new, lambda _: None)).job


PRIVATE = {"request": request(visibility=Visibility.STEALTH)}


async def test_a_public_job_is_everybodys_to_look_at_and_its_owners_to_show(
    store: MemoryJobStore,
) -> None:
    job, archive = await made(store, 1), Archive(store)
    assert await archive.job(THEM, job.id) == await archive.own(ME, job.id) == job
    with pytest.raises(NotYoursError, match="somebody else"):
        await archive.own(THEM, job.id)
    with pytest.raises(JobNotFoundError):
        await archive.job(ME, "f" * 20)


async def test_a_private_job_is_its_owners_and_the_operators(store: MemoryJobStore) -> None:
    job, archive = await made(store, 1, **PRIVATE), Archive(store)
    with pytest.raises(NotYoursError, match="private"):
        await archive.job(THEM, job.id)
    assert await archive.job(ME, job.id) == job
    assert await archive.job(actor(BO, operator=True), job.id) == job


async def test_whoever_is_shut_out_sees_nothing_here(store: MemoryJobStore) -> None:
    job = await made(store, 1)
    await store.rules.ban(CHANNEL.server_id, BO.id, by=ADA, now=1.0)
    with pytest.raises(BannedError):
        await Archive(store).job(THEM, job.id)


async def test_own_jobs_come_newest_first(store: MemoryJobStore) -> None:
    first, second = await made(store, 1), await made(store, 2)
    await made(store, 3, owner=BO)
    assert await Archive(store).recent(ME) == [second, first]


async def test_a_family_goes_back_to_where_it_began(store: MemoryJobStore) -> None:
    jobs = [await made(store, 1), await made(store, 2, 1), await made(store, 3, 2)]
    family = await Archive(store).family(ME, jobs[2])
    assert (list(family.jobs), family.chosen, family.more) == (jobs, jobs[2].id, False)


async def test_a_family_ends_at_what_is_private_or_gone(store: MemoryJobStore) -> None:
    secret = await made(store, 1, **PRIVATE)
    child = await made(store, 2, 1)
    orphan = await made(store, 3, 9)
    archive = Archive(store)
    assert (await archive.family(THEM, child)).jobs == (child,)
    assert (await archive.family(ME, child)).jobs == (secret, child)
    assert (await archive.family(ME, orphan)).jobs == (orphan,)


async def test_of_a_long_line_the_nearest_are_told(store: MemoryJobStore) -> None:
    jobs = [await made(store, number, number - 1) for number in range(1, MOST_KIN + 3)]
    family = await Archive(store).family(ME, jobs[-1])
    assert (list(family.jobs), family.more) == (jobs[-MOST_KIN:], True)


async def test_a_family_has_what_was_made_of_it_too(store: MemoryJobStore) -> None:
    jobs = [await made(store, 1), await made(store, 2, 1), await made(store, 3, 1)]
    jobs += [await made(store, 4, 3), await made(store, 5, 4, owner=BO)]
    await made(store, 6, 3, owner=BO, **PRIVATE)
    archive = Archive(store, MemoryAlbum(store))
    family = await archive.family(ME, jobs[2])
    assert (list(family.jobs), family.more) == (jobs, False)


async def test_of_a_large_family_those_below_the_job_come_first(store: MemoryJobStore) -> None:
    first, other = await made(store, 1), await made(store, 2)
    cousins = [await made(store, 100 + n, 1) for n in range(MOST_KIN)]
    mine = cousins[-1]
    child = await made(store, 500, 100 + MOST_KIN - 1)
    family = await Archive(store, MemoryAlbum(store)).family(ME, mine)
    assert {first.id, mine.id, child.id} <= {job.id for job in family.jobs}
    assert (len(family.jobs), family.more) == (MOST_KIN, True)
    assert other not in family.jobs
