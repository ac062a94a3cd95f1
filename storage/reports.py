"""Reports in an SQL database; see `core.reports.Reports`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.allowance import Subject
from core.errors import NotFoundError
from core.jobs import Owner
from core.reports import NewReport, Report, Verdict
from core.sentences import say
from storage import audit
from storage.database import Database
from storage.tables import reports


class SqlReports:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, new: NewReport, now: float) -> Report:
        values = {
            "server_id": new.server_id,
            "job_id": new.job_id,
            "number": new.number,
            "owner_id": new.owner_id,
            "by_id": new.by.id,
            "by_name": new.by.name,
            "reason": new.reason,
            "contact": new.contact,
            "at": now,
            "verdict": Verdict.OPEN.value,
            "note": "",
        }

        def work(tx: sa.Connection) -> Report:
            report = _report(tx.execute(reports.insert().returning(reports), values).one())
            _note(tx, report, by=new.by, now=now)
            return report

        return await self._database.write(work)

    async def get(self, report_id: int) -> Report:
        return await self._database.read(lambda tx: _one(tx, report_id))

    async def page(
        self, server_id: int, *, closed: bool = False, before: int | None = None, limit: int = 20
    ) -> Sequence[Report]:
        open_ = reports.c.verdict == Verdict.OPEN.value
        query = sa.select(reports).where(
            reports.c.server_id == server_id, sa.not_(open_) if closed else open_
        )
        if before is not None:
            query = query.where(reports.c.id < before)
        query = query.order_by(reports.c.id.desc()).limit(limit)
        return await self._database.read(lambda tx: [_report(row) for row in tx.execute(query)])

    async def count(self, server_id: int) -> int:
        query = sa.select(sa.func.count()).where(
            reports.c.server_id == server_id, reports.c.verdict == Verdict.OPEN.value
        )
        return await self._database.read(lambda tx: tx.execute(query).scalar_one())

    async def about(self, job_id: str) -> Sequence[Report]:
        query = (
            sa.select(reports)
            .where(reports.c.job_id == job_id, reports.c.verdict == Verdict.OPEN.value)
            .order_by(reports.c.id)
        )
        return await self._database.read(lambda tx: [_report(row) for row in tx.execute(query)])

    async def close(
        self, report_id: int, verdict: Verdict, *, note: str, by: Owner, now: float
    ) -> Report:
        change = (
            reports.update()
            .where(reports.c.id == report_id, reports.c.verdict == Verdict.OPEN.value)
            .values(
                verdict=verdict.value,
                note=note,
                closed_by_id=by.id,
                closed_by_name=by.name,
                closed_at=now,
            )
            .returning(reports)
        )

        def work(tx: sa.Connection) -> Report:
            row = tx.execute(change).one_or_none()
            if row is None:
                return _one(tx, report_id)
            report = _report(row)
            _note(tx, report, by=by, now=now)
            return report

        return await self._database.write(work)


def forget(tx: sa.Connection, person_id: int) -> None:
    """Nothing is left of what a person reported, nor of reports about what they made."""
    theirs = sa.or_(reports.c.by_id == person_id, reports.c.owner_id == person_id)
    tx.execute(reports.delete().where(theirs))
    tx.execute(
        reports.update()
        .where(reports.c.closed_by_id == person_id)
        .values(closed_by_id=0, closed_by_name="")
    )


def _one(tx: sa.Connection, report_id: int) -> Report:
    row = tx.execute(sa.select(reports).where(reports.c.id == report_id)).one_or_none()
    if row is None:
        raise NotFoundError(say("There is no such report."))
    return _report(row)


def _note(tx: sa.Connection, report: Report, *, by: Owner, now: float) -> None:
    whom, step = Subject.member(report.owner_id), report.verdict.step
    audit.note(tx, report.server_id, step, whom, {}, report.logged, by=by, now=now)


def _report(row: Any) -> Report:
    closed = row.closed_at is not None
    return Report(
        id=row.id,
        server_id=row.server_id,
        job_id=row.job_id,
        number=row.number,
        owner_id=row.owner_id,
        by=Owner(row.by_id, row.by_name),
        reason=row.reason,
        contact=row.contact,
        at=row.at,
        verdict=Verdict(row.verdict),
        closed_by=Owner(row.closed_by_id, row.closed_by_name) if closed else None,
        closed_at=row.closed_at,
        note=row.note,
    )
