"""Everything that holds for SQLite alone: pragmas, the choice of journal, backups."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import SettingsError
from storage import driver

BUSY_SECONDS = 5.0


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether write-ahead logging is safe with several processes on this SQLite.

    Two connections that write or checkpoint at once can corrupt the file from 3.7.0 to 3.51.2
    (https://sqlite.org/wal.html#walresetbug); 3.50.7 and 3.44.6 have the cure too.
    """
    return (
        version >= (3, 51, 3)
        or (version[:2] == (3, 50) and version >= (3, 50, 7))
        or (version[:2] == (3, 44) and version >= (3, 44, 6))
    )


def journal_mode(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> str:
    """`wal` where that is safe, else `truncate`."""
    return "wal" if wal_is_safe(version) else "truncate"


def journal_sentence(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> str:
    """The choice and its reason, for `easel doctor`."""
    number = ".".join(map(str, version))
    if wal_is_safe(version):
        return f"SQLite {number}: write-ahead log, readers never wait for the writer."
    return (
        f"SQLite {number} can damage a database in write-ahead mode when two programs write at "
        "once, so Easel keeps a rollback journal: as safe, a little slower. "
        "SQLite 3.51.3 or newer lifts this."
    )


def prepare_writer(engine: Engine) -> None:
    """The one connection that writes. The driver must be in autocommit: transactions are ours."""
    _prepare(engine)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        wanted = journal_mode()
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        _choose_journal(cursor, wanted)
        # An acknowledged job survives a pulled plug, not only a crash of the process.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        # A token that was emptied is overwritten in the file too.
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A deferred transaction that reads first cannot become a writing one once somebody else
        # has written: it fails at once, whatever the busy timeout.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _choose_journal(cursor: Any, wanted: str) -> None:
    try:
        cursor.execute(f"PRAGMA journal_mode = {wanted}")
    except sqlite3.OperationalError:
        cursor.execute("PRAGMA journal_mode")
        found = cursor.fetchone()[0]
        if "wal" not in (found, wanted) or found == wanted:
            raise
        raise SettingsError(
            f"The database is open in journal mode {found} where this Easel needs {wanted}: "
            "stop the other Easel first."
        ) from None
    cursor.fetchone()


def prepare_reader(engine: Engine) -> None:
    """Connections that only read; several statements of one block see one state."""
    _prepare(engine)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # It locks nothing before the first statement, so it may as well come with it.
        line: Any = connection.connection.driver_connection
        line.preface = "BEGIN"


def _prepare(engine: Engine) -> None:
    @event.listens_for(engine, "do_connect")
    def on_connecting(_dialect: Any, _record: Any, _given: Any, options: dict[str, Any]) -> None:
        options["async_creator_fn"] = driver.connect


async def set_busy_timeout(connection: AsyncConnection, milliseconds: int) -> None:
    """How long the next statements wait for another process's lock."""
    # Past SQLAlchemy, which would begin a transaction, and so take the lock, for this statement.
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    cursor = await driver.execute(f"PRAGMA busy_timeout = {milliseconds}")
    await cursor.close()


def empty_log(database: Path) -> None:
    """Brings what was written into the database itself, and cuts the log that it went through,
    where there is one."""
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        if mode == "wal":
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def back_up(database: Path, to: Path) -> None:
    """A consistent copy of a database in use, whole under its name or not there at all."""
    partial = to.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)
    partial.replace(to)
