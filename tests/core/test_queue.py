"""The place and the time a member is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from core.errors import BusyError
from core.jobs import Job, Owner, Waiting
from core.queue import EXACT_UP_TO, FRESH_SECONDS, Queue, Standing
from tests.builders import ADA, BO, NOON, FakeClock, new_job
from tests.fakes.memory_store import MemoryJobStore


class CountingStore(MemoryJobStore):
    """A store that gives way while it is read, as a database does, and can be busy."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.busy = False

    async def waiting(self) -> Sequence[Waiting]:
        self.reads += 1
        await asyncio.sleep(0)
        if self.busy:
            raise BusyError
        return await super().waiting()


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


@pytest.fixture
def queue(store: CountingStore, clock: FakeClock) -> Queue:
    return Queue(store, clock, slots=1)


async def admit(store: MemoryJobStore, job_id: str, owner: Owner = ADA, age: float = 0.0) -> Job:
    new = new_job(job_id, owner=owner, created_at=NOON - age)
    return (await store.admit(new, lambda _: None)).job


async def test_alone_in_the_queue_one_is_first_and_waits_for_ones_own_picture(
    store: CountingStore, queue: Queue
) -> None:
    assert await queue.standing(await admit(store, "a")) == Standing(place=1, seconds=1.0)


async def test_a_newcomer_is_told_his_fair_place_not_the_end(
    store: CountingStore, queue: Queue
) -> None:
    for n in range(5):
        await admit(store, f"ada{n}", ADA, age=10 - n)
    mine = await admit(store, "bo", BO)
    assert await queue.standing(mine) == Standing(place=2, seconds=2.0)


async def test_what_runs_now_is_part_of_the_wait(
    store: CountingStore, queue: Queue, clock: FakeClock
) -> None:
    await admit(store, "a", age=5)
    await store.claim("a", by="w", now=clock.now(), lease_until=clock.now() + 30)
    mine = await admit(store, "b", BO)
    assert await queue.standing(mine) == Standing(place=1, seconds=2.0)


async def test_a_burst_reads_the_database_once(store: CountingStore, queue: Queue) -> None:
    jobs = [await admit(store, f"job{n}", Owner(n, f"member{n}"), age=50 - n) for n in range(50)]
    standings = await asyncio.gather(*(queue.standing(job) for job in jobs))
    assert [standing.place for standing in standings] == list(range(1, 51))
    assert store.reads == 1


async def test_the_very_first_of_a_burst_do_not_see_an_empty_queue(
    store: CountingStore, queue: Queue
) -> None:
    await admit(store, "old", ADA, age=9)
    mine = await admit(store, "new", BO)
    first, second = await asyncio.gather(queue.standing(mine), queue.standing(mine))
    assert first == second == Standing(place=2, seconds=2.0)


async def test_a_job_younger_than_the_last_look_is_placed_as_if_it_had_been_seen(
    store: CountingStore, queue: Queue, clock: FakeClock
) -> None:
    await admit(store, "ada0", ADA, age=9)
    await store.claim("ada0", by="w", now=clock.now(), lease_until=clock.now() + 30)
    await admit(store, "bo0", BO, age=5)
    await queue.pace()
    mine = await admit(store, "ada1", ADA, age=7)
    unseen = await queue.standing(mine)
    queue.forget()
    assert unseen == await queue.standing(mine) == Standing(place=2, seconds=3.0)


async def test_the_picture_of_the_queue_is_renewed_with_time_and_when_it_moved(
    store: CountingStore, queue: Queue, clock: FakeClock
) -> None:
    await queue.pace()
    clock.advance(FRESH_SECONDS / 2)
    await queue.pace()
    assert store.reads == 1
    clock.advance(FRESH_SECONDS / 2)
    await queue.pace()
    assert store.reads == 2
    queue.forget()
    await queue.pace()
    assert store.reads == 3


async def test_a_busy_database_leaves_the_last_known_place(
    store: CountingStore, queue: Queue, clock: FakeClock
) -> None:
    await admit(store, "a", age=5)
    await queue.pace()
    mine = await admit(store, "b", BO)
    store.busy = True
    clock.advance(FRESH_SECONDS)
    assert (await queue.standing(mine)).place == 2


async def test_beyond_what_is_worth_working_out_a_newcomer_is_told_the_end(
    store: CountingStore, queue: Queue
) -> None:
    for n in range(EXACT_UP_TO):
        await admit(store, f"ada{n:03}", ADA, age=EXACT_UP_TO - n)
    mine = await admit(store, "bo", BO)
    assert (await queue.standing(mine)).place == EXACT_UP_TO + 1


async def test_the_front_of_the_queue_is_told_in_the_order_of_turns(
    store: CountingStore, queue: Queue
) -> None:
    for n in range(3):
        await admit(store, f"ada{n}", ADA, age=10 - n)
    await admit(store, "bo", BO, age=5)
    assert await queue.front(3) == [
        ("ada0", Standing(1, 1.0)),
        ("bo", Standing(2, 2.0)),
        ("ada1", Standing(3, 3.0)),
    ]
    assert len(await queue.front(10)) == 4


async def test_the_pace_of_models_comes_from_what_ran(store: CountingStore, queue: Queue) -> None:
    job = await admit(store, "a")
    claimed = await store.claim("a", by="w", now=NOON, lease_until=NOON + 30)
    assert claimed is not None
    await store.finish("a", claimed.fence, images=[], grid="g", gpu_ms=786, now=NOON)
    assert await queue.pace() == {"postcard": pytest.approx(786 / job.request.work)}
