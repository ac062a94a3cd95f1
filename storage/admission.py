"""Letting jobs in, and letting them begin: what needs more than the job's own row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from core.allowance import Rules, SubjectKind
from core.jobs import MOST_IN_A_SET, Job, NewJob, Parent, State, in_set
from core.ports import Admission, Check, Usage
from core.quota import Admit, Pot
from storage import images, ledger
from storage.allowances import RuleReader
from storage.database import take_turns
from storage.rows import job_of, row_of
from storage.tables import jobs

_INSERT = jobs.insert().returning(jobs)
_OPEN = [State.QUEUED.value, State.RUNNING.value]


def admit(tx: sa.Connection, new: NewJob, check: Check, reader: RuleReader) -> Admission:
    take_turns(tx, new.owner.id)
    query = sa.select(jobs).where(jobs.c.interaction_id == new.interaction_id)
    if found := tx.execute(query).one_or_none():
        return Admission(job=job_of(found), repeated=True)
    return _admit(tx, new, check, reader)


def admit_set(
    tx: sa.Connection, news: Sequence[NewJob], checks: Sequence[Check], reader: RuleReader
) -> Sequence[Admission]:
    first = news[0]
    take_turns(tx, first.owner.id)
    # All that it can have made, since it may be read otherwise by now.
    ids = [in_set(first.interaction_id, number) for number in range(1, MOST_IN_A_SET + 1)]
    query = sa.select(jobs).where(jobs.c.interaction_id.in_(ids))
    if found := [job_of(row) for row in tx.execute(query)]:
        found.sort(key=lambda job: ids.index(job.interaction_id))
        return [Admission(job=job, repeated=True) for job in found]
    return [_admit(tx, new, check, reader) for new, check in zip(news, checks, strict=True)]


def _admit(tx: sa.Connection, new: NewJob, check: Check, reader: RuleReader) -> Admission:
    channel_id = new.budget_channel_id or new.place.channel_id
    usage = _usage(tx, new, channel_id, reader)
    terms = check(usage) or Admit(lane=new.request.lane)
    if terms.lane is not new.request.lane:
        new = replace(new, request=replace(new.request, lane=terms.lane))
    values = {
        **row_of(new),
        "price": terms.price,
        "max_running": terms.max_running,
        "age_rated": new.place.age_rated or _is_rated(tx, new.parent),
        "closed": new.place.closed,
        "abroad": new.place.abroad,
    }
    job = job_of(tx.execute(_INSERT, values).one())
    if job.state.ended:
        # A job's pictures are numbered from 1, whatever they were where they came from.
        images.add(tx, job.id, [replace(image, number=n) for n, image in enumerate(new.images, 1)])
    else:
        ledger.reserve(tx, job, channel_id, terms.grant_id)
    return Admission(job=job)


def _is_rated(tx: sa.Connection, parent: Parent | None) -> bool:
    """What is made of an age-rated picture is age-rated, wherever it is made."""
    if parent is None:
        return False
    query = sa.select(jobs.c.age_rated).where(jobs.c.id == parent.job_id)
    return bool(tx.execute(query).scalar_one_or_none())


def _usage(tx: sa.Connection, new: NewJob, channel_id: int, reader: RuleReader) -> Usage:
    server_id = new.place.server_id
    rules = Rules()
    # Whoever has the shell is not a member of anything.
    if new.place.on_discord:
        whole = reader.rules(tx, server_id)
        rules = whole.for_member(new.owner.id, new.role_ids, channel_id)
    if any(line.subject.kind in _SHARED and line.allowance.amounts for line in rules.lines):
        # Always after the owner's own turn, so that two can never wait for each other.
        take_turns(tx, -server_id)
    query = (
        sa.select(jobs.c.state, jobs.c.server_id, sa.func.count().label("jobs"))
        .where(jobs.c.owner_id == new.owner.id, jobs.c.state.in_(_OPEN))
        .group_by(jobs.c.state, jobs.c.server_id)
    )
    counts = [(row.state, row.server_id, int(row.jobs)) for row in tx.execute(query)]

    def spent(pot: Pot) -> int:
        return ledger.spent(tx, server_id, new.owner.id, channel_id, pot)

    return Usage(
        waiting=sum(n for state, _, n in counts if state == State.QUEUED.value),
        running=sum(n for state, _, n in counts if state == State.RUNNING.value),
        waiting_here=sum(
            n for state, at, n in counts if (state, at) == (State.QUEUED.value, server_id)
        ),
        rules=rules,
        spent=spent,
    )


_SHARED = {SubjectKind.CHANNEL, SubjectKind.CEILING}


def claim(tx: sa.Connection, job_id: str, *, by: str, now: float, lease_until: float) -> Job | None:
    """Queued to running; None where somebody was first, or its owner has enough running."""
    queued = (jobs.c.id == job_id, jobs.c.state == State.QUEUED.value)
    change = (
        jobs.update()
        .where(*queued)
        .values(
            state=State.RUNNING.value,
            attempts=jobs.c.attempts + 1,
            fence=jobs.c.fence + 1,
            leased_by=by,
            lease_until=lease_until,
            started_at=now,
        )
        .returning(jobs)
    )
    row = tx.execute(change.where(jobs.c.max_running.is_(None))).one_or_none()
    if row is not None:
        return job_of(row)
    limited = sa.select(jobs.c.owner_id, jobs.c.server_id, jobs.c.max_running).where(*queued)
    found = tx.execute(limited).one_or_none()
    if found is None:
        return None
    take_turns(tx, found.owner_id)
    running = sa.select(sa.func.count()).where(
        jobs.c.owner_id == found.owner_id,
        jobs.c.server_id == found.server_id,
        jobs.c.state == State.RUNNING.value,
    )
    if tx.execute(running).scalar_one() >= (found.max_running or 0):
        return None
    row = tx.execute(change).one_or_none()
    return None if row is None else job_of(row)
