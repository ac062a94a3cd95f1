"""The database: one connection per process that writes, a few that read.

Also the only place, with `storage.sqlite`, that knows which database it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from core.errors import BusyError, SettingsError
from storage import sqlite
from storage.faults import meaning
from storage.writer import Writer

INTERACTIVE = 1.5
"""Seconds a call that somebody waits for may wait for the database; Discord allows three in all."""

BACKGROUND = sqlite.BUSY_SECONDS
"""Seconds for calls that nobody watches, where giving up costs more than waiting."""

READERS = 3
SERVER_WRITERS = 5
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_PATIENT_DRIVERS: dict[str, dict[str, Any]] = {
    "postgresql+asyncpg": {
        "timeout": INTERACTIVE,
        "server_settings": {"lock_timeout": str(int(INTERACTIVE * 1000))},
    }
}

T = TypeVar("T")


def database_url(text: str, data: Path) -> URL:
    """The URL to open; empty text is an SQLite file in the data folder. Raises SettingsError."""
    if not text:
        return URL.create(DRIVERS["sqlite"], database=str(data / "easel.db"))
    try:
        url = make_url(text)
    except SQLAlchemyError as error:
        raise SettingsError("EASEL_DATABASE_URL is not a SQLAlchemy URL.") from error
    if url.drivername in DRIVERS:
        url = url.set(drivername=DRIVERS[url.drivername])
    if url.get_backend_name() not in DRIVERS:
        raise SettingsError("EASEL_DATABASE_URL must begin with sqlite:// or postgresql://.")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise SettingsError("EASEL_DATABASE_URL must name a file: jobs have to survive a restart.")
    return url


class Database:
    """Runs work in transactions. Work is a plain function of a connection; it must not block."""

    def __init__(self, url: URL) -> None:
        self.file = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
        """The SQLite file, or None."""
        try:
            writer, self._reader = _engines(url, on_sqlite=self.file is not None)
        except (NoSuchModuleError, ImportError) as error:
            raise SettingsError(
                f"The database driver {url.drivername} is not installed: {error}."
            ) from error
        self._writer = Writer(writer, self.file, 1 if self.file is not None else SERVER_WRITERS)
        self._reads: set[asyncio.Task[Any]] = set()

    @classmethod
    async def open(cls, url: URL) -> Database:
        """Connects once. Raises SettingsError for what is no database of Easel's, BusyError,
        DiskFullError."""
        database = cls(url)
        try:
            # The writer comes first: it chooses the journal, which it cannot do beside a reader.
            await database.write(lambda tx: None, patience=BACKGROUND)
        except SQLAlchemyError as error:
            await database.close()
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise SettingsError(f"The database cannot be opened: {cause}.") from error
        except BaseException as error:
            await database.close()
            if isinstance(error, BusyError) and database.file is None:
                raise SettingsError(
                    "The database does not answer: check EASEL_DATABASE_URL, and that its server "
                    "runs."
                ) from error
            raise
        return database

    async def close(self) -> None:
        """Waits for the transactions that are open, then closes the connections."""
        await self._writer.idle()
        while self._reads:
            await asyncio.wait(self._reads)
        await self._writer.engine.dispose()
        if self._reader is not self._writer.engine:
            await self._reader.dispose()

    async def write(
        self, work: Callable[[sa.Connection], T], *, patience: float = INTERACTIVE
    ) -> T:
        """Does the work in a writing transaction; it may be done again where the lock was lost, so
        it must change nothing but the database. Commits unless it raises.

        Waits at most about `patience` seconds for its turn and for other processes, then raises
        BusyError with nothing done. Raises DiskFullError, likewise with nothing done.
        """
        return await self._writer.write(lambda connection: connection.run_sync(work), patience)

    async def change_schema(self, work: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        """One writing transaction that may await, for migrations: nobody else writes meanwhile."""
        await self._writer.write(work, BACKGROUND)

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Reads one consistent state. Raises BusyError."""
        task = asyncio.create_task(_checked(self._reading(work), self.file))
        self._reads.add(task)
        task.add_done_callback(self._reads.discard)
        # A cancelled caller leaves; his connection is given back in order, not torn down.
        return await asyncio.shield(task)

    async def _reading(self, work: Callable[[sa.Connection], T]) -> T:
        async with self._reader.connect() as connection:
            return await connection.run_sync(work)


async def _checked(work: Coroutine[Any, Any, T], file: Path | None) -> T:
    try:
        return await work
    except (SQLAlchemyError, OSError) as error:
        known = meaning(error, file)
        if known is None:
            raise
        raise known from error


def _engines(url: URL, *, on_sqlite: bool) -> tuple[AsyncEngine, AsyncEngine]:
    if not on_sqlite:
        engine = create_async_engine(
            url,
            connect_args=_PATIENT_DRIVERS.get(url.drivername, {}),
            pool_size=SERVER_WRITERS + READERS,
            pool_timeout=INTERACTIVE,
        )
        return engine, engine
    writer, reader = (
        create_async_engine(
            url,
            # None is the driver's autocommit: it begins and ends nothing by itself.
            connect_args={"isolation_level": None},
            poolclass=AsyncAdaptedQueuePool,
            pool_size=size,
            max_overflow=0,
            pool_timeout=INTERACTIVE,
        )
        for size in (1, READERS)
    )
    sqlite.prepare_writer(writer.sync_engine)
    sqlite.prepare_reader(reader.sync_engine)
    return writer, reader


def take_turns(tx: sa.Connection, key: int) -> None:
    """Until the transaction ends, only one at a time passes with this key.

    On SQLite there is one writing transaction at a time as it is.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def whole(tx: sa.Connection, number: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """The whole part of a number that is not negative. A cast rounds on PostgreSQL and cuts on
    SQLite, which may have no floor()."""
    cut = sa.func.floor(number) if tx.dialect.name == "postgresql" else number
    return sa.cast(cut, sa.BigInteger)
