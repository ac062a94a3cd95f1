"""Who may touch a job's message, and when: one at a time, and only after it was answered."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from weakref import WeakValueDictionary


class Turns:
    """One edit at a time for each job, and none before its interaction has its first answer.

    The rule that makes the last edit the last: whoever edits takes the job's turn, reads the job's
    state again inside it, and a progress edit goes on only while the job is not ended. An ended job
    never starts again, so after the final edit there is no other.

    What is being answered is in memory on purpose: after a crash nothing is, and the delivery
    ladder finishes what had been admitted.
    """

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._answering: dict[str, asyncio.Event] = {}

    def of(self, job_id: str) -> asyncio.Lock:
        """The job's lock; hold it while editing the job's message."""
        lock = self._turns.get(job_id)
        if lock is None:
            self._turns[job_id] = lock = asyncio.Lock()
        return lock

    @contextmanager
    def answering(self, interaction_id: str) -> Generator[None]:
        """While inside, the job of this interaction is left alone."""
        if interaction_id in self._answering:  # the same event, replayed
            yield
            return
        over = self._answering[interaction_id] = asyncio.Event()
        try:
            yield
        finally:
            del self._answering[interaction_id]
            over.set()

    async def answered(self, interaction_id: str) -> None:
        """Returns once nobody is answering the interaction."""
        over = self._answering.get(interaction_id)
        if over is not None:
            await over.wait()
