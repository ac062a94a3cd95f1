"""A task on its way through an engine: its events, its deadline, what it asks of its worker."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Protocol

from core.events import Cancel, Cancelled, Command, Ending, Event, Failed, FailureKind, Task
from core.sentences import say

log = logging.getLogger(__name__)

OVERRUN = 4
"""A task's deadline is at least this many times its estimate, for each of those beside it: they
share one device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a task may take on its worker, and the worker to hear a cancel."""

    deadline_seconds: float
    cancel_seconds: float


class Host(Protocol):
    """Where a run is: what stands for its worker."""

    def send(self, command: Command) -> None: ...

    def condemn(self, run: Run) -> None:
        """The worker has not heard in time that the run was to stop, and so is killed."""
        ...


class Run:
    def __init__(self, task: Task) -> None:
        self.task = task
        self.events = asyncio.Queue[Event]()
        self.cancelled = False
        self.ended = False
        self._host: Host | None = None
        self._limits = Limits(deadline_seconds=0, cancel_seconds=0)
        self._company = 1
        self._overdue = ""
        self._deadline: asyncio.TimerHandle | None = None
        self._patience: asyncio.TimerHandle | None = None

    def put(self, event: Event) -> None:
        if not self.ended:
            self.ended = isinstance(event, Ending)
            self.events.put_nowait(event)

    def begin(self, host: Host, limits: Limits) -> None:
        """Hands the task to a worker; from here on its time counts."""
        self._host, self._limits = host, limits
        began = asyncio.get_running_loop().time()
        self._watch(began)
        host.send(self.task)

    def beside(self, company: int) -> None:
        """So many runs, this one too, are on its worker now."""
        self._company = max(self._company, company)

    def ask_to_stop(self) -> None:
        """Cancels the task on its worker, which is condemned if it does not hear it in time."""
        if self._host is None:
            return
        self._host.send(Cancel(self.task.job_id))
        if self._patience is None:
            self._patience = asyncio.get_running_loop().call_later(
                self._limits.cancel_seconds, self._host.condemn, self
            )

    def leave(self) -> None:
        """The run is on no worker any more."""
        for timer in (self._deadline, self._patience):
            if timer is not None:
                timer.cancel()
        self._host = self._deadline = self._patience = None

    def stop_short(self, sentence: str, *, gpu_ms: int = 0, silent: bool = False) -> None:
        """The end of a run without its worker's word: Cancelled if that was asked, else DEADLINE
        if it was past that and the worker not `silent`, else WORKER_DIED. `gpu_ms` is what it is
        known to have had."""
        if self.cancelled:
            self.put(Cancelled(self.task.job_id, gpu_ms))
        elif self._overdue and not silent:
            self.put(Failed(self.task.job_id, FailureKind.DEADLINE, self._overdue, gpu_ms))
        else:
            self.put(Failed(self.task.job_id, FailureKind.WORKER_DIED, sentence, gpu_ms))

    def _allowed(self) -> float:
        estimate = OVERRUN * self.task.estimate_seconds * self._company
        return max(self._limits.deadline_seconds, estimate)

    def _watch(self, began: float) -> None:
        """Sees whether the time is up, which company that came meanwhile may have put off."""
        loop, seconds = asyncio.get_running_loop(), self._allowed()
        if loop.time() < began + seconds:
            self._deadline = loop.call_at(began + seconds, self._watch, began)
            return
        log.warning("job %s: not done after %g seconds", self.task.job_id, seconds)
        self._overdue = say(
            "The picture took longer than the {seconds:g} seconds allowed, so it was stopped; "
            "nothing was charged.",
            seconds=seconds,
        )
        self.ask_to_stop()
