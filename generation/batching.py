"""Several tasks on one device: their pipelines' calls, made one at a time, together where they fit.

Each task drives a pipeline of its own, unmodified, in a thread of its own. The models it sees are
stand-ins (`generation.parking`) that park every call. One thread owns the device: it lets a policy
say which of the parked calls are next, makes those as one (`generation.grouping`), and hands each
task its rows. So a task joins at the next step and leaves after its last, at any number of steps,
with any scheduler.
"""

# pyright: basic
from __future__ import annotations

import itertools
import logging
import threading
import time
import traceback
from collections.abc import Callable, Hashable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch

from core.step_times import StepTimes
from core.steps import StepPolicy, Waiting
from generation.device_time import Stopwatch, stopwatch_for
from generation.faults import is_out_of_memory
from generation.grouping import Call, Key, Size, UnfitError, cut, frozen, joined, merged
from generation.models import free_memory
from generation.parking import Asked, Kind, attach, runner_of
from generation.pieces import pieces_of
from generation.run import StoppedError
from generation.twins import Twins

log = logging.getLogger(__name__)

WAIT_SHARE = 0.15
"""Of a step's time: how long a step waits for tasks that are between two of theirs."""

_LOOK_SECONDS = 0.002
"""How often an idle thread looks whether the device is."""

_serials = itertools.count()


class ClosedError(RuntimeError):
    """The device's thread has ended: nothing more is computed."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A state of shared models that some tasks need, such as their adapters.

    `enter` and `leave` switch it, on the device's thread, between forwards. Tasks whose settings
    have one `name` share forwards.
    """

    name: Hashable
    enter: Callable[[], None]
    leave: Callable[[], None]


class Ride:
    """One task on the device. Made by `Batcher.ride`, for one thread at a time."""

    def __init__(
        self,
        batcher: Batcher,
        *,
        job: str,
        owner: str,
        weight: float,
        steps: int,
        stop: threading.Event,
    ) -> None:
        self.serial = next(_serials)
        self.job = job
        self.owner = owner
        self.weight = weight
        self.steps = steps
        self.stop = stop
        self.step = 0
        self.seconds = 0.0
        """Of the device so far."""
        self.unsettled = 0
        """Calls that were made and are not in `seconds` yet."""
        self.started: float | None = None
        self.setting: Setting | None = None
        self.handed: tuple[float, Key] | None = None
        """When its last call was answered, until it parks the next."""
        self.follows: dict[Key, Key] = {}
        """Which call came after which, the last time."""
        self._batcher = batcher

    @property
    def used_ms(self) -> int:
        """Milliseconds of the device, its share of what it shared. All that is computed is in it
        once the task has seen the result."""
        if self.unsettled:
            self._batcher.settle()
        return round(self.seconds * 1000)

    def progress(self, step: int) -> None:
        """The task has done `step` of its steps."""
        self.step = step

    def attach(self, pipeline: Any, setting: Setting | None = None) -> None:
        """From now on the models of `pipeline`, an object of this task, run on the device's thread,
        in company. Models that are to be the task's own are put into it before this."""
        self.setting = setting
        attach(pipeline, self._park)

    def run(self, function: Callable[[], Any], kind: Kind = "step") -> Any:
        """What `function` returns, run on the device's thread between two forwards."""
        return self._batcher.run(self, function, kind=kind)

    def _park(self, asked: Asked) -> Any:
        return self._batcher.park(self, asked)

    def __enter__(self) -> Ride:
        return self

    def __exit__(self, *_: object) -> None:
        self._batcher.end(self)


