"""The place and the time a member is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from core.errors import BusyError
from core.jobs import Job, Owner, Waiting
from core.promise import PATIENCE_SECONDS, begins_within
from core.queue import EXACT_UP_TO, FRESH_SECONDS, HOLD_SECONDS, Queue, Standing
from core.request import Lane
from core.roll import LATE_SECONDS, ROUND_SECONDS
from core.seats import Seats
from tests.builders import ADA, BO, CHANNEL, NOON, FakeClock, new_job, request
from tests.fakes.memory_store import MemoryJobStore


class CountingStore(MemoryJobStore):
    """A store that gives way while it is read, as a database does, and can be busy."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.rows = 0
        self.busy = False
        self.paused: frozenset[int] = frozenset()

    async def waiting(
        self, after: tuple[float, str] | None = None, limit: int | None = None
    ) -> Sequence[Waiting]:
        self.reads += 1
        await asyncio.sleep(0)
        if self.busy:
            raise BusyError
        page = await super().waiting(after, limit)
        self.rows += len(page)
        return page

    async def paused_servers(self) -> frozenset[int]:
        return self.paused


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


@pytest.fixture
def queue(store: CountingStore, clock: FakeClock) -> Queue:
    return Queue(store, clock, devices=1)


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


async def test_what_may_be_admitted_is_foreseen_and_leaves_no_trace(
    store: CountingStore, queue: Queue
) -> None:
    for n in range(5):
        await admit(store, f"ada{n}", ADA, age=10 - n)
    await queue.estimate_ms(request())
    new = new_job("bo", owner=BO, reserve_ms=4000)
    assert queue.foresee(new, Lane.FAST) == 5.0
    assert queue.foresee(new, Lane.RELAX) == 9.0
    assert await queue.front(9) == [
        (f"ada{n}", Standing(place=n + 1, seconds=n + 1.0)) for n in range(5)
    ]
    mine = (await store.admit(new, lambda _: None)).job
    assert await queue.standing(mine) == Standing(place=2, seconds=5.0)


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
    await queue.estimate_ms(request())
    mine = await admit(store, "ada1", ADA, age=7)
    unseen = await queue.standing(mine)
    queue.forget()
    assert unseen == await queue.standing(mine) == Standing(place=2, seconds=3.0)


async def test_the_picture_of_the_queue_is_renewed_with_time_and_when_it_moved(
    store: CountingStore, queue: Queue, clock: FakeClock
) -> None:
    await queue.estimate_ms(request())
    clock.advance(FRESH_SECONDS / 2)
    await queue.estimate_ms(request())
    assert store.reads == 1
    clock.advance(FRESH_SECONDS / 2)
    await queue.estimate_ms(request())
    assert store.reads == 2
    queue.forget()
    await queue.estimate_ms(request())
    assert store.reads == 3


async def test_a_busy_database_leaves_the_last_known_place(
    store: CountingStore, queue: Queue, clock: FakeClock
) -> None:
    await admit(store, "a", age=5)
    await queue.estimate_ms(request())
    mine = await admit(store, "b", BO)
    store.busy = True
    clock.advance(FRESH_SECONDS)
    assert (await queue.standing(mine)).place == 2


async def test_beyond_what_is_worth_working_out_one_is_told_the_end(
    store: CountingStore, queue: Queue
) -> None:
    for n in range(EXACT_UP_TO + 20):
        await admit(store, f"ada{n:03}", ADA, age=EXACT_UP_TO - n)
    mine = await admit(store, "zz", ADA, age=-50)
    assert (await queue.standing(mine)).place == EXACT_UP_TO + 21


async def test_a_newcomer_is_told_his_place_however_long_the_queue(
    store: CountingStore, queue: Queue
) -> None:
    for n in range(3 * EXACT_UP_TO):
        await admit(store, f"ada{n:03}", ADA, age=50 - n / 10)
    assert (await queue.standing(await admit(store, "bo", BO))).place == 2


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


