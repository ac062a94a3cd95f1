"""Which small copies of a picture there can be."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.jobs import Image
from core.thumbs import (
    MOST_AHEAD,
    SIDES,
    Ahead,
    NoThumbError,
    enough,
    thumb_name,
    thumb_names,
)
from tests.fakes.memory_store import MemoryJobStore

KEY = "ab" * 32 + ".png"


@pytest.mark.parametrize(
    ("size", "side", "asked"),
    [
        ((1024, 1024), 160, 160),
        ((1024, 1024), 640, 640),
        ((1024, 1024), 1280, 1280),
        ((128, 128), 1280, 160),
        ((128, 320), 640, 320),
        ((321, 128), 640, 640),
        ((4096, 512), 1280, 1280),
    ],
)
def test_no_copy_is_made_twice(size: tuple[int, int], side: int, asked: int) -> None:
    assert enough(*size, side) == asked


def test_each_copy_has_a_name_of_its_own_in_the_folder_of_its_picture() -> None:
    names = thumb_names(KEY)
    assert len(set(names)) == len(SIDES)
    assert thumb_name(KEY, 320) == f"ab/{'ab' * 32}-320.webp"
    assert all(name.startswith("ab/") for name in names)


class Copies:
    """Notes what is asked for; `broken` keys cannot be copied."""

    def __init__(self, *broken: str) -> None:
        self.asked: list[tuple[str, int]] = []
        self._broken = broken

    async def of(self, key: str, side: int) -> Path:
        if key in self._broken:
            raise NoThumbError
        self.asked.append((key, side))
        return Path(thumb_name(key, side))


def finished(store: MemoryJobStore, job_id: str, *images: Image) -> None:
    store._images[job_id] = list(images)


async def settled(ahead: Ahead) -> None:
    running = asyncio.create_task(ahead.run())
    while not ahead._jobs.empty():
        await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    running.cancel()


def image(job_id: str, number: int, side: int) -> Image:
    blob = f"{number:064x}.png"
    return Image(job_id=job_id, number=number, blob=blob, width=side, height=side, seed=1)


async def test_copies_of_new_pictures_are_made_before_anybody_asks() -> None:
    store, copies = MemoryJobStore(), Copies(f"{1:064x}.png")
    ahead = Ahead(store, copies)
    finished(store, "large", image("large", 2, 1024))
    finished(store, "small", image("small", 3, 128))
    finished(store, "broken", image("broken", 1, 128))
    for job_id in ("unknown", "broken", "large", "small"):
        ahead.done(job_id)
    await settled(ahead)
    assert sorted(copies.asked) == [
        (f"{2:064x}.png", 320),
        (f"{2:064x}.png", 640),
        (f"{3:064x}.png", 160),
    ]


def test_nobody_waits_for_them() -> None:
    ahead = Ahead(MemoryJobStore(), Copies())
    for number in range(MOST_AHEAD + 5):
        ahead.done(str(number))
    assert ahead._jobs.qsize() == MOST_AHEAD
