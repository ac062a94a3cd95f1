"""Several tasks on one device: their pipelines' calls, made one at a time, together where they fit.

Each task drives a pipeline of its own, unmodified, in a thread of its own. The models it sees are
stand-ins (`generation.parking`) that park every call. One thread owns the device: it lets a policy
say which of the parked calls are next, makes those as one (`generation.grouping`), and hands each
task its rows. So a task joins at the next step and leaves after its last, at any number of steps,
with any scheduler.
"""

# pyright: basic
from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch

from core.step_times import StepTimes
from core.steps import StepPolicy, Waiting
from generation.answers import joined
from generation.device_time import Stopwatch, stopwatch_for
from generation.faults import is_out_of_memory
from generation.forwards import Forwards
from generation.grouping import Call, Key
from generation.models import free_memory
from generation.parked import Errand, Parked, all_of
from generation.parking import Asked, Kind, runner_of
from generation.pieces import pieces_of
from generation.ride import Ride, Setting
from generation.run import StoppedError
from generation.spare import Spare

__all__ = ["Batcher", "ClosedError", "Ride", "Setting"]

log = logging.getLogger(__name__)

WAIT_SHARE = 0.5
"""Of the time that sharing a forward saves: how long one waits for tasks between two steps."""

_UNTRIED = 0.3
"""Of a step's time: what sharing is taken to save at least where it was not tried."""

_HURRY_SHARE = 0.3
"""Of a step's time: how long one waits for a task that goes before all that is parked."""

_MOST_STRETCH = 8.0

_LOOK_SECONDS = 0.002
"""How often an idle thread looks whether the device is."""


class ClosedError(RuntimeError):
    """The device's thread has ended: nothing more is computed."""


