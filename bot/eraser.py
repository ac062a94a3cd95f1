"""Deletes pictures for good, and sees to it that the messages go that show them."""

from __future__ import annotations

from collections.abc import Iterable

from bot.clearing import Clearing
from core.album import Collector
from core.errors import JobNotFoundError
from core.jobs import Actor
from core.ports import JobStore
from core.sentences import Sentence, say


class Eraser:
    """Who may is asked of the collector, each time."""

    def __init__(self, store: JobStore, collector: Collector, clearing: Clearing) -> None:
        self._store = store
        self._collector = collector
        self._clearing = clearing

    async def count(self, job_ids: Iterable[str]) -> int:
        """How many pictures these jobs have."""
        return sum([len(await self._store.images(id)) for id in job_ids])

    async def delete(self, actor: Actor, job_ids: Iterable[str]) -> int:
        """How many pictures that were; what is gone already is none. Raises NotYoursError."""
        count = 0
        for job_id in job_ids:
            try:
                pictures = await self.count([job_id])
                job = await self._collector.delete(actor, job_id)
            except JobNotFoundError:
                continue
            await self._clearing.owe([job])
            count += pictures
        return count

    async def delete_all(self, actor: Actor) -> int:
        """Everything that the actor has; of how many jobs that was."""
        count = 0
        async for jobs in self._collector.clear(actor):
            await self._clearing.owe(jobs)
            count += len(jobs)
        return count


def deleted(count: int) -> Sentence:
    if count == 1:
        return say("The picture was deleted.")
    return say("{count} pictures were deleted.", count=count)
