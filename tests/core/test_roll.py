"""The queue in memory follows the store, which other processes change too."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from core.jobs import Job, Owner, State
from core.roll import LATE_SECONDS, PAGE, ROUND_SECONDS, Roll
from core.schedule import Choice, Schedule
from tests.builders import ADA, BO, NOON, FakeClock, new_job
from tests.fakes.memory_store import MemoryJobStore


class Weighing(MemoryJobStore):
    """A store that says of servers what it is told to."""

    shares: Mapping[int, float] = {}
    paused: frozenset[int] = frozenset()

    async def weights(self) -> Mapping[int, float]:
        return self.shares

    async def paused_servers(self) -> frozenset[int]:
        return self.paused


@pytest.fixture
def store() -> Weighing:
    return Weighing()


@pytest.fixture
def roll(store: Weighing, clock: FakeClock) -> Roll:
    return Roll(store, clock, Schedule(1))


async def admit(store: MemoryJobStore, job_id: str, owner: Owner = ADA, at: float = NOON) -> Job:
    return (await store.admit(new_job(job_id, owner=owner, created_at=at), lambda _: None)).job


async def claim(store: MemoryJobStore, job_id: str) -> Job:
    job = await store.claim(job_id, by="another", now=NOON, lease_until=NOON + 30)
    assert job is not None
    return job


def ids(roll: Roll) -> set[str]:
    return {job.id for job in roll.schedule.waiting()}


async def test_what_others_admitted_is_seen_at_the_next_look(store: Weighing, roll: Roll):
    await admit(store, "a")
    await admit(store, "b", BO)
    assert not ids(roll)
    await roll.look()
    assert ids(roll) == {"a", "b"}


async def test_what_others_took_waits_no_more_and_counts_as_theirs(store: Weighing, roll: Roll):
    await admit(store, "a")
    await admit(store, "b", BO)
    await roll.look()
    await claim(store, "a")
    await roll.look()
    assert ids(roll) == {"b"}
    assert [job.id for job in roll.running] == ["a"]
    assert set(roll.schedule.running) == {"a"}


async def test_what_others_ended_runs_no_more(store: Weighing, roll: Roll):
    await admit(store, "a")
    job = await claim(store, "a")
    await roll.look()
    await store.fail("a", job.fence, sentence="No.", now=NOON)
    await roll.look()
    assert not roll.running
    assert not roll.schedule.running


async def test_what_happens_here_is_known_without_a_look(store: Weighing, roll: Roll):
    job = await admit(store, "a")
    roll.saw(job)
    assert ids(roll) == {"a"}
    running = await claim(store, "a")
    roll.saw(running)
    assert not ids(roll)
    assert roll.running == [running]
    failed = await store.fail("a", running.fence, sentence="No.", now=NOON)
    assert failed is not None
    roll.saw(failed)
    assert not roll.running
    assert failed.state is State.FAILED


async def test_what_somebody_else_took_is_not_tried_again(store: Weighing, roll: Roll):
    roll.saw(await admit(store, "a"))
    roll.gone("a")
    assert roll.schedule.pick(Choice(NOON)) is None


async def test_a_paused_server_is_known_after_a_look(store: Weighing, roll: Roll):
    store.paused = frozenset({5})
    assert roll.paused == frozenset()
    await roll.look()
    assert roll.paused == {5}


async def test_the_shares_of_servers_come_with_a_round(store: Weighing, roll: Roll):
    one = await admit(store, "a")
    store.shares = {one.place.server_id: 3.0}
    seen: list[Mapping[int, float]] = []
    roll.schedule.reweigh = seen.append
    await roll.look()
    assert seen == [store.shares]


async def test_a_long_queue_is_read_in_pages_and_its_newest_rows_at_once(
    store: Weighing, roll: Roll, clock: FakeClock
):
    for number in range(PAGE + 20):
        await admit(store, f"{number:04}", at=NOON - 1000 + number)
    await roll.look()
    assert len(ids(roll)) == PAGE + 20
    await admit(store, "new", BO, at=NOON)
    await roll.look()
    assert "new" in ids(roll)
    late = await admit(store, "late", BO, at=NOON - LATE_SECONDS / 2)
    await roll.look()
    assert late.id in ids(roll)


async def test_a_long_queue_notices_what_others_cancelled_within_a_round(
    store: Weighing, roll: Roll, clock: FakeClock
):
    for number in range(PAGE + 20):
        await admit(store, f"{number:04}", at=NOON - 1000 + number)
    await roll.look()
    await store.cancel("0003", NOON)
    await roll.look()
    assert "0003" in ids(roll)
    clock.advance(ROUND_SECONDS)
    await roll.look()
    await roll.look()
    assert "0003" not in ids(roll)
    assert len(ids(roll)) == PAGE + 19
