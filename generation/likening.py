"""Keeps looks of all finished pictures, beside everything else, and finds those that are alike.

The rows decide: what was done while nobody listened is found by walking through all jobs, at the
start and now and then, a few at a time. The looks that are held for the search are only a copy of
the rows: new rows are taken in before each search, and now and then the two are compared.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from core.errors import BusyError, EaselError, EngineError, ImageNotFoundError, NotFoundError
from core.likeness import Circle, Eye, Kept, Look, Looks, Neighbours, Unseen
from core.ports import Blobs

log = logging.getLogger(__name__)

CANDIDATES = 500
"""Probably near looks that are looked at again, at least."""

NEWEST = 400
"""Of a circle, that are looked at one by one."""

BITE = 2000
"""Looks that are read from the rows at a time, some ten milliseconds."""

JOBS = 100
"""Whose pictures are asked for at a time while all are walked through."""

LOOKED = 16
"""Looks that are kept in one transaction."""

PAUSE = 0.02
"""Seconds between two bites: who waits for the database or the loop comes first."""

MANY = 20_000
"""Looks that are taken in before anybody asks; fewer are taken in while somebody waits, and where
nobody ever asks no program holds them."""

COMPARE = 60.0
"""Seconds after which the copy is compared with the rows."""

WALK = 6 * 3600.0
"""Seconds from one walk to the next."""

FAILURES = 8
"""Pictures in a row that cannot be looked at: it is not the pictures, and the walk is left."""

REST = 600.0
"""Seconds before a walk that was left goes on, behind those pictures."""


class Likening:
    """One in a process, on one event loop."""

    def __init__(
        self,
        looks: Looks,
        blobs: Blobs,
        eye: Eye,
        neighbours: Neighbours,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._looks = looks
        self._blobs = blobs
        self._eye = eye
        self._neighbours = neighbours
        self._pause = pause
        self._failed = 0
        self._walked = ""
        self._done: set[str] = set()
        self._rung = asyncio.Event()
        self._held_upto = 0
        self._taking_in = asyncio.Lock()

    def done(self, job_id: str) -> None:
        """The job may have pictures now."""
        self._done.add(job_id)
        self._rung.set()

    async def run(self) -> None:
        """Until it is cancelled. Nothing that goes wrong here stops anything else."""
        next_walk = 0.0
        loop = asyncio.get_running_loop()
        while True:
            try:
                await self.look_at_new()
                if loop.time() >= next_walk:
                    next_walk = loop.time() + REST
                    await self.walk()
                    next_walk = loop.time() + WALK
                if self._held_upto or await self._looks.count(self._eye.kind) >= MANY:
                    await self.compare()
            except (EaselError, OSError) as error:
                log.warning("looking at pictures goes on later: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(COMPARE):
                    await self._rung.wait()

    async def close(self) -> None:
        """Ends its programs."""
        await self._eye.close()
        await self._neighbours.close()

    async def look_at_new(self) -> None:
        """At the pictures of the jobs that were done meanwhile."""
        self._rung.clear()
        while self._done:
            some = [self._done.pop() for _ in range(min(JOBS, len(self._done)))]
            try:
                await self._look_at(await self._looks.unseen(self._eye.kind, some))
            except BusyError:
                self._done.update(some)
                raise

    async def walk(self) -> int:
        """At every picture that has no look; returns how many there were. New ones go first.
        Raises EngineError where nothing can be looked at."""
        seen = 0
        while page := await self._looks.page(self._walked, JOBS):
            unseen = await self._looks.unseen(self._eye.kind, page)
            self._walked = page[-1]
            seen += await self._look_at(unseen)
            await self._pause(PAUSE)
            await self.look_at_new()
        self._walked = ""
        if seen:
            log.info("looked at %d pictures for “more like this”", seen)
        return seen

    async def compare(self) -> None:
        """Takes in what is new, and drops what was deleted, where the counts are not the same."""
        kind = self._eye.kind
        await self._take_in()
        if await self._looks.count(kind) == await self._neighbours.count():
            return
        after = 0
        while ids := await self._looks.ids(kind, after, BITE):
            # Up to the last of the bite: between two bites all is dropped that the rows lack.
            missing = await self._neighbours.check(after, ids[-1], ids)
            rows = await self._looks.some(kind, missing)
            await self._neighbours.add([(row.id, row.numbers) for row in rows])
            after = ids[-1]
            await self._pause(PAUSE)
        async with self._taking_in:
            if not await self._looks.after(kind, after, 1):
                await self._neighbours.check(after, 2**62, [])

    async def nearest(
        self, job_id: str, number: int, most: int, circle: Circle | None = None
    ) -> Sequence[str]:
        """See `core.likeness.Likeness`. A picture that was not looked at yet is looked at now."""
        kind = self._eye.kind
        this = await self._looks.of(kind, job_id, number) or await self._now(job_id, number)
        # Who asks while a million are taken in after a start is shown what is there already.
        if not (self._held_upto and self._taking_in.locked()):
            await self._take_in()
        ids = await self._neighbours.near(this.numbers, max(CANDIDATES, 2 * most))
        rows = list(await self._looks.some(kind, ids, circle))
        if circle is not None:
            rows += await self._looks.newest(kind, circle, NEWEST)
        named = {row.id: row for row in rows if row.id != this.id}
        ranked = await self._neighbours.rank(
            this.numbers, [(row.id, row.numbers) for row in named.values()]
        )
        return [named[id].work_id for id in ranked[:most]]

    async def _now(self, job_id: str, number: int) -> Kept:
        unseen = await self._looks.unseen(self._eye.kind, [job_id])
        for one in unseen:
            if one.number == number:
                await self._looks.keep([(one, await self._look(one))])
        kept = await self._looks.of(self._eye.kind, job_id, number)
        if kept is None:
            raise ImageNotFoundError
        return kept

    async def _look_at(self, unseen: Sequence[Unseen]) -> int:
        """What cannot be looked at is left for another walk. Raises EngineError for the last of
        FAILURES in a row."""
        count = 0
        for at in range(0, len(unseen), LOOKED):
            seen: list[tuple[Unseen, Look]] = []
            try:
                for one in unseen[at : at + LOOKED]:
                    if (look := await self._seen(one)) is not None:
                        seen.append((one, look))
            finally:
                if seen:
                    await self._looks.keep(seen)
            count += len(seen)
        return count

    async def _seen(self, one: Unseen) -> Look | None:
        try:
            look = await self._look(one)
        except NotFoundError as error:
            log.info("picture %d of job %s has no look: %s", one.number, one.job_id, error)
            return None
        except EngineError as error:
            log.info("picture %d of job %s has no look: %s", one.number, one.job_id, error)
            self._failed += 1
            if self._failed >= FAILURES:
                self._failed = 0
                raise
            return None
        self._failed = 0
        return look

    async def _look(self, one: Unseen) -> Look:
        return await self._eye.look(await self._blobs.local(one.blob), one.text)

    async def _take_in(self) -> None:
        async with self._taking_in:
            if self._held_upto and not await self._neighbours.count():
                self._held_upto = 0  # The program ended, and another holds nothing.
            while bite := await self._looks.after(self._eye.kind, self._held_upto, BITE):
                await self._neighbours.add(bite)
                self._held_upto = bite[-1][0]
                if len(bite) < BITE:
                    return
                await self._pause(0)
