"""A task on its way through an engine: its events, its deadline, a worker that must be heard."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.events import Cancel, Cancelled, Ending, Event, Failed, FailureKind, Task
from core.sentences import say
from generation.engines.process import WorkerProcess

log = logging.getLogger(__name__)

OVERRUN = 4
"""A task's deadline is at least this many times its estimate."""

_LISTENS = 4
"""How often it is listened for a worker in the time that one may be silent. Time in which this
process itself did not run counts as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a task may take on its worker, and the worker to hear a cancel; how long the worker
    may say nothing at all, None for any time."""

    deadline_seconds: float
    cancel_seconds: float
    silence_seconds: float | None


class Run:
    def __init__(self, task: Task) -> None:
        self.task = task
        self.events = asyncio.Queue[Event]()
        self.cancelled = False
        self.ended = False
        self._began: float | None = None
        self._worker: WorkerProcess | None = None
        self._timeout: asyncio.Timeout | None = None
        self._overdue = ""
        self._silent = False

    def put(self, event: Event) -> None:
        if not self.ended:
            self.ended = isinstance(event, Ending)
            self.events.put_nowait(event)

    def stop_short(self, sentence: str) -> None:
        """The end of a run without its worker's word: Cancelled if that was asked, else DEADLINE
        if it was past that, else WORKER_DIED."""
        now = asyncio.get_running_loop().time()
        used = int((now - self._began) * 1000) if self._began is not None else 0
        if self.cancelled:
            self.put(Cancelled(self.task.job_id, used))
        elif self._overdue and not self._silent:
            self.put(Failed(self.task.job_id, FailureKind.DEADLINE, self._overdue, used))
        else:
            self.put(Failed(self.task.job_id, FailureKind.WORKER_DIED, sentence, used))

    def ask_to_stop(self, within: float) -> None:
        """Cancels the task on its worker; one that does not hear it in time ends the block."""
        if self._worker is None or self._timeout is None or self._timeout.expired():
            return
        self._worker.send(Cancel(self.task.job_id))
        soon = asyncio.get_running_loop().time() + within
        self._timeout.reschedule(min(soon, self._timeout.when() or soon))

    @asynccontextmanager
    async def on(self, worker: WorkerProcess, limits: Limits) -> AsyncGenerator[None]:
        """Hands the task to the worker and watches over both in the block, which ends with
        TimeoutError when the worker is silent or deaf and so has to be killed."""
        loop = asyncio.get_running_loop()
        self._worker, self._began = worker, loop.time()
        deadline = max(limits.deadline_seconds, OVERRUN * self.task.estimate_seconds)

        def at_deadline() -> None:
            log.warning("job %s: not done after %g seconds", self.task.job_id, deadline)
            self._overdue = say(
                "The picture took longer than the {seconds:g} seconds allowed, so it was stopped; "
                "nothing was charged.",
                seconds=deadline,
            )
            self.ask_to_stop(limits.cancel_seconds)

        watch = loop.call_later(deadline, at_deadline)
        ear = None
        if limits.silence_seconds is not None:
            ear = asyncio.create_task(self._listen(worker, limits.silence_seconds))
        try:
            async with asyncio.timeout(None) as self._timeout:
                worker.send(self.task)
                yield
        finally:
            watch.cancel()
            if ear is not None:
                ear.cancel()
            self._worker = self._timeout = None

    async def _listen(self, worker: WorkerProcess, seconds: float) -> None:
        """Ends the block once the worker has said nothing for so long."""
        heard_at, missed = worker.heard_at, 0
        while missed < _LISTENS:
            await asyncio.sleep(seconds / _LISTENS)
            missed = missed + 1 if worker.heard_at == heard_at else 0
            heard_at = worker.heard_at
        log.error("%s has said nothing for %g seconds", worker.name, seconds)
        self._silent = True
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(asyncio.get_running_loop().time())
