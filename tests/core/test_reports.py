"""Those in charge look at reports, dismiss them or take the pictures down, and say why."""

from __future__ import annotations

import pytest

from core.admin import Stewardship
from core.departures import Departures
from core.errors import BannedError, NotAdminError, RefusedError
from core.jobs import Actor, Image, Owner, Place
from core.models import Catalogue
from core.queue import Queue
from core.reports import ON_A_PAGE, Bench, NewReport, Report, Verdict
from tests.builders import ADA, BO, CHANNEL, FakeClock, actor, new_job
from tests.fakes.memory_album import MemoryAlbum
from tests.fakes.memory_notices import MemoryNotices
from tests.fakes.memory_reports import MemoryReports
from tests.fakes.memory_store import MemoryJobStore

HERE, ELSEWHERE = CHANNEL.server_id, 99
JOB = "00000000000000000001"
CY = Owner(3, "cy")
MODERATOR = actor(CY, moderates=True)
ADMIN = actor(CY, administers=True)


class Court:
    def __init__(self) -> None:
        self.store = MemoryJobStore()
        self.reports = MemoryReports(self.store.rules)
        self.clock = FakeClock()
        steward = Stewardship(
            self.store.rules,
            self.store,
            Catalogue.parse("[postcard]"),
            queue=Queue(self.store, self.clock, devices=1),
            clock=self.clock,
            moved=lambda _: None,
        )
        self.notices = MemoryNotices()
        self.bench = Bench(
            self.reports,
            steward,
            self.store,
            MemoryAlbum(self.store),
            Departures(self.notices, self.clock),
            self.clock,
        )

    async def made(self, job_id: str = JOB, place: Place = CHANNEL) -> None:
        picture = Image(job_id=job_id, number=1, blob="a.png", width=8, height=8, seed=1)
        new = new_job(job_id, place=place, images=(picture,))
        await self.store.admit(new, lambda _: None)

    async def reported(self, server_id: int = HERE, job_id: str = JOB) -> Report:
        new = NewReport(
            server_id=server_id, job_id=job_id, number=1, owner_id=ADA.id, by=BO, reason="spam"
        )
        return await self.reports.add(new, self.clock.now())

    async def log(self) -> list[str]:
        return [line.what for line in await self.store.rules.audit(HERE)]


@pytest.fixture
async def court() -> Court:
    court = Court()
    await court.made()
    return court


@pytest.mark.parametrize("who", [MODERATOR, ADMIN, Actor(CY, operator=True)])
async def test_who_is_in_charge_may_look_and_judge(court: Court, who: Actor) -> None:
    report = await court.reported()
    assert await court.bench.page(who, HERE) == [report]
    assert await court.bench.waiting(who, HERE) == 1
    case = await court.bench.case(who, report.id)
    assert (case.job.id, case.pictures, case.here) == (JOB, 1, True)
    closed = await court.bench.dismiss(who, report.id, " it is\nfine ")
    assert (closed.verdict, closed.closed_by, closed.note) == (
        Verdict.DISMISSED,
        who.owner,
        "it is fine",
    )
    assert await court.bench.page(who, HERE) == []
    assert await court.bench.page(who, HERE, closed=True) == [closed]
    assert await court.log() == ["dismiss", "report"]
    assert len(await court.store.images(JOB)) == 1


@pytest.mark.parametrize(
    "who",
    [
        actor(BO),
        actor(CY, server_id=ELSEWHERE, moderates=True, administers=True),
        Actor(CY, moderates=True, administers=True),
    ],
)
async def test_nobody_else_sees_a_report(court: Court, who: Actor) -> None:
    report = await court.reported()
    for deed in (
        court.bench.page(who, HERE),
        court.bench.waiting(who, HERE),
        court.bench.case(who, report.id),
        court.bench.dismiss(who, report.id, "fine"),
        court.bench.take_down(who, report.id, "gone"),
    ):
        with pytest.raises(NotAdminError):
            await deed
    assert await court.log() == ["report"]


async def test_what_concerns_no_server_is_for_the_operator(court: Court) -> None:
    report = await court.reported(server_id=0)
    with pytest.raises(NotAdminError):
        await court.bench.case(Actor(CY, moderates=True, administers=True), report.id)
    assert (await court.bench.case(Actor(CY, operator=True), report.id)).report == report


async def test_a_moderator_who_is_shut_out_judges_nothing(court: Court) -> None:
    await court.reported()
    await court.store.rules.ban(HERE, CY.id, by=ADA, now=1.0)
    with pytest.raises(BannedError):
        await court.bench.page(MODERATOR, HERE)


async def test_what_is_taken_down_is_gone_and_every_report_of_it_closed(court: Court) -> None:
    await court.store.shown_at(JOB, 55)
    first, second = await court.reported(), await court.reported()
    closed = await court.bench.take_down(MODERATOR, second.id, "a real person")
    assert closed.verdict is Verdict.TAKEN_DOWN
    assert (await court.reports.get(first.id)).verdict is Verdict.TAKEN_DOWN
    assert await court.store.images(JOB) == []
    assert await court.notices.keys() == [f"gone:{CHANNEL.channel_id}:55"]
    assert await court.log() == ["take_down", "take_down", "report", "report"]
    assert (await court.bench.case(MODERATOR, first.id)).pictures == 0


async def test_a_reason_is_asked_for(court: Court) -> None:
    report = await court.reported()
    with pytest.raises(RefusedError, match="why"):
        await court.bench.dismiss(MODERATOR, report.id, "  ")
    with pytest.raises(RefusedError, match="why"):
        await court.bench.take_down(MODERATOR, report.id, "")
    assert len(await court.store.images(JOB)) == 1
    assert await court.log() == ["report"]


async def test_a_server_takes_down_only_what_was_made_there(court: Court) -> None:
    other = "0" * 19 + "2"
    await court.made(other, Place(server_id=ELSEWHERE, channel_id=1))
    report = await court.reported(job_id=other)
    assert not (await court.bench.case(MODERATOR, report.id)).here
    with pytest.raises(RefusedError, match="another server"):
        await court.bench.take_down(MODERATOR, report.id, "gone")
    await court.bench.take_down(Actor(CY, operator=True), report.id, "gone")
    assert await court.store.images(other) == []


async def test_what_was_closed_stays_as_it_was_closed(court: Court) -> None:
    report = await court.reported()
    closed = await court.bench.dismiss(MODERATOR, report.id, "fine")
    assert await court.bench.dismiss(ADMIN, report.id, "not fine") == closed
    assert await court.log() == ["dismiss", "report"]


async def test_a_long_queue_comes_in_pages(court: Court) -> None:
    reports = [await court.reported() for _ in range(ON_A_PAGE + 3)]
    newest = await court.bench.page(MODERATOR, HERE)
    assert newest == reports[::-1][: ON_A_PAGE + 1]
    older = await court.bench.page(MODERATOR, HERE, before=newest[ON_A_PAGE - 1].id)
    assert older == reports[:3][::-1]