async def test_what_a_model_costs_is_learned_from_what_ran(
    store: CountingStore, queue: Queue, clock: FakeClock
) -> None:
    await run(store, await admit(store, "a"), gpu_ms=786)
    assert await queue.estimate_ms(request()) == pytest.approx(786, abs=5)
    mine = await admit(store, "b")
    clock.advance(FRESH_SECONDS)
    assert (await queue.standing(mine)).seconds == pytest.approx(0.786, abs=0.005)


async def run(store: MemoryJobStore, job: Job, *, gpu_ms: int) -> Job:
    claimed = await store.claim(job.id, by="w", now=NOON, lease_until=NOON + 30)
    assert claimed is not None
    done = await store.finish(job.id, claimed.fence, images=[], grid="g", gpu_ms=gpu_ms, now=NOON)
    assert done is not None
    return done


async def test_a_place_is_right_at_once_after_a_job_of_this_process_ended(
    store: CountingStore, queue: Queue
) -> None:
    first = await admit(store, "a", age=5)
    second = await admit(store, "b", BO)
    assert (await queue.standing(second)).place == 2
    claimed = await store.claim("a", by="w", now=NOON, lease_until=NOON + 30)
    assert claimed is not None
    queue.saw(claimed)
    assert await queue.standing(second) == Standing(place=1, seconds=2.0)
    ended = await store.finish(first.id, claimed.fence, images=[], grid="g", gpu_ms=1000, now=NOON)
    assert ended is not None
    queue.saw(ended)
    assert await queue.standing(second) == Standing(place=1, seconds=1.0)
    assert store.reads == 1


async def test_when_it_will_have_begun_for_certain_is_told_too(
    store: CountingStore, queue: Queue
) -> None:
    mine = await admit(store, "a")
    told = (await queue.standing(mine)).at_most
    assert told == pytest.approx(begins_within(PATIENCE_SECONDS[Lane.FAST]))
    for n in range(60):
        await admit(store, f"ada{n:03}", ADA)
    queue.forget()
    later = await admit(store, "zoe", Owner(9, "zoe"))
    assert (await queue.standing(later)).at_most == pytest.approx(begins_within(610))


# What is next


async def test_the_next_is_chosen_fairly_and_nothing_is_taken_by_that(
    store: CountingStore, queue: Queue
) -> None:
    await admit(store, "ada0", age=5)
    await admit(store, "ada1", age=4)
    await admit(store, "bo", BO)
    for _ in range(2):
        chosen = await queue.next()
        assert chosen is not None
        assert chosen.id == "ada0"
    claimed = await store.claim("ada0", by="w", now=NOON, lease_until=NOON + 30)
    assert claimed is not None
    queue.saw(claimed)
    chosen = queue.choose()
    assert chosen is not None
    assert chosen.id == "bo"


async def test_a_job_that_another_process_took_is_tried_once_and_forgotten(
    store: CountingStore, queue: Queue
) -> None:
    await admit(store, "lost", age=5)
    await admit(store, "mine", BO)
    chosen = await queue.next()
    assert chosen is not None
    await store.claim("lost", by="another", now=NOON, lease_until=NOON + 30)
    await queue.refused(chosen.id)
    chosen = queue.choose()
    assert chosen is not None
    assert chosen.id == "mine"


async def test_who_may_have_no_more_running_is_left_alone_for_a_moment(
    store: CountingStore, queue: Queue, clock: FakeClock
) -> None:
    await admit(store, "ada0", age=5)
    await admit(store, "bo", BO)
    await queue.next()
    await queue.refused("ada0")
    chosen = queue.choose()
    assert chosen is not None
    assert chosen.id == "bo"
    clock.advance(HOLD_SECONDS)
    chosen = queue.choose()
    assert chosen is not None
    assert chosen.id == "ada0"


async def test_the_shell_sees_only_its_own_oldest_first(store: CountingStore, queue: Queue) -> None:
    for name, age in (("a", 9), ("b", 5), ("c", 7)):
        await admit(store, name, age=age)
    chosen = await queue.next(accepts=lambda job: job.id != "a")
    assert chosen is not None
    assert chosen.id == "c"
    assert await queue.next(accepts=lambda _: False) is None


