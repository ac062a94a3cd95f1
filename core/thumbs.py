"""Small copies of pictures, for pages that show many."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Protocol

from core.errors import EaselError, NotFoundError
from core.ports import JobStore

SIDES = (160, 320, 640, 1280)
"""How long the longer side of a copy may be, in pixels. A picture is never enlarged."""

SUFFIX = ".webp"


class NoThumbError(NotFoundError):
    """No small copy could be made of that picture."""


class Thumbs(Protocol):
    async def of(self, key: str, side: int) -> Path:
        """A copy of the stored picture, made once; `side` is one of SIDES. It goes when the picture
        goes. Raises NotFoundError where there is no such picture, NoThumbError."""
        ...


USUAL = (320, 640)
"""Those that pages ask for first."""

MOST_AHEAD = 1000

log = logging.getLogger(__name__)


class Ahead:
    """Has copies of new pictures made before anybody asks, so that the first to look need not wait.
    Nothing is lost where one is left out: it is made when it is asked for."""

    def __init__(self, store: JobStore, thumbs: Thumbs) -> None:
        self._store = store
        self._thumbs = thumbs
        self._jobs: asyncio.Queue[str] = asyncio.Queue(MOST_AHEAD)

    def done(self, job_id: str) -> None:
        """A job may be done; if it is not, nothing comes of it."""
        if not self._jobs.full():
            self._jobs.put_nowait(job_id)

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._make(await self._jobs.get())

    async def _make(self, job_id: str) -> None:
        try:
            for image in await self._store.images(job_id):
                for side in {enough(image.width, image.height, side) for side in USUAL}:
                    await self._thumbs.of(image.blob, side)
        except (EaselError, OSError) as error:
            log.info("small copies of job %s are made later: %s", job_id, type(error).__name__)


def enough(width: int, height: int, side: int) -> int:
    """The side that is worth asking for: a larger one would give the same copy once more."""
    return next((one for one in SIDES if one >= max(width, height) or one == side), side)


def thumb_names(key: str) -> tuple[str, ...]:
    """The files of all copies of a stored picture, within the folder of copies."""
    return tuple(thumb_name(key, side) for side in SIDES)


def thumb_name(key: str, side: int) -> str:
    return f"{key[:2]}/{key.partition('.')[0]}-{side}{SUFFIX}"
