"""What was said once and is not to be said again, in an SQL database; see `core.ports.Notices`."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from storage.database import Database
from storage.tables import notices


class SqlNotices:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keys(self) -> Sequence[str]:
        query = sa.select(notices.c.key).order_by(notices.c.at, notices.c.key)
        return await self._database.read(lambda tx: list(tx.execute(query).scalars()))

    async def note(self, key: str, now: float) -> bool:
        def work(tx: sa.Connection) -> bool:
            there = sa.select(notices.c.key).where(notices.c.key == key)
            if tx.execute(there).one_or_none() is not None:
                return False
            tx.execute(notices.insert().inline(), {"key": key, "at": now})
            return True

        return await self._database.write(work)

    async def forget(self, key: str) -> None:
        gone = notices.delete().where(notices.c.key == key)

        def work(tx: sa.Connection) -> None:
            tx.execute(gone)

        await self._database.write(work)
