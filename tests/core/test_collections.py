"""What people do with collections, and that these show nobody more than they may see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from core.collections import MOST_WORKS, Collection, Keeper, read_name
from core.errors import (
    CollectionNotFoundError,
    ImageNotFoundError,
    NotYoursError,
    RefusedError,
)
from core.viewing import listed
from core.works import Page, Query, Showing, Viewer, Work
from tests.builders import ADA, BO, CHANNEL, FakeClock, work
from tests.fakes.memory_collections import MemoryCollections

ME = Viewer(person_id=ADA.id, servers=frozenset({CHANNEL.server_id}))
OTHER = Viewer(person_id=BO.id, servers=ME.servers)
STRANGER = Viewer()


@dataclass
class FakeWorks:
    """Those of a dict, as the policy shows them."""

    works: dict[str, Work]

    async def get(self, work_id: str) -> Work:
        if work_id not in self.works:
            raise ImageNotFoundError
        return self.works[work_id]

    async def find(self, query: Query, viewer: Viewer, after: str = "", limit: int = 40) -> Page:
        own = query.owner_id is not None and query.owner_id == viewer.person_id
        assert query.works is not None and len(query.works) <= limit
        return Page(
            tuple(
                self.works[id]
                for id in query.works
                if id in self.works
                and listed(viewer, self.works[id], age_rated=query.age_rated, own=own)
            )
        )


class Shelves:
    """A keeper, and nine pictures: odd ones Ada's and even ones Bo's, all for their server."""

    def __init__(self, **changes: Any) -> None:
        some = [work(number=n, owner=ADA if n % 2 else BO) for n in range(1, 10)]
        self.works = {one.id: replace(one, **changes) for one in some}
        self.ids = list(self.works)
        works: Any = FakeWorks(self.works)
        self.clock = FakeClock()
        self.keeper = Keeper(MemoryCollections(), works, self.clock)

    async def full(self, showing: Showing = Showing.PRIVATE) -> Collection:
        made = await self.keeper.make(ADA, "Lighthouses", showing)
        await self.keeper.put(ME, made.id, self.ids)
        return await self.keeper.get(ME, made.id)

    async def seen(self, viewer: Viewer, id: str, **changes: Any) -> list[int]:
        page = await self.keeper.page(viewer, id, **changes)
        return [one.number for one in page.works]


@pytest.fixture
def shelves() -> Shelves:
    return Shelves()


async def test_somebody_makes_one_fills_it_and_puts_it_in_order(shelves: Shelves) -> None:
    made = await shelves.keeper.make(ADA, "  My \n lighthouses\u200b ")
    assert (made.name, made.showing, made.owner) == ("My lighthouses", Showing.PRIVATE, ADA)
    assert await shelves.keeper.put(ME, made.id, [*shelves.ids[:4], shelves.ids[0]]) == 4
    await shelves.keeper.move(ME, made.id, shelves.ids[3], 1)
    assert await shelves.seen(ME, made.id) == [4, 1, 2, 3]
    await shelves.keeper.move(ME, made.id, shelves.ids[3], 99)
    await shelves.keeper.move(ME, made.id, "not-1", 1)
    assert await shelves.keeper.take(ME, made.id, [shelves.ids[0], "not-1"]) == 1
    assert await shelves.seen(ME, made.id) == [2, 3, 4]
    assert (await shelves.keeper.rename(ME, made.id, "Towers")).name == "Towers"
    assert await shelves.keeper.holding(ME, shelves.ids[1]) == [made.id]
    assert await shelves.keeper.holding(STRANGER, shelves.ids[1]) == ()
    await shelves.keeper.remove(ME, made.id)
    assert await shelves.keeper.of(ME, ADA.id) == []


@pytest.mark.parametrize("name", ["", "  \n", "\u200b", "x" * 81])
def test_a_name_is_something_and_not_too_long(name: str) -> None:
    with pytest.raises(RefusedError):
        read_name(name)


async def test_who_is_nobody_makes_none(shelves: Shelves) -> None:
    with pytest.raises(RefusedError, match="Log in"):
        await shelves.keeper.make(replace(ADA, id=0), "x")
    with pytest.raises(RefusedError, match="public, unlisted or private"):
        await shelves.keeper.make(ADA, "x", Showing.SERVER)


class TestOthers:
    async def test_a_private_one_is_not_there_for_them(self, shelves: Shelves) -> None:
        made = await shelves.full()
        for viewer in (OTHER, STRANGER, replace(OTHER, administers=ME.servers)):
            for doing in (
                shelves.keeper.get(viewer, made.id),
                shelves.keeper.page(viewer, made.id),
                shelves.keeper.put(viewer, made.id, shelves.ids[:1]),
                shelves.keeper.remove(viewer, made.id),
            ):
                with pytest.raises(CollectionNotFoundError):
                    await doing
            assert await shelves.keeper.of(viewer, ADA.id) == []
        assert await shelves.keeper.get(replace(OTHER, operator=True), made.id) == made

    async def test_an_unlisted_one_is_for_who_has_its_address(self, shelves: Shelves) -> None:
        made = await shelves.full(Showing.UNLISTED)
        assert await shelves.keeper.of(OTHER, ADA.id) == []
        assert await shelves.seen(OTHER, made.id) == list(range(1, 10))
        assert await shelves.seen(STRANGER, made.id) == []

    async def test_a_public_one_is_found_and_is_still_its_owners(self, shelves: Shelves) -> None:
        made = await shelves.full(Showing.PUBLIC)
        assert await shelves.keeper.of(STRANGER, ADA.id) == [made]
        for doing in (
            shelves.keeper.rename(OTHER, made.id, "x"),
            shelves.keeper.show(OTHER, made.id, Showing.PRIVATE),
            shelves.keeper.take(OTHER, made.id, shelves.ids),
            shelves.keeper.move(OTHER, made.id, shelves.ids[0], 2),
        ):
            with pytest.raises(NotYoursError):
                await doing
        await shelves.keeper.show(ME, made.id, Showing.PRIVATE)
        assert await shelves.keeper.of(STRANGER, ADA.id) == []


class TestWhatIsShown:
    @pytest.mark.parametrize("showing", [Showing.PRIVATE, Showing.UNLISTED])
    async def test_what_became_private_is_its_owners_alone(self, showing: Showing) -> None:
        shelves = Shelves()
        made = await shelves.full(Showing.PUBLIC)
        for id in shelves.ids[:4]:
            shelves.works[id] = replace(shelves.works[id], showing=showing)
        assert await shelves.seen(ME, made.id) == [1, 3, 5, 6, 7, 8, 9]
        assert await shelves.seen(OTHER, made.id) == [5, 6, 7, 8, 9]

    async def test_age_rated_ones_do_not_come_among_the_others(self) -> None:
        shelves = Shelves()
        made = await shelves.full(Showing.PUBLIC)
        for id in shelves.ids[:4]:
            shelves.works[id] = replace(shelves.works[id], age_rated=True)
        adult = replace(OTHER, adult=True)
        assert await shelves.seen(adult, made.id) == [5, 6, 7, 8, 9]
        assert await shelves.seen(adult, made.id, age_rated=True) == list(range(1, 10))
        assert await shelves.seen(OTHER, made.id, age_rated=True) == [5, 6, 7, 8, 9]

    async def test_what_one_may_not_see_cannot_be_put_in(self) -> None:
        shelves = Shelves(showing=Showing.PRIVATE)
        made = await shelves.keeper.make(ADA, "x")
        assert await shelves.keeper.put(ME, made.id, [shelves.ids[0]]) == 1
        for works in ([shelves.ids[1]], ["no-1"]):
            with pytest.raises(ImageNotFoundError):
                await shelves.keeper.put(ME, made.id, works)
        with pytest.raises(RefusedError):
            await shelves.keeper.put(ME, made.id, [f"j-{n}" for n in range(MOST_WORKS + 1)])


class TestPages:
    async def test_they_follow_each_other_both_ways(self, shelves: Shelves) -> None:
        made = await shelves.full()
        pages = [await shelves.keeper.page(ME, made.id, limit=4)]
        while pages[-1].next:
            pages.append(await shelves.keeper.page(ME, made.id, pages[-1].next, 4))
        numbers = [[one.number for one in page.works] for page in pages]
        assert numbers == [[1, 2, 3, 4], [5, 6, 7, 8], [9]]
        assert await shelves.keeper.page(ME, made.id, pages[2].before, 4) == pages[1]
        assert await shelves.seen(ME, made.id, after=pages[1].before, limit=4) == [1, 2, 3, 4]
        assert pages[0].before == ""

    @pytest.mark.parametrize("cursor", ["x", "c", "c-1", "c1e3", "n5", "c²", "c9999999"])
    async def test_a_made_up_cursor_is_refused(self, shelves: Shelves, cursor: str) -> None:
        made = await shelves.full()
        with pytest.raises(RefusedError, match="begin at the first"):
            await shelves.keeper.page(ME, made.id, cursor)

    async def test_one_past_the_end_shows_nothing(self, shelves: Shelves) -> None:
        made = await shelves.full()
        assert await shelves.seen(ME, made.id, after="c500") == []


async def test_all_of_it_at_once_is_what_its_pages_show(shelves: Shelves) -> None:
    made = await shelves.full()
    shown = await shelves.keeper.works(ME, made.id)
    assert [one.number for one in shown] == list(range(1, 10))
