"""The append-only account of GPU time and pictures. A job's lines sum to what it holds, or cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.allowance import Unit
from core.jobs import Job, State
from core.ports import LedgerEntry, Spending, Use
from core.quota import Pot, Scope
from storage.database import whole
from storage.tables import images, jobs, ledger

_INSERT = ledger.insert().inline()

RESERVE, RELAX, SETTLE, REFUND = "reserve", "relax", "settle", "refund"

QUARTER = 900.0
"""Seconds in a quarter of an hour: every time zone's days and hours are made of whole ones."""


def reserve(tx: sa.Connection, job: Job, channel_id: int, grant_id: int) -> None:
    """The line of an admission: the whole estimate is held."""
    line = _line(job, RESERVE, job.created_at)
    held = {"gpu_ms": job.reserve_ms, "pictures": job.request.count, **_charge(job)}
    tx.execute(_INSERT, {**line, **held, "channel_id": channel_id, "grant_id": grant_id})


def relax(tx: sa.Connection, job: Job, now: float) -> None:
    """The line of a job that was charged otherwise before; its price is the new one already."""
    _append(tx, job, RELAX, job.reserve_ms, job.request.count, now)


def settle(tx: sa.Connection, job: Job, pictures: int, now: float) -> None:
    """The line that turns what was held into what the job cost."""
    assert job.cost_ms is not None
    _append(tx, job, SETTLE, job.cost_ms, pictures, now)


def refund(tx: sa.Connection, job: Job, now: float) -> None:
    """The line that gives everything back."""
    _append(tx, job, REFUND, 0, 0, now)


def _append(tx: sa.Connection, job: Job, kind: str, gpu_ms: int, pictures: int, now: float) -> None:
    """A line after which the job's lines sum to these, charged at the job's price."""
    sums = [sa.func.sum(ledger.c[name]).label(name) for name in _SUMMED]
    kept = [sa.func.max(ledger.c[name]).label(name) for name in ("channel_id", "grant_id")]
    held = tx.execute(sa.select(*sums, *kept).where(ledger.c.job_id == job.id)).one()
    wanted = {"gpu_ms": gpu_ms, "pictures": pictures, **_charge(job, gpu_ms, pictures)}
    tx.execute(
        _INSERT,
        {
            **_line(job, kind, now),
            **{name: wanted[name] - int(getattr(held, name)) for name in _SUMMED},
            "channel_id": held.channel_id,
            "grant_id": held.grant_id,
        },
    )


_SUMMED = ("gpu_ms", "pictures", "charged_ms", "charged_pictures")


def _charge(job: Job, gpu_ms: int | None = None, pictures: int | None = None) -> dict[str, int]:
    milliseconds = job.reserve_ms if gpu_ms is None else gpu_ms
    count = job.request.count if pictures is None else pictures
    return {
        "charged_ms": milliseconds * job.price,
        "charged_pictures": count * min(job.price, 1),
    }


def _line(job: Job, kind: str, at: float) -> dict[str, Any]:
    return {
        "job_id": job.id,
        "owner_id": job.owner.id,
        "server_id": job.place.server_id,
        "kind": kind,
        "at": at,
        "admitted_at": job.created_at,
    }


# Reading


def lines(tx: sa.Connection, job_id: str | None) -> Sequence[LedgerEntry]:
    """All lines, or one job's, oldest first."""
    query = sa.select(ledger).order_by(ledger.c.id)
    if job_id is not None:
        query = query.where(ledger.c.job_id == job_id)
    return [
        LedgerEntry(**{name: value for name, value in row.items() if name != "id"})
        for row in tx.execute(query).mappings()
    ]


def spent(tx: sa.Connection, server_id: int, member_id: int, channel_id: int, pot: Pot) -> int:
    """What the pot holds in all."""
    summed = sa.func.coalesce(sa.func.sum(_counted(pot)), 0)
    where = _within(server_id, member_id, channel_id, pot)
    return int(tx.execute(sa.select(summed).where(*where)).scalar_one())


