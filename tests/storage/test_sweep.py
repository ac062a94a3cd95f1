"""Files that nothing names go after some days, and no others."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from core.edits import Edit, Op
from core.errors import NotFoundError
from core.jobs import Image
from core.request import HouseStyle, Source
from storage import blobs as blobs_module
from storage import keys, styles, sweep
from storage.blobs import LocalBlobs
from storage.opening import Storage
from storage.sweep import AGE, EVERY, SECOND_LOOK, Sweep
from tests.storage.build import anything, new_job, request

NOW = 2_000_000_000.0
"""After anything that a test writes."""


async def put(storage: Storage, content: bytes, *, days: float = 3) -> str:
    """A file that was last put so long ago."""
    key = await storage.blobs.put(content, ".png")
    await aged(storage, key, days)
    return key


async def aged(storage: Storage, key: str, days: float) -> None:
    then = NOW - days * 86400
    os.utime(await storage.blobs.local(key), (then, then))


async def there(storage: Storage, key: str) -> bool:
    try:
        await storage.blobs.get(key)
    except NotFoundError:
        return False
    return True


async def named(storage: Storage, count: int = 8) -> list[str]:
    """Old pictures of jobs, so that the database is plainly that of the files."""
    found = [await put(storage, f"named {number}".encode()) for number in range(count)]
    for key in found:
        new = new_job(request=request(source=Source(key, 0.5)))
        await storage.jobs.admit(new, anything)
    return found


def sweeper(
    storage: Storage, pause: Callable[[float], Awaitable[None]] | None = None, now: float = NOW
) -> Sweep:
    async def at_once(_: float) -> None:
        pass

    return Sweep(storage.database, storage.blobs, now=lambda: now, pause=pause or at_once)


async def test_only_what_is_old_and_named_by_nothing_goes(storage: Storage) -> None:
    kept = await named(storage)
    single, source, look, mask, saved, young = [
        await put(storage, word)
        for word in (b"single", b"source", b"look", b"mask", b"saved", b"young")
    ]
    grid = await put(storage, b"grid")
    orphans = [await put(storage, b"asked, never answered"), await put(storage, b"never mended")]
    await aged(storage, young, 1.9)
    made = new_job(
        images=(Image(job_id="", number=1, blob=single, width=500, height=500, seed=7),),
        request=request(
            source=Source(source, 0.5),
            style=HouseStyle(text="ink", blob=look),
            edit=Edit(op=Op.REGION, mask=mask),
        ),
    )
    await storage.jobs.admit(made, anything)
    await storage.database.write(
        lambda tx: tx.exec_driver_sql("UPDATE jobs SET grid = ? WHERE id = ?", (grid, made.id))
    )
    style = HouseStyle(name="mine", blob=saved)
    await storage.database.write(lambda tx: styles.put(tx, 7, "mine", style))

    assert await sweeper(storage).once() == 2
    assert [await there(storage, key) for key in orphans] == [False, False]
    for key in (*kept, single, source, look, mask, saved, young, grid):
        assert await there(storage, key)
    assert await sweeper(storage).once() == 0


async def test_what_is_put_again_while_the_sweep_thinks_stays(storage: Storage) -> None:
    await named(storage)
    orphan, other = await put(storage, b"wanted again"), await put(storage, b"not wanted")
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        # Its time is that of this machine, which the files of this story are older than.
        assert await storage.blobs.put(b"wanted again", ".png") == orphan
        await aged(storage, orphan, 0)

    assert await sweeper(storage, pause).once() == 1
    assert waits == [SECOND_LOOK]
    assert await there(storage, orphan)
    assert not await there(storage, other)


async def test_what_a_row_comes_to_name_while_the_sweep_thinks_stays(storage: Storage) -> None:
    await named(storage)
    orphan = await put(storage, b"a style's, deleted since")

    async def pause(_: float) -> None:
        style = HouseStyle(text="ink", blob=orphan)
        await storage.jobs.admit(new_job(request=request(style=style)), anything)

    assert await sweeper(storage, pause).once() == 0
    assert await there(storage, orphan)


async def test_a_put_renews_a_file_whatever_it_is_put_from(
    storage: Storage, tmp_path: Path
) -> None:
    key = await put(storage, b"again")
    path = await storage.blobs.local(key)
    assert await storage.blobs.put(b"again", ".png") == key
    once = path.stat().st_mtime
    await aged(storage, key, 3)
    (tmp_path / "again.png").write_bytes(b"again")
    assert await storage.blobs.put_file(tmp_path / "again.png") == key
    assert NOW - 3 * 86400 not in (once, path.stat().st_mtime)


@pytest.mark.parametrize("when", ["before it is taken away", "after it is taken away"])
async def test_a_put_in_the_middle_of_a_removal_leaves_the_file(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    key = await put(storage, b"raced for")
    path, replace = await storage.blobs.local(key), Path.replace
    storing: list[str] = []

    def raced(old: Path, new: Path) -> Any:
        taken = old == path
        if taken and when.startswith("before"):
            storing.append(storage.blobs._put_bytes(b"raced for", ".png"))
            os.utime(path, (NOW, NOW))
        moved = replace(old, new)
        if taken and when.startswith("after"):
            storing.append(storage.blobs._put_bytes(b"raced for", ".png"))
        return moved

    monkeypatch.setattr(Path, "replace", raced)
    gone = await storage.blobs.remove(key, NOW - AGE)
    assert gone == when.startswith("after")
    assert storing == [key]
    assert await storage.blobs.get(key) == b"raced for"


async def test_a_sweeper_that_is_killed_in_a_removal_has_lost_nothing(
    storage: Storage, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def killed(path: Path, missing_ok: bool = False) -> None:
        raise KilledError

    key = await put(storage, b"half gone")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", killed)
        with pytest.raises(KilledError):
            await storage.blobs.remove(key, NOW - AGE)
    assert not await there(storage, key)
    again = await LocalBlobs.open(data / "blobs")
    assert await again.get(key) == b"half gone"
    assert list((data / "blobs" / "tmp").iterdir()) == []


async def test_a_database_that_knows_few_of_the_files_deletes_none(
    storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    await named(storage, 2)
    orphans = [await put(storage, f"of another one {number}".encode()) for number in range(3)]
    assert await sweeper(storage).once() == 0
    assert all([await there(storage, key) for key in orphans])
    assert "3 of 5 old files" in caplog.text


async def test_files_and_jobs_are_looked_at_some_at_a_time(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "PAGE", 3)
    monkeypatch.setattr(sweep, "BATCH", 5)
    kept = await named(storage, 40)
    orphans = [await put(storage, f"orphan {number}".encode()) for number in range(9)]
    gone = [await sweeper(storage).once() for _ in range(5)]
    assert sum(gone) == 9
    assert gone[-1] == 0
    assert all([await there(storage, key) for key in kept])
    assert not any([await there(storage, key) for key in orphans])


async def test_a_fault_puts_the_sweep_off_to_the_next_day(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await named(storage)
    orphan = await put(storage, b"orphan")
    folders, waits = storage.blobs.folders, list[float]()

    async def broken() -> list[str]:
        raise OSError("the disk is away")

    class DoneError(Exception):
        pass

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        monkeypatch.setattr(storage.blobs, "folders", folders)
        if len(waits) == 3:
            raise DoneError

    monkeypatch.setattr(storage.blobs, "folders", broken)
    with pytest.raises(DoneError):
        await sweeper(storage, pause).run()
    assert waits == [EVERY, SECOND_LOOK, EVERY]
    assert "the disk is away" in caplog.text
    assert not await there(storage, orphan)


def test_a_file_that_is_going_is_not_taken_for_a_picture() -> None:
    assert not blobs_module._KEY.fullmatch("ab" * 32 + ".png" + blobs_module._GOING)