class Batcher:
    """The thread that owns `device`, and what is parked for it."""

    def __init__(
        self,
        policy: StepPolicy,
        times: StepTimes,
        device: torch.device,
        clock: Callable[[], float] = time.perf_counter,
        wait_share: float = WAIT_SHARE,
        spare: Spare | None = None,
    ) -> None:
        self._policy = policy
        self._times = times
        self._device = device
        self._clock = clock
        self._wait_share = wait_share
        self._change = threading.Condition()
        self._parked: list[Parked] = []
        self._rides: set[Ride] = set()
        self._ended: list[Ride] = []
        self._closed = False
        self.spare = spare or Spare(self._change)
        """What is done while no task is on the device."""
        # Of the device's thread alone:
        self._forwards = Forwards()
        self._lasted = 0.0
        self._stretch = 1.0
        """How much longer a forward lasts than it computes, where others have the machine too."""
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
            self.spare.wanted.set()
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
        setting = ride.setting_for(asked.kind)
        state = (setting and setting.name, asked.flags, asked.dtype)
        call = Call.read(asked.module, asked.method, asked.arguments, asked.named, state)
        calls = pieces_of(call) if asked.method in ("decode", "encode") else [call]
        now = self._clock()
        parked = [Parked(ride, asked.kind, now, call=one, asked=asked) for one in calls]
        self._put(ride, parked)
        if len(parked) == 1:
            return parked[0].wait()
        answers = all_of(parked)
        assert call.shape is not None
        return joined(answers, lists=call.shape.lists)

    def run(self, ride: Ride, function: Errand, kind: Kind = "step", shape: Hashable = None) -> Any:
        """What `function` returns, run on the device's thread. Raises what it raises."""
        if threading.current_thread() is self._thread:
            return function()
        parked = Parked(ride, kind, self._clock(), function=function, shape=shape)
        self._put(ride, [parked])
        return parked.wait()

    def settle(self) -> None:
        """Counts what the device has computed."""
        with self._change:
            self._settle()

    @contextmanager
    def times(self) -> Iterator[StepTimes]:
        """What forwards took, while nobody else looks at it."""
        with self._change:
            yield self._times

    def close(self) -> None:
        """Ends the thread after what it is computing; all that is parked raises ClosedError."""
        with self._change:
            self._closed = True
            self.spare.wanted.set()
            self._change.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _put(self, ride: Ride, parked: Sequence[Parked]) -> None:
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
            ride.hurried = None
            self._parked.extend(parked)
            self._change.notify()

    # On the device's thread

    def _serve(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.set_device(self._device)
        try:
            with torch.no_grad():
                while (group := self._next()) is not None:
                    if group:
                        self._make(group)
                    else:
                        self._forwards.use(None)
                        self.spare.do()
        except BaseException:
            log.exception("the device's thread ends")
            raise
        finally:
            with self._change:
                self._closed = True
                left, self._parked = self._parked, []
            for parked in left:
                parked.finish(error=ClosedError("the device's thread has ended"))

    def _next(self) -> list[Parked] | None:
        """What to make next, once there is something; none of it: there is time for something else;
        None: nothing more."""
        with self._change:
            while not self._closed:
                self._let_go()
                if not self._parked:
                    pause = self._rest()
                    if pause == 0:
                        return []
                    self._change.wait(pause)
                    self._settle()
                elif (pause := self._pause()) > 0:
                    self._change.wait(pause)
                else:
                    return self._pick()
        return None

    def _rest(self) -> float | None:
        """Seconds to sleep while nothing is parked, None until something is, 0: not at all."""
        if self._stopwatch.pending:
            # What is being computed is counted before the thread sleeps.
            return _LOOK_SECONDS
        if not self._rides:
            self.spare.rests(self._clock())
        return self.spare.due_in(self._clock())

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
        """Seconds to wait for tasks which are about to park what fits to what is parked, or what
        goes before it."""
        now = self._clock()
        waiting = [self._as_waiting(one) for one in self._parked]
        hurries = any(self._policy.hurries(one, now) for one in waiting)
        rows: dict[Key, int] = {}
        for parked in self._parked:
            rows[parked.key] = rows.get(parked.key, 0) + parked.rows
        coming: dict[Key, list[tuple[float, int]]] = {}
        for ride in self._rides:
            if ride.handed is not None and (ride.hurried is not None or not hurries):
                at, last, count = ride.handed
                key = ride.follows.get(last, last)
                if key in rows and rows[key] < self._cap(key):
                    coming.setdefault(key, []).append((at, count))
        pauses = [self._patience(key, rows[key], those, now) for key, those in coming.items()]
        return max(pauses, default=0.0) if hurries else max([self._hurry(now), *pauses])

    def _hurry(self, now: float) -> float:
        """Seconds to wait for tasks that go before all that is parked, which would keep the device
        for a whole forward."""
        since = [ride.hurried for ride in self._rides if ride.hurried is not None]
        step = max(self._times.seconds(one.key.size, one.rows) for one in self._parked)
        return max(since) + _HURRY_SHARE * self._stretch * step - now if since else 0.0

    def _patience(
        self, key: Key, here: int, coming: Sequence[tuple[float, int]], now: float
    ) -> float:
        """Seconds worth waiting for those that are coming, each since when and with how many rows:
        less than what is saved by not making theirs by themselves."""
        times, size = self._times, key.size
        more = sum(count for _, count in coming)
        saved = (
            times.seconds(size, here) + times.seconds(size, more) - times.seconds(size, here + more)
        )
        if not times.knows(size, here + more):
            saved = max(saved, _UNTRIED * times.seconds(size, here))
        return max(at for at, _ in coming) + self._wait_share * self._stretch * saved - now

    def _pick(self) -> list[Parked]:
        self._settle()
        now = self._clock()
        chosen = self._policy.pick(
            [self._as_waiting(one) for one in self._parked],
            now,
            self._cap,
            self._seconds,
        )
        group = [self._parked[place] for place in chosen]
        taken = set(map(id, group))
        self._parked = [one for one in self._parked if id(one) not in taken]
        return group

    def _cap(self, key: Hashable) -> int:
        assert isinstance(key, Key)
        return min(self._times.cap(key.size), key.most)

    def _seconds(self, key: Hashable, rows: int) -> float:
        assert isinstance(key, Key)
        return self._times.seconds(key.size, rows)

    def _as_waiting(self, parked: Parked) -> Waiting:
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

    def _make(self, group: list[Parked]) -> None:
        """Makes the calls and hands out their answers, or what went wrong."""
        failed: Exception | None = None
        answers: list[Any] = []
        began = self._clock()
        self._stopwatch.start()
        try:
            self._forwards.use(group[0].ride.setting_for(group[0].kind))
            answers = self._forwards.answers(group)
        except Exception as error:
            failed = error
        if failed is not None:
            self._stopwatch.drop()
            self._mend(group, failed)
            return
        self._lasted = self._clock() - began
        self._hand_out(group, answers)

    def _hand_out(self, group: Sequence[Parked], answers: Sequence[Any]) -> None:
        self._stopwatch.stop(group)
        now = self._clock()
        with self._change:
            for parked in group:
                parked.ride.unsettled += 1
            self._settle()
            for parked in group:
                if parked.kind == "step" and parked.call is not None:
                    parked.ride.handed = (now, parked.key, parked.rows)
                parked.ride.hurried = now if self._goes_on(parked, now) else None
        for parked, answer in zip(group, answers, strict=True):
            parked.finish(answer)

    def _goes_on(self, parked: Parked, now: float) -> bool:
        """Whether the task of an answered call soon parks one that goes before others."""
        made = self._as_waiting(parked)
        step = made.step + (made.kind == "step")
        return step < parked.ride.steps and self._policy.hurries(replace(made, step=step), now)

    def _mend(self, group: list[Parked], error: Exception) -> None:
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
                answer = self._forwards.in_halves(first, call)
            except Exception as again:
                error = again
            else:
                self._hand_out(group, [answer])
                return
        self._stopwatch.drop()
        traceback.clear_frames(error.__traceback__)
        first.finish(error=error)

    def _settle(self) -> None:
        """Counts the device's time of what is known to be finished."""
        for group, seconds in self._stopwatch.finished():
            if not self._stopwatch.pending and seconds > 0:
                lasted = min(_MOST_STRETCH, max(1.0, self._lasted / seconds))
                self._stretch += (lasted - self._stretch) / 8
            rows = sum(one.rows for one in group)
            self._times.note(group[0].key.size, rows, seconds)
            charges = [(self._as_waiting(one), seconds * one.rows / rows) for one in group]
            self._policy.spent(charges)
            for parked, (_, share) in zip(group, charges, strict=True):
                parked.ride.seconds += share
                parked.ride.unsettled -= 1
