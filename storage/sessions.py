"""Who is logged in to the gallery, in an SQL database; see `core.sessions.Sessions`."""

from __future__ import annotations

import sqlalchemy as sa

from core.jobs import Owner
from core.sessions import Session
from storage.database import Database
from storage.tables import metadata

# The browser holds a secret; the row has its SHA-256. `adult`: age-rated pictures are turned on.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("person_id", sa.BigInteger, nullable=False),
    sa.Column("person_name", sa.Text, nullable=False),
    sa.Column("begun_at", sa.Double, nullable=False),
    sa.Column("ends_at", sa.Double, nullable=False),
    sa.Column("adult", sa.Boolean, nullable=False),
)

sa.Index("ix_sessions_person", sessions.c.person_id)


class SqlSessions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, digest: str, session: Session, *, instead_of: str, most: int) -> None:
        person = session.person
        over = sa.or_(sessions.c.digest == instead_of, sessions.c.ends_at <= session.begun_at)
        newest = (
            sa.select(sessions.c.digest)
            .where(sessions.c.person_id == person.id, sessions.c.digest != digest)
            .order_by(sessions.c.begun_at.desc(), sessions.c.digest)
            .limit(most - 1)
        )
        values = {
            "digest": digest,
            "person_id": person.id,
            "person_name": person.name,
            "begun_at": session.begun_at,
            "ends_at": session.ends_at,
            "adult": session.adult,
        }

        def work(tx: sa.Connection) -> None:
            tx.execute(sessions.delete().where(over))
            tx.execute(sessions.insert().inline(), values)
            kept = [digest, *tx.execute(newest).scalars()]
            tx.execute(
                sessions.delete().where(
                    sessions.c.person_id == person.id, sessions.c.digest.not_in(kept)
                )
            )

        await self._database.write(work)

    async def of(self, digest: str, now: float) -> Session | None:
        query = sa.select(sessions).where(sessions.c.digest == digest, sessions.c.ends_at > now)
        row = await self._database.read(lambda tx: tx.execute(query).one_or_none())
        if row is None:
            return None
        return Session(
            person=Owner(row.person_id, row.person_name),
            begun_at=row.begun_at,
            ends_at=row.ends_at,
            adult=row.adult,
        )

    async def turn(self, digest: str, *, adult: bool) -> None:
        change = sessions.update().where(sessions.c.digest == digest).values(adult=adult)
        await self._database.write(lambda tx: tx.execute(change).close())

    async def end(self, digest: str) -> None:
        gone = sessions.delete().where(sessions.c.digest == digest)
        await self._database.write(lambda tx: tx.execute(gone).close())

    async def end_all(self, person_id: int) -> int:
        return await self._database.write(lambda tx: forget(tx, person_id))


def forget(tx: sa.Connection, person_id: int) -> int:
    """Ends all sessions of a person; returns how many that were."""
    return tx.execute(sessions.delete().where(sessions.c.person_id == person_id)).rowcount
