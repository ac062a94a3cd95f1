"""The rows of works: written when a job is done, read whole for a page."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from core.allowance import House
from core.errors import GoneError, ImageNotFoundError
from core.jobs import Image, Job
from core.preferences import Preferences
from core.terms import all_terms, marks_of, terms_of
from core.viewing import choices, first_showing
from core.works import Showing, Work, in_turn, read_id, work_of
from storage.images import image_of
from storage.rows import job_of
from storage.tables import images, jobs, preferences, servers, works

_WHOLE = (
    sa.select(
        jobs,
        images,
        works.c.seq,
        works.c.showing,
        works.c.likes,
        works.c.age_rated.label("work_rated"),
        works.c.created_at.label("work_created_at"),
    )
    .join(jobs, jobs.c.id == works.c.job_id)
    .join(images, sa.and_(images.c.job_id == works.c.job_id, images.c.number == works.c.number))
)


def add(tx: sa.Connection, job: Job, pictures: Sequence[Image]) -> None:
    """The works of a job that was just done, in the transaction in which it is."""
    showing = first_showing(job, _gallery(tx, job.place.server_id), _wish(tx, job.owner.id))
    if showing is None or not pictures:
        return
    server_id, rated = job.place.server_id, job.place.age_rated
    values: dict[str, Any] = {
        "job_id": job.id,
        "owner_id": job.owner.id,
        "server_id": server_id,
        "model": job.request.model,
        "created_at": job.finished_at,
        "showing": showing.value,
        "age_rated": rated,
        "likes": 0,
        "terms": all_terms(
            terms_of(job.request, job.owner, server_id), showing, server_id, age_rated=rated
        ),
    }
    for picture in in_turn(pictures):
        tx.execute(works.insert().inline(), {**values, "number": picture.number})


def _gallery(tx: sa.Connection, server_id: int) -> Showing:
    query = sa.select(servers.c.gallery).where(servers.c.server_id == server_id)
    found = tx.execute(query).scalar_one_or_none()
    return House().gallery if found is None else Showing(found)


def _wish(tx: sa.Connection, person_id: int) -> Showing | None:
    query = sa.select(preferences.c.settings).where(preferences.c.member_id == person_id)
    found = tx.execute(query).scalar_one_or_none()
    return None if found is None else Preferences.from_json({}, "", json.loads(found)).showing


def of_numbers(tx: sa.Connection, seqs: Collection[int]) -> dict[int, Work]:
    """By their numbers in the order of works."""
    rows = tx.execute(_WHOLE.where(works.c.seq.in_(seqs)))
    return {row.seq: _work(row) for row in rows}


def one(tx: sa.Connection, id: str) -> Work:
    """Raises GoneError for one that was deleted, ImageNotFoundError for what never was."""
    job_id, number = read_id(id)
    this = sa.and_(works.c.job_id == job_id, works.c.number == number)
    row = tx.execute(_WHOLE.where(this)).one_or_none()
    if row is not None:
        return _work(row)
    deleted = sa.select(jobs.c.deleted_at).where(jobs.c.id == job_id)
    if number and tx.execute(deleted).scalar_one_or_none() is not None:
        raise GoneError
    raise ImageNotFoundError


def change(tx: sa.Connection, work: Work, showing: Showing, *, age_rated: bool) -> None:
    this = works.c.seq == work.seq
    before = tx.execute(sa.select(works.c.terms).where(this)).scalar_one()
    terms = all_terms(before, showing, work.server_id, age_rated=age_rated)
    values = {"showing": showing.value, "age_rated": age_rated, "terms": terms}
    tx.execute(works.update().where(this).values(**values))


def narrow(tx: sa.Connection, server_id: int, gallery: Showing) -> int:
    """Whatever of the server's shows more does so no longer; returns how many works that were."""
    allowed, count = choices(server_id, gallery), 0
    then = allowed[0]
    for showing in (one for one in Showing if one not in allowed):
        before, after = (_marks(one, server_id) for one in (showing, then))
        change = works.update().where(
            works.c.server_id == server_id, works.c.showing == showing.value
        )
        terms = sa.func.replace(works.c.terms, before, after) if before else works.c.terms
        count += tx.execute(change.values(showing=then.value, terms=terms)).rowcount
    return count


def _marks(showing: Showing, server_id: int) -> str:
    """As they stand at the end of a work's terms."""
    marks = marks_of(showing, server_id, age_rated=False)
    return f" {marks}" if marks else ""


def _work(row: sa.Row[Any]) -> Work:
    """The work that a row of `_WHOLE` stands for."""
    return work_of(
        job_of(row),
        image_of(row),
        seq=row.seq,
        created_at=row.work_created_at,
        showing=Showing(row.showing),
        age_rated=row.work_rated,
        likes=row.likes,
    )
