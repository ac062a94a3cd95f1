"""Jobs as they are looked at afterwards: who may see one, and the family of its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.album import Album
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
    asked about. `more`: there are others."""

    jobs: tuple[Job, ...]
    chosen: str
    more: bool = False


class Archive:
    """Without an `album`, nobody knows what was made from a job."""

    def __init__(self, store: JobStore, album: Album | None = None) -> None:
        self._store = store
        self._album = album

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
        """The job, what it was made from, what that was made from, and so on; and what was made
        from all these. What the actor may not see is left out, and all that lies behind it."""
        line = [job]
        while (parent := line[-1].parent) is not None and len(line) <= MOST_KIN:
            try:
                found = await self._store.get(parent.job_id)
            except JobNotFoundError:
                break
            if not may_see(found, actor):
                break
            line.append(found)
        more = len(line) > MOST_KIN
        kin = {one.id: one for one in line[:MOST_KIN]}
        # First what was made from the job itself, then the rest.
        for beginning in ([job.id], list(kin)):
            more = await self._descend(actor, kin, beginning) or more
        jobs = sorted(kin.values(), key=lambda one: (one.created_at, one.id))
        return Family(jobs=tuple(jobs), chosen=job.id, more=more)

    async def _descend(self, actor: Actor, kin: dict[str, Job], level: list[str]) -> bool:
        """Adds what was made from the jobs of a level, and from that, as long as there is room.
        True: there was none for some."""
        while level and self._album is not None:
            children = await self._album.children(level, limit=MOST_KIN + len(kin))
            new = [one for one in children if one.id not in kin and may_see(one, actor)]
            room = MOST_KIN - len(kin)
            kin.update((one.id, one) for one in new[:room])
            if len(new) > room:
                return True
            level = [one.id for one in new]
        return False


def may_see(job: Job, actor: Actor) -> bool:
    """A private picture is its owner's alone; the operator sees all."""
    private = job.request.visibility is Visibility.STEALTH
    return not private or job.owner.id == actor.owner.id or actor.operator
