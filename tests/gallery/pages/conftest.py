"""A small gallery that is full of pictures, made once; each test has a copy of its own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.membership import Standing
from storage.opening import Storage, open_storage
from tests.fakes.memory_membership import MemoryMembership
from tests.gallery.seed import MEMBERS, SERVERS, Seeded, seed


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Seeded]:
    """The folder, and what is in it."""
    folder = tmp_path_factory.mktemp("filled")

    async def fill() -> Seeded:
        async with open_storage(folder) as storage:
            return await seed(storage, jobs=14, small=True)

    with ThreadPoolExecutor(1) as thread:
        return folder, thread.submit(lambda: asyncio.run(fill())).result()


@pytest.fixture
def seeded(filled: tuple[Path, Seeded]) -> Seeded:
    return filled[1]


@pytest.fixture
async def storage(tmp_path: Path, filled: tuple[Path, Seeded]) -> AsyncIterator[Storage]:
    folder = tmp_path / "data"
    shutil.copytree(filled[0], folder)
    async with open_storage(folder) as opened:
        yield opened


@pytest.fixture
def town() -> MemoryMembership:
    return MemoryMembership(
        {
            (person.id, server_id): Standing(name=person.name, member=True)
            for server_id, people in MEMBERS.items()
            for person in people
        },
        {server_id: name for server_id, (name, _) in SERVERS.items()},
    )
