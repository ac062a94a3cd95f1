"""What people collect, in plain dicts, beside the JobStore in memory whose pictures it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.collections import (
    MOST_COLLECTIONS,
    MOST_WORKS,
    Collection,
    same_name,
    spelling,
    too_many,
    too_many_works,
)
from core.errors import CollectionNotFoundError
from core.works import Showing, read_id, work_id
from tests.fakes.memory_store import MemoryJobStore


class MemoryCollections:
    """Without a store every picture is there."""

    def __init__(self, store: MemoryJobStore | None = None) -> None:
        self._store = store
        self._kept: dict[str, Collection] = {}
        self._works: dict[str, list[str]] = {}

    async def make(self, new: Collection) -> Collection:
        mine = await self.of(new.owner.id)
        self._check_name(new, new.name)
        if len(mine) >= MOST_COLLECTIONS:
            raise too_many()
        self._kept[new.id], self._works[new.id] = new, []
        return new

    async def get(self, id: str) -> Collection:
        if id not in self._kept:
            raise CollectionNotFoundError
        return replace(self._kept[id], count=len(await self.works(id)))

    async def of(self, owner_id: int) -> Sequence[Collection]:
        mine = [await self.get(one.id) for one in self._kept.values() if one.owner.id == owner_id]
        return sorted(mine, key=lambda one: (-one.changed_at, one.id))

    async def change(
        self, id: str, now: float, *, name: str | None = None, showing: Showing | None = None
    ) -> Collection:
        before = await self.get(id)
        if name is not None:
            self._check_name(before, name)
        self._kept[id] = replace(
            before, name=name or before.name, showing=showing or before.showing, changed_at=now
        )
        return await self.get(id)

    async def remove(self, id: str) -> None:
        self._kept.pop(id, None)

    async def works(self, id: str) -> Sequence[str]:
        return await self._there(self._works[id]) if id in self._kept else []

    async def put(self, id: str, works: Sequence[str], now: float) -> int:
        await self.get(id)
        there = await self.works(id)
        new = await self._there([one for one in dict.fromkeys(works) if one not in there])
        if len(there) + len(new) > MOST_WORKS:
            raise too_many_works()
        self._set(id, [*there, *new], now)
        return len(new)

    async def take(self, id: str, works: Sequence[str], now: float) -> int:
        await self.get(id)
        there = await self.works(id)
        left = [one for one in there if one not in works]
        self._set(id, left, now)
        return len(there) - len(left)

    async def arrange(
        self, id: str, order: Callable[[Sequence[str]], Sequence[str]], now: float
    ) -> None:
        await self.get(id)
        self._set(id, list(order(await self.works(id))), now)

    async def holding(self, owner_id: int, work_id: str) -> Sequence[str]:
        mine = [one.id for one in await self.of(owner_id)]
        return sorted([id for id in mine if work_id in await self.works(id)])

    def _set(self, id: str, works: list[str], now: float) -> None:
        self._works[id] = works
        self._kept[id] = replace(self._kept[id], changed_at=now)

    def _check_name(self, this: Collection, name: str) -> None:
        for one in self._kept.values():
            same = spelling(one.name) == spelling(name)
            if same and one.owner.id == this.owner.id and one.id != this.id:
                raise same_name(name)

    async def _there(self, works: Sequence[str]) -> list[str]:
        if self._store is None:
            return list(works)
        made = {
            work_id(image.job_id, image.number)
            for job_id in {read_id(one)[0] for one in works}
            for image in await self._store.images(job_id)
        }
        return [one for one in works if one in made]
