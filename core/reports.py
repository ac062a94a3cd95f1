"""What was reported: the pictures that somebody thinks should not be there, and what became of it.

A report is a row until somebody in charge of its server closed it, and every step of it is a line
of that server's audit log. How to reach a visitor who is no member stands in the row alone, since
the log can never be changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.admin import Stewardship
from core.album import Album
from core.clock import Clock
from core.departures import Departures
from core.errors import NotAdminError, RefusedError
from core.jobs import Actor, Job, Owner
from core.ports import JobStore
from core.sentences import say

LONGEST_NOTE = 500
"""Characters of why a report was closed."""

ON_A_PAGE = 20

VISITOR = Owner(0, "a visitor of the gallery")
"""Who is not logged in."""


class Verdict(StrEnum):
    OPEN = "open"
    DISMISSED = "dismissed"
    TAKEN_DOWN = "taken_down"

    @property
    def step(self) -> str:
        """What the audit log calls the step to it."""
        return {"open": "report", "dismissed": "dismiss", "taken_down": "take_down"}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """`number` is the picture's in its job, 0 for all of them. `owner_id` is who made it, `by` who
    reports it, `contact` how a visitor can be reached."""

    server_id: int
    job_id: str
    number: int
    owner_id: int
    by: Owner
    reason: str
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(NewReport):
    """`closed_by`, `closed_at` and `note` say who closed it, when (Unix seconds), and why."""

    id: int
    at: float
    verdict: Verdict = Verdict.OPEN
    closed_by: Owner | None = None
    closed_at: float | None = None
    note: str = ""

    @property
    def logged(self) -> dict[str, str]:
        """What the audit log has of the last step."""
        why = self.reason if self.verdict is Verdict.OPEN else self.note
        picture = {"number": str(self.number)} if self.number else {}
        return {"job": self.job_id, "reason": why, **picture}


class Reports(Protocol):
    """Each method is one transaction; all raise BusyError with nothing done. What changes something
    writes its line of the server's audit log in the same transaction."""

    async def add(self, new: NewReport, now: float) -> Report: ...

    async def get(self, report_id: int) -> Report:
        """Raises NotFoundError."""
        ...

    async def page(
        self, server_id: int, *, closed: bool = False, before: int | None = None, limit: int = 20
    ) -> Sequence[Report]:
        """Newest first, those that are open or those that are closed; with `before`, only those of
        a lower id."""
        ...

    async def count(self, server_id: int) -> int:
        """How many are open."""
        ...

    async def about(self, job_id: str) -> Sequence[Report]:
        """Those about the pictures of a job that are open, oldest first."""
        ...

    async def close(
        self, report_id: int, verdict: Verdict, *, note: str, by: Owner, now: float
    ) -> Report:
        """Closes it; one that is closed stays as it is. Raises NotFoundError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A report with what is known of its job. `pictures`: how many the job has left. `here`:
    whether it was made on the server that the report is before."""

    report: Report
    job: Job
    pictures: int
    here: bool


class Bench:
    """What those in charge of a server do with its reports: who moderates there, and its admins.

    Raises NotAdminError for everybody else.
    """

    def __init__(
        self,
        reports: Reports,
        steward: Stewardship,
        store: JobStore,
        album: Album,
        departures: Departures,
        clock: Clock,
    ) -> None:
        self._reports = reports
        self._steward = steward
        self._store = store
        self._album = album
        self._departures = departures
        self._clock = clock

    async def sits(self, actor: Actor, server_id: int) -> bool:
        """Whether the actor may look at the reports of that server."""
        here = bool(server_id) and actor.server_id == server_id
        return (here and actor.moderates) or await self._steward.is_admin(actor, server_id)

    async def check(self, actor: Actor, server_id: int) -> None:
        """Raises NotAdminError, and BannedError for whoever is shut out."""
        if not await self.sits(actor, server_id):
            raise NotAdminError(say("Only moderators and admins of that server can do that."))
        await self._steward.check_welcome(actor)

    async def page(
        self, actor: Actor, server_id: int, *, closed: bool = False, before: int | None = None
    ) -> Sequence[Report]:
        """May be one more than ON_A_PAGE, which says that there are more."""
        await self.check(actor, server_id)
        return await self._reports.page(
            server_id, closed=closed, before=before, limit=ON_A_PAGE + 1
        )

    async def waiting(self, actor: Actor, server_id: int) -> int:
        await self.check(actor, server_id)
        return await self._reports.count(server_id)

    async def case(self, actor: Actor, report_id: int) -> Case:
        report = await self._reports.get(report_id)
        await self.check(actor, report.server_id)
        job = await self._store.get(report.job_id)
        pictures = len(await self._store.images(job.id))
        here = job.place.server_id == report.server_id
        return Case(report=report, job=job, pictures=pictures, here=here)

    async def dismiss(self, actor: Actor, report_id: int, why: str) -> Report:
        """The picture stays."""
        case = await self.case(actor, report_id)
        return await self._close(actor, case.report, Verdict.DISMISSED, _said(why))

    async def take_down(self, actor: Actor, report_id: int, why: str) -> Report:
        """The pictures of the job are deleted, and every open report about them is closed."""
        case, note = await self.case(actor, report_id), _said(why)
        if not case.here and not actor.operator:
            raise RefusedError(
                say("That picture was made on another server; its admins can take it down.")
            )
        # Files first: what is closed is gone, and what is not closed can be done again.
        await self._departures.owe([await self._album.delete(case.job.id, self._clock.now())])
        for report in await self._reports.about(case.job.id):
            if report.id != report_id:
                await self._close(actor, report, Verdict.TAKEN_DOWN, note)
        return await self._close(actor, case.report, Verdict.TAKEN_DOWN, note)

    async def _close(self, actor: Actor, report: Report, verdict: Verdict, note: str) -> Report:
        now = self._clock.now()
        return await self._reports.close(report.id, verdict, note=note, by=actor.owner, now=now)


def _said(why: str) -> str:
    """Raises RefusedError where no reason is given."""
    note = " ".join(why.split())[:LONGEST_NOTE]
    if not note:
        raise RefusedError(say("Say why in a few words; it is kept in the audit log."))
    return note
