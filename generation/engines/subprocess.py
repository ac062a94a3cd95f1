"""The engine of one machine: workers as child processes, watched and restarted.

Invariants:
- A slot has at most one worker, and a worker at most one run.
- A run is in `_waiting`, or on one slot, or ended; it ends exactly once.
- Only a slot's own task starts, drives and buries its worker.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import shlex
import sys
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from typing import Self

from core.events import (
    Cancelled,
    Event,
    Ready,
    Task,
)
from core.sentences import say
from core.settings import Settings
from generation.engines.environment import worker_environment
from generation.engines.process import WorkerProcess, describe_start_error
from generation.engines.run import Limits, Run

log = logging.getLogger(__name__)

START_ATTEMPTS = 3
"""Starts in a row that may fail before waiting tasks are told so."""

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0


class SubprocessEngine:
    """`core.ports.Engine` with `slots` workers, each started with `command`.

    `deadline_seconds` is the longest a task may take on a worker (but see OVERRUN); then it is
    cancelled. `cancel_seconds` is the longest a worker may take to hear a cancel, `ready_seconds`
    to get ready, `stop_seconds` to stop politely, and `silence_seconds` the longest that one which
    promised to may not say that it is alive; a worker that takes longer is killed.
    `one_gpu_each` gives worker n the n-th GPU alone. `sleep` and `jitter` (0..1) are for the pause
    before a restart.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        slots: int = 1,
        environment: Mapping[str, str] | None = None,
        deadline_seconds: float = 1800,
        cancel_seconds: float = 60,
        silence_seconds: float = 30,
        ready_seconds: float = 180,
        stop_seconds: float = 5,
        one_gpu_each: bool = False,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.slots = slots
        self.command = tuple(command)
        self.deadline_seconds = deadline_seconds
        self.cancel_seconds = cancel_seconds
        self.silence_seconds = silence_seconds
        self.ready_seconds = ready_seconds
        self.stop_seconds = stop_seconds
        self._environment = dict(os.environ if environment is None else environment)
        self._one_gpu_each = one_gpu_each
        self._sleep = sleep
        self._jitter = jitter
        self._slots: list[_Slot] = []
        self._waiting: deque[Run] = deque()
        self._runs: dict[str, Run] = {}
        self.arrived = asyncio.Event()
        self._up = False

    @classmethod
    def from_settings(
        cls, settings: Settings, environment: Mapping[str, str] | None = None
    ) -> Self:
        """The engine an operator's settings describe. `environment` is filtered before use."""
        return cls(
            worker_command(settings),
            slots=settings.workers,
            environment=environment,
            deadline_seconds=settings.deadline_seconds,
            silence_seconds=settings.lease_seconds,
            one_gpu_each=settings.workers > 1 and settings.device in ("auto", "cuda"),
        )

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Starts the workers, without waiting for them to be ready."""
        self._slots = [_Slot(self, number) for number in range(self.slots)]
        self._up = True
        error: Exception | None = None
        async with asyncio.TaskGroup() as group:
            keepers = [
                group.create_task(slot.keep(), name=f"keep {slot.name}") for slot in self._slots
            ]
            try:
                yield
            except Exception as raised:
                # Raised again outside, so that the caller sees it and not a group around it.
                error = raised
            finally:
                self._up = False
                self.fail_waiting("Easel is stopping; nothing was charged.")
                for keeper in keepers:
                    keeper.cancel()
        if error is not None:
            raise error

    async def run(self, task: Task) -> AsyncIterator[Event]:
        """See the port. Closing the iterator early cancels the task on its worker."""
        if not self._up:
            raise RuntimeError("the engine is not running")
        if task.job_id in self._runs:
            raise ValueError(f"job {task.job_id} is running already")
        run = Run(task)
        self._runs[task.job_id] = run
        self._waiting.append(run)
        self.arrived.set()
        try:
            while not (run.ended and run.events.empty()):
                yield await run.events.get()
        finally:
            if not run.ended:
                self._cancel(run)
            del self._runs[task.job_id]

    async def cancel(self, job_id: str) -> None:
        run = self._runs.get(job_id)
        if run is not None and not run.ended:
            self._cancel(run)

    def _cancel(self, run: Run) -> None:
        run.cancelled = True
        if run in self._waiting:
            self._waiting.remove(run)
            run.put(Cancelled(run.task.job_id, 0))
        else:
            run.ask_to_stop(self.cancel_seconds)

    # For the slots

    def take(self) -> Run | None:
        """The run that has waited longest; without one, `arrived` is set at the next."""
        if self._waiting:
            return self._waiting.popleft()
        self.arrived.clear()
        return None

    def fail_waiting(self, sentence: str) -> None:
        while self._waiting:
            self._waiting.popleft().stop_short(sentence)

    def cannot_start(self) -> None:
        """A slot has given its last hope up; the tasks wait for nothing if all have."""
        reasons = [slot.broken for slot in self._slots]
        if all(reasons):
            self.fail_waiting(
                say(
                    "The worker that makes the pictures does not start ({reason}); nothing was "
                    "charged. Tell the operator.",
                    reason=reasons[-1],
                )
            )

    async def pause(self, failures: int) -> None:
        """Before restart number `failures` in a row: doubling, capped, and off the beat."""
        longest = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** (failures - 1))
        await self._sleep(longest * (0.5 + self._jitter() / 2))

    def environment(self, number: int) -> dict[str, str]:
        return worker_environment(self._environment, gpu=number if self._one_gpu_each else None)


class _Slot:
    """Keeps one worker up and gives it one run after the other."""

    def __init__(self, engine: SubprocessEngine, number: int) -> None:
        self.engine = engine
        self.number = number
        self.name = f"worker {number + 1}"
        self.failures = 0
        self.broken: str | None = None
        self.beats = False

    async def keep(self) -> None:
        while True:
            if self.failures:
                await self.engine.pause(self.failures)
            ended = await self._life()
            self.failures += 1
            log.warning("%s ended: %s; restart %d", self.name, ended, self.failures)

    async def _life(self) -> str:
        """One worker from start to end; returns how it ended."""
        engine = self.engine
        try:
            worker = await WorkerProcess.start(
                self.name, engine.command, engine.environment(self.number)
            )
        except OSError as error:
            return self._did_not_start(describe_start_error(engine.command, error), hopeless=True)
        try:
            try:
                async with asyncio.timeout(engine.ready_seconds):
                    ready = await worker.next()
            except TimeoutError:
                reason = f"not ready after {engine.ready_seconds:g} seconds"
                await worker.kill()
                return self._did_not_start(reason, hopeless=True)
            except ValueError:
                await worker.kill()
                return self._did_not_start("it does not speak Easel's protocol")
            if not isinstance(ready, Ready):
                ended = await worker.ended() if ready is None else await worker.kill()
                return self._did_not_start(ended)
            log.info("%s is ready on %s", self.name, ready.device)
            self.broken = None
            self.beats = ready.beat_seconds > 0
            while True:
                run = await self._next(worker)
                if run is None or not await self._drive(worker, run):
                    return await worker.ended()
                self.failures = 0
        except asyncio.CancelledError:
            await worker.stop(within=engine.stop_seconds)
            raise
        except BaseException:
            await worker.kill()
            raise

    def _did_not_start(self, reason: str, *, hopeless: bool = False) -> str:
        if hopeless or self.failures + 1 >= START_ATTEMPTS:
            self.broken = reason
            self.engine.cannot_start()
        return reason

    async def _next(self, worker: WorkerProcess) -> Run | None:
        """The next run, or None when the idle worker dies or says what cannot be read."""
        while True:
            if (run := self.engine.take()) is not None:
                return run
            arrival = asyncio.ensure_future(self.engine.arrived.wait())
            line = asyncio.ensure_future(worker.next())
            try:
                await asyncio.wait([arrival, line], return_when=asyncio.FIRST_COMPLETED)
            finally:
                arrival.cancel()
                line.cancel()
            if line.done() and not line.cancelled():
                if line.exception() is not None:
                    log.error("%s: %s", self.name, line.exception())
                    await worker.kill()
                    return None
                if line.result() is None:
                    return None
                log.warning("%s spoke out of turn: %s", self.name, line.result())

    def _limits(self) -> Limits:
        engine = self.engine
        return Limits(
            deadline_seconds=engine.deadline_seconds,
            cancel_seconds=engine.cancel_seconds,
            silence_seconds=engine.silence_seconds if self.beats else None,
        )

    async def _drive(self, worker: WorkerProcess, run: Run) -> bool:
        """Brings a run to its end; False when the worker did not survive it."""
        job_id = run.task.job_id
        try:
            async with run.on(worker, self._limits()):
                while not run.ended:
                    event = await worker.next()
                    if event is None:
                        ended = await worker.ended()
                        run.stop_short(
                            say(
                                "The worker that makes the pictures stopped in the middle "
                                "({ended}); nothing was charged.",
                                ended=ended,
                            )
                        )
                        return False
                    if isinstance(event, Ready) or event.job_id != job_id:
                        log.warning("%s spoke out of turn: %s", self.name, event)
                    elif isinstance(event, Cancelled) and not run.cancelled:
                        run.stop_short(say("The picture was stopped; nothing was charged."))
                    else:
                        run.put(event)
            return True
        except TimeoutError:
            await worker.kill()
            run.stop_short(
                say(
                    "The worker that makes the pictures fell silent, so it was stopped; nothing "
                    "was charged."
                )
            )
        except ValueError as error:
            log.error("%s: %s", self.name, error)
            await worker.kill()
            run.stop_short(
                "The worker that makes the pictures said something unreadable, so it was stopped; "
                "nothing was charged."
            )
        except asyncio.CancelledError:
            run.stop_short("Easel is stopping; nothing was charged.")
            raise
        return False


def worker_command(settings: Settings) -> list[str]:
    """The command line of a worker: the operator's own, or this Python, and the flags."""
    # -P keeps the current folder off the path: a stray core/ there must not be imported.
    own = [sys.executable, "-P", "-m", "generation.worker"]
    command = shlex.split(settings.worker_command) or own
    command += ["--device", settings.device, "--dtype", settings.dtype]
    command += ["--preview-every", str(settings.preview_every_steps)]
    command += ["--checkpoint-every", str(settings.checkpoint_every_steps)]
    command += ["--beat-every", f"{min(5.0, settings.lease_seconds / 6):g}"]
    if settings.model:
        command += ["--model", settings.model]
    if settings.models.exists():
        command += ["--models-file", str(settings.models)]
    return command