class _Parked:
    """A call that waits to be made: of a model, or else of any function."""

    __slots__ = (
        "answer", "asked", "call", "done", "error", "function", "key", "kind", "ride", "rows",
        "since", "waiting",
    )  # fmt: skip

    def __init__(
        self,
        ride: Ride,
        kind: Kind,
        since: float,
        *,
        call: Call | None = None,
        asked: Asked | None = None,
        function: Callable[[], Any] | None = None,
    ) -> None:
        self.ride, self.since = ride, since
        self.kind: Kind = kind
        self.call, self.asked, self.function = call, asked, function
        self.rows = call.rows if call is not None else 1
        alone = Key(Size(-1, f"run.{kind}", None), next(_serials))
        self.key = call.key if call is not None else alone
        self.waiting: Waiting | None = None
        self.answer: Any = None
        self.error: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()

    def finish(self, answer: Any = None, error: BaseException | None = None) -> None:
        self.answer, self.error = answer, error
        self.done.release()

    def wait(self) -> Any:
        """Blocks until it is made. Raises what it raised."""
        self.done.acquire()
        answer, error = self.answer, self.error
        self.answer = self.error = self.call = self.asked = self.function = None
        if error is None:
            return answer
        try:
            raise error
        finally:
            # The frame of a traceback keeps what it knows alive.
            del error


