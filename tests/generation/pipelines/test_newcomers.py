"""A task that has shown nothing yet has the device step after step, whoever else waits."""

# pyright: basic
from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from core.step_times import StepTimes
from core.steps import PREVIEW_STEPS, Credit, Rules, StepPolicy
from generation.batching import Ride
from tests.generation.pipelines.test_batching import (
    LONG,
    PriorTransformer,
    Together,
    Watched,
    call,
    rows,
)

WITHOUT_END = Credit(share=1.0, burst=1e9)


class Believed(StepTimes):
    """Every forward is believed to take so many seconds."""

    def __init__(self, believed: float) -> None:
        super().__init__()
        self.believed = believed

    def seconds(self, key: Hashable, rows: int) -> float:
        return self.believed


class Named(PriorTransformer):
    """Writes down its name for every forward."""

    def __init__(self, name: str, made: list[str]) -> None:
        super().__init__()
        self.name, self.made = name, made

    def forward(self, hidden_states: Tensor, timestep: Any = 0, return_dict: bool = True) -> Any:
        self.made.append(self.name)
        return super().forward(hidden_states, timestep)


Named.__name__ = PriorTransformer.__name__


@contextmanager
def two_tasks(
    believed: float, new: Callable[[Ride], Any], old: Callable[[Ride], Any]
) -> Iterator[Together]:
    """A task that has shown nothing, beside one in the middle of its steps; both wait at first."""

    def in_the_middle(ride: Ride) -> Any:
        ride.steps = 30
        ride.progress(10)
        return old(ride)

    def at_the_beginning(ride: Ride) -> Any:
        ride.steps = 30
        return new(ride)

    # What a usual job costs is not known after those few calls, nor how much credit there is.
    rules = Rules(owner_early=WITHOUT_END, all_early=WITHOUT_END)
    batcher = Watched(StepPolicy(rules), Believed(believed), torch.device("cpu"))
    together = Together(batcher)
    together.add("old", in_the_middle)
    together.add("new", at_the_beginning)
    try:
        yield together
    finally:
        batcher.close()


def test_the_device_waits_a_moment_for_the_next_of_a_newcomers_first_steps() -> None:
    made: list[str] = []
    models = {name: Named(name, made) for name in ("new", "old")}

    def new(ride: Ride) -> None:
        for step in range(PREVIEW_STEPS):
            call(models["new"], rows(1))(ride)
            ride.progress(step + 1)

    def old(ride: Ride) -> None:
        call(models["old"], rows(1))(ride)

    with two_tasks(60.0, new, old) as together:
        assert not any(together.run().values())
    assert made == ["new"] * PREVIEW_STEPS + ["old"]


def test_but_not_for_one_that_does_not_come() -> None:
    made: list[str] = []
    models = {name: Named(name, made) for name in ("new", "old")}
    others_turn = threading.Event()

    def new(ride: Ride) -> None:
        call(models["new"], rows(1))(ride)
        assert others_turn.wait(LONG)
        call(models["new"], rows(1))(ride)

    def old(ride: Ride) -> None:
        call(models["old"], rows(1))(ride)
        others_turn.set()

    with two_tasks(0.01, new, old) as together:
        assert not any(together.run().values())
    assert made == ["new", "old", "new"]


def test_a_newcomer_is_not_kept_for_company() -> None:
    """Were it not new, one would wait half a minute for the other to share its forward."""
    model = PriorTransformer()
    newcomer_done = threading.Event()

    def new(ride: Ride) -> None:
        ride.progress(10)
        call(model, rows(1))(ride)
        ride.progress(PREVIEW_STEPS - 1)
        call(model, rows(1))(ride)
        newcomer_done.set()

    def old(ride: Ride) -> None:
        call(model, rows(1, 2))(ride)
        assert newcomer_done.wait(LONG)
        call(model, rows(1, 2))(ride)

    with two_tasks(60.0, new, old) as together:
        assert not any(together.run().values())
    assert model.rows == [3, 1, 2]
