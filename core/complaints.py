"""Reports: somebody tells the admins of a server that a picture there is not as it should be."""

from __future__ import annotations

from core.clock import Clock
from core.errors import BannedError, ImageNotFoundError, NotFoundError, RefusedError
from core.jobs import Actor, Job
from core.ports import JobStore
from core.reports import VISITOR, NewReport, Report, Reports
from core.sentences import say

LONGEST = 500
"""Characters of what is said about a picture."""

LONGEST_CONTACT = 200

MOST_IN_AN_HOUR = 5
"""Reports of one member; who sends more means to be a nuisance."""

MOST_OPEN = 10
"""Reports about one picture that wait; more of them would say nothing new."""

HOUR = 3600.0


class Complaints:
    """Raises errors of `core.errors` only, and then no report was made."""

    def __init__(self, reports: Reports, store: JobStore, clock: Clock) -> None:
        self._reports = reports
        self._store = store
        self._clock = clock
        self._recent: dict[int, list[float]] = {}

    async def take(self, actor: Actor, job_id: str, reason: str, number: int = 0) -> Job:
        """Puts a member's report before the admins of the actor's server. Raises RefusedError,
        BannedError, JobNotFoundError."""
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
        new = NewReport(
            server_id=actor.server_id,
            job_id=job.id,
            number=number,
            owner_id=job.owner.id,
            by=actor.owner,
            reason=_short(reason, LONGEST),
        )
        others = {id: ats for id, ats in self._recent.items() if ats and now - ats[-1] < HOUR}
        # Counted before it is written: several may come at the same moment.
        self._recent = {**others, actor.owner.id: [*before, now]}
        try:
            await self._reports.add(new, now)
        except BaseException:
            self._recent[actor.owner.id].remove(now)
            raise
        return job

    async def demand(self, job_id: str, number: int, reason: str, contact: str) -> Report:
        """Anybody's wish that a picture be taken down, for the admins of the server it was made on;
        for the operator, if it was made on none. Raises RefusedError, NotFoundError."""
        reason, contact = _short(reason, LONGEST), _short(contact, LONGEST_CONTACT)
        if not reason:
            raise RefusedError(say("Say why the picture should be taken down."))
        if not contact:
            raise RefusedError(say("Say how you can be reached, by mail or on Discord."))
        try:
            job = await self._store.get(job_id)
            if number:
                await self._store.image(job.id, number)
        except NotFoundError as error:
            words = say("There is no picture at that address, or not any more.")
            raise ImageNotFoundError(words) from error
        if job.deleted_at is not None:
            raise ImageNotFoundError(say("That picture is gone already."))
        if len(await self._reports.about(job.id)) >= MOST_OPEN:
            raise RefusedError(
                say("That picture has been reported several times; its admins have the reports.")
            )
        new = NewReport(
            server_id=job.place.server_id,
            job_id=job.id,
            number=number,
            owner_id=job.owner.id,
            by=VISITOR,
            reason=reason,
            contact=contact,
        )
        return await self._reports.add(new, self._clock.now())


def _short(text: str, length: int) -> str:
    return " ".join(text.split())[:length]
