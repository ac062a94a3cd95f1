"""Forgetting a person in an SQL database and the files beside it; see `core.forgetting`."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

import sqlalchemy as sa

from core.allowance import SubjectKind
from core.forgetting import NOBODY, Forgotten
from core.request import Kind, Request
from storage import collections, reports, sessions, sqlite, themes
from storage.blobs import LocalBlobs
from storage.database import BACKGROUND, Database
from storage.keys import named_in, unnamed
from storage.rows import text_of
from storage.tables import (
    allowances,
    audit,
    grants,
    images,
    jobs,
    ledger,
    likes,
    preferences,
    resets,
    servers,
)

AT_ONCE = 50
"""Jobs that are emptied in one transaction."""

MERGED = 500
"""Pages of the index that are written anew in one transaction: some hundredths of a second."""

_WORDLESS = Request(
    text="", parts=(), model="", width=1, height=1, seed=0, steps=1, guidance=0.0, count=1
)


class SqlEraser:
    def __init__(
        self, database: Database, blobs: LocalBlobs, *, now: Callable[[], float] = time.time
    ) -> None:
        """`now` is the time that files bear."""
        self._database = database
        self._blobs = blobs
        self._now = now

    async def forget(self, person_id: int, now: float) -> Forgotten:
        began = self._now()
        made, given, emptied = set[str](), set[str](), 0
        # Files last, and what they are called is read before the rows go; who is interrupted in
        # between has the sweep of unnamed files take them.
        while batch := await self._write(lambda tx: _empty(tx, person_id, now)):
            emptied += len(batch)
            for shown, sources in batch:
                made |= shown
                given |= sources
        picked = await self._picked(made, now)
        await self._write(lambda tx: _forget(tx, person_id))
        count = await self._shred(made | picked, given, began)
        await self._scrub()
        return Forgotten(emptied, count)

    async def _write(self, work: Callable[[sa.Connection], Any]) -> Any:
        return await self._database.write(work, patience=BACKGROUND)

    async def _picked(self, keys: Collection[str], now: float) -> set[str]:
        """What others picked out of these pictures shows the same, and goes with them. Returns the
        keys of what it showed."""
        found: set[str] = set()
        page = sorted(keys)
        for at in range(0, len(page), AT_ONCE):
            some = page[at : at + AT_ONCE]
            found |= await self._write(lambda tx, some=some: _pick(tx, some, now))
        return found

    async def _shred(self, made: set[str], given: set[str], began: float) -> int:
        """Deletes the files of pictures, also where others started from them, and those given that
        nothing names any more. Returns how many pictures that were."""
        count = 0
        shared = await self._database.read(lambda tx: _still_shown(tx, sorted(made)))
        for key in sorted(made - shared):
            count += await self._blobs.remove(key, began)
        for key in sorted(await unnamed(self._database, given - made)):
            await self._blobs.remove(key, began)
        return count

    async def _scrub(self) -> None:
        """Nothing of it is left in pages that are free, in the index or in the log. What SQLite
        deletes it overwrites (see `storage.sqlite`), but the index only notes that an entry does
        not hold any more, until it is merged; that is done bit by bit, so that nobody waits."""
        if self._database.file is None:
            # The old versions of rows go with the server's own vacuum.
            return
        await self._write(lambda tx: _merge(tx, -MERGED))
        more = True
        while more:
            more = await self._write(lambda tx: _merge(tx, MERGED))
        await asyncio.to_thread(sqlite.empty_log, self._database.file)


def _empty(tx: sa.Connection, person_id: int, now: float) -> Sequence[tuple[set[str], set[str]]]:
    """Empties some jobs; of each, the keys of what it showed and of what it was given."""
    query = sa.select(jobs.c.id, jobs.c.grid, jobs.c.request).where(jobs.c.owner_id == person_id)
    rows = tx.execute(query.limit(AT_ONCE)).all()
    found: list[tuple[set[str], set[str]]] = []
    for row in rows:
        shown = tx.execute(sa.select(images.c.blob).where(images.c.job_id == row.id)).scalars()
        keys = {*shown, row.grid} - {""}
        found.append((keys, named_in(row.request)))
        _without_pictures(tx, row.id)
        values = {
            "interaction_id": f"forgotten {row.id}",
            "owner_id": NOBODY.id,
            "owner_name": NOBODY.name,
            "parent_id": None,
            "channel_id": 0,
        }
        tx.execute(jobs.update().where(jobs.c.id == row.id).values(**values, **_blank(now)))
    ids = [row.id for row in rows]
    tx.execute(ledger.update().where(ledger.c.job_id.in_(ids)).values(owner_id=NOBODY.id))
    return found


def _blank(now: float) -> dict[str, Any]:
    return {
        "request": text_of(_WORDLESS),
        "token": "",
        "reply_to": 0,
        "message_id": 0,
        "error": "",
        "grid": "",
        "leased_by": "",
        "delivered_at": sa.func.coalesce(jobs.c.delivered_at, now),
        "deleted_at": sa.func.coalesce(jobs.c.deleted_at, now),
    }


def _without_pictures(tx: sa.Connection, job_id: str) -> None:
    """Works, looks and what was collected go with the images."""
    tx.execute(likes.delete().where(likes.c.job_id == job_id))
    tx.execute(images.delete().where(images.c.job_id == job_id))


def _pick(tx: sa.Connection, keys: Sequence[str], now: float) -> set[str]:
    query = (
        sa.select(jobs.c.id, jobs.c.grid, jobs.c.request)
        .join(images, images.c.job_id == jobs.c.id)
        .where(images.c.blob.in_(keys))
    )
    found: set[str] = set()
    for row in set(tx.execute(query).all()):
        if f'"kind":"{Kind.UPSCALE.value}"' in row.request:
            found |= {row.grid} - {""}
            _without_pictures(tx, row.id)
            tx.execute(jobs.update().where(jobs.c.id == row.id).values(**_blank(now)))
    return found


def _forget(tx: sa.Connection, person_id: int) -> None:
    """What is not of a job."""
    tx.execute(likes.delete().where(likes.c.member_id == person_id))
    tx.execute(preferences.delete().where(preferences.c.member_id == person_id))
    tx.execute(ledger.update().where(ledger.c.owner_id == person_id).values(owner_id=NOBODY.id))
    about = {
        table: sa.and_(table.c.kind == SubjectKind.MEMBER.value, table.c.subject_id == person_id)
        for table in (allowances, grants, resets, audit)
    }
    # Whoever holds these rules in memory reads them again.
    touched = sa.union(*(sa.select(table.c.server_id).where(it) for table, it in about.items()))
    anew = servers.update().where(servers.c.server_id.in_(touched))
    tx.execute(anew.values(revision=random.getrandbits(62)))
    for table, theirs in about.items():
        if table is audit:
            nameless = audit.update().where(theirs).values(before="{}", after="{}")
            tx.execute(nameless.values(subject_id=NOBODY.id))
        elif table is grants:
            tx.execute(grants.update().where(theirs).values(subject_id=NOBODY.id))
        else:
            tx.execute(table.delete().where(theirs))
    by = audit.update().where(audit.c.by_id == person_id)
    tx.execute(by.values(by_id=NOBODY.id, by_name=NOBODY.name))
    for forget in (reports.forget, collections.forget, sessions.forget, themes.forget):
        forget(tx, person_id)


def _still_shown(tx: sa.Connection, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for at in range(0, len(keys), AT_ONCE):
        some = keys[at : at + AT_ONCE]
        for column in (images.c.blob, jobs.c.grid):
            found.update(tx.execute(sa.select(column).where(column.in_(some))).scalars())
    return found


def _merge(tx: sa.Connection, pages: int) -> bool:
    """Whether there was anything to do, and so may be more."""
    before = tx.exec_driver_sql("SELECT total_changes()").scalar_one()
    put = sa.text("INSERT INTO works_index(works_index, rank) VALUES ('merge', :pages)")
    tx.execute(put, {"pages": pages})
    # The statement itself counts as one.
    return tx.exec_driver_sql("SELECT total_changes()").scalar_one() - before > 1
