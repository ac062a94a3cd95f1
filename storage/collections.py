"""What people collect, in an SQL database; see `core.collections.Collections`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from core.collections import (
    MOST_COLLECTIONS,
    MOST_WORKS,
    Collection,
    same_name,
    spelling,
    too_many,
    too_many_works,
)
from core.errors import CollectionNotFoundError
from core.jobs import Owner
from core.works import Showing, read_id, work_id
from storage.database import Database, take_turns
from storage.gallery_tables import collected, collections
from storage.tables import images

PAGE = 200
"""Works that are named in one query."""


class SqlCollections:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(self, new: Collection) -> Collection:
        def work(tx: sa.Connection) -> Collection:
            take_turns(tx, new.owner.id)
            mine = _of(tx, new.owner.id)
            if any(spelling(one.name) == spelling(new.name) for one in mine):
                raise same_name(new.name)
            if len(mine) >= MOST_COLLECTIONS:
                raise too_many()
            values = {
                "id": new.id,
                "owner_id": new.owner.id,
                "owner_name": new.owner.name,
                "name": new.name,
                "spelling": spelling(new.name),
                "showing": new.showing.value,
                "created_at": new.created_at,
                "changed_at": new.changed_at,
            }
            tx.execute(collections.insert().inline(), values)
            return _one(tx, new.id)

        return await self._database.write(work)

    async def get(self, id: str) -> Collection:
        return await self._database.read(lambda tx: _one(tx, id))

    async def of(self, owner_id: int) -> Sequence[Collection]:
        return await self._database.read(lambda tx: _of(tx, owner_id))

    async def change(
        self, id: str, now: float, *, name: str | None = None, showing: Showing | None = None
    ) -> Collection:
        def work(tx: sa.Connection) -> Collection:
            before = _one(tx, id)
            take_turns(tx, before.owner.id)
            values: dict[str, str | float] = {"changed_at": now}
            if name is not None:
                others = (one for one in _of(tx, before.owner.id) if one.id != id)
                if any(spelling(one.name) == spelling(name) for one in others):
                    raise same_name(name)
                values |= {"name": name, "spelling": spelling(name)}
            if showing is not None:
                values["showing"] = showing.value
            tx.execute(collections.update().where(collections.c.id == id).values(**values))
            return _one(tx, id)

        return await self._database.write(work)

    async def remove(self, id: str) -> None:
        # What it has goes with it.
        await self._database.write(
            lambda tx: tx.execute(collections.delete().where(collections.c.id == id))
        )

    async def works(self, id: str) -> Sequence[str]:
        return await self._database.read(lambda tx: _works(tx, id))

    async def put(self, id: str, works: Sequence[str], now: float) -> int:
        def work(tx: sa.Connection) -> int:
            _touch(tx, id, now)
            there = _works(tx, id)
            new = _still_there(tx, [one for one in dict.fromkeys(works) if one not in there])
            if len(there) + len(new) > MOST_WORKS:
                raise too_many_works()
            last = sa.select(sa.func.coalesce(sa.func.max(collected.c.place), 0))
            begin = tx.execute(last.where(collected.c.collection_id == id)).scalar_one() + 1
            rows = [
                {
                    "collection_id": id,
                    "job_id": job_id,
                    "number": number,
                    "place": place,
                    "added_at": now,
                }
                for place, (job_id, number) in enumerate(map(read_id, new), begin)
            ]
            if rows:
                tx.execute(collected.insert(), rows)
            return len(rows)

        return await self._database.write(work)

    async def take(self, id: str, works: Sequence[str], now: float) -> int:
        def work(tx: sa.Connection) -> int:
            _touch(tx, id, now)
            return sum(
                tx.execute(collected.delete().where(_this(id, one))).rowcount
                for one in dict.fromkeys(works)
            )

        return await self._database.write(work)

    async def arrange(
        self, id: str, order: Callable[[Sequence[str]], Sequence[str]], now: float
    ) -> None:
        def work(tx: sa.Connection) -> None:
            _touch(tx, id, now)
            before = _works(tx, id)
            for place, one in enumerate(order(before), 1):
                tx.execute(collected.update().where(_this(id, one)).values(place=place))

        await self._database.write(work)

    async def holding(self, owner_id: int, work_id: str) -> Sequence[str]:
        job_id, number = read_id(work_id)
        query = (
            sa.select(collections.c.id)
            .join(collected, collected.c.collection_id == collections.c.id)
            .where(
                collected.c.job_id == job_id,
                collected.c.number == number,
                collections.c.owner_id == owner_id,
            )
            .order_by(collections.c.id)
        )
        return await self._database.read(lambda tx: tx.execute(query).scalars().all())


def forget(tx: sa.Connection, person_id: int) -> None:
    """Removes what a person collected."""
    tx.execute(collections.delete().where(collections.c.owner_id == person_id))


_COLUMNS = (
    collections.c.id,
    collections.c.owner_id,
    collections.c.owner_name,
    collections.c.name,
    collections.c.showing,
    collections.c.created_at,
    collections.c.changed_at,
)
_WITH_COUNT = (
    sa.select(*_COLUMNS, sa.func.count(collected.c.job_id))
    .outerjoin(collected, collected.c.collection_id == collections.c.id)
    .group_by(*_COLUMNS)
    .order_by(collections.c.changed_at.desc(), collections.c.id)
)


def _read(tx: sa.Connection, condition: sa.ColumnElement[bool]) -> list[Collection]:
    return [
        Collection(
            id=id,
            owner=Owner(owner_id, owner_name),
            name=name,
            showing=Showing(showing),
            created_at=created_at,
            changed_at=changed_at,
            count=count,
        )
        for id, owner_id, owner_name, name, showing, created_at, changed_at, count in tx.execute(
            _WITH_COUNT.where(condition)
        )
    ]


def _one(tx: sa.Connection, id: str) -> Collection:
    found = _read(tx, collections.c.id == id)
    if not found:
        raise CollectionNotFoundError
    return found[0]


def _of(tx: sa.Connection, owner_id: int) -> list[Collection]:
    return _read(tx, collections.c.owner_id == owner_id)


def _touch(tx: sa.Connection, id: str, now: float) -> None:
    """From here on nobody else changes it until the transaction ends."""
    change = collections.update().where(collections.c.id == id).values(changed_at=now)
    if not tx.execute(change).rowcount:
        raise CollectionNotFoundError


def _works(tx: sa.Connection, id: str) -> list[str]:
    query = (
        sa.select(collected.c.job_id, collected.c.number)
        .where(collected.c.collection_id == id)
        .order_by(collected.c.place, collected.c.job_id, collected.c.number)
    )
    return [work_id(job_id, number) for job_id, number in tx.execute(query)]


def _this(id: str, work: str) -> sa.ColumnElement[bool]:
    job_id, number = read_id(work)
    return sa.and_(
        collected.c.collection_id == id,
        collected.c.job_id == job_id,
        collected.c.number == number,
    )


def _still_there(tx: sa.Connection, works: Sequence[str]) -> list[str]:
    there: set[str] = set()
    for begin in range(0, len(works), PAGE):
        jobs = {read_id(one)[0] for one in works[begin : begin + PAGE]}
        query = sa.select(images.c.job_id, images.c.number).where(images.c.job_id.in_(jobs))
        there |= {work_id(job_id, number) for job_id, number in tx.execute(query)}
    return [one for one in works if one in there]