async def test_a_paused_server_is_passed_over(store: CountingStore, queue: Queue) -> None:
    await admit(store, "a", age=5)
    store.paused = frozenset({CHANNEL.server_id})
    assert await queue.next() is None
    store.paused = frozenset()
    assert await queue.next() is not None


# A queue longer than a page


async def test_a_long_queue_is_read_once_and_then_only_what_is_new(
    store: CountingStore, queue: Queue, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.roll.PAGE", 10)
    for n in range(35):
        await admit(store, f"ada{n:03}", age=60 - n)
    await queue.next()
    assert store.rows == 35
    await admit(store, "bo", BO)
    await queue.next()
    assert store.rows <= 35 + 1 + LATE_SECONDS + 1
    assert (await queue.standing(await store.get("bo"))).place == 2


async def test_what_another_process_cancelled_or_put_back_is_seen_within_a_round(
    store: CountingStore, queue: Queue, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.roll.PAGE", 10)
    for n in range(35):
        await admit(store, f"ada{n:03}", age=60 - n)
    claimed = await store.claim("ada000", by="another", now=NOON, lease_until=NOON + 30)
    assert claimed is not None
    await queue.next()
    await store.requeue("ada000", claimed.fence)
    await store.cancel("ada001", NOON)
    clock.advance(ROUND_SECONDS)
    for _ in range(4):
        await queue.next()
    told = [job_id for job_id, _ in await queue.front(3)]
    assert told == ["ada000", "ada002", "ada003"]


# Side by side on one device


@pytest.fixture
def shared(queue: Queue) -> Queue:
    """Eight jobs are made at once, on one device."""
    queue.saw_slots(8)
    return queue


async def takes(store: MemoryJobStore, queue: Queue, job_id: str, clock: FakeClock) -> Job:
    claimed = await store.claim(job_id, by="w", now=clock.now(), lease_until=clock.now() + 30)
    assert claimed is not None
    queue.saw(claimed)
    return claimed


async def test_those_who_begin_at_once_are_done_together_for_they_share_the_device(
    store: CountingStore, shared: Queue
) -> None:
    await admit(store, "a", ADA, age=5)
    mine = await admit(store, "b", BO)
    assert await shared.standing(mine) == Standing(place=2, seconds=2.0)
    assert await shared.front(2) == [("a", Standing(1, 2.0)), ("b", Standing(2, 2.0))]


async def test_what_runs_has_had_its_share_of_the_time_and_no_more(
    store: CountingStore, shared: Queue, clock: FakeClock
) -> None:
    for name, owner in (("a", ADA), ("b", BO)):
        await takes(store, shared, (await admit(store, name, owner, age=5)).id, clock)
    clock.advance(1.0)
    shared.forget()
    # Of a second each, both have had half; they are done one second from now, and so is a third
    # that needs as much as they do only half a second later.
    assert (await shared.standing(await store.get("a"))).seconds == pytest.approx(1.0)
    mine = await admit(store, "c", Owner(9, "zoe"))
    shared.forget()
    assert (await shared.standing(mine)).seconds == pytest.approx(2.0)
    assert (await shared.standing(await store.get("a"))).seconds == pytest.approx(1.5)


async def test_far_back_those_behind_are_counted_who_will_run_beside_it(
    store: CountingStore, queue: Queue
) -> None:
    for n in range(3 * EXACT_UP_TO):
        await admit(store, f"ada{n:03}", ADA, age=500 - n)
    mine = await store.get(f"ada{2 * EXACT_UP_TO:03}")
    alone = (await queue.standing(mine)).seconds
    queue.saw_slots(8)
    assert (await queue.standing(mine)).seconds == pytest.approx(alone + 3.5)


async def test_one_member_leaves_room_for_whoever_comes(
    store: CountingStore, queue: Queue, clock: FakeClock
) -> None:
    taken: list[Job] = []
    for n in range(9):
        await admit(store, f"ada{n}", ADA, age=20 - n)
    while (chosen := await queue.next(seats=Seats(1, 8, taken))) is not None:
        taken.append(await takes(store, queue, chosen.id, clock))
    assert len(taken) == 4
    await admit(store, "bo", BO)
    chosen = await queue.next(seats=Seats(1, 8, taken))
    assert chosen is not None
    assert chosen.id == "bo"


async def test_with_a_slot_for_each_device_one_member_may_have_them_all(
    store: CountingStore, clock: FakeClock
) -> None:
    queue, taken = Queue(store, clock, devices=3), list[Job]()
    for n in range(4):
        await admit(store, f"ada{n}", ADA, age=20 - n)
    while len(taken) < 3:
        chosen = await queue.next(seats=Seats(3, 3, taken))
        assert chosen is not None
        taken.append(await takes(store, queue, chosen.id, clock))


async def test_a_job_that_is_due_is_made_though_its_owner_has_enough(
    store: CountingStore, queue: Queue, clock: FakeClock
) -> None:
    taken = [await takes(store, queue, (await admit(store, f"ada{n}")).id, clock) for n in range(4)]
    await admit(store, "due", age=PATIENCE_SECONDS[Lane.FAST] - 10)
    assert await queue.next(seats=Seats(1, 8, taken)) is None
    clock.advance(60)
    chosen = await queue.next(seats=Seats(1, 8, taken))
    assert chosen is not None
    assert chosen.id == "due"


async def test_a_jobs_share_is_that_of_its_owner_among_those_who_have_something_running(
    store: CountingStore, queue: Queue, clock: FakeClock
) -> None:
    mine = await takes(store, queue, (await admit(store, "a", ADA)).id, clock)
    assert queue.share(mine) == 1.0
    await takes(store, queue, (await admit(store, "b", BO)).id, clock)
    assert queue.share(mine) == 0.5


async def test_of_those_that_were_tried_before_one_at_a_time_is_claimed(
    store: CountingStore, queue: Queue, clock: FakeClock
) -> None:
    for name, age in (("a", 9), ("b", 8)):
        await admit(store, name, Owner(20 + age, name), age=age)
        claimed = await store.claim(name, by="dead", now=NOON, lease_until=NOON + 30)
        assert claimed is not None
        await store.requeue(name, claimed.fence)
    await admit(store, "new", BO, age=5)
    chosen = await queue.next(seats=Seats(1, 8))
    assert chosen is not None
    assert chosen.id == "a"
    taken = [await takes(store, queue, "a", clock)]
    assert Seats(1, 8, taken).free == 0
    chosen = await queue.next(seats=Seats(2, 16, [*taken, taken[0]]))
    assert chosen is not None
    assert chosen.id == "new"


async def test_who_takes_several_jobs_reads_the_queue_once(
    store: CountingStore, queue: Queue
) -> None:
    await admit(store, "a", ADA)
    await admit(store, "b", BO)
    first = await queue.next()
    assert first is not None
    claimed = await store.claim(first.id, by="me", now=NOON, lease_until=NOON + 30)
    assert claimed is not None
    queue.saw(claimed)
    reads = store.reads
    second = await queue.next(afresh=False)
    assert second is not None
    assert {first.id, second.id} == {"a", "b"}
    assert store.reads == reads


async def test_what_was_told_of_those_that_run_needs_no_reading(
    store: CountingStore, queue: Queue
) -> None:
    await admit(store, "a", ADA)
    claimed = await store.claim("a", by="me", now=NOON, lease_until=NOON + 30)
    assert claimed is not None
    queue.saw(claimed)
    elsewhere = await store.cancel("a", NOON)  # by a process that tells this one nothing
    assert [job.cancel_requested for job in await queue.running(afresh=False)] == [False]
    assert [job.cancel_requested for job in await queue.running(afresh=True)] == [True]
    queue.saw(elsewhere)
    assert [job.cancel_requested for job in await queue.running(afresh=False)] == [True]
