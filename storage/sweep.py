"""Deletes the files that nothing names.

A picture that came with a question or with a prompt to be mended is kept in case it is wanted; when
it is not, nothing ever names it. Such a file goes once it was last put days ago. Nothing goes where
that cannot be told: while the database is busy, or when it knows so few of the files that it is
probably not theirs.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from core.errors import EaselError
from storage.blobs import LocalBlobs
from storage.database import Database
from storage.keys import unlisted, unnamed

log = logging.getLogger(__name__)

AGE = 2 * 86400.0
"""Seconds since it was last put, before a file may go. Who puts one names it within minutes."""

EVERY = 86400.0
"""Seconds from one sweep to the next."""

SECOND_LOOK = 900.0
"""Seconds after which those that are to go are looked up once more: a job may be about to be
written whose style was deleted since it was read."""

BATCH = 10_000
"""Files whose keys are held in memory at a time, and that go in one sweep at most."""


class Sweep:
    def __init__(
        self,
        database: Database,
        blobs: LocalBlobs,
        *,
        now: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._now = now
        self._pause = pause

    async def run(self) -> None:
        """Sweeps now and every day, until it is cancelled."""
        while True:
            try:
                await self.once()
            except (EaselError, OSError) as error:
                log.warning("files that nothing names were left for another day: %s", error)
            await self._pause(EVERY)

    async def once(self) -> int:
        """Returns how many files went."""
        before = self._now() - AGE
        orphans, old = await self._orphans(before)
        if not orphans:
            return 0
        if 2 * len(orphans) > old:
            log.warning(
                "%d of %d old files in the data folder are named nowhere in this database; none "
                "was deleted, in case it is not the one that they belong to",
                len(orphans),
                old,
            )
            return 0
        await self._pause(SECOND_LOOK)
        gone = 0
        for key in sorted(await unnamed(self._database, orphans)):
            gone += await self._blobs.remove(key, before)
        log.info("deleted %d files that nothing names, of %d old ones", gone, old)
        return gone

    async def _orphans(self, before: float) -> tuple[set[str], int]:
        """The old files that nothing names, and how many old ones were looked at."""
        orphans: set[str] = set()
        suspects: set[str] = set()
        old = 0
        for folder in await self._blobs.folders():
            keys = await self._blobs.older(folder, before)
            old += len(keys)
            suspects |= await unlisted(self._database, keys)
            if len(suspects) >= BATCH:
                orphans |= await unnamed(self._database, suspects)
                suspects.clear()
            if len(orphans) >= BATCH:
                return orphans, old
        return orphans | await unnamed(self._database, suspects), old
