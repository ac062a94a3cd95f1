"""Showcases and what hangs in them, in an SQL database; see `core.showcase.Showcases`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import sqlalchemy as sa

from core.allowance import EVERYONE
from core.errors import ImageNotFoundError
from core.jobs import Owner
from core.showcase import (
    FRESH,
    MOST_SHOWCASES,
    Again,
    By,
    Due,
    Errand,
    Exhibit,
    Hanging,
    Showcase,
    Way,
    hangs_no_more,
    hung_again,
    no_such_showcase,
    too_many_showcases,
)
from storage import audit
from storage.database import BACKGROUND, Database, take_turns
from storage.exhibits import SERVER, VOTES, WORK, exhibit, hidden
from storage.showcase_tables import hangings, showcases
from storage.tables import images, jobs, likes, servers, works

_HUNG = (
    hangings.outerjoin(
        images, sa.and_(images.c.job_id == hangings.c.job_id, images.c.number == hangings.c.number)
    )
    .outerjoin(jobs, jobs.c.id == images.c.job_id)
    .outerjoin(works, WORK)
    .outerjoin(servers, SERVER)
)


class SqlShowcases:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_server(self, server_id: int) -> Sequence[Showcase]:
        return await self._database.read(lambda tx: _of_server(tx, server_id))

    async def get(self, showcase_id: int) -> Showcase:
        return await self._database.read(lambda tx: _get(tx, showcase_id))

    async def add(self, new: Showcase, *, by: Owner, now: float) -> Showcase:
        def work(tx: sa.Connection) -> Showcase:
            take_turns(tx, -new.server_id)
            if len(_of_server(tx, new.server_id)) >= MOST_SHOWCASES:
                raise too_many_showcases()
            row = tx.execute(showcases.insert().returning(showcases), _columns(new)).one()
            _log(tx, new.server_id, {}, _columns(new), by, now)
            return _showcase(row)

        return await self._database.write(work)

    async def change(
        self,
        showcase_id: int,
        change: Callable[[Showcase], Showcase],
        *,
        by: Owner,
        now: float,
    ) -> Showcase:
        def work(tx: sa.Connection) -> Showcase:
            before = _get(tx, showcase_id, locked=True)
            after = change(before)
            this = showcases.update().where(showcases.c.id == showcase_id)
            tx.execute(this.values(**_columns(after)))
            _log(tx, before.server_id, _columns(before), _columns(after), by, now)
            return after

        return await self._database.write(work)

    async def remove(self, showcase_id: int, *, by: Owner, now: float) -> None:
        def work(tx: sa.Connection) -> None:
            before = _get(tx, showcase_id, locked=True)
            this = showcases.update().where(showcases.c.id == showcase_id)
            tx.execute(this.values(removed_at=now))
            waits = sa.and_(hangings.c.showcase_id == showcase_id, hangings.c.message_id == 0)
            tx.execute(hangings.delete().where(waits))
            _log(tx, before.server_id, _columns(before), {"removed": True}, by, now)

        await self._database.write(work)

    async def exhibit(self, job_id: str, number: int) -> Exhibit:
        return await self._database.read(lambda tx: exhibit(tx, job_id, number))

    async def hang(
        self,
        showcase_id: int,
        job_id: str,
        number: int,
        way: Way,
        again: Again,
        *,
        now: float,
        by: Owner | None = None,
    ) -> tuple[Hanging, bool]:
        def work(tx: sa.Connection) -> tuple[Hanging, bool]:
            showcase = _get(tx, showcase_id, locked=True)
            place = {"showcase_id": showcase_id, "job_id": job_id, "number": number}
            here = sa.and_(*(hangings.c[name] == value for name, value in place.items()))
            row = tx.execute(sa.select(hangings).where(here)).one_or_none()
            if row is not None and row.taken_by is None:
                return _hanging(row), False
            if row is None:
                values = {**place, "way": way.value, "turn": 1, "message_id": 0, "votes": 0}
                new = tx.execute(hangings.insert().returning(hangings), values).one()
            else:
                again(_hanging(row))
                after = hung_again(_hanging(row), way)
                values = {"way": way.value, "turn": after.turn, "taken_by": None}
                change = hangings.update().where(hangings.c.id == row.id)
                change = change.values(**values, hung_at=None, votes=0)
                new = tx.execute(change.returning(hangings)).one()
            if by is not None:
                _log(tx, showcase.server_id, {}, {"featured": f"{job_id}-{number}"}, by, now)
            return _hanging(new), True

        return await self._database.write(work)

    async def hanging(self, hanging_id: int) -> tuple[Hanging, Showcase]:
        def work(tx: sa.Connection) -> tuple[Hanging, Showcase]:
            found = _one(tx, hanging_id)
            query = sa.select(showcases).where(showcases.c.id == found.showcase_id)
            return found, _showcase(tx.execute(query).one())

        return await self._database.read(work)

    async def take_down(
        self, hanging_id: int, taken_by: By, *, now: float, by: Owner | None = None
    ) -> Hanging:
        def work(tx: sa.Connection) -> Hanging:
            before = _one(tx, hanging_id)
            if before.taken_by is not None:
                return before
            this = hangings.update().where(hangings.c.id == hanging_id)
            row = tx.execute(this.values(taken_by=taken_by.value).returning(hangings)).one()
            if by is not None:
                query = sa.select(showcases.c.server_id).where(showcases.c.id == row.showcase_id)
                gone = {"taken_down": f"{row.job_id}-{row.number}"}
                _log(tx, tx.execute(query).scalar_one(), {}, gone, by, now)
            return _hanging(row)

        return await self._database.write(work)

    async def take_all_down(self, showcase_id: int) -> int:
        hung = sa.and_(hangings.c.showcase_id == showcase_id, hangings.c.taken_by.is_(None))
        change = hangings.update().where(hung).values(taken_by=By.NOBODY.value)

        def work(tx: sa.Connection) -> int:
            return len(tx.execute(change.returning(hangings.c.id)).all())

        return await self._database.write(work, patience=BACKGROUND)

    async def liked(self, since: float, *, limit: int = 500) -> Sequence[tuple[str, int, float]]:
        query = (
            sa.select(likes.c.job_id, likes.c.number, likes.c.at)
            .join(jobs, jobs.c.id == likes.c.job_id)
            .where(likes.c.at >= since)
            .where(
                sa.exists().where(
                    showcases.c.server_id == jobs.c.server_id,
                    showcases.c.removed_at.is_(None),
                    showcases.c.likes > 0,
                )
            )
            .order_by(likes.c.at)
            .limit(limit)
        )

        def work(tx: sa.Connection) -> Sequence[tuple[str, int, float]]:
            # Not grouped in SQL: SQLite would read all likes there are in the order of pictures.
            last = {(job_id, number): at for job_id, number, at in tx.execute(query)}
            found = [(job_id, number, at) for (job_id, number), at in last.items()]
            return sorted(found, key=lambda one: one[2])

        return await self._database.read(work)

    async def due(
        self, now: float, *, limit: int = 100, job_ids: Collection[str] | None = None
    ) -> Sequence[Due]:
        return await self._database.read(lambda tx: _due(tx, now, limit, job_ids))

    async def posting(self, hanging: Hanging, now: float) -> float:
        first = sa.func.coalesce(hangings.c.began_at, now)
        change = _turn(hanging).values(began_at=first).returning(hangings.c.began_at)

        def work(tx: sa.Connection) -> float:
            began = tx.execute(change).scalar_one_or_none()
            return now if began is None else began

        return await self._database.write(work, patience=BACKGROUND)

    async def posted(self, hanging: Hanging, message_id: int, votes: int, now: float) -> None:
        hung = sa.func.coalesce(hangings.c.hung_at, now)
        change = _turn(hanging).values(message_id=message_id, votes=votes, hung_at=hung)
        await self._database.write(lambda tx: _run(tx, change), patience=BACKGROUND)

    async def cleared(self, hanging: Hanging) -> None:
        def work(tx: sa.Connection) -> None:
            values = {"message_id": 0, "began_at": None}
            tx.execute(_turn(hanging).values(**values))
            there = sa.exists().where(
                images.c.job_id == hangings.c.job_id, images.c.number == hangings.c.number
            )
            tx.execute(hangings.delete().where(hangings.c.id == hanging.id, ~there))

        await self._database.write(work, patience=BACKGROUND)


def _due(tx: sa.Connection, now: float, limit: int, job_ids: Collection[str] | None) -> list[Due]:
    there = hangings.c.message_id != 0
    begun = hangings.c.began_at.is_not(None)
    wanted = hangings.c.taken_by.is_(None)
    # Deleted, or not for everybody any more, or of another rating than it was.
    gone = sa.or_(images.c.job_id.is_(None), hidden(), works.c.age_rated != showcases.c.age_rated)
    open_ = showcases.c.removed_at.is_(None)
    looked_at = sa.true()
    if job_ids is not None:
        looked_at = sa.or_(~there, ~wanted, hangings.c.job_id.in_(job_ids))
    found: list[Due] = []
    for errand, condition in (
        # One that was begun may be there, though nobody saw its id.
        (
            Errand.TAKE_DOWN,
            sa.or_(sa.and_(sa.or_(there, begun), sa.or_(~wanted, gone)), sa.and_(wanted, gone)),
        ),
        (Errand.POST, sa.and_(~there, wanted, open_, ~gone)),
        (
            Errand.RECOUNT,
            sa.and_(there, wanted, hangings.c.hung_at > now - FRESH, hangings.c.votes != VOTES),
        ),
    ):
        query = (
            sa.select(hangings.c.id)
            .select_from(_HUNG.join(showcases, showcases.c.id == hangings.c.showcase_id))
            .where(looked_at, condition)
            .order_by(hangings.c.id)
            .limit(limit - len(found))
        )
        for id in tx.execute(query).scalars().all():
            hanging = _one(tx, id)
            of = sa.select(showcases).where(showcases.c.id == hanging.showcase_id)
            try:
                shown = exhibit(tx, hanging.job_id, hanging.number)
            except ImageNotFoundError:
                shown = None
            found.append(Due(errand, hanging, _showcase(tx.execute(of).one()), shown))
    return found


def _of_server(tx: sa.Connection, server_id: int) -> list[Showcase]:
    query = (
        sa.select(showcases)
        .where(showcases.c.server_id == server_id, showcases.c.removed_at.is_(None))
        .order_by(showcases.c.id)
    )
    return [_showcase(row) for row in tx.execute(query)]


def _get(tx: sa.Connection, showcase_id: int, *, locked: bool = False) -> Showcase:
    """Raises NotFoundError. `locked`: nobody else changes it until the transaction ends."""
    query = sa.select(showcases).where(
        showcases.c.id == showcase_id, showcases.c.removed_at.is_(None)
    )
    row = tx.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise no_such_showcase()
    return _showcase(row)


def _one(tx: sa.Connection, hanging_id: int) -> Hanging:
    """Raises NotFoundError."""
    row = tx.execute(sa.select(hangings).where(hangings.c.id == hanging_id)).one_or_none()
    if row is None:
        raise hangs_no_more()
    return _hanging(row)


def _turn(hanging: Hanging) -> sa.Update:
    """A change of this turn alone: a message that comes late is not taken for that of the next."""
    return hangings.update().where(hangings.c.id == hanging.id, hangings.c.turn == hanging.turn)


def _run(tx: sa.Connection, change: sa.Update) -> None:
    tx.execute(change)


def _log(
    tx: sa.Connection,
    server_id: int,
    before: dict[str, Any],
    after: dict[str, Any],
    by: Owner,
    now: float,
) -> None:
    audit.note(tx, server_id, "showcase", EVERYONE, before, after, by=by, now=now)


def _columns(showcase: Showcase) -> dict[str, Any]:
    return {
        "server_id": showcase.server_id,
        "channel_id": showcase.channel_id,
        "topic": showcase.topic,
        "likes": showcase.likes,
        "age_rated": showcase.age_rated,
    }


def _showcase(row: sa.Row[Any]) -> Showcase:
    return Showcase(
        id=row.id,
        server_id=row.server_id,
        channel_id=row.channel_id,
        topic=row.topic,
        likes=row.likes,
        age_rated=row.age_rated,
    )


def _hanging(row: sa.Row[Any]) -> Hanging:
    return Hanging(
        id=row.id,
        showcase_id=row.showcase_id,
        job_id=row.job_id,
        number=row.number,
        way=Way(row.way),
        turn=row.turn,
        began_at=row.began_at,
        hung_at=row.hung_at,
        message_id=row.message_id,
        votes=row.votes,
        taken_by=By(row.taken_by) if row.taken_by else None,
    )
