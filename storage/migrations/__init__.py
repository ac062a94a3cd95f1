"""Brings the database to the newest schema, after a backup of what was there.

Alembic is imported only when there is something to do: it costs a start-up 10 MB and a fifth of a
second. So the revisions are listed here too, and a test compares the list with Alembic's.

Each revision writes out its own columns, however many look alike: it is never changed, and so
stands on nothing that is, such as the tables of today. Only 0009 asks the core, for the words in
pictures that were there before, since they must be those that are looked for now.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import SettingsError
from storage import sqlite
from storage.database import Database

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0012",
    "0010",
    "0013",
    "0014",
    "0009",
    "0015",
    "0016",
    "0017",
)
"""Oldest first. A database at any other revision was made by a newer Easel."""

KEEP_BACKUPS = 5

log = logging.getLogger(__name__)


async def migrate(database: Database, backups: Path) -> None:
    """Raises SettingsError for a database that this Easel cannot use, BusyError, DiskFullError."""
    if await database.read(_revision) == REVISIONS[-1]:
        return
    await database.change_schema(lambda connection: _migrate(connection, database, backups))


async def _migrate(connection: AsyncConnection, database: Database, backups: Path) -> None:
    # Asked again, now that nobody else can write: another process may have been first.
    found = await connection.run_sync(_revision)
    if found == REVISIONS[-1]:
        return
    if found is not None and database.file is not None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        copy = backups / f"easel-{stamp}-from-{found}.db"
        await asyncio.to_thread(_back_up, database.file, copy)
        log.info("Kept a copy of the database as %s before changing it.", copy.name)
    await connection.run_sync(_upgrade)


def _revision(tx: sa.Connection) -> str | None:
    """The schema found; None in an empty database. Raises SettingsError."""
    tables = set(sa.inspect(tx).get_table_names())
    if "alembic_version" not in tables:
        if tables & {"jobs", "ledger", "images"}:
            raise SettingsError(
                "The database holds tables of another program; name another in EASEL_DATABASE_URL."
            )
        return None
    found = tx.scalar(sa.text("SELECT version_num FROM alembic_version"))
    if found is not None and found not in REVISIONS:
        raise SettingsError(
            f"The database was written by a newer Easel (revision {found}, this one knows up to "
            f"{REVISIONS[-1]}): update Easel, or bring back a copy from data/backups."
        )
    return found


def _upgrade(tx: sa.Connection, to: str = "head") -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = tx
    command.upgrade(config, to)


def _back_up(database: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    sqlite.back_up(database, to)
    for old in sorted(to.parent.glob("easel-*.db"))[:-KEEP_BACKUPS]:
        old.unlink(missing_ok=True)
