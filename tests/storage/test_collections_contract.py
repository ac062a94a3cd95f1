"""What every store of collections promises; told as stories, run on each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest

from core import collections as rules
from core.album import Album
from core.collections import Collection, Collections
from core.errors import CollectionNotFoundError, RefusedError
from core.ports import JobStore
from core.works import Showing
from storage.collections import SqlCollections, forget
from storage.opening import Storage
from tests.fakes.memory_album import MemoryAlbum
from tests.fakes.memory_collections import MemoryCollections
from tests.fakes.memory_store import MemoryJobStore
from tests.storage.build import ADA, BEN
from tests.storage.conftest import STORES, opened
from tests.storage.test_jobs_contract import finished

_ids = count(1)


@dataclass(frozen=True)
class House:
    jobs: JobStore
    album: Album
    collections: Collections


@pytest.fixture(params=STORES)
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[House]:
    if request.param == "memory":
        memory = MemoryJobStore()
        yield House(memory, MemoryAlbum(memory), MemoryCollections(memory))
        return
    async with opened(request, tmp_path) as storage:
        yield House(storage.jobs, storage.album, SqlCollections(storage.database))


def a_list(name: str = "Lighthouses", **changes: object) -> Collection:
    new = Collection(id=f"c{next(_ids)}", owner=ADA, name=name, created_at=1.0, changed_at=1.0)
    return replace(new, **changes)  # pyright: ignore[reportArgumentType]


async def works(house: House) -> list[str]:
    job = await finished(house.jobs)
    return [f"{job.id}-{number}" for number in (1, 2, 3, 4)]


async def test_one_is_made_changed_and_removed(house: House) -> None:
    made = await house.collections.make(a_list(showing=Showing.UNLISTED))
    assert await house.collections.get(made.id) == made
    changed = await house.collections.change(made.id, 5.0, name="Towers", showing=Showing.PUBLIC)
    assert (changed.name, changed.showing, changed.changed_at) == ("Towers", Showing.PUBLIC, 5.0)
    assert (changed.owner, changed.created_at) == (ADA, 1.0)
    assert await house.collections.get(made.id) == changed
    await house.collections.remove(made.id)
    with pytest.raises(CollectionNotFoundError):
        await house.collections.get(made.id)
    assert await house.collections.works(made.id) == []


async def test_a_persons_are_listed_the_last_changed_first(house: House) -> None:
    one, other = await house.collections.make(a_list()), await house.collections.make(a_list("b"))
    await house.collections.make(a_list(owner=BEN))
    some = await works(house)
    await house.collections.put(one.id, some[:3], 9.0)
    assert [(c.id, c.count) for c in await house.collections.of(ADA.id)] == [
        (one.id, 3),
        (other.id, 0),
    ]


async def test_no_two_of_one_person_are_called_the_same(house: House) -> None:
    await house.collections.make(a_list("Türme"))
    other = await house.collections.make(a_list("Other"))
    with pytest.raises(RefusedError, match="TÜRME"):
        await house.collections.make(a_list("TÜRME"))
    with pytest.raises(RefusedError, match="türme"):
        await house.collections.change(other.id, 2.0, name="türme")
    assert (await house.collections.change(other.id, 2.0, name="OTHER")).name == "OTHER"
    await house.collections.make(a_list("Türme", owner=BEN))


async def test_pictures_keep_the_order_they_came_in_and_come_once(house: House) -> None:
    made, some = await house.collections.make(a_list()), await works(house)
    assert await house.collections.put(made.id, [some[2], some[0]], 2.0) == 2
    assert await house.collections.put(made.id, [some[0], some[1], some[1]], 3.0) == 1
    assert await house.collections.works(made.id) == [some[2], some[0], some[1]]
    await house.collections.arrange(made.id, lambda ids: sorted(ids), 4.0)
    assert await house.collections.works(made.id) == some[:3]
    assert await house.collections.take(made.id, [some[1], some[3]], 5.0) == 1
    assert await house.collections.works(made.id) == [some[0], some[2]]
    assert await house.collections.put(made.id, [some[1]], 6.0) == 1
    assert (await house.collections.works(made.id))[-1] == some[1]
    assert (await house.collections.get(made.id)).changed_at == 6.0


async def test_which_of_mine_have_a_picture(house: House) -> None:
    one, other = await house.collections.make(a_list()), await house.collections.make(a_list("b"))
    theirs = await house.collections.make(a_list(owner=BEN))
    some = await works(house)
    for collection in (one, other, theirs):
        await house.collections.put(collection.id, some[:1], 2.0)
    assert await house.collections.holding(ADA.id, some[0]) == sorted([one.id, other.id])
    assert await house.collections.holding(ADA.id, some[1]) == []


async def test_a_deleted_picture_is_in_none(house: House) -> None:
    made, some, stays = (
        await house.collections.make(a_list()),
        await works(house),
        await works(house),
    )
    await house.collections.put(made.id, [*some, *stays[:1]], 2.0)
    await house.album.delete(some[0].rpartition("-")[0], 3.0)
    assert await house.collections.works(made.id) == stays[:1]
    assert (await house.collections.get(made.id)).count == 1
    assert await house.collections.put(made.id, [some[1], "no-such"], 4.0) == 0


async def test_there_is_an_end_to_them(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("core.collections", "storage.collections", "tests.fakes.memory_collections"):
        monkeypatch.setattr(f"{module}.MOST_WORKS", 3)
        monkeypatch.setattr(f"{module}.MOST_COLLECTIONS", 1)
    made, some = await house.collections.make(a_list()), await works(house)
    await house.collections.put(made.id, some[:2], 2.0)
    with pytest.raises(RefusedError, match=f"at most {rules.MOST_WORKS} pictures"):
        await house.collections.put(made.id, some, 3.0)
    assert await house.collections.works(made.id) == some[:2]
    with pytest.raises(RefusedError, match="1 collections already"):
        await house.collections.make(a_list("another"))


async def test_what_is_not_there_cannot_be_filled(house: House) -> None:
    some = await works(house)
    for doing in (
        house.collections.put("none", some, 1.0),
        house.collections.take("none", some, 1.0),
        house.collections.arrange("none", lambda ids: ids, 1.0),
        house.collections.change("none", 1.0, name="x"),
    ):
        with pytest.raises(CollectionNotFoundError):
            await doing


async def test_many_at_once_are_all_put_in(house: House) -> None:
    made = await house.collections.make(a_list())
    some = [one for _ in range(4) for one in await works(house)]
    put = [house.collections.put(made.id, [one, some[0]], 2.0) for one in some]
    assert sum(await asyncio.gather(*put)) == len(some)
    assert set(await house.collections.works(made.id)) == set(some)


async def test_of_who_is_forgotten_nothing_stays(storage: Storage) -> None:
    store = SqlCollections(storage.database)
    made, theirs = await store.make(a_list()), await store.make(a_list(owner=BEN))
    job = await finished(storage.jobs)
    for collection in (made, theirs):
        await store.put(collection.id, [f"{job.id}-1"], 2.0)
    await storage.database.write(lambda tx: forget(tx, ADA.id))
    assert await store.of(ADA.id) == []
    assert await store.works(made.id) == []
    assert await store.works(theirs.id) == [f"{job.id}-1"]
