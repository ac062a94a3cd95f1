"""Opening what is kept."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from core.errors import DiskFullError, SettingsError
from storage import opening
from storage.opening import open_storage
from tests.storage.build import anything, new_job


async def test_what_was_kept_is_there_after_a_restart(data: Path) -> None:
    new = new_job()
    async with open_storage(data) as storage:
        await storage.jobs.admit(new, anything)
        key = await storage.blobs.put(b"a picture", ".png")
    async with open_storage(data) as storage:
        assert (await storage.jobs.get(new.id)).request == new.request
        assert await storage.blobs.get(key) == b"a picture"


async def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    async with open_storage(tmp_path / "data"):
        assert (tmp_path / "data").stat().st_mode & 0o077 == 0


async def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"EASEL_DATA: .*file/data.* cannot be used"):
        async with open_storage(tmp_path / "file" / "data"):
            pass


async def test_a_full_disk_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(data: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(opening.Instance, "open", full)
    with pytest.raises(DiskFullError):
        async with open_storage(tmp_path):
            pass


async def test_another_place_for_the_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    async with open_storage(tmp_path / "data", url) as storage:
        await storage.jobs.admit(new_job(), anything)
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "data" / "easel.db").exists()


async def test_tokens_are_not_left_in_the_file(data: Path) -> None:
    new = new_job()
    async with open_storage(data) as storage:
        await storage.jobs.admit(new, anything)
        assert b"secret-token" in (data / "easel.db").read_bytes()
        await storage.jobs.token_died(new.id)
    for file in data.glob("easel.db*"):
        assert b"secret-token" not in file.read_bytes()
