"""Several jobs on one worker, from waiting to ended."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.events import FailureKind, Task
from core.jobs import Job, State
from core.quota import Admit
from core.request import Lane
from generation.engines.subprocess import SubprocessEngine
from tests.builders import ADA, BO, NOON, FakeClock, new_job, request
from tests.fakes.engine import FakeEngine
from tests.generation.engines.conftest import FAKE_WORKER
from tests.generation.engines.test_subprocess import worker_pid
from tests.generation.test_dispatcher import FIRST, SECOND, Shop


def job(number: int) -> str:
    return f"{number:020}"


class WatchedEngine(SubprocessEngine):
    """Notes the tasks that it runs."""

    def __init__(self, *flags: str) -> None:
        async def at_once(_: float) -> None: ...

        super().__init__(
            [sys.executable, str(FAKE_WORKER), "--together", "8", *flags],
            together=8,
            sleep=at_once,
        )
        self.tasks: list[Task] = []

    def run(self, task: Task) -> Any:
        self.tasks.append(task)
        return super().run(task)

    def taken(self, job_id: str) -> list[Task]:
        return [task for task in self.tasks if task.job_id == job_id]


@pytest.fixture
def shop(tmp_path: Path, clock: FakeClock) -> Callable[..., tuple[Shop, WatchedEngine]]:
    """A shop with one real worker process that makes eight jobs at once; flags of the worker."""

    def make(*flags: str) -> tuple[Shop, WatchedEngine]:
        engine = WatchedEngine(*flags)
        return Shop(tmp_path, clock, engine), engine  # type: ignore[arg-type]

    return make


async def all_run(shop: Shop, *numbers: int) -> None:
    """Every job has made a step."""
    for number in numbers:
        await shop.when(job(number), lambda _, n=number: bool(_percent(shop, job(n))))


def _percent(shop: Shop, job_id: str) -> int:
    glimpse = shop.board.get(job_id)
    return 0 if glimpse is None else glimpse.percent


async def admit(shop: Shop, *numbers: int, **changes: object) -> None:
    """Each job is somebody else's."""
    for number in numbers:
        owner = type(ADA)(100 + number, f"member{number}")
        await shop.admit(job(number), **{"owner": owner, "created_at": NOON + number, **changes})


async def test_the_jobs_of_a_killed_worker_are_all_made_again_one_by_one(
    shop: Callable[..., tuple[Shop, WatchedEngine]],
) -> None:
    place, engine = shop("--step-ms", "10", "--steps", "20")
    await admit(place, 1, 2, 3, 4)
    async with place.open():
        await all_run(place, 1, 2, 3, 4)
        os.kill(worker_pid(), signal.SIGKILL)
        ended = [await place.ended(job(number)) for number in (1, 2, 3, 4)]
    assert [(one.state, one.attempts) for one in ended] == [(State.DONE, 2)] * 4
    for number in (1, 2, 3, 4):
        assert [task.alone for task in engine.taken(job(number))] == [False, True]


async def test_a_poisonous_job_costs_its_neighbours_an_attempt_and_is_given_up(
    shop: Callable[..., tuple[Shop, WatchedEngine]],
) -> None:
    place, engine = shop("--step-ms", "10", "--steps", "20")
    await admit(place, 1, 2, 3)
    async with place.open() as dispatcher:
        await all_run(place, 1, 2, 3)
        await admit(place, 4, request=request("a bomb [kill]"))
        dispatcher.wake()
        poison = await place.ended(job(4))
        good = [await place.ended(job(number)) for number in (1, 2, 3)]
    assert (poison.state, poison.attempts, poison.cost_ms) == (State.FAILED, 3, 0)
    assert sum(line.gpu_ms for line in await place.store.ledger(job(4))) == 0
    assert [(one.state, one.attempts) for one in good] == [(State.DONE, 2)] * 3
    assert [task.alone for task in engine.taken(job(4))] == [False, True, True]


async def test_a_polite_stop_puts_all_that_run_back_untried(
    shop: Callable[..., tuple[Shop, WatchedEngine]],
) -> None:
    place, _ = shop("--step-ms", "20", "--steps", "100")
    await admit(place, 1, 2, 3)
    async with place.open():
        await all_run(place, 1, 2, 3)
    for number in (1, 2, 3):
        left = await place.store.get(job(number))
        assert (left.state, left.attempts) == (State.QUEUED, 0)


