"""Jobs as they are looked at afterwards: who may see one, and the family of its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import BannedError, JobNotFoundError, NotYoursError
from core.jobs import Actor, Image, Job
from core.ports import JobStore
from core.request import Visibility
from core.sentences import say

MOST_KIN = 24
"""Jobs of a family that are told of: those nearest to the one that is asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Jobs that were made of each other's pictures, the oldest first; `chosen` is the one that was
    asked about. `more`: its first ancestor is further back than is told."""

    jobs: tuple[Job, ...]
    chosen: str
    more: bool = False


class Archive:
    def __init__(self, store: JobStore) -> None:
        self._store = store

    async def job(self, actor: Actor, job_id: str) -> Job:
        """Raises JobNotFoundError, NotYoursError for somebody else's private picture, and
        BannedError."""
        if await self._store.is_banned(actor.server_id, actor.owner.id):
            raise BannedError
        job = await self._store.get(job_id)
        if not may_see(job, actor):
            raise NotYoursError(say("That picture is private to the person who made it."))
        return job

    async def own(self, actor: Actor, job_id: str) -> Job:
        """The same for the actor's own jobs alone."""
        job = await self.job(actor, job_id)
        if job.owner.id != actor.owner.id:
            raise NotYoursError(say("That is somebody else's job; only your own can be shown so."))
        return job

    async def images(self, job: Job) -> Sequence[Image]:
        return await self._store.images(job.id)

    async def recent(self, actor: Actor, limit: int = 25) -> Sequence[Job]:
        """The actor's own jobs, the newest first."""
        return await self._store.history(actor.owner.id, limit=limit)

    async def family(self, actor: Actor, job: Job) -> Family:
        """The job, what it was made from, what that was made from, and so on. What the actor may
        not see is left out, and all that lies behind it."""
        line = [job]
        while (parent := line[-1].parent) is not None and len(line) <= MOST_KIN:
            try:
                found = await self._store.get(parent.job_id)
            except JobNotFoundError:
                break
            if not may_see(found, actor):
                break
            line.append(found)
        shown = line[:MOST_KIN]
        return Family(jobs=tuple(reversed(shown)), chosen=job.id, more=len(line) > MOST_KIN)


def may_see(job: Job, actor: Actor) -> bool:
    """A private picture is its owner's alone; the operator sees all."""
    private = job.request.visibility is Visibility.STEALTH
    return not private or job.owner.id == actor.owner.id or actor.operator
