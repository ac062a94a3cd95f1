"""An Album in plain dicts, beside the JobStore in memory whose pictures it holds."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import ImageNotFoundError
from core.jobs import Image, Job
from tests.fakes.memory_store import MemoryJobStore

Key = tuple[str, int]


class MemoryAlbum:
    def __init__(self, store: MemoryJobStore) -> None:
        self._store = store
        self._likes: dict[tuple[Key, int], float] = {}

    async def children(self, job_ids: Sequence[str], *, limit: int = 100) -> Sequence[Job]:
        found = [
            job
            for job in await self._store.history(None, limit=10**9)
            if job.parent is not None and job.parent.job_id in job_ids
        ]
        return sorted(found, key=lambda job: (job.created_at, job.id))[:limit]

    async def delete(self, job_id: str, now: float) -> Job:
        job = self._store.forget_pictures(job_id, now)
        self._likes = {
            (key, person): at
            for (key, person), at in self._likes.items()
            if key[0] != job_id or await self._store.images(job_id)
        }
        return job

    async def clear(self, owner_id: int, now: float, *, limit: int = 100) -> Sequence[Job]:
        jobs = await self._store.history(owner_id, limit=10**9)
        full = [job for job in reversed(jobs) if await self._store.images(job.id)][:limit]
        return [await self.delete(job.id, now) for job in full]

    async def like(
        self, job_id: str, number: int, member_id: int, now: float, *, likes: bool
    ) -> int:
        await self._store.image(job_id, number)
        key = job_id, number
        if likes:
            self._likes.setdefault((key, member_id), now)
        else:
            self._likes.pop((key, member_id), None)
        return sum(one == key for one, _ in self._likes)

    async def likes(self, job_id: str, number: int, member_id: int) -> bool:
        return ((job_id, number), member_id) in self._likes

    def likers(self, job_id: str, number: int) -> dict[int, float]:
        """Who likes a picture, and since when."""
        key = job_id, number
        return {person: at for (one, person), at in self._likes.items() if one == key}

    def since(self, at: float) -> list[tuple[float, Key]]:
        """The likes since then, the first of them first, with the pictures that they are for."""
        return sorted((when, key) for (key, _), when in self._likes.items() if when >= at)

    async def liked(self, member_id: int, *, limit: int = 100) -> Sequence[Image]:
        mine = [(at, key) for (key, person), at in self._likes.items() if person == member_id]
        found: list[Image] = []
        for _, key in sorted(mine, key=lambda one: (-one[0], one[1])):
            try:
                found.append(await self._store.image(*key))
            except ImageNotFoundError:
                continue
        return found[:limit]
