"""A report reaches those in charge, whoever may be reported, and cannot be used to flood them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.allowance import Subject
from core.complaints import HOUR, LONGEST, MOST_IN_AN_HOUR, MOST_OPEN, Complaints
from core.errors import BannedError, BusyError, JobNotFoundError, NotFoundError, RefusedError
from core.jobs import Image
from core.reports import VISITOR, NewReport, Report, Verdict
from tests.builders import ADA, BO, CHANNEL, FakeClock, actor, new_job
from tests.fakes.memory_album import MemoryAlbum
from tests.fakes.memory_reports import MemoryReports
from tests.fakes.memory_store import MemoryJobStore

HERE = CHANNEL.server_id
JOB = "00000000000000000001"


class Office:
    def __init__(self) -> None:
        self.store = MemoryJobStore()
        self.reports = MemoryReports(self.store.rules)
        self.clock = FakeClock()
        self.complaints = Complaints(self.reports, self.store, self.clock)

    async def open(self) -> None:
        picture = Image(job_id=JOB, number=1, blob="a.png", width=8, height=8, seed=1)
        new = new_job(JOB, owner=ADA, images=(picture, replace(picture, number=2)))
        await self.store.admit(new, lambda _: None)


@pytest.fixture
async def office() -> Office:
    office = Office()
    await office.open()
    return office


async def test_a_report_waits_and_is_a_line_of_the_servers_log(office: Office) -> None:
    reason = "it is\nspam " + "x" * 900
    assert (await office.complaints.take(actor(BO), JOB, reason, number=2)).id == JOB
    (report,) = await office.reports.page(HERE)
    assert (report.by, report.owner_id, report.number) == (BO, ADA.id, 2)
    assert report.verdict is Verdict.OPEN
    (line,) = await office.store.rules.audit(HERE)
    assert (line.what, line.subject, line.by_id) == ("report", Subject.member(ADA.id), BO.id)
    assert line.after["job"] == JOB
    assert line.after["reason"].startswith("it is spam xxx")
    assert len(line.after["reason"]) == LONGEST


async def test_what_cannot_be_reported_leaves_nothing(office: Office) -> None:
    complaints = office.complaints
    with pytest.raises(RefusedError, match="there is none"):
        await complaints.take(actor(BO, server_id=0), JOB, "spam")
    with pytest.raises(JobNotFoundError):
        await complaints.take(actor(BO), "f" * 20, "spam")
    await office.store.rules.ban(HERE, BO.id, by=ADA, now=1.0)
    with pytest.raises(BannedError):
        await complaints.take(actor(BO), JOB, "spam")
    assert [line.what for line in await office.store.rules.audit(HERE)] == ["ban"]
    assert await office.reports.count(HERE) == 0


async def test_nobody_floods_the_log(office: Office) -> None:
    for _ in range(MOST_IN_AN_HOUR):
        await office.complaints.take(actor(BO), JOB, "spam")
    with pytest.raises(RefusedError, match="within an hour"):
        await office.complaints.take(actor(BO), JOB, "spam")
    await office.complaints.take(actor(ADA), JOB, "mine")
    office.clock.advance(HOUR)
    await office.complaints.take(actor(BO), JOB, "spam")


class Slow(MemoryReports):
    """Takes a while, and once cannot be reached."""

    busy = False

    async def add(self, new: NewReport, now: float) -> Report:
        await asyncio.sleep(0)
        if self.busy:
            raise BusyError
        return await super().add(new, now)


async def test_nor_with_many_at_the_same_moment(office: Office) -> None:
    reports = Slow(office.store.rules)
    complaints = Complaints(reports, office.store, office.clock)
    reports.busy = True
    with pytest.raises(BusyError):
        await complaints.take(actor(BO), JOB, "spam")
    reports.busy = False
    tries = [complaints.take(actor(BO), JOB, "spam") for _ in range(3 * MOST_IN_AN_HOUR)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(end, RefusedError) for end in ends) == 2 * MOST_IN_AN_HOUR
    assert len(await reports.page(HERE)) == MOST_IN_AN_HOUR, "what was not written is not counted"


async def test_a_visitor_can_ask_for_a_picture_to_be_taken_down(office: Office) -> None:
    report = await office.complaints.demand(JOB, 2, " that is\nme ", "me@example.org")
    assert (report.server_id, report.by, report.number) == (HERE, VISITOR, 2)
    assert (report.reason, report.contact) == ("that is me", "me@example.org")
    (line,) = await office.store.rules.audit(HERE)
    assert (line.by_name, line.after) == (
        "a visitor of the gallery",
        {"job": JOB, "number": "2", "reason": "that is me"},
    )


async def test_a_visitor_says_what_and_why_and_who(office: Office) -> None:
    demand = office.complaints.demand
    with pytest.raises(RefusedError, match="why"):
        await demand(JOB, 1, " ", "me@example.org")
    with pytest.raises(RefusedError, match="reached"):
        await demand(JOB, 1, "that is me", "")
    with pytest.raises(NotFoundError):
        await demand(JOB, 3, "that is me", "me@example.org")
    with pytest.raises(NotFoundError):
        await demand("f" * 20, 1, "that is me", "me@example.org")
    await MemoryAlbum(office.store).delete(JOB, 5.0)
    with pytest.raises(NotFoundError, match="gone already"):
        await demand(JOB, 0, "that is me", "me@example.org")
    assert await office.reports.count(HERE) == 0


async def test_visitors_cannot_bury_a_server_in_reports_of_one_picture(office: Office) -> None:
    for number in range(MOST_OPEN):
        await office.complaints.demand(JOB, 1, "that is me", f"{number}@example.org")
    with pytest.raises(RefusedError, match="several times"):
        await office.complaints.demand(JOB, 1, "that is me", "me@example.org")
