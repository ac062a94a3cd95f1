"""What running jobs look like right now: in memory, the latest only, never in the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A running job at this moment. `preview` is a small picture of the grid, if there is one."""

    step: int = 0
    steps: int = 0
    preview: Path | None = None

    @property
    def percent(self) -> int:
        return round(100 * self.step / self.steps) if self.steps else 0


class Board:
    """Latest glimpses by job, and listeners told of every change by job id.

    A listener must only note the id and return; it is called on the event loop.
    """

    def __init__(self) -> None:
        self._glimpses: dict[str, Glimpse] = {}
        self._listeners: list[Callable[[str], None]] = []

    def listen(self, listener: Callable[[str], None]) -> None:
        self._listeners.append(listener)

    def get(self, job_id: str) -> Glimpse | None:
        return self._glimpses.get(job_id)

    def started(self, job_id: str, steps: int) -> None:
        self._set(job_id, Glimpse(0, steps))

    def progress(self, job_id: str, step: int, steps: int) -> None:
        old = self._glimpses.get(job_id, Glimpse())
        self._set(job_id, replace(old, step=step, steps=steps))

    def preview(self, job_id: str, path: Path) -> None:
        self._set(job_id, replace(self._glimpses.get(job_id, Glimpse()), preview=path))

    def changed(self, job_id: str) -> None:
        """The job's row changed: it ended, was cancelled or went back to the queue."""
        self._glimpses.pop(job_id, None)
        self._tell(job_id)

    def _set(self, job_id: str, glimpse: Glimpse) -> None:
        self._glimpses[job_id] = glimpse
        self._tell(job_id)

    def _tell(self, job_id: str) -> None:
        for listener in self._listeners:
            listener(job_id)
