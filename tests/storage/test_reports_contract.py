"""What every kind of reports promises; told as stories, run on each."""

from __future__ import annotations

import pytest

from core.errors import NotFoundError
from core.jobs import Job
from core.reports import VISITOR, NewReport, Report, Verdict
from storage import reports as rows
from storage.opening import Storage
from storage.tables import reports
from tests.storage.build import ADA, BEN, ON_DISCORD, new_job
from tests.storage.conftest import Books
from tests.storage.test_jobs_contract import finished

SERVER = ON_DISCORD.server_id


async def reported(books: Books | Storage, job: Job, **changes: object) -> Report:
    values = {
        "server_id": SERVER,
        "job_id": job.id,
        "number": 2,
        "owner_id": job.owner.id,
        "by": BEN,
        "reason": "它是 spam",
        **changes,
    }
    return await books.reports.add(NewReport(**values), 8.0)


async def test_a_report_is_kept_whole_and_logged(books: Books) -> None:
    job = await finished(books.jobs)
    report = await reported(books, job, by=VISITOR, contact="me@example.org")
    assert await books.reports.get(report.id) == report
    assert (report.by, report.contact, report.at) == (VISITOR, "me@example.org", 8.0)
    assert (report.verdict, report.closed_by, report.closed_at) == (Verdict.OPEN, None, None)
    (line,) = await books.rules.audit(SERVER)
    assert (line.what, line.by_name, line.at) == ("report", VISITOR.name, 8.0)
    # How to reach somebody is nothing for a log that is kept for ever.
    assert line.after == {"job": job.id, "number": "2", "reason": "它是 spam"}
    with pytest.raises(NotFoundError):
        await books.reports.get(report.id + 1)


async def test_open_and_closed_ones_are_paged_apart_the_newest_first(books: Books) -> None:
    job, other = await finished(books.jobs), await finished(books.jobs)
    one, two, three = [await reported(books, job) for _ in range(3)]
    elsewhere = await reported(books, other, server_id=8)
    assert await books.reports.page(SERVER) == [three, two, one]
    assert await books.reports.page(SERVER, before=three.id, limit=1) == [two]
    assert await books.reports.page(8) == [elsewhere]
    assert await books.reports.about(job.id) == [one, two, three]
    closed = await books.reports.close(
        two.id, Verdict.TAKEN_DOWN, note="a real person", by=ADA, now=9.0
    )
    assert await books.reports.page(SERVER) == [three, one]
    assert await books.reports.page(SERVER, closed=True) == [closed]
    assert await books.reports.count(SERVER) == 2
    assert await books.reports.about(job.id) == [one, three]


async def test_it_is_closed_once_with_who_and_why(books: Books) -> None:
    job = await finished(books.jobs)
    report = await reported(books, job, number=0)
    closed = await books.reports.close(
        report.id, Verdict.DISMISSED, note="all is well", by=ADA, now=9.0
    )
    assert (closed.closed_by, closed.closed_at, closed.note) == (ADA, 9.0, "all is well")
    again = await books.reports.close(report.id, Verdict.TAKEN_DOWN, note="no", by=BEN, now=10.0)
    assert again == closed == await books.reports.get(report.id)
    line, _ = await books.rules.audit(SERVER)
    assert (line.what, line.by_id, line.after) == (
        "dismiss",
        ADA.id,
        {"job": job.id, "reason": "all is well"},
    )
    with pytest.raises(NotFoundError):
        await books.reports.close(99, Verdict.DISMISSED, note="no", by=BEN, now=10.0)


async def test_nothing_is_left_of_a_person_who_is_forgotten(storage: Storage) -> None:
    hers = await finished(storage.jobs)
    his = await finished(storage.jobs, new_job(BEN))
    await reported(storage, hers, by=BEN)
    kept = await reported(storage, his, by=VISITOR)
    await storage.reports.close(kept.id, Verdict.DISMISSED, note="fine", by=ADA, now=9.0)
    await storage.database.write(lambda tx: rows.forget(tx, ADA.id))
    left = await storage.database.read(lambda tx: list(tx.execute(reports.select())))
    assert [(row.job_id, row.closed_by_id, row.closed_by_name) for row in left] == [(his.id, 0, "")]
    await storage.database.write(lambda tx: rows.forget(tx, BEN.id))
    assert await storage.reports.page(SERVER, closed=True) == []
