"""How long the device computed for each forward; on a GPU asked for later, so as not to wait."""

# pyright: basic
from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import torch

AHEAD = 2
"""Forwards that a GPU is given before the first of them is finished."""


class Stopwatch(Protocol):
    """Measures one forward after the other, each for somebody."""

    def start(self) -> None:
        """A forward begins; waits while the device has enough to do."""
        ...

    def drop(self) -> None:
        """The forward that began does not count."""
        ...

    def stop(self, whom: Any) -> None:
        """The forward is made, or on its way."""
        ...

    def finished(self) -> list[tuple[Any, float]]:
        """For whom, and seconds, of those finished since the last time it was asked."""
        ...

    @property
    def pending(self) -> bool:
        """Whether there is more to come."""
        ...


def stopwatch_for(device: torch.device, clock: Callable[[], float]) -> Stopwatch:
    """On a CPU what counts is what the calling thread computes, unless `clock` is a clock of the
    caller's own: how long a forward has to wait for other programs says nothing about its rows,
    and a few such waits make it seem that sharing forwards does not pay."""
    if device.type == "cuda":
        return _OnGpu()
    return _OnCpu(time.thread_time if clock is time.perf_counter else clock)


class _OnCpu:
    pending = False

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began: float | None = None
        self._done: list[tuple[Any, float]] = []

    def start(self) -> None:
        self._began = self._clock()

    def drop(self) -> None:
        self._began = None

    def stop(self, whom: Any) -> None:
        assert self._began is not None
        self._done.append((whom, self._clock() - self._began))

    def finished(self) -> list[tuple[Any, float]]:
        done, self._done = self._done, []
        return done


class _OnGpu:
    def __init__(self) -> None:
        self._began: Any = None
        self._running: deque[tuple[Any, Any, Any]] = deque()

    @property
    def pending(self) -> bool:
        return bool(self._running)

    def start(self) -> None:
        if len(self._running) >= AHEAD:
            self._running[-AHEAD][2].synchronize()
        self._began = self._mark()

    def drop(self) -> None:
        self._began = None

    def stop(self, whom: Any) -> None:
        self._running.append((whom, self._began, self._mark()))

    def finished(self) -> list[tuple[Any, float]]:
        done = []
        while self._running and self._running[0][2].query():
            whom, began, ended = self._running.popleft()
            done.append((whom, began.elapsed_time(ended) / 1000))
        return done

    def _mark(self) -> Any:
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event