async def test_a_member_pays_for_the_steps_of_his_own_picture(
    shop: Callable[..., tuple[Shop, WatchedEngine]],
) -> None:
    place, _ = shop("--steps-from-request")
    await admit(place, 1, request=request(steps=4))
    await admit(place, 2, 3, request=request(steps=12))
    async with place.open():
        costs = [(await place.ended(job(number))).cost_ms for number in (1, 2, 3)]
    # The worker says 10 ms for each step, however long it took by the clock.
    assert costs == [40, 120, 120]


async def test_jobs_of_one_member_leave_room_and_a_newcomers_begins_beside_them(
    tmp_path: Path, clock: FakeClock
) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(slots=8, workers=1, held=True))
    await shop.admit(*(job(number) for number in range(1, 10)), owner=ADA)
    async with shop.open() as dispatcher:
        await shop.engine.taken(4)
        await shop.admit(job(20), owner=BO, created_at=NOON + 5)
        dispatcher.wake()
        assert (await shop.engine.taken(5)).job_id == job(20)
        shop.engine.finish(job(1))
        await shop.engine.taken(6)
    assert shop.engine.most_at_once == 5


async def test_who_may_have_one_running_has_one_however_much_room_there_is(
    tmp_path: Path, clock: FakeClock
) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(slots=8, workers=1, held=True))

    for number in (1, 2):
        await shop.store.admit(new_job(job(number), owner=ADA), lambda _: Admit(max_running=1))
    await shop.admit(job(3), owner=BO, created_at=NOON + 5)
    async with shop.open():
        await shop.engine.taken(2)
        assert sorted(shop.engine.running_ids()) == [job(1), job(3)]
        shop.engine.finish(job(1))
        assert (await shop.engine.taken(3)).job_id == job(2)


async def test_a_task_says_whose_it_is_and_what_share_it_has(
    tmp_path: Path, clock: FakeClock
) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(slots=4, workers=1, held=True))
    await shop.admit(FIRST, owner=ADA)
    await shop.admit(SECOND, owner=BO, created_at=NOON + 1, request=request(lane=Lane.TURBO))
    async with shop.open():
        await shop.engine.taken(2)
    told = {task.job_id: (task.owner, task.weight, task.alone) for task in shop.engine.tasks}
    server = (await shop.store.get(FIRST)).place.server_id
    assert told[FIRST][0] == f"{server}:{ADA.id}"
    assert told[SECOND][0] == f"{server}:{BO.id}"
    # The two share what their server has, and a turbo job has four times as much.
    assert (told[SECOND][1:], told[FIRST][1:]) == ((2.0, False), (0.5, False))


@pytest.mark.parametrize("kind", [FailureKind.WORKER_DIED, FailureKind.OUT_OF_MEMORY])
async def test_what_was_tried_before_is_made_alone(
    tmp_path: Path, clock: FakeClock, kind: FailureKind
) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(slots=4, workers=1))
    shop.engine.will_end(kind, None)
    await shop.admit(FIRST)
    async with shop.open():
        done: Job = await shop.ended()
    assert done.state is State.DONE
    assert [task.alone for task in shop.engine.tasks] == [False, True]


async def test_of_the_jobs_of_a_process_that_died_one_at_a_time_is_tried_again(
    tmp_path: Path, clock: FakeClock
) -> None:
    shop = Shop(tmp_path, clock, FakeEngine(slots=8, workers=1, held=True))
    for number in (1, 2, 3):
        await admit(shop, number)
        await shop.store.claim(job(number), by="dead", now=NOON, lease_until=NOON + 3600)
    async with shop.open():
        await shop.engine.taken(1)
        assert [(await shop.store.get(job(n))).attempts for n in (1, 2, 3)] == [2, 1, 1]
        shop.engine.finish(job(1))
        await shop.engine.taken(2)
        assert shop.engine.running_ids() == [job(2)]
    assert shop.engine.most_at_once == 1
