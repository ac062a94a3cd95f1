"""The database: who may write when, how long anybody waits, and what an error means.

One connection per process writes, a few read. A transaction that began is never cut off: when its
caller is cancelled it still ends, committed or rolled back, before the next one begins.
"""

from __future__ import annotations

import asyncio
import errno
import math
import shutil
import sqlite3
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from core.errors import BusyError, DiskFullError, EaselError, SettingsError
from storage import sqlite

INTERACTIVE = 1.5
"""Seconds a call that somebody waits for may wait for the database; Discord allows three in all."""

BACKGROUND = sqlite.BUSY_SECONDS
"""Seconds for calls that nobody watches, where giving up costs more than waiting."""

READERS = 3
SERVER_WRITERS = 5
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}

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
        self.url = url
        self.on_sqlite = url.get_backend_name() == "sqlite"
        try:
            self._writer, self._reader = self._engines()
        except (NoSuchModuleError, ImportError) as error:
            raise SettingsError(
                f"The driver {url.drivername} is not installed: {error}. "
                "For PostgreSQL: pip install asyncpg."
            ) from error
        self._turn = asyncio.Semaphore(1 if self.on_sqlite else SERVER_WRITERS)
        self._busy_ms = int(sqlite.BUSY_SECONDS * 1000)
        self._open: set[asyncio.Task[Any]] = set()

    def _engines(self) -> tuple[AsyncEngine, AsyncEngine]:
        if not self.on_sqlite:
            engine = create_async_engine(
                self.url, pool_size=SERVER_WRITERS + READERS, pool_timeout=INTERACTIVE
            )
            return engine, engine
        engines = [
            create_async_engine(
                self.url,
                # None is the driver's autocommit: it begins and ends nothing by itself.
                connect_args={"isolation_level": None},
                poolclass=AsyncAdaptedQueuePool,
                pool_size=size,
                max_overflow=0,
                pool_timeout=INTERACTIVE,
            )
            for size in (1, READERS)
        ]
        sqlite.prepare_writer(engines[0].sync_engine)
        sqlite.prepare_reader(engines[1].sync_engine)
        return engines[0], engines[1]

    @classmethod
    async def open(cls, url: URL) -> Database:
        """Connects once. Raises SettingsError for a file that is no database of Easel's, BusyError,
        DiskFullError."""
        database = cls(url)
        try:
            # The writer comes first: it chooses the journal, which it cannot do beside a reader.
            await database.write(lambda tx: None, patience=BACKGROUND)
        except SQLAlchemyError as error:
            await database.close()
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise SettingsError(f"The database cannot be opened: {cause}.") from error
        except BaseException:
            await database.close()
            raise
        return database

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None."""
        return Path(str(self.url.database)) if self.on_sqlite else None

    async def close(self) -> None:
        """Waits for the transactions that are open, then closes the connections."""
        while self._open:
            await asyncio.wait(self._open)
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()

    async def write(
        self, work: Callable[[sa.Connection], T], *, patience: float = INTERACTIVE
    ) -> T:
        """One writing transaction; commits unless `work` raises.

        Waits at most about `patience` seconds for its turn and for other processes, then raises
        BusyError with nothing done. Raises DiskFullError, likewise with nothing done.
        """
        return await self._write(lambda connection: connection.run_sync(work), patience)

    async def change_schema(self, work: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        """One writing transaction that may await, for migrations: nobody else writes meanwhile."""
        await self._write(work, BACKGROUND)

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Reads one consistent state. Raises BusyError."""
        return await self._to_the_end(self._reading(work))

    async def _write(self, work: Callable[[AsyncConnection], Awaitable[T]], patience: float) -> T:
        deadline = time.monotonic() + patience
        try:
            async with asyncio.timeout(patience):
                await self._turn.acquire()
        except TimeoutError:
            raise BusyError from None
        return await self._to_the_end(self._transaction(work, deadline))

    async def _to_the_end(self, transaction: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(transaction)
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        return await asyncio.shield(task)

    async def _transaction(
        self, work: Callable[[AsyncConnection], Awaitable[T]], deadline: float
    ) -> T:
        try:
            async with self._writer.connect() as connection:
                await self._wait_until(connection, deadline)
                async with connection.begin():
                    result = await work(connection)
                    # The commit may wait too, for the readers of other processes.
                    await self._wait_until(connection, deadline)
                return result
        except (SQLAlchemyError, OSError) as error:
            raise self._translated(error) from error
        finally:
            self._turn.release()

    async def _reading(self, work: Callable[[sa.Connection], T]) -> T:
        try:
            async with self._reader.connect() as connection:
                return await connection.run_sync(work)
        except (SQLAlchemyError, OSError) as error:
            raise self._translated(error) from error

    async def _wait_until(self, connection: AsyncConnection, deadline: float) -> None:
        """Bounds the wait for locks by what is left, in half seconds to spare most calls one."""
        if not self.on_sqlite:
            return
        left = max(0.1, math.ceil((deadline - time.monotonic()) * 2) / 2)
        milliseconds = int(left * 1000)
        if milliseconds != self._busy_ms:
            await sqlite.set_busy_timeout(connection, milliseconds)
            self._busy_ms = milliseconds

    def _translated(self, error: Exception) -> Exception:
        """The error for people that this one means, or itself where it means none."""
        if isinstance(error, PoolTimeoutError):
            return BusyError()
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, sqlite3.Error):
            return self._translated_sqlite(cause) or error
        if isinstance(cause, OSError):
            return DiskFullError() if cause.errno == errno.ENOSPC else BusyError()
        return _translated_server(error) or error

    def _translated_sqlite(self, error: sqlite3.Error) -> EaselError | None:
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return BusyError()
            case sqlite3.SQLITE_FULL:
                return DiskFullError()
            case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN if self._disk_is_full():
                # A full disk also shows as a failed sync, or as a journal that cannot be made.
                return DiskFullError()
            case _:
                return None

    def _disk_is_full(self) -> bool:
        assert self.file is not None
        try:
            return shutil.disk_usage(self.file.parent).free < 2**20
        except OSError:
            return False


def _translated_server(error: Exception) -> EaselError | None:
    """By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html."""
    if not isinstance(error, DBAPIError):
        return None
    code = str(getattr(error.orig, "sqlstate", None) or "")
    if code == "53100":
        return DiskFullError()
    if error.connection_invalidated or code[:2] in ("08", "40", "53", "55", "57"):
        return BusyError()
    return None


def take_turns(tx: sa.Connection, key: int) -> None:
    """Until the transaction ends, only one at a time passes with this key.

    On SQLite there is one writing transaction at a time as it is.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
