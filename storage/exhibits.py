"""Pictures as showcases and themes see them; see `core.showcase.Exhibit`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.errors import ImageNotFoundError
from core.jobs import Job
from core.request import Visibility
from core.showcase import Exhibit
from core.works import Showing
from storage.rows import job_of
from storage.tables import images, jobs, likes, servers, works

VOTES = (
    sa.select(sa.func.count())
    .select_from(likes)
    .where(
        likes.c.job_id == images.c.job_id,
        likes.c.number == images.c.number,
        likes.c.member_id != jobs.c.owner_id,
    )
    .scalar_subquery()
)
"""The likes of others than a picture's owner."""

WORK = sa.and_(works.c.job_id == images.c.job_id, works.c.number == images.c.number)
SERVER = servers.c.server_id == jobs.c.server_id

_PICTURES = (
    images.join(jobs, jobs.c.id == images.c.job_id)
    .outerjoin(works, WORK)
    .outerjoin(servers, SERVER)
)
_COLUMNS: tuple[Any, ...] = (
    jobs,
    images.c.number,
    images.c.blob,
    works.c.showing,
    servers.c.gallery,
    works.c.age_rated.label("work_rated"),
    VOTES.label("others"),
)
_FOR_ALL = (Showing.PUBLIC.value, Showing.SERVER.value)


def exhibit(tx: sa.Connection, job_id: str, number: int) -> Exhibit:
    """Raises ImageNotFoundError."""
    this = (images.c.job_id == job_id, images.c.number == number)
    row: Any = tx.execute(sa.select(*_COLUMNS).select_from(_PICTURES).where(*this)).one_or_none()
    if row is None:
        raise ImageNotFoundError
    job = job_of(row)
    return Exhibit(
        job_id=job.id,
        number=row.number,
        owner=job.owner,
        server_id=job.place.server_id,
        channel_id=job.place.channel_id,
        message_id=job.message_id,
        text=job.request.text,
        blob=row.blob,
        public=_is_public(job, row.showing, row.gallery),
        age_rated=bool(row.work_rated),
        votes=row.others,
    )


def hidden() -> sa.ColumnElement[bool]:
    """Of a work that was public when it came there: whether it is not any more."""
    keeps_out = sa.func.coalesce(servers.c.gallery, "") == Showing.PRIVATE.value
    return sa.or_(works.c.showing.is_(None), sa.and_(works.c.showing.not_in(_FOR_ALL), ~keeps_out))


def _is_public(job: Job, showing: str | None, gallery: str | None) -> bool:
    """Whether everybody on its server may see it there. A server that keeps out of the web gallery
    makes all works private, which says nothing of its own channels."""
    place = job.place
    if not place.server_id or place.closed or job.request.visibility is Visibility.STEALTH:
        return False
    return showing in _FOR_ALL or (showing is not None and gallery == Showing.PRIVATE.value)
