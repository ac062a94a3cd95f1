"""Files by content: whole under their name, or not there."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from core.errors import DiskFullError, NotFoundError
from storage import blobs as blobs_module
from storage.blobs import STALE_SECONDS, LocalBlobs

PICTURE = b"\x89PNG a picture"
KEY = hashlib.sha256(PICTURE).hexdigest() + ".png"


@pytest.fixture
async def blobs(tmp_path: Path) -> LocalBlobs:
    return await LocalBlobs.open(tmp_path / "blobs")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done to the disk, in order."""
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_sync(descriptor: int) -> None:
        done.append(f"sync {Path(os.readlink(f'/proc/self/fd/{descriptor}')).parent.name}")
        fsync(descriptor)

    def note_rename(old: Path, new: Path) -> Any:
        done.append("rename")
        return replace(old, new)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_rename)
    return done


def passing(folder: Path) -> list[str]:
    return [file.name for file in (folder / "blobs" / "tmp").iterdir()]


async def test_what_was_stored_comes_back(blobs: LocalBlobs, tmp_path: Path) -> None:
    key = await blobs.put(PICTURE, ".png")
    assert key == KEY
    assert await blobs.get(key) == PICTURE
    assert await blobs.size(key) == len(PICTURE)
    assert await blobs.local(key) == tmp_path / "blobs" / KEY[:2] / KEY
    assert passing(tmp_path) == []


async def test_a_file_is_copied_and_left_where_it_is(blobs: LocalBlobs, tmp_path: Path) -> None:
    big = os.urandom(3 * 2**20 + 5)
    (tmp_path / "spool.PNG").write_bytes(big)
    key = await blobs.put_file(tmp_path / "spool.PNG")
    assert key == hashlib.sha256(big).hexdigest() + ".png"
    assert await blobs.get(key) == big
    assert (tmp_path / "spool.PNG").exists()


async def test_the_same_bytes_are_kept_once(blobs: LocalBlobs, tmp_path: Path) -> None:
    (tmp_path / "same.png").write_bytes(PICTURE)
    keys = await asyncio.gather(
        *(blobs.put(PICTURE, ".png") for _ in range(8)), blobs.put_file(tmp_path / "same.png")
    )
    assert set(keys) == {KEY}
    kept = [file for file in (tmp_path / "blobs").rglob("*") if file.is_file()]
    assert [file.name for file in kept] == [KEY]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
async def test_the_bytes_are_durable_before_the_name_and_the_name_before_the_answer(
    blobs: LocalBlobs, steps: list[str]
) -> None:
    await blobs.put(PICTURE, ".png")
    assert steps == ["sync tmp", "rename", "sync blobs", f"sync {blobs._folder.parent.name}"]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
async def test_what_is_there_is_not_written_again_but_its_name_is_made_durable(
    blobs: LocalBlobs, steps: list[str]
) -> None:
    await blobs.put(PICTURE, ".png")
    steps.clear()
    await blobs.put(PICTURE, ".png")
    assert steps == ["sync blobs", f"sync {blobs._folder.parent.name}"]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "../../etc/passwd",
        f"../{KEY}",
        f"{KEY}/../{KEY}",
        f"/{KEY}",
        KEY.upper(),
        KEY[1:],
        KEY.replace(".png", ".png/.."),
        KEY.replace(".png", ""),
        KEY + "\n",
        KEY.replace(".png", ".p\0g"),
        "tmp",
    ],
)
async def test_no_key_leads_out_of_the_folder(blobs: LocalBlobs, key: str) -> None:
    await blobs.put(PICTURE, ".png")
    with pytest.raises(NotFoundError):
        await blobs.get(key)
    with pytest.raises(NotFoundError):
        await blobs.size(key)
    with pytest.raises(NotFoundError):
        await blobs.local(key)


@pytest.mark.parametrize("suffix", ["", "png", ".PNG", ".p/g", "..", ".png.exe", "." + "a" * 9])
async def test_no_suffix_leads_out_of_the_folder(blobs: LocalBlobs, suffix: str) -> None:
    with pytest.raises(ValueError, match="suffix"):
        await blobs.put(PICTURE, suffix)


async def test_what_is_not_there_is_not_found(blobs: LocalBlobs, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        await blobs.get(KEY)
    with pytest.raises(NotFoundError):
        await blobs.put_file(tmp_path / "nothing.png")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
async def test_a_full_disk_is_said_so_and_the_space_given_back(
    blobs: LocalBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DiskFullError):
            await blobs.put(PICTURE, ".png")
    assert passing(tmp_path) == []
    with pytest.raises(NotFoundError):
        await blobs.get(KEY)
    assert await blobs.put(PICTURE, ".png") == KEY


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
async def test_a_write_that_runs_out_of_space_is_said_so(
    blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        hex = "full"

    monkeypatch.setattr(blobs_module, "uuid4", Full)
    (blobs._passing / "full").symlink_to("/dev/full")
    with pytest.raises(DiskFullError):
        await blobs.put(PICTURE, ".png")


async def test_opening_clears_what_a_killed_writer_left(tmp_path: Path) -> None:
    left = tmp_path / "blobs" / "tmp"
    left.mkdir(parents=True)
    (left / "old").write_bytes(b"half a pict")
    (left / "young").write_bytes(b"half a pict")
    os.utime(left / "old", (1000.0, 1000.0))
    os.utime(left / "young", (1000.0 + STALE_SECONDS, 1000.0 + STALE_SECONDS))
    await LocalBlobs.open(tmp_path / "blobs", now=lambda: 1000.0 + STALE_SECONDS + 1)
    assert passing(tmp_path) == ["young"]
