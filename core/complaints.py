"""Reports: a member tells the admins of a server that a picture there is not as it should be."""

from __future__ import annotations

from core.allowance import Subject
from core.clock import Clock
from core.errors import BannedError, RefusedError
from core.jobs import Actor, Job
from core.ports import JobStore, Rulebook
from core.sentences import say

LONGEST = 500
"""Characters of what is said about a picture."""

MOST_IN_AN_HOUR = 5
"""Reports of one member; who sends more means to be a nuisance."""

HOUR = 3600.0


class Complaints:
    def __init__(self, book: Rulebook, store: JobStore, clock: Clock) -> None:
        self._book = book
        self._store = store
        self._clock = clock
        self._recent: dict[int, list[float]] = {}

    async def take(self, actor: Actor, job_id: str, reason: str) -> Job:
        """Puts a report on the actor's server before its admins: into its audit log. Raises
        RefusedError, BannedError, JobNotFoundError."""
        if not actor.server_id:
            raise RefusedError(say("A report goes to the admins of a server; here there is none."))
        if await self._store.is_banned(actor.server_id, actor.owner.id):
            raise BannedError
        job, now = await self._store.get(job_id), self._clock.now()
        before = [at for at in self._recent.get(actor.owner.id, []) if now - at < HOUR]
        if len(before) >= MOST_IN_AN_HOUR:
            raise RefusedError(
                say(
                    "You have reported {count} pictures within an hour; the admins have them. Wait "
                    "a while before the next.",
                    count=len(before),
                )
            )
        await self._book.report(
            actor.server_id,
            Subject.member(job.owner.id),
            job_id=job.id,
            reason=" ".join(reason.split())[:LONGEST],
            by=actor.owner,
            now=now,
        )
        others = {id: ats for id, ats in self._recent.items() if ats and now - ats[-1] < HOUR}
        self._recent = {**others, actor.owner.id: [*before, now]}
        return job
