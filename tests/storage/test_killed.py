"""kill -9 in the middle of writing: what was acknowledged is there, and every account adds up."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core.jobs import State
from storage.opening import open_storage

WORK = """
import asyncio, sys
from pathlib import Path
from storage.opening import open_storage
from tests.storage.build import anything, new_job, pictures

async def live(storage, name):
    for number in range(100000):
        new = new_job(id=f"{name}-{number}", interaction_id=f"i-{name}-{number}")
        await storage.jobs.admit(new, anything)
        print(new.id, "queued", flush=True)
        if number % 4 == 1:
            await storage.jobs.cancel(new.id, 5.0)
            print(new.id, "cancelled", flush=True)
            continue
        me = storage.instance.id
        job = await storage.jobs.claim(new.id, by=me, now=1.0, lease_until=9e9)
        if number % 4 == 2:
            continue
        key = await storage.blobs.put(new.id.encode(), ".png")
        images = [image for image in pictures(new.id)]
        await storage.jobs.finish(new.id, 1, images=images, grid=key, gpu_ms=number, now=9.0)
        print(new.id, "done", flush=True)

async def main():
    async with open_storage(Path(sys.argv[1])) as storage:
        await asyncio.gather(*(live(storage, f"{sys.argv[2]}{n}") for n in range(4)))

asyncio.run(main())
"""


def words_before_death(data: Path, lines: int) -> list[list[str]]:
    """What a process says that is killed once it has said so many lines."""
    with subprocess.Popen(
        [sys.executable, "-c", WORK, str(data), "a"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().split() for _ in range(lines)]
        process.kill()
        return said + [line.split() for line in process.stdout.read().splitlines()]


@pytest.mark.parametrize("after_lines", [1, 14, 40])
async def test_a_killed_process_leaves_everything_it_said(data: Path, after_lines: int) -> None:
    said = words_before_death(data, after_lines)
    async with open_storage(data) as storage:
        for id, state in (words for words in said if len(words) == 2):
            job = await storage.jobs.get(id)
            assert job.state == state or state == "queued"
            if job.state is State.DONE:
                assert await storage.blobs.get(job.grid) == id.encode()
                assert len(await storage.jobs.images(id)) == 4
        assert await storage.jobs.drift() == []
        lost = await storage.jobs.recover(2.0, storage.instance.is_dead)
        assert all(job.state is State.QUEUED for job in lost)
        assert await storage.jobs.running() == []
    with closing(sqlite3.connect(data / "easel.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
