"""Measures at start how long forwards of a model take, so that the first crowd finds the right cap.

What is measured is a call that the model's own pipeline makes for a picture of the native size:
the pipeline is run as for a task of one picture, up to the end of its first round, and the calls
that it made of its denoisers are repeated with 1, 2, 4 … rows as long as `core.step_times` finds
more rows worth having and memory has room for them. It goes on the device's thread while no task is
on the device, and ends as soon as one comes: on a processor in the middle of a forward, elsewhere
after the one under way.
"""

# pyright: basic
from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from core.errors import EaselError
from core.request import Part, Request
from core.step_times import SETTLED, StepTimes
from generation.conditioning import conditioning
from generation.device_time import stopwatch_for
from generation.faults import is_out_of_memory
from generation.grouping import Call, Size, merged
from generation.models import Loaded, free_memory
from generation.parking import Asked, attach, runner_of
from generation.pipeline_call import call_arguments

log = logging.getLogger(__name__)

LONGEST = 5.0
"""Seconds of the clock on a processor, and of the device elsewhere, that it may take in all."""

SHORT = 0.25
"""Seconds of a forward that a task may have to wait for. Longer ones are watched at every operation
on a processor, which would make shorter ones seem slower than they are."""

Look = Callable[[], AbstractContextManager[StepTimes]]


class _EnoughError(Exception):
    """Somebody wants the device, or the time is over."""


class _RoundError(Exception):
    """The pipeline has made a round."""


class Measuring:
    """Of one model: what `generation.spare` does. `borrow` lends it if it is at hand, `times` is
    where the seconds go, and `fits` says whether so many pixels fit into memory; `done` is called
    when there is no more to learn, or no more time for it."""

    def __init__(
        self,
        borrow: Callable[[], Loaded | None],
        give_back: Callable[[Loaded], None],
        times: Look,
        fits: Callable[[int], bool],
        device: torch.device,
        *,
        done: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.perf_counter,
        longest: float = LONGEST,
    ) -> None:
        self._borrow, self._give_back = borrow, give_back
        self._times, self._fits, self._device = times, fits, device
        self._done, self._clock, self._left = done, clock, longest
        self._stopwatch = stopwatch_for(device, clock)
        self._on_cpu = device.type == "cpu"

    def __call__(self, wanted: threading.Event) -> bool:
        """Whether it is done, also for being unable to."""
        loaded = self._borrow()
        if loaded is None:
            return True
        began, before = self._clock(), self._left

        def enough() -> bool:
            if self._on_cpu:
                self._left = before - (self._clock() - began)
            return wanted.is_set() or self._left <= 0

        try:
            caps = self._measure(loaded, enough)
        except EaselError as error:
            # It is for what it cannot do from words alone.
            log.info("%s is not measured: %s", loaded.model.name, error.sentence)
            return True
        except _EnoughError:
            if wanted.is_set() and self._left > 0:
                return False
            caps = "as many as were tried"
        finally:
            self._give_back(loaded)
        width, height = loaded.model.size((1, 1))
        log.info("%s at %d x %d: rows of a forward: %s", loaded.model.name, width, height, caps)
        self._done()
        return True

    def _measure(self, loaded: Loaded, enough: Callable[[], bool]) -> str:
        """The caps found, in words. Raises _EnoughError."""

        def watched(*, slow: bool) -> AbstractContextManager[Any]:
            # A block that is compiled is compiled for what it is called under.
            can_be = self._on_cpu and not loaded.held.compiled
            return _Watch(enough) if can_be and slow else nullcontext()

        with watched(slow=True):
            calls = _first_round(loaded, enough)
        width, height = loaded.model.size((1, 1))
        for asked, call in calls:
            size, rows = call.key.size, 1
            while rows <= self._cap(size) and self._fits(-(-width * height * rows // call.rows)):
                seconds = self._expected(size, rows)
                if enough() or (seconds is not None and seconds * SETTLED > self._left):
                    raise _EnoughError
                with watched(slow=seconds is None or seconds > SHORT):
                    if not self._take(asked, call, rows, enough):
                        break
                rows *= 2
        return ", ".join(str(self._cap(call.key.size)) for _, call in calls)

    def _take(self, asked: Asked, call: Call, rows: int, enough: Callable[[], bool]) -> bool:
        """Measures forwards of so many rows, unless that is done; whether they fit."""
        size = call.key.size
        with self._times() as times:
            if times.knows(size, rows):
                return True
        run, named = runner_of(asked.runner, asked.method), merged([call.part(0, 1)] * rows)
        # On a GPU the first is for what is compiled or chosen by trying.
        for turn in range(SETTLED if self._on_cpu else SETTLED + 1):
            if enough():
                raise _EnoughError
            self._stopwatch.start()
            try:
                run((), named)
            except Exception as error:
                self._stopwatch.drop()
                if not is_out_of_memory(error):
                    raise
                with self._times() as times:
                    times.too_many(size, rows)
                # The traceback holds all the tensors of the forward that failed.
                traceback.clear_frames(error.__traceback__)
                free_memory()
                return False
            self._stopwatch.stop(None)
            if self._device.type == "cuda":
                torch.cuda.synchronize(self._device)
            [(_, seconds)] = self._stopwatch.finished()
            if self._on_cpu or turn:
                self._left -= 0.0 if self._on_cpu else seconds
                with self._times() as times:
                    times.note(size, rows, seconds)
        return True

    def _cap(self, size: Size) -> int:
        with self._times() as times:
            return times.cap(size)

    def _expected(self, size: Size, rows: int) -> float | None:
        """Seconds of such a forward; None where nothing is known of any."""
        with self._times() as times:
            known = any(times.knows(size, count) for count in (rows, rows // 2))
            return times.seconds(size, rows) if known else None


def _first_round(loaded: Loaded, enough: Callable[[], bool]) -> list[tuple[Asked, Call]]:
    """What the pipeline asks of its denoisers for one picture of the native size, each kind of call
    once, and of those only what is known well enough to be made of more rows."""
    model, pipeline = loaded.model, loaded.pipeline(from_picture=False)
    found: dict[Size, tuple[Asked, Call]] = {}

    def park(asked: Asked) -> Any:
        if enough():
            raise _EnoughError
        if asked.kind == "step":
            call = Call.read(asked.module, asked.method, asked.arguments, asked.named)
            if call.shape is not None and asked.dtype is None:
                found[call.key.size] = (asked, call)
        return runner_of(asked.runner, asked.method)(asked.arguments, asked.named)

    def after(*_: Any) -> Any:
        raise _RoundError

    width, height = model.size((1, 1))
    request = Request(
        text="",
        parts=(Part(""),),
        model=model.name,
        width=width,
        height=height,
        seed=0,
        steps=model.steps,
        guidance=model.guidance,
        count=1,
        step=model.size_step,
    )
    attach(pipeline, park)
    try:
        words = conditioning(pipeline, request, distilled=model.guidance <= 1)
        arguments = call_arguments(pipeline, request, words, range(1))
        pipeline(**arguments, callback_on_step_end=after)
    except _RoundError:
        pass
    finally:
        # They refer to themselves, and would keep the model until somebody looks for circles.
        vars(pipeline.scheduler).clear()
        vars(pipeline).clear()
    return list(found.values())


class _Watch(TorchFunctionMode):
    """Looks before every operation of this thread whether there is enough of them."""

    def __init__(self, enough: Callable[[], bool]) -> None:
        super().__init__()
        self._enough = enough

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if self._enough():
            raise _EnoughError
        return func(*args, **(kwargs or {}))
