"""How long a task may take, and what becomes of one whose worker does not hear."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from core.events import Cancel, Cancelled, Command, Failed, FailureKind, Finished
from generation.engines.run import OVERRUN, Limits, Run
from tests.generation.build import a_task

LIMITS = Limits(deadline_seconds=100, cancel_seconds=60)


class Hand:
    """The hand on the clock of the running loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.now = self._loop.time()
        self._loop.time = lambda: self.now  # type: ignore[method-assign]

    async def forward(self, seconds: float) -> None:
        self.now += seconds
        for _ in range(3):
            await asyncio.sleep(0)


class Desk:
    def __init__(self) -> None:
        self.sent: list[Command] = []
        self.condemned: list[Run] = []

    def send(self, command: Command) -> None:
        self.sent.append(command)

    def condemn(self, run: Run) -> None:
        self.condemned.append(run)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def begun(desk: Desk, folder: Path, **changes: Any) -> Run:
    run = Run(a_task(folder, **changes))
    run.begin(desk, LIMITS)
    assert desk.sent == [run.task]
    return run


def ending(run: Run) -> Any:
    run.stop_short("The worker is gone.")
    return run.events.get_nowait()


async def test_past_its_deadline_it_is_asked_to_stop_and_then_its_worker_condemned(
    desk: Desk, tmp_path: Path
):
    hand = Hand()
    run = begun(desk, tmp_path)
    await hand.forward(99)
    assert len(desk.sent) == 1
    await hand.forward(2)
    assert desk.sent[1:] == [Cancel("j1")]
    await hand.forward(59)
    assert desk.condemned == []
    await hand.forward(2)
    assert desk.condemned == [run]
    told = ending(run)
    assert (told.kind, told.sentence[:48]) == (
        FailureKind.DEADLINE,
        "The picture took longer than the 100 seconds all",
    )


async def test_a_long_one_has_a_multiple_of_its_estimate(desk: Desk, tmp_path: Path):
    hand = Hand()
    begun(desk, tmp_path, estimate_seconds=50)
    await hand.forward(OVERRUN * 50 - 1)
    assert len(desk.sent) == 1
    await hand.forward(2)
    assert desk.sent[1:] == [Cancel("j1")]


async def test_and_as_often_as_there_were_others_beside_it(desk: Desk, tmp_path: Path):
    hand = Hand()
    run = begun(desk, tmp_path, estimate_seconds=50)
    run.beside(3)
    run.beside(2)
    await hand.forward(OVERRUN * 50 + 1)
    await hand.forward(2 * OVERRUN * 50 - 2)
    assert len(desk.sent) == 1
    await hand.forward(2)
    assert desk.sent[1:] == [Cancel("j1")]


async def test_one_that_has_left_its_worker_is_watched_no_more(desk: Desk, tmp_path: Path):
    hand = Hand()
    run = begun(desk, tmp_path)
    run.ask_to_stop()
    run.leave()
    await hand.forward(1000)
    run.ask_to_stop()
    assert desk.sent[1:] == [Cancel("j1")]
    assert desk.condemned == []


async def test_to_ask_again_gives_no_more_time(desk: Desk, tmp_path: Path):
    hand = Hand()
    run = begun(desk, tmp_path)
    run.ask_to_stop()
    await hand.forward(40)
    run.ask_to_stop()
    await hand.forward(21)
    assert desk.condemned == [run]


async def test_one_that_was_cancelled_ends_so_and_costs_what_it_is_known_to_have_had(
    desk: Desk, tmp_path: Path
):
    run = begun(desk, tmp_path)
    run.cancelled = True
    assert ending(run) == Cancelled("j1", 0)


async def test_a_silent_worker_is_to_blame_whatever_the_time(desk: Desk, tmp_path: Path):
    hand = Hand()
    run = begun(desk, tmp_path)
    await hand.forward(101)
    run.stop_short("It fell silent.", silent=True)
    assert run.events.get_nowait() == Failed("j1", FailureKind.WORKER_DIED, "It fell silent.")


async def test_it_ends_once(desk: Desk, tmp_path: Path):
    run = begun(desk, tmp_path)
    run.put(Finished("j1", "grid.png", 5))
    run.stop_short("The worker is gone.")
    assert run.events.get_nowait() == Finished("j1", "grid.png", 5)
    assert run.events.empty()
