"""The append-only account of GPU time. A job's lines sum to what it holds, or cost in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from core.jobs import Job
from core.ports import LedgerEntry
from storage.tables import jobs, ledger

_INSERT = ledger.insert().inline()

RESERVE, SETTLE, REFUND = "reserve", "settle", "refund"


def reserve(tx: sa.Connection, job: Job) -> None:
    """The line of an admission: the whole estimate is held."""
    _append(tx, job, RESERVE, job.reserve_ms, job.created_at)


def settle(tx: sa.Connection, job: Job, now: float) -> None:
    """The line that turns what was held into what the job cost."""
    assert job.cost_ms is not None
    _append(tx, job, SETTLE, job.cost_ms - job.reserve_ms, now)


def refund(tx: sa.Connection, job: Job, now: float) -> None:
    """The line that gives everything back."""
    _append(tx, job, REFUND, -job.reserve_ms, now)


def _append(tx: sa.Connection, job: Job, kind: str, gpu_ms: int, at: float) -> None:
    tx.execute(
        _INSERT,
        {
            "job_id": job.id,
            "owner_id": job.owner.id,
            "server_id": job.place.server_id,
            "kind": kind,
            "gpu_ms": gpu_ms,
            "at": at,
        },
    )


def lines(tx: sa.Connection, job_id: str | None) -> Sequence[LedgerEntry]:
    """All lines, or one job's, oldest first."""
    query = sa.select(ledger).order_by(ledger.c.id)
    if job_id is not None:
        query = query.where(ledger.c.job_id == job_id)
    return [
        LedgerEntry(
            job_id=row.job_id,
            owner_id=row.owner_id,
            server_id=row.server_id,
            kind=row.kind,
            gpu_ms=row.gpu_ms,
            at=row.at,
        )
        for row in tx.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class Drift:
    """A job whose lines sum to `lines_ms` where its row says `row_ms`."""

    job_id: str
    row_ms: int
    lines_ms: int


def drift(tx: sa.Connection) -> Sequence[Drift]:
    """The jobs whose account is wrong: none, or there is a bug. Reads the whole ledger."""
    said = sa.func.coalesce(jobs.c.cost_ms, jobs.c.reserve_ms)
    summed = sa.func.coalesce(sa.func.sum(ledger.c.gpu_ms), 0)
    query = (
        sa.select(jobs.c.id, said.label("said"), summed.label("summed"))
        .select_from(jobs.outerjoin(ledger, ledger.c.job_id == jobs.c.id))
        .group_by(jobs.c.id)
        .having(said != summed)
        .order_by(jobs.c.id)
    )
    return [Drift(row.id, int(row.said), int(row.summed)) for row in tx.execute(query)]
