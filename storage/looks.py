"""What pictures look like, in an SQL database; see `core.likeness.Looks`."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa

from core.likeness import Circle, Kept, Look, Unseen
from core.request import Kind
from core.works import Showing
from storage.database import BACKGROUND, Database
from storage.gallery_tables import looks
from storage.tables import images, jobs, works

PAGE = 500
"""Numbers that are named in one query."""

MOST_SERVERS = 25
"""Whose newest pictures are read for one question."""


class SqlLooks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, looks: Sequence[tuple[Unseen, Look]]) -> None:
        await self._database.write(lambda tx: _keep(tx, looks), patience=BACKGROUND)

    async def unseen(self, kind: str, job_ids: Sequence[str]) -> Sequence[Unseen]:
        query = (
            sa.select(images.c.job_id, images.c.number, images.c.blob, jobs.c.request)
            .join(jobs, jobs.c.id == images.c.job_id)
            .outerjoin(looks, _of_image & (looks.c.kind == kind))
            .where(images.c.job_id.in_(job_ids), looks.c.id.is_(None))
            .order_by(images.c.job_id, images.c.number)
        )

        def work(tx: sa.Connection) -> Sequence[Unseen]:
            found: list[Unseen] = []
            for job_id, number, blob, text in tx.execute(query):
                request = json.loads(text)
                if request.get("kind") != Kind.UPSCALE.value:
                    found.append(Unseen(job_id, number, blob, request["text"]))
            return found

        return await self._database.read(work)

    async def page(self, after: str, limit: int) -> Sequence[str]:
        query = (
            sa.select(images.c.job_id)
            .where(images.c.job_id > after)
            .distinct()
            .order_by(images.c.job_id)
            .limit(limit)
        )
        return await self._database.read(lambda tx: tx.execute(query).scalars().all())

    async def of(self, kind: str, job_id: str, number: int) -> Kept | None:
        query = _KEPT.where(
            looks.c.job_id == job_id, looks.c.number == number, looks.c.kind == kind
        )
        rows = await self._kept(query)
        return rows[0] if rows else None

    async def some(
        self, kind: str, ids: Sequence[int], circle: Circle | None = None
    ) -> Sequence[Kept]:
        query = _SOME
        if circle is not None:
            query = query.join(works, _of_work).where(_in_circle(circle))
        found: list[Kept] = []
        for at in range(0, len(ids), PAGE):
            found += await self._kept(query, kind=kind, ids=list(ids[at : at + PAGE]))
        return found

    async def newest(self, kind: str, circle: Circle, limit: int) -> Sequence[Kept]:
        conditions = [works.c.owner_id == owner for owner in sorted(circle.owners)]
        for server in sorted(circle.servers)[:MOST_SERVERS]:
            # As the index has them.
            conditions += [
                sa.and_(
                    works.c.server_id == server,
                    works.c.showing == showing.value,
                    works.c.age_rated == sa.false(),
                )
                for showing in (Showing.PUBLIC, Showing.SERVER)
            ]
        each = -(-limit // max(1, len(circle.owners) + min(len(circle.servers), MOST_SERVERS)))
        query = (
            _KEPT.join(works, _of_work)
            .where(looks.c.kind == kind)
            .order_by(works.c.seq.desc())
            .limit(each)
        )
        found: dict[int, Kept] = {}
        for condition in conditions:
            found.update({row.id: row for row in await self._kept(query.where(condition))})
        return list(found.values())

    async def after(self, kind: str, id: int, limit: int) -> Sequence[tuple[int, bytes]]:
        query = (
            sa.select(looks.c.id, looks.c.numbers)
            .where(looks.c.kind == kind, looks.c.id > id)
            .order_by(looks.c.id)
            .limit(limit)
        )
        return await self._database.read(
            lambda tx: [(id, bytes(numbers)) for id, numbers in tx.execute(query)]
        )

    async def ids(self, kind: str, after: int, limit: int) -> Sequence[int]:
        query = (
            sa.select(looks.c.id)
            .where(looks.c.kind == kind, looks.c.id > after)
            .order_by(looks.c.id)
            .limit(limit)
        )
        return await self._database.read(lambda tx: tx.execute(query).scalars().all())

    async def count(self, kind: str) -> int:
        query = sa.select(sa.func.count()).select_from(looks).where(looks.c.kind == kind)
        return await self._database.read(lambda tx: tx.execute(query).scalar_one())

    async def _kept(
        self, query: sa.Select[int, str, int, bytes], **values: str | list[int]
    ) -> list[Kept]:
        return await self._database.read(
            lambda tx: [
                Kept(id, job_id, number, bytes(numbers))
                for id, job_id, number, numbers in tx.execute(query, values)
            ]
        )


_of_image = sa.and_(looks.c.job_id == images.c.job_id, looks.c.number == images.c.number)
_of_work = sa.and_(works.c.job_id == looks.c.job_id, works.c.number == looks.c.number)
_KEPT = sa.select(looks.c.id, looks.c.job_id, looks.c.number, looks.c.numbers)


# Hundreds of numbers are named at a time: as one parameter they need not be looked at one by one.
_SOME = _KEPT.where(
    looks.c.kind == sa.bindparam("kind"), looks.c.id.in_(sa.bindparam("ids", expanding=True))
)


def _in_circle(circle: Circle) -> sa.ColumnElement[bool]:
    inside = sa.or_(works.c.owner_id.in_(circle.owners), works.c.server_id.in_(circle.servers))
    return sa.or_(inside, works.c.showing == Showing.PUBLIC.value) if circle.public else inside


def _keep(tx: sa.Connection, seen: Sequence[tuple[Unseen, Look]]) -> None:
    for picture, look in seen:
        here = sa.and_(looks.c.job_id == picture.job_id, looks.c.number == picture.number)
        tx.execute(looks.delete().where(here))
        this = sa.and_(images.c.job_id == picture.job_id, images.c.number == picture.number)
        # Of a picture that is there: it may have been deleted while it was looked at.
        if tx.execute(sa.select(images.c.blob).where(this).with_for_update()).first() is None:
            continue
        values = {
            "job_id": picture.job_id,
            "number": picture.number,
            "kind": look.kind,
            "dimension": look.dimension,
            "numbers": look.numbers,
        }
        tx.execute(looks.insert().inline(), values)