def spending(
    tx: sa.Connection, server_id: int, member_id: int, channel_id: int, pot: Pot
) -> Spending:
    """What the pot holds, in two parts."""
    total = spent(tx, server_id, member_id, channel_id, pot)
    still_open = jobs.c.state.in_([State.QUEUED.value, State.RUNNING.value])
    reserved = (
        sa.select(sa.func.coalesce(sa.func.sum(_counted(pot)), 0))
        .select_from(jobs.join(ledger, ledger.c.job_id == jobs.c.id))
        .where(still_open, *_within(server_id, member_id, channel_id, pot))
    )
    held = int(tx.execute(reserved).scalar_one())
    return Spending(used=total - held, reserved=held)


def _counted(pot: Pot) -> sa.Column[int]:
    # A whole server's ceiling is about the machine, whatever people are charged.
    if pot.scope is Scope.SERVER:
        return ledger.c.gpu_ms if pot.unit is Unit.GPU_SECONDS else ledger.c.pictures
    return ledger.c.charged_ms if pot.unit is Unit.GPU_SECONDS else ledger.c.charged_pictures


def _within(
    server_id: int, member_id: int, channel_id: int, pot: Pot
) -> list[sa.ColumnElement[bool]]:
    found = [ledger.c.server_id == server_id, ledger.c.admitted_at >= pot.since]
    match pot.scope:
        case Scope.MEMBER:
            found += [ledger.c.owner_id == member_id, ledger.c.grant_id == pot.grant_id]
        case Scope.CHANNEL:
            found += [ledger.c.channel_id == channel_id]
        case Scope.SERVER:
            pass
    return found


def use(
    tx: sa.Connection, server_id: int, since: float, until: float, member_id: int | None
) -> Sequence[Use]:
    """Sums by quarter of an hour and member."""
    quarter = whole(tx, ledger.c.admitted_at / QUARTER).label("quarter")
    counts = sa.case((ledger.c.kind == RESERVE, 1), (ledger.c.kind == REFUND, -1), else_=0)
    query = (
        sa.select(
            quarter,
            ledger.c.owner_id,
            sa.func.sum(counts).label("jobs"),
            sa.func.sum(ledger.c.gpu_ms).label("gpu_ms"),
            sa.func.sum(ledger.c.pictures).label("pictures"),
        )
        .where(
            ledger.c.server_id == server_id,
            ledger.c.admitted_at >= since,
            ledger.c.admitted_at < until,
        )
        .group_by(quarter, ledger.c.owner_id)
        .order_by(quarter, ledger.c.owner_id)
    )
    if member_id is not None:
        query = query.where(ledger.c.owner_id == member_id)
    return [
        Use(
            at=int(row.quarter) * QUARTER,
            owner_id=row.owner_id,
            jobs=int(row.jobs),
            gpu_ms=int(row.gpu_ms),
            pictures=int(row.pictures),
        )
        for row in tx.execute(query)
        if row.jobs or row.gpu_ms or row.pictures
    ]


@dataclass(frozen=True, slots=True)
class Drift:
    """A job whose lines sum to `lines_ms` where its row says `row_ms`, or whose charge or pictures
    are not those of its row."""

    job_id: str
    row_ms: int
    lines_ms: int


def drift(tx: sa.Connection) -> Sequence[Drift]:
    """The jobs whose account is wrong: none, or there is a bug. Reads the whole ledger."""
    said = sa.func.coalesce(jobs.c.cost_ms, jobs.c.reserve_ms)
    summed, charged, pictures = (
        sa.func.coalesce(sa.func.sum(ledger.c[name]), 0)
        for name in ("gpu_ms", "charged_ms", "pictures")
    )
    counted = sa.select(sa.func.count()).where(images.c.job_id == jobs.c.id).scalar_subquery()
    # A stored picture that was shown again has no lines.
    done = sa.and_(jobs.c.state == State.DONE.value, sa.func.count(ledger.c.id) > 0)
    query = (
        sa.select(jobs.c.id, said.label("said"), summed.label("summed"))
        .select_from(jobs.outerjoin(ledger, ledger.c.job_id == jobs.c.id))
        .group_by(jobs.c.id)
        .having(
            sa.or_(
                said != summed,
                charged != said * jobs.c.price,
                sa.and_(done, pictures != counted),
            )
        )
        .order_by(jobs.c.id)
    )
    return [Drift(row.id, int(row.said), int(row.summed)) for row in tx.execute(query)]
