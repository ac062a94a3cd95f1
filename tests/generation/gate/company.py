"""Runs jobs side by side, in an order of arrivals and in groups that are drawn by lot."""

# pyright: basic
from __future__ import annotations

import random
import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import torch
from torch import Tensor

from core.step_times import StepTimes
from core.steps import StepPolicy, Waiting, in_proportion
from generation.adapters import Worn
from generation.batching import Batcher, Setting
from tests.generation.gate.jobs import Job

PATIENCE = 50.0
"""Steps' times that a forward waits for those that are about to come: who shares it is then a
matter of the lot, not of the machine's mood."""


class Lots(StepPolicy):
    """Whoever the lot falls on; and now and then somebody new arrives."""

    def __init__(self, seed: int, arrivals: Sequence[threading.Event]) -> None:
        super().__init__()
        self._lot = random.Random(seed)
        self._arrivals = list(arrivals)
        self.shared: list[int] = []
        """How many calls each step's forward was of."""

    def pick(
        self,
        waiting: Sequence[Waiting],
        now: float,
        cap: Callable[[Hashable], int],
        seconds: Callable[[Hashable, int], float] = in_proportion,
    ) -> list[int]:
        if self._lot.random() < 0.5:
            self.arrive()
        super().pick(waiting, now, cap, seconds)
        first = self._lot.randrange(len(waiting))
        chosen = [first] + [
            place
            for place, call in enumerate(waiting)
            if place != first and call.key == waiting[first].key and self._lot.random() < 0.8
        ]
        self._lot.shuffle(chosen)
        if waiting[first].kind == "step":
            self.shared.append(len(chosen))
        return chosen

    def hurries(self, call: Waiting, now: float) -> bool:
        """Nobody: a newcomer shares forwards with whoever the lot falls on."""
        return False

    def arrive(self) -> None:
        if self._arrivals:
            self._arrivals.pop().set()


def in_company(
    jobs: Sequence[Job],
    shared: Any,
    seed: int,
    settings: Sequence[Setting | Worn | None] = (),
) -> tuple[list[Tensor], list[int]]:
    """What each job drew, and how many calls each forward of a step was of."""
    events = [threading.Event() for _ in jobs]
    lots = Lots(seed, events[:-2])
    for first in events[-2:]:
        first.set()
    batcher = Batcher(lots, StepTimes(), torch.device("cpu"), wait_share=PATIENCE)
    drawn: list[Tensor | BaseException] = [ValueError("never ran")] * len(jobs)

    def run(place: int, job: Job) -> None:
        events[place].wait()
        stop = threading.Event()
        try:
            pipeline = job.pipeline(shared)
            with batcher.ride(
                job=str(place), owner=f"o{place % 2}", steps=job.steps, stop=stop
            ) as ride:
                setting = settings[place] if settings else None
                if isinstance(setting, Worn):
                    setting.put_on(pipeline)
                    setting = setting.setting
                ride.attach(pipeline, setting)
                drawn[place] = job.draw(pipeline)
        except BaseException as error:
            drawn[place] = error
        finally:
            lots.arrive()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    batcher.close()
    for one in drawn:
        if isinstance(one, BaseException):
            raise one
    return [one for one in drawn if isinstance(one, Tensor)], lots.shared


def difference(one: Tensor, other: Tensor) -> float:
    """The largest, as a share of the largest number."""
    assert one.shape == other.shape and one.dtype == other.dtype
    assert bool(torch.isfinite(other).all())
    return float((one - other).abs().max() / other.abs().max())


def psnr(one: Tensor, other: Tensor) -> float:
    """Decibels, of pictures in 0..1."""
    error = ((one.float() - other.float()) ** 2).mean().clamp(1e-12)
    return float(-10 * torch.log10(error))
