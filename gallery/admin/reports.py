"""The reports that wait for somebody in charge: a list, a look, a decision."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from core.errors import NotFoundError
from core.jobs import Job
from core.reports import LONGEST_NOTE, ON_A_PAGE, Case, Report, Verdict
from core.sentences import say
from core.viewing import may_view
from core.works import Work, work_id
from gallery.admin.desk import Desk, moderators_desk, number_in
from gallery.admin.log import place
from gallery.ask import Ask, Way, post
from gallery.errors import NotHereError
from gallery.pages.dates import stamp
from gallery.pages.discord import address

VERDICTS = {
    Verdict.OPEN: say("Open"),
    Verdict.DISMISSED: say("Dismissed"),
    Verdict.TAKEN_DOWN: say("Taken down"),
}

MOST_LOOKED_AT = 4
"""Pictures of a job that are shown where all of it was reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`work` is the picture, if it is there and the visitor may see it."""

    report: Report
    work: Work | None
    when: str
    stamp: str
    by: str
    verdict: str


async def reports(ask: Ask) -> Response:
    desk = await moderators_desk(ask)
    closed = ask.query("closed") == "1"
    found = await ask.deps.bench.page(desk.actor, desk.server_id, closed=closed, before=place(ask))
    shown = found[:ON_A_PAGE]
    return ask.page(
        "admin/reports.html",
        desk=desk,
        tab="reports",
        closed=closed,
        lines=[await _line(ask, desk, one) for one in shown],
        older=shown[-1].id if len(found) > len(shown) else 0,
    )


async def report(ask: Ask) -> Response:
    desk, case = await _case(ask)
    closed = case.report.closed_at
    return ask.page(
        "admin/report.html",
        desk=desk,
        tab="reports",
        case=case,
        line=await _line(ask, desk, case.report),
        works=await _works(ask, case.report, case.job),
        closed_at=desk.date(closed) if closed is not None else "",
        discord=_message(ask, case.job),
        longest=LONGEST_NOTE,
    )


async def dismiss(ask: Ask) -> Response:
    desk, case = await _case(ask)
    await ask.deps.bench.dismiss(desk.actor, case.report.id, ask.text("why"))
    return ask.go("admin-reports", server=desk.server_id)


async def take_down(ask: Ask) -> Response:
    desk, case = await _case(ask)
    await ask.deps.bench.take_down(desk.actor, case.report.id, ask.text("why"))
    return ask.go("admin-reports", server=desk.server_id)


async def _case(ask: Ask) -> tuple[Desk, Case]:
    """Raises NotHereError for a report that is before another server."""
    desk, report_id = await moderators_desk(ask), number_in(ask, "report")
    case = await ask.deps.bench.case(desk.actor, report_id)
    if case.report.server_id != desk.server_id:
        raise NotHereError
    return desk, case


async def _line(ask: Ask, desk: Desk, report: Report) -> Line:
    works = await _works(ask, report) if report.number else []
    return Line(
        report=report,
        work=works[0] if works else None,
        when=desk.date(report.at),
        stamp=stamp(report.at),
        by=report.by.name or desk.voice.person(report.by.id, ""),
        verdict=VERDICTS[report.verdict],
    )


async def _works(ask: Ask, report: Report, job: Job | None = None) -> list[Work]:
    """What was reported, as far as it is there and the visitor may see it."""
    numbers = [report.number]
    if not report.number:
        numbers = list(range(1, min(job.request.count, MOST_LOOKED_AT) + 1)) if job else []
    found: list[Work] = []
    for number in numbers:
        try:
            work = await ask.deps.works.get(work_id(report.job_id, number))
        except NotFoundError:
            continue
        if may_view(ask.viewer, work):
            found.append(work)
    return found


def _message(ask: Ask, job: Job) -> str:
    """The address of the message in Discord; "" where there is none."""
    place = job.place
    if not place.server_id or not job.message_id:
        return ""
    return address(ask.deps.site.discord, place.server_id, place.channel_id, job.message_id)


_ONE = "/admin/{server:int}/reports/{report:int}"

WAYS = (
    Way(path="/admin/{server:int}/reports", page=reports, name="admin-reports", logged_in=True),
    Way(path=_ONE, page=report, name="admin-report", logged_in=True),
    post(_ONE + "/dismiss", dismiss, "admin-dismiss"),
    post(_ONE + "/take-down", take_down, "admin-take-down"),
)
