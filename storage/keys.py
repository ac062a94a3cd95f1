"""Which of some blobs no row names.

A key stands in a picture's row, as a job's grid, in a job's request (the picture it starts from,
the one of its style, the mask of what is painted anew), and in a saved style. Rows of pictures and
a job's grid go when they are deleted, as a saved style does; what was made of them names their
files in its own request.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import sqlalchemy as sa

from storage.database import Database
from storage.tables import images, jobs, styles

PAGE = 500
"""Keys that are looked up at a time, and jobs that are read: a few milliseconds each."""

_INDEXED = (images.c.blob, jobs.c.grid, styles.c.blob)
_IN_REQUEST = re.compile(r'"(?:blob|mask)":"([0-9a-f]{64}\.[a-z0-9]{1,8})"')


async def unlisted(database: Database, keys: Collection[str]) -> set[str]:
    """Those that stand in no column of their own; a request may still name them."""

    def listed(tx: sa.Connection, page: list[str]) -> set[str]:
        found: set[str] = set()
        for column in _INDEXED:
            found.update(tx.execute(sa.select(column).where(column.in_(page))).scalars())
        return found

    left, all_keys = set(keys), list(keys)
    for at in range(0, len(all_keys), PAGE):
        page = all_keys[at : at + PAGE]
        left -= await database.read(lambda tx, page=page: listed(tx, page))
    return left


async def unnamed(database: Database, keys: Collection[str]) -> set[str]:
    """Those that no row names. Reads the requests of all jobs, some at a time."""
    left, last = await unlisted(database, keys), ""
    while left:
        upper = await database.read(lambda tx, last=last: _upper(tx, last))
        if upper is None:
            break
        requests = await database.read(
            lambda tx, last=last, upper=upper: _with_pictures(tx, last, upper)
        )
        left.difference_update(key for text in requests for key in named_in(text))
        last = upper
    return left


def named_in(request: str) -> set[str]:
    """The keys that a job's request names."""
    return set(_IN_REQUEST.findall(request))


def _upper(tx: sa.Connection, last: str) -> str | None:
    """The last id of the next page of jobs."""
    page = sa.select(jobs.c.id).where(jobs.c.id > last).order_by(jobs.c.id).limit(PAGE).subquery()
    return tx.execute(sa.select(sa.func.max(page.c.id))).scalar_one()


def _with_pictures(tx: sa.Connection, last: str, upper: str) -> list[str]:
    query = sa.select(jobs.c.request).where(
        jobs.c.id > last, jobs.c.id <= upper, jobs.c.request.contains('"blob":"')
    )
    return list(tx.execute(query).scalars())
