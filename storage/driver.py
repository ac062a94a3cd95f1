"""SQLite's driver with one errand to its thread for a statement, where aiosqlite has four.

A cursor costs nothing until it is used, and brings all its rows home with it. Each errand wakes two
threads, and there are a hundred statements for every few pictures.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import aiosqlite


class Line(aiosqlite.Connection):
    """A connection for SQLAlchemy's asyncio dialect, which uses of it what is here.

    `preface` is a statement that is done together with the next one. The end of a transaction that
    never began needs no errand, unless somebody left before his errand was done.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        # As SQLAlchemy sets it on those that it makes: no exit waits for a connection.
        self._thread.daemon = True
        self.preface = ""
        self._settled = True

    def cursor(self) -> Any:
        return Cursor(self)

    async def errand(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """Calls it in the connection's thread."""
        preface, self.preface = self.preface, ""

        def both() -> Any:
            if preface:
                self._conn.execute(preface).close()
            return work(self._conn)

        self._settled = False
        try:
            found: Any = await self._execute(both)  # pyright: ignore[reportUnknownMemberType]
        except Exception:  # the work's own; a caller who is cancelled leaves it behind him
            self._settled = True
            raise
        self._settled = True
        return found

    async def commit(self) -> None:
        if self._is_open():
            await super().commit()
            self._settled = True

    async def rollback(self) -> None:
        if self._is_open():
            await super().rollback()
            self._settled = True

    def _is_open(self) -> bool:
        self.preface = ""
        return not self._settled or self._conn.in_transaction


class Cursor:
    """One statement and its rows."""

    def __init__(self, line: Line) -> None:
        self.arraysize = 1
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self._line = line
        self._rows: list[Any] = []

    async def __aenter__(self) -> Cursor:
        return self

    async def execute(self, sql: str, values: Sequence[Any] = ()) -> Cursor:
        await self._line.errand(lambda raw: self._keep(raw.execute(sql, values)))
        return self

    async def executemany(self, sql: str, values: Iterable[Sequence[Any]]) -> Cursor:
        await self._line.errand(lambda raw: self._keep(raw.executemany(sql, values)))
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else []
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        cursor.close()


def connect(database: str, **options: Any) -> Line:
    """What `aiosqlite.connect` gives, to be awaited."""
    return Line(partial(sqlite3.connect, database, **options))
