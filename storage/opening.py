"""Opens everything that is kept: rows, files, and this process's own lock."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import DiskFullError, SettingsError
from storage.album import SqlAlbum
from storage.allowances import RuleReader, SqlRulebook
from storage.blobs import LocalBlobs
from storage.collections import SqlCollections
from storage.database import Database, database_url
from storage.forgetting import SqlEraser
from storage.instances import Instance
from storage.jobs import SqlJobStore
from storage.looks import SqlLooks
from storage.migrations import migrate
from storage.notices import SqlNotices
from storage.reports import SqlReports
from storage.sessions import SqlSessions
from storage.showcase import SqlShowcases
from storage.sweep import Sweep
from storage.themes import SqlThemes
from storage.wishes import SqlWishes
from storage.works import SqlWorks


@dataclass(frozen=True, slots=True)
class Storage:
    """What `open_storage` gives; all of it closes with the block."""

    database: Database
    jobs: SqlJobStore
    rules: SqlRulebook
    wishes: SqlWishes
    notices: SqlNotices
    reports: SqlReports
    blobs: LocalBlobs
    sweep: Sweep
    album: SqlAlbum
    showcases: SqlShowcases
    themes: SqlThemes
    looks: SqlLooks
    collections: SqlCollections
    sessions: SqlSessions
    works: SqlWorks
    eraser: SqlEraser
    instance: Instance


@asynccontextmanager
async def open_storage(data: Path, database_url_text: str = "") -> AsyncGenerator[Storage]:
    """Opens the data folder, making and migrating what is needed.

    Raises SettingsError, BusyError or DiskFullError. Leaving the block waits for transactions that
    are still open.
    """
    url = database_url(database_url_text, data)
    try:
        # Nobody but the operator's account: it holds private pictures and tokens.
        await asyncio.to_thread(data.mkdir, mode=0o700, parents=True, exist_ok=True)
        instance = await asyncio.to_thread(Instance.open, data)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFullError from error
        raise SettingsError(
            f"EASEL_DATA: the folder “{data}” cannot be used: {error.strerror or error}."
        ) from error
    async with AsyncExitStack() as opened:
        opened.callback(instance.close)
        database = await Database.open(url)
        opened.push_async_callback(database.close)
        await migrate(database, data / "backups")
        blobs = await LocalBlobs.open(data / "blobs", thumbs=data / "thumbs")
        reader = RuleReader()
        yield Storage(
            database,
            SqlJobStore(database, reader),
            SqlRulebook(database, reader),
            SqlWishes(database),
            SqlNotices(database),
            SqlReports(database),
            blobs,
            Sweep(database, blobs),
            SqlAlbum(database, blobs),
            SqlShowcases(database),
            SqlThemes(database),
            SqlLooks(database),
            SqlCollections(database),
            SqlSessions(database),
            SqlWorks(database),
            SqlEraser(database, blobs),
            instance,
        )
