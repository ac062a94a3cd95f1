"""Databases to test on. A migrated one is made once and copied: it is what takes time."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.album import Album
from core.ports import JobStore, Rulebook, Wishes
from core.reports import Reports
from core.works import Works
from storage.database import Database, database_url
from storage.opening import Storage, open_storage
from tests.fakes.memory_album import MemoryAlbum
from tests.fakes.memory_reports import MemoryReports
from tests.fakes.memory_store import MemoryJobStore
from tests.fakes.memory_wishes import MemoryWishes
from tests.fakes.memory_works import MemoryWorks

POSTGRES = "EASEL_TEST_POSTGRES_URL"
"""Names a database that may be emptied, so that the contract suite runs on PostgreSQL as well."""

DATABASES = ["sqlite", *(["postgres"] if POSTGRES in os.environ else [])]
STORES = ["memory", *DATABASES]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty, migrated database."""
    folder = tmp_path_factory.mktemp("migrated")

    async def make() -> None:
        async with open_storage(folder):
            pass

    # In a thread, since the fixture may be asked for while a loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(make())).result()
    return folder / "easel.db"


@pytest.fixture
def data(tmp_path: Path, migrated: Path) -> Path:
    """A data folder with an empty, migrated database."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(migrated, folder / "easel.db")
    return folder


@pytest.fixture
async def storage(data: Path) -> AsyncGenerator[Storage]:
    async with open_storage(data) as opened:
        yield opened


@dataclass(frozen=True)
class Books:
    """A JobStore, the Rulebook that goes with it, and what people prefer."""

    jobs: JobStore
    rules: Rulebook
    wishes: Wishes
    album: Album
    works: Works
    reports: Reports


def in_memory() -> Books:
    """The pair that is no database."""
    memory, wishes = MemoryJobStore(), MemoryWishes()
    album = MemoryAlbum(memory)
    works = MemoryWorks(memory, album, wishes)
    return Books(memory, memory.rules, wishes, album, works, MemoryReports(memory.rules))


def of_database(opened: Storage) -> Books:
    return Books(
        opened.jobs, opened.rules, opened.wishes, opened.album, opened.works, opened.reports
    )


@asynccontextmanager
async def opened(request: pytest.FixtureRequest, folder: Path) -> AsyncGenerator[Storage]:
    """The database that the parameter of a fixture names, empty."""
    if request.param == "sqlite":
        async with open_storage(request.getfixturevalue("data")) as storage:
            yield storage
    else:
        await _empty(os.environ[POSTGRES], folder)
        async with open_storage(folder, os.environ[POSTGRES]) as storage:
            yield storage


@pytest.fixture(params=STORES)
async def books(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Books]:
    """Each pair of stores there is, empty."""
    if request.param == "memory":
        yield in_memory()
    else:
        async with opened(request, tmp_path) as database:
            yield of_database(database)


@pytest.fixture
def store(books: Books) -> JobStore:
    return books.jobs


async def _empty(url: str, data: Path) -> None:
    database = await Database.open(database_url(url, data))

    def drop(tx: sa.Connection) -> None:
        tx.execute(sa.text("DROP SCHEMA public CASCADE"))
        tx.execute(sa.text("CREATE SCHEMA public"))

    await database.write(drop)
    await database.close()
