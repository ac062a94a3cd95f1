"""Pictures as showcases and themes see them; see `core.showcase.Exhibit`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.errors import ImageNotFoundError
from core.showcase import Exhibit, exhibit_of
from core.viewing import ON_SERVER
from core.works import Showing
from storage.images import image_of
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
    images,
    works.c.showing,
    servers.c.gallery,
    works.c.age_rated.label("work_rated"),
    VOTES.label("others"),
)


def exhibit(tx: sa.Connection, job_id: str, number: int) -> Exhibit:
    """Raises ImageNotFoundError."""
    this = (images.c.job_id == job_id, images.c.number == number)
    row: Any = tx.execute(sa.select(*_COLUMNS).select_from(_PICTURES).where(*this)).one_or_none()
    if row is None:
        raise ImageNotFoundError
    return exhibit_of(
        job_of(row),
        image_of(row),
        showing=None if row.showing is None else Showing(row.showing),
        gallery=None if row.gallery is None else Showing(row.gallery),
        age_rated=bool(row.work_rated),
        votes=row.others,
    )


def hidden() -> sa.ColumnElement[bool]:
    """Of a work that was public when it came there: whether it is not any more, as
    `core.viewing.open_on_server` has it."""
    keeps_out = sa.func.coalesce(servers.c.gallery, "") == Showing.PRIVATE.value
    return sa.or_(works.c.showing.is_(None), sa.and_(works.c.showing.not_in(ON_SERVER), ~keeps_out))