class Batcher:
    """The thread that owns `device`, and what is parked for it."""

    def __init__(
        self,
        policy: StepPolicy,
        times: StepTimes,
        device: torch.device,
        clock: Callable[[], float] = time.perf_counter,
        wait_share: float = WAIT_SHARE,
    ) -> None:
        self._policy = policy
        self._times = times
        self._device = device
        self._clock = clock
        self._wait_share = wait_share
        self._change = threading.Condition()
        self._parked: list[_Parked] = []
        self._rides: set[Ride] = set()
        self._ended: list[Ride] = []
        self._closed = False
        # Of the device's thread alone:
        self._alone: set[str] = set()
        self._setting: Setting | None = None
        self._twins = Twins()
        self._stopwatch: Stopwatch = stopwatch_for(device, clock)
        self._thread = threading.Thread(target=self._serve, name="device", daemon=True)
        self._thread.start()

    # Called by tasks

    def ride(
        self, *, job: str, owner: str, stop: threading.Event, steps: int, weight: float = 1.0
    ) -> Ride:
        """A context manager; the task is on the device inside it."""
        ride = Ride(self, job=job, owner=owner, weight=weight, steps=max(1, steps), stop=stop)
        with self._change:
            if self._closed:
                raise ClosedError
            self._rides.add(ride)
        return ride

    def end(self, ride: Ride) -> None:
        """The task parks nothing more."""
        with self._change:
            self._rides.discard(ride)
            self._ended.append(ride)
            self._change.notify()

    def park(self, ride: Ride, asked: Asked) -> Any:
        """The answer of a model. Raises StoppedError, ClosedError, or what the model raises."""
        if threading.current_thread() is self._thread:
            # Part of something that was parked already.
            return runner_of(asked.runner, asked.method)(asked.arguments, asked.named)
        setting = ride.setting.name if ride.setting is not None else None
        context = frozen(asked.context[0]) if asked.context is not None else None
        cached = getattr(asked.module, "is_cache_enabled", False)
        state = (setting, asked.flags, asked.dtype, (ride.serial, context) if cached else None)
        call = Call.read(asked.module, asked.method, asked.arguments, asked.named, state)
        calls = pieces_of(call) if asked.kind in ("decode", "encode") else [call]
        now = self._clock()
        parked = [_Parked(ride, asked.kind, now, call=one, asked=asked) for one in calls]
        self._put(ride, parked)
        if len(parked) == 1:
            return parked[0].wait()
        answers = _all(parked)
        assert call.shape is not None
        return joined(answers, lists=call.shape.lists)

    def run(self, ride: Ride, function: Callable[[], Any], kind: Kind = "step") -> Any:
        """What `function` returns, run on the device's thread. Raises what it raises."""
        if threading.current_thread() is self._thread:
            return function()
        parked = _Parked(ride, kind, self._clock(), function=function)
        self._put(ride, [parked])
        return parked.wait()

    def settle(self) -> None:
        """Counts what the device has computed."""
        with self._change:
            self._settle()

    def close(self) -> None:
        """Ends the thread after what it is computing; all that is parked raises ClosedError."""
        with self._change:
            self._closed = True
            self._change.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _put(self, ride: Ride, parked: Sequence[_Parked]) -> None:
        with self._change:
            if self._closed:
                raise ClosedError
            if ride.stop.is_set():
                raise StoppedError
            if ride.started is None:
                ride.started = parked[0].since
            if ride.handed is not None:
                ride.follows[ride.handed[1]] = parked[0].key
                ride.handed = None
            self._parked.extend(parked)
            self._change.notify()

    # On the device's thread

    def _serve(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.set_device(self._device)
        try:
            with torch.no_grad():
                while (group := self._next()) is not None:
                    self._make(group)
        except BaseException:
            log.exception("the device's thread ends")
            raise
        finally:
            with self._change:
                self._closed = True
                left, self._parked = self._parked, []
            for parked in left:
                parked.finish(error=ClosedError("the device's thread has ended"))

    def _next(self) -> list[_Parked] | None:
        """What to make next, once there is something; None: nothing more."""
        with self._change:
            while not self._closed:
                self._let_go()
                if not self._parked:
                    # What is being computed is counted before the thread sleeps.
                    self._change.wait(_LOOK_SECONDS if self._stopwatch.pending else None)
                    self._settle()
                elif (pause := self._pause()) > 0:
                    self._change.wait(pause)
                else:
                    return self._pick()
        return None

    def _let_go(self) -> None:
        """Of those that were stopped, and of tasks that are over."""
        for ride in self._ended:
            self._policy.ended(ride.job)
        self._ended.clear()
        stopped = [one for one in self._parked if one.ride.stop.is_set()]
        if stopped:
            self._parked = [one for one in self._parked if not one.ride.stop.is_set()]
            for parked in stopped:
                parked.finish(error=StoppedError())

    def _pause(self) -> float:
        """Seconds to wait for tasks which are about to park what fits to what is parked."""
        rows: dict[Key, int] = {}
        for parked in self._parked:
            rows[parked.key] = rows.get(parked.key, 0) + parked.rows
        now, until = self._clock(), 0.0
        for ride in self._rides:
            if ride.handed is None:
                continue
            at, last = ride.handed
            key = ride.follows.get(last, last)
            if key in rows and rows[key] < self._cap(key):
                step = self._times.seconds(key.size, rows[key])
                until = max(until, at + self._wait_share * step)
        return until - now

    def _pick(self) -> list[_Parked]:
        self._settle()
        now = self._clock()
        chosen = self._policy.pick(
            [self._as_waiting(one) for one in self._parked],
            now,
            self._cap,
        )
        group = [self._parked[place] for place in chosen]
        taken = set(map(id, group))
        self._parked = [one for one in self._parked if id(one) not in taken]
        return group

    def _cap(self, key: Hashable) -> int:
        assert isinstance(key, Key)
        return min(self._times.cap(key.size), key.most)

    def _as_waiting(self, parked: _Parked) -> Waiting:
        if parked.waiting is None:
            ride = parked.ride
            step = self._times.seconds(parked.key.size, parked.rows)
            parked.waiting = Waiting(
                key=parked.key,
                rows=parked.rows,
                job=ride.job,
                owner=ride.owner,
                weight=ride.weight,
                step=ride.step,
                left=step * max(1, ride.steps - ride.step) if parked.kind == "step" else step,
                kind=parked.kind,
                since=parked.since,
                started=ride.started if ride.started is not None else parked.since,
            )
        return parked.waiting

    def _make(self, group: list[_Parked]) -> None:
        """Makes the calls and hands out their answers, or what went wrong."""
        failed: Exception | None = None
        answers: list[Any] = []
        self._stopwatch.start()
        try:
            self._use(group[0].ride.setting)
            answers = self._answers(group)
        except Exception as error:
            failed = error
        if failed is not None:
            self._stopwatch.drop()
            self._mend(group, failed)
            return
        self._hand_out(group, answers)

    def _hand_out(self, group: Sequence[_Parked], answers: Sequence[Any]) -> None:
        self._stopwatch.stop(group)
        now = self._clock()
        with self._change:
            for parked in group:
                parked.ride.unsettled += 1
            self._settle()
            for parked in group:
                if parked.kind == "step" and parked.call is not None:
                    parked.ride.handed = (now, parked.key)
        for parked, answer in zip(group, answers, strict=True):
            parked.finish(answer)

    def _answers(self, group: Sequence[_Parked]) -> list[Any]:
        if group[0].function is not None:
            return [one.function() for one in group if one.function is not None]
        calls = [one.call for one in group if one.call is not None]
        asked = group[0].asked
        assert asked is not None
        run, shape = self._twins.runner(asked), calls[0].shape
        with self._context(group[0]):
            if len(calls) == 1 or shape is None:
                return [run(call.arguments, call.named) for call in calls]
            if calls[0].key.size.name in self._alone:
                return [run(call.arguments, call.named) for call in calls]
            answer = run((), merged(calls))
        try:
            return cut(answer, [call.rows for call in calls], lists=shape.lists)
        except UnfitError as error:
            log.info("%s is not shared: %s", calls[0].key.size.name, error)
            self._alone.add(calls[0].key.size.name)
            return self._answers(group)

    def _context(self, parked: _Parked) -> Any:
        """Where the model keeps something from step to step, a place for this task alone."""
        asked = parked.asked
        if asked is None or asked.context is None:
            return nullcontext()
        if not getattr(asked.module, "is_cache_enabled", False):
            return nullcontext()
        name, named = asked.context
        module: Any = asked.module
        return module.cache_context(f"{parked.ride.serial}:{name}", **named)

    def _use(self, setting: Setting | None) -> None:
        before = self._setting
        if (before and before.name) == (setting and setting.name):
            return
        self._setting = None
        if before is not None:
            before.leave()
        if setting is not None:
            setting.enter()
        self._setting = setting

    def _mend(self, group: list[_Parked], error: Exception) -> None:
        """Tries again with less at once, so that only whose call it is hears of it."""
        full = is_out_of_memory(error)
        first = group[0]
        if full:
            with self._change:
                self._times.too_many(first.key.size, sum(one.rows for one in group))
        if full or len(group) > 1:
            # The traceback holds all the tensors of the forward that failed.
            traceback.clear_frames(error.__traceback__)
        if full:
            free_memory()
        if len(group) > 1:
            middle = len(group) // 2
            parts = [group[:middle], group[middle:]] if full else [[one] for one in group]
            for part in parts:
                self._make(part)
            return
        call = first.call
        if full and call is not None and call.shape is not None and call.rows > 1:
            try:
                self._stopwatch.start()
                answer = self._in_halves(first, call)
            except Exception as again:
                error = again
            else:
                self._hand_out(group, [answer])
                return
        self._stopwatch.drop()
        traceback.clear_frames(error.__traceback__)
        first.finish(error=error)

    def _in_halves(self, parked: _Parked, call: Call) -> Any:
        """The answer made of those to halves of its rows, halved again where they do not fit."""
        assert parked.asked is not None and call.shape is not None
        run = self._twins.runner(parked.asked)
        answers = []
        middle = call.rows // 2
        for part in (call.part(0, middle), call.part(middle, call.rows)):
            try:
                with self._context(parked):
                    answers.append(run((), part.named))
            except Exception as error:
                if not is_out_of_memory(error) or part.rows == 1:
                    raise
                traceback.clear_frames(error.__traceback__)
                free_memory()
                answers.append(self._in_halves(parked, part))
        return joined(answers, lists=call.shape.lists)

    def _settle(self) -> None:
        """Counts the device's time of what is known to be finished."""
        for group, seconds in self._stopwatch.finished():
            rows = sum(one.rows for one in group)
            self._times.note(group[0].key.size, rows, seconds)
            charges = [(self._as_waiting(one), seconds * one.rows / rows) for one in group]
            self._policy.spent(charges)
            for parked, (_, share) in zip(group, charges, strict=True):
                parked.ride.seconds += share
                parked.ride.unsettled -= 1


def _all(parked: Sequence[_Parked]) -> list[Any]:
    """The answers, once all are made. Raises what the first that failed raised."""
    answers, failed = [], None
    for one in parked:
        try:
            answers.append(one.wait())
        except BaseException as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return answers
