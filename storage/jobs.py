"""Jobs in an SQL database. Each method is one transaction; see `core.ports.JobStore`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import sqlalchemy as sa

from core.errors import JobNotFoundError
from core.estimates import Measured
from core.jobs import MAX_ATTEMPTS, Image, Job, NewJob, Outcome, State, Waiting
from core.ports import Admission, Check, LedgerEntry
from core.quota import PRICES, pictures_computed
from core.request import Lane
from storage import admission, allowances, ledger, works_rows
from storage import images as image_rows
from storage.allowances import RuleReader
from storage.database import BACKGROUND, Database
from storage.rows import job_of, text_of
from storage.tables import OWES_DELIVERY, jobs

GAVE_UP = (
    f"The worker stopped {MAX_ATTEMPTS} times while making this, so Easel gave up on it; "
    "nothing was charged."
)

T = TypeVar("T")

_WAITING = (
    sa.select(
        jobs.c.id,
        jobs.c.owner_id,
        jobs.c.server_id,
        jobs.c.lane,
        jobs.c.reserve_ms,
        jobs.c.created_at,
        jobs.c.model,
        jobs.c.work,
        jobs.c.max_running,
        jobs.c.attempts,
    )
    .where(jobs.c.state == State.QUEUED.value)
    .order_by(jobs.c.created_at, jobs.c.id)
)
_RUNNING = (
    sa.select(jobs)
    .where(jobs.c.state == State.RUNNING.value)
    .order_by(jobs.c.created_at, jobs.c.id)
)
_UNLEASED = {"leased_by": "", "lease_until": 0.0}


class SqlJobStore:
    """The JobStore on SQLAlchemy Core: portable statements, conditional on the old state."""

    def __init__(self, database: Database, reader: RuleReader | None = None) -> None:
        self._database = database
        self._reader = reader or RuleReader()

    # Admission and reading

    async def admit(self, new: NewJob, check: Check) -> Admission:
        return await self._database.write(lambda tx: admission.admit(tx, new, check, self._reader))

    async def admit_set(
        self, news: Sequence[NewJob], checks: Sequence[Check]
    ) -> Sequence[Admission]:
        return await self._database.write(
            lambda tx: admission.admit_set(tx, news, checks, self._reader)
        )

    async def paused_servers(self) -> frozenset[int]:
        return await self._database.read(allowances.paused_servers)

    async def weights(self) -> Mapping[int, float]:
        return await self._database.read(allowances.weights)

    async def is_banned(self, server_id: int, member_id: int) -> bool:
        rules = await self._database.read(lambda tx: self._reader.rules(tx, server_id))
        return member_id in rules.banned

    async def open_jobs(self, owner_id: int) -> Sequence[Job]:
        query = (
            sa.select(jobs)
            .where(
                jobs.c.owner_id == owner_id,
                jobs.c.state.in_([State.QUEUED.value, State.RUNNING.value]),
            )
            .order_by(jobs.c.created_at, jobs.c.id)
        )
        return await self._jobs(query)

    async def get(self, job_id: str) -> Job:
        def work(tx: sa.Connection) -> Job:
            row = tx.execute(sa.select(jobs).where(jobs.c.id == job_id)).one_or_none()
            if row is None:
                raise JobNotFoundError
            return job_of(row)

        return await self._database.read(work)

    async def waiting(
        self, after: tuple[float, str] | None = None, limit: int | None = None
    ) -> Sequence[Waiting]:
        query = _WAITING.limit(limit)
        if after is not None:
            created_at, id = after
            later = sa.and_(jobs.c.created_at == created_at, jobs.c.id > id)
            query = query.where(
                # Said twice, since only the first is looked up in the index.
                jobs.c.created_at >= created_at,
                sa.or_(jobs.c.created_at > created_at, later),
            )
        return await self._database.read(
            lambda tx: [
                Waiting(
                    id=id,
                    owner_id=owner_id,
                    server_id=server_id,
                    lane=Lane(lane),
                    reserve_ms=reserve_ms,
                    created_at=created_at,
                    model=model,
                    work=work,
                    max_running=most,
                    tried=n > 0,
                )
                for id, owner_id, server_id, lane, reserve_ms, created_at, model, work, most, n in (
                    tx.execute(query)
                )
            ]
        )

    async def running(self) -> Sequence[Job]:
        return await self._jobs(_RUNNING)

    async def history(self, owner_id: int | None, *, limit: int = 20) -> Sequence[Job]:
        query = sa.select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit)
        if owner_id is not None:
            query = query.where(jobs.c.owner_id == owner_id)
        return await self._jobs(query)

    async def undelivered(self, *, limit: int = 100) -> Sequence[Job]:
        query = (
            sa.select(jobs)
            .where(OWES_DELIVERY, jobs.c.finished_at.is_not(None))
            .order_by(jobs.c.finished_at, jobs.c.id)
            .limit(limit)
        )
        return await self._jobs(query)

    async def _jobs(self, query: sa.Select[Any]) -> Sequence[Job]:
        return await self._database.read(lambda tx: [job_of(row) for row in tx.execute(query)])

    async def measured(self, *, limit: int = 200) -> Sequence[Measured]:
        query = (
            sa.select(jobs.c.model, jobs.c.work, jobs.c.cost_ms)
            .where(jobs.c.state == State.DONE.value, jobs.c.cost_ms > 0, jobs.c.work > 0)
            .order_by(jobs.c.finished_at.desc())
            .limit(limit)
        )
        last = await self._database.read(
            lambda tx: [
                Measured(model=model, work=work, cost_ms=cost_ms)
                for model, work, cost_ms in tx.execute(query)
            ]
        )
        return last[::-1]

    async def images(self, job_id: str) -> Sequence[Image]:
        return await self._database.read(lambda tx: image_rows.of_job(tx, job_id))

    async def image(self, job_id: str, number: int) -> Image:
        return await self._database.read(lambda tx: image_rows.one(tx, job_id, number))

    async def ledger(self, job_id: str | None = None) -> Sequence[LedgerEntry]:
        return await self._database.read(lambda tx: ledger.lines(tx, job_id))

    async def drift(self) -> Sequence[ledger.Drift]:
        """Jobs whose ledger lines do not sum to what their row says; there should be none."""
        return await self._database.read(ledger.drift)

    # Moves

    async def claim(self, job_id: str, *, by: str, now: float, lease_until: float) -> Job | None:
        return await self._background(
            lambda tx: admission.claim(tx, job_id, by=by, now=now, lease_until=lease_until)
        )

    async def extend_lease(self, job_id: str, fence: int, lease_until: float) -> bool | None:
        change = _mine(job_id, fence).values(lease_until=lease_until)

        def work(tx: sa.Connection) -> bool | None:
            job = _changed(tx, change)
            return None if job is None else job.cancel_requested

        return await self._background(work)

    async def finish(
        self,
        job_id: str,
        fence: int,
        *,
        images: Sequence[Image],
        grid: str,
        gpu_ms: int,
        now: float,
        note: str = "",
    ) -> Job | None:
        change = _mine(job_id, fence).values(grid=grid, error=note)
        return await self._background(lambda tx: _finish(tx, change, images, gpu_ms, now))

    async def fail(self, job_id: str, fence: int, *, sentence: str, now: float) -> Job | None:
        return await self._background(
            lambda tx: _refund(tx, _mine(job_id, fence), State.FAILED, now, sentence)
        )

    async def cancelled(self, job_id: str, fence: int, *, gpu_ms: int, now: float) -> Job | None:
        return await self._background(
            lambda tx: _settle(tx, _mine(job_id, fence), State.CANCELLED, gpu_ms, now)
        )

    async def relax(self, job_id: str, now: float, *, free: bool) -> Job:
        return await self._database.write(lambda tx: _relax(tx, job_id, now, free=free))

    async def requeue(self, job_id: str, fence: int, *, tried: bool = True) -> Job | None:
        change = _mine(job_id, fence).values(
            state=State.QUEUED.value, attempts=jobs.c.attempts - int(not tried), **_UNLEASED
        )
        return await self._background(lambda tx: _changed(tx, change))

    async def cancel(self, job_id: str, now: float) -> Job:
        def work(tx: sa.Connection) -> Job:
            this = jobs.update().where(jobs.c.id == job_id)
            match _locked(tx, job_id):
                case Job(state=State.QUEUED):
                    job = _refund(tx, this, State.CANCELLED, now)
                case Job(state=State.RUNNING):
                    job = _changed(tx, this.values(cancel_requested=True))
                case ended:
                    job = ended
            assert job is not None
            return job

        return await self._database.write(work)

    async def recover(self, now: float, is_dead: Callable[[str], bool]) -> Sequence[Job]:
        def work(tx: sa.Connection) -> Sequence[Job]:
            rows = tx.execute(_RUNNING.with_for_update()).all()
            found = [job_of(row) for row in rows]
            dead = {holder for holder in {job.leased_by for job in found} if is_dead(holder)}
            lost = [job for job in found if job.lease_until <= now or job.leased_by in dead]
            return [_give_back(tx, job, now) for job in lost]

        return await self._background(work)

    # Delivery

    async def shown_at(self, job_id: str, message_id: int) -> None:
        await self._note(job_id, message_id=message_id)

    async def token_died(self, job_id: str) -> None:
        await self._note(job_id, token_dead=True, token="")

    async def posting(self, job_id: str, now: float) -> float:
        first = sa.func.coalesce(jobs.c.post_began_at, now)
        job = await self._note(job_id, post_began_at=first)
        assert job.post_began_at is not None
        return job.post_began_at

    async def delivered(
        self, job_id: str, outcome: Outcome, now: float, message_id: int | None = None
    ) -> None:
        await self._note(
            job_id,
            delivered_at=sa.func.coalesce(jobs.c.delivered_at, now),
            outcome=sa.func.coalesce(jobs.c.outcome, outcome.value),
            token="",
            **({} if message_id is None else {"message_id": message_id}),
        )

    async def _note(self, job_id: str, **values: Any) -> Job:
        """Raises JobNotFoundError."""

        def work(tx: sa.Connection) -> Job:
            job = _changed(tx, jobs.update().where(jobs.c.id == job_id).values(**values))
            if job is None:
                raise JobNotFoundError
            return job

        return await self._background(work)

    async def _background(self, work: Callable[[sa.Connection], T]) -> T:
        return await self._database.write(work, patience=BACKGROUND)


def _locked(tx: sa.Connection, job_id: str) -> Job:
    """The job, which nobody else can move until the transaction ends. Raises JobNotFoundError."""
    query = sa.select(jobs).where(jobs.c.id == job_id).with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None:
        raise JobNotFoundError
    return job_of(row)


def _mine(job_id: str, fence: int) -> sa.Update:
    """A change by the holder of the lease: it finds no row once the lease passed on."""
    return jobs.update().where(
        jobs.c.id == job_id, jobs.c.state == State.RUNNING.value, jobs.c.fence == fence
    )


def _changed(tx: sa.Connection, change: sa.Update) -> Job | None:
    row = tx.execute(change.returning(jobs)).one_or_none()
    return None if row is None else job_of(row)


def _settle(
    tx: sa.Connection,
    change: sa.Update,
    state: State,
    gpu_ms: int,
    now: float,
    pictures: int | None = None,
) -> Job | None:
    """`pictures` None: as many as that GPU time was worth."""
    ended = {"state": state.value, "cost_ms": max(0, gpu_ms), "finished_at": now}
    job = _changed(tx, change.values(**ended, **_UNLEASED))
    if job is not None:
        if pictures is None:
            pictures = pictures_computed(job.request.count, gpu_ms, job.reserve_ms)
        ledger.settle(tx, job, pictures, now)
    return job


def _refund(
    tx: sa.Connection, change: sa.Update, state: State, now: float, sentence: str = ""
) -> Job | None:
    ended = {"state": state.value, "cost_ms": 0, "finished_at": now, "error": sentence}
    job = _changed(tx, change.values(**ended, **_UNLEASED))
    if job is not None:
        ledger.refund(tx, job, now)
    return job


def _finish(
    tx: sa.Connection,
    change: sa.Update,
    images: Sequence[Image],
    gpu_ms: int,
    now: float,
) -> Job | None:
    job = _settle(tx, change, State.DONE, gpu_ms, now, len(images))
    if job is not None:
        image_rows.add(tx, job.id, images)
        works_rows.add(tx, job, images)
    return job


def _relax(tx: sa.Connection, job_id: str, now: float, *, free: bool) -> Job:
    job = _locked(tx, job_id)
    if job.state is not State.QUEUED or job.request.lane is Lane.RELAX:
        return job
    price = min(job.price, 0 if free else PRICES[Lane.RELAX])
    request = replace(job.request, lane=Lane.RELAX)
    this = jobs.update().where(jobs.c.id == job_id)
    moved = _changed(tx, this.values(lane=Lane.RELAX.value, request=text_of(request), price=price))
    assert moved is not None
    if price != job.price:
        ledger.relax(tx, moved, now)
    return moved


def _give_back(tx: sa.Connection, job: Job, now: float) -> Job:
    """Takes a running job from a holder that is gone."""
    mine = _mine(job.id, job.fence)
    if job.cancel_requested:
        moved = _refund(tx, mine, State.CANCELLED, now)
    elif job.attempts >= MAX_ATTEMPTS:
        moved = _refund(tx, mine, State.FAILED, now, GAVE_UP)
    else:
        moved = _changed(tx, mine.values(state=State.QUEUED.value, **_UNLEASED))
    assert moved is not None
    return moved
