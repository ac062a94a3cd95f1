"""The engine of one machine: workers as child processes, watched and restarted.

Invariants:
- A slot has at most one worker, and a worker at most as many runs as it said it makes at once.
- A run is in the line, or on one slot, or ended; it ends exactly once.
- A run that is alone shares its worker with none, from its first moment to its last.
"""

from __future__ import annotations

import asyncio
import os
import random
import shlex
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Self

from core.errors import EngineError
from core.events import Answer, Ask, Cancelled, Event, Task
from core.sentences import say
from core.settings import Settings
from core.speed import CHOICES
from generation.engines.environment import worker_environment
from generation.engines.line import Line
from generation.engines.questions import Questions
from generation.engines.run import Limits, Run
from generation.engines.slot import Patience, Slot

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0


class SubprocessEngine:
    """`core.ports.Engine` with so many `workers`, each started with `command`, and each given at
    most `together` tasks at once, or fewer if it says so.

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
        workers: int = 1,
        together: int = 1,
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
        self.workers = workers
        self.together = together
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
        self._slots = [Slot(self, number) for number in range(workers)]
        self._line = Line()
        self._runs: dict[str, Run] = {}
        self._questions = Questions()
        self._up = False

    @classmethod
    def from_settings(
        cls, settings: Settings, environment: Mapping[str, str] | None = None
    ) -> Self:
        """The engine an operator's settings describe. `environment` is filtered before use."""
        return cls(
            worker_command(settings),
            workers=settings.workers,
            together=settings.tasks_per_worker,
            environment=environment,
            deadline_seconds=settings.deadline_seconds,
            silence_seconds=settings.lease_seconds,
            one_gpu_each=settings.workers > 1 and settings.device in ("auto", "cuda"),
        )

    @property
    def slots(self) -> int:
        """One for each worker, until it has said how many it makes at once."""
        return sum(slot.together for slot in self._slots)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Starts the workers, without waiting for them to be ready."""
        self._slots = [Slot(self, number) for number in range(self.workers)]
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
                self._questions.changed()
                self._line.leave_all("Easel is stopping; nothing was charged.")
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
        self._line.add(run)
        self.changed()
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

    async def ask(self, question: Ask) -> Answer:
        """Raises EngineError with a sentence for whoever asked."""
        return await self._questions.ask(question, self._oracles)

    def _oracles(self) -> list[Slot]:
        """The workers that can be asked now. Raises EngineError when waiting is for nothing."""
        if not self._up or all(slot.broken for slot in self._slots):
            raise EngineError(say("The worker that makes the pictures is not there; try later."))
        return self._ready()

    def _ready(self) -> list[Slot]:
        return [slot for slot in self._slots if slot.ready]

    def _cancel(self, run: Run) -> None:
        run.cancelled = True
        if self._line.remove(run):
            run.put(Cancelled(run.task.job_id, 0))
            self.changed()
        else:
            run.ask_to_stop()

    # For the slots

    def changed(self) -> None:
        """Tasks may be handed out: one has come, a worker is ready or has room again."""
        if self._up:
            self._questions.changed()
            self._line.hand_out(self._ready())

    def heard(self, answer: Answer) -> None:
        self._questions.hear(answer)

    def left(self, slot: Slot) -> None:
        self._questions.leave(slot)

    def cannot_start(self) -> None:
        """Tasks and questions wait for nothing if all slots have given up."""
        reasons = [slot.broken for slot in self._slots]
        if all(reasons):
            self._questions.changed()
            self._line.leave_all(
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

    def limits(self) -> Limits:
        return Limits(
            deadline_seconds=self.deadline_seconds,
            cancel_seconds=self.cancel_seconds,
        )

    def patience(self) -> Patience:
        return Patience(
            ready=self.ready_seconds, stop=self.stop_seconds, silence=self.silence_seconds
        )


def worker_command(settings: Settings) -> list[str]:
    """The command line of a worker: the operator's own, or this Python, and the flags."""
    # -P keeps the current folder off the path: a stray core/ there must not be imported.
    own = [sys.executable, "-P", "-m", "generation.worker"]
    command = shlex.split(settings.worker_command) or own
    command += ["--device", settings.device, "--dtype", settings.dtype]
    command += ["--together", str(settings.tasks_per_worker)]
    for name in CHOICES:
        command += [f"--{name.replace('_', '-')}", getattr(settings, name)]
    command += ["--preview-every", str(settings.preview_every_steps)]
    command += ["--checkpoint-every", str(settings.checkpoint_every_steps)]
    command += ["--beat-every", f"{min(5.0, settings.lease_seconds / 6):g}"]
    command += ["--times-file", str(settings.data / "step-times.json")]
    command += ["--measure-at-start", settings.measure_at_start]
    if settings.model:
        command += ["--model", settings.model]
    if settings.models.exists():
        command += ["--models-file", str(settings.models)]
    return command
