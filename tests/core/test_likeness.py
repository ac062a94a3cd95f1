"""Words and vectors as looks; and that nobody finds what they may not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.errors import ImageNotFoundError, RefusedError
from core.likeness import (
    NORM,
    WORDS,
    Circle,
    Kept,
    Look,
    MoreLikeThis,
    look_of_vector,
    look_of_words,
    signed,
)
from core.viewing import listed
from core.works import Order, Page, Query, Showing, Viewer, Work
from tests.builders import ADA, BO, CHANNEL, work


def numbers(look: bytes) -> list[int]:
    return [byte - 256 if byte > 127 else byte for byte in look]


def far(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(numbers(one), numbers(other), strict=True))


def test_prompts_with_common_words_lie_near_each_other() -> None:
    this = look_of_words("a red lighthouse at dusk")
    near = look_of_words("Red lighthouse, stormy dusk --ar 3:2")
    assert far(this, near) < far(this, look_of_words("an astronaut rides a horse"))


def test_only_what_says_something_counts() -> None:
    this = look_of_words("a red lighthouse --ar 3:2 --seed 5 --tile")
    assert look_of_words("The LIGHTHOUSE, in red; red!") == this
    assert look_of_words("the of a --ar 3:2") == look_of_words("") == bytes(WORDS)


def test_words_of_languages_without_spaces_are_found_in_longer_ones() -> None:
    this = look_of_words("红色灯塔")
    assert far(this, look_of_words("黄昏的红色灯塔")) < far(this, look_of_words("一只黑猫"))
    assert look_of_words("猫") != bytes(WORDS)


def test_words_weigh_less_than_the_picture_however_many_there_are() -> None:
    for text in ("lighthouse", " ".join(f"word{n}" for n in range(2, 200))):
        assert far(look_of_words(text), bytes(WORDS)) ** 0.5 == pytest.approx(0.45 * NORM, rel=0.06)


def test_a_models_vector_keeps_where_it_points() -> None:
    look = look_of_vector([0.5, -1.0, 0.25])
    assert numbers(look) == [64, -127, 32]
    assert look_of_vector([5.0, -10.0, 2.5]) == look
    assert look_of_vector([0.0, 0.0]) == bytes(2)
    assert Look("k", look).dimension == 3


def test_what_a_byte_cannot_hold_is_as_much_as_it_can() -> None:
    assert numbers(signed([1.0, -1.0, 0.0], 1000.0)) == [127, -127, 0]


def test_a_look_names_its_work() -> None:
    assert Kept(5, "job-1", 3, b"").work_id == "job-1-3"


@dataclass
class FakeLikeness:
    """Numbers that are near are alike; those `inside` are in any circle."""

    count: int
    inside: Sequence[int] = ()
    asked: list[tuple[int, Circle | None]] = field(
        default_factory=list[tuple[int, "Circle | None"]]
    )

    async def nearest(
        self, job_id: str, number: int, most: int, circle: Circle | None = None
    ) -> Sequence[str]:
        self.asked.append((most, circle))
        others = [n for n in range(1, self.count + 1) if n != number]
        if circle is not None:
            others = [n for n in others if n in self.inside]
        ranked = sorted(others, key=lambda other: (abs(other - number), other))
        return [f"{job_id}-{other}" for other in ranked[:most]]


@dataclass
class FakeWorks:
    """Shows what the policy allows, in the order given."""

    works: dict[str, Work]

    async def get(self, work_id: str) -> Work:
        return self.works[work_id]

    async def find(self, query: Query, viewer: Viewer, after: str = "", limit: int = 40) -> Page:
        assert query.works is not None and query.order is Order.GIVEN
        found = [
            self.works[id]
            for id in query.works
            if listed(viewer, self.works[id], age_rated=query.age_rated)
        ]
        begin = int(after or 0)
        rest = len(found) > begin + limit
        return Page(tuple(found[begin : begin + limit]), str(begin + limit) if rest else "")


MEMBER = Viewer(person_id=BO.id, servers=frozenset({CHANNEL.server_id}))


class TestMoreLikeThis:
    def gallery(self, count: int = 9, **changes: Any) -> tuple[Any, dict[str, Work]]:
        """`changes` are of those whose number is even."""
        some = [work(number=number) for number in range(1, count + 1)]
        some = [replace(one, **changes) if one.number % 2 == 0 else one for one in some]
        works = {one.id: one for one in some}
        likeness = FakeLikeness(count, range(count + 1))
        return MoreLikeThis(likeness, FakeWorks(works)), works  # pyright: ignore[reportArgumentType]

    async def numbers(self, more: MoreLikeThis, viewer: Viewer, **changes: Any) -> list[int]:
        page = await more.find(work(number=5).id, Query(**changes), viewer)
        return [one.number for one in page.works]

    async def test_the_most_alike_come_first_and_the_rest_is_on_the_next_page(self) -> None:
        more, _ = self.gallery()
        assert await self.numbers(more, MEMBER) == [4, 6, 3, 7, 2, 8, 1, 9]
        page = await more.find(work(number=5).id, Query(), MEMBER, limit=3)
        after = await more.find(work(number=5).id, Query(), MEMBER, page.next, 3)
        assert [one.number for one in after.works] == [7, 2, 8]

    @pytest.mark.parametrize("showing", [Showing.PRIVATE, Showing.UNLISTED])
    async def test_what_nobody_may_find_is_not_found(self, showing: Showing) -> None:
        more, _ = self.gallery(showing=showing)
        for viewer in (MEMBER, Viewer(person_id=ADA.id, servers=MEMBER.servers)):
            assert await self.numbers(more, viewer) == [3, 7, 1, 9]

    async def test_age_rated_ones_are_for_who_asks_and_turned_them_on(self) -> None:
        more, _ = self.gallery(age_rated=True)
        assert await self.numbers(more, MEMBER) == [3, 7, 1, 9]
        adult = replace(MEMBER, adult=True)
        assert await self.numbers(more, adult) == [3, 7, 1, 9]
        assert len(await self.numbers(more, adult, age_rated=True)) == 8

    async def test_who_may_not_see_a_work_is_told_nothing_of_it(self) -> None:
        more, works = self.gallery(showing=Showing.PRIVATE)
        hidden = work(number=4).id
        with pytest.raises(ImageNotFoundError):
            await more.find(hidden, Query(), MEMBER)
        with pytest.raises(ImageNotFoundError):
            await more.find(work(number=5).id, Query(), Viewer())
        assert hidden in works

    def far_off(self) -> tuple[Any, FakeLikeness]:
        """One of the viewer's server is like the fifth, after hundreds of other servers'."""
        some = [work(number=number, server_id=9) for number in range(1, 1200)]
        some[4] = work(number=5)
        some[300] = work(number=301)
        likeness = FakeLikeness(len(some), inside=(5, 301))
        works: Any = FakeWorks({one.id: one for one in some})
        return MoreLikeThis(likeness, works), likeness

    async def test_what_may_be_seen_is_found_behind_much_that_may_not(self) -> None:
        more, likeness = self.far_off()
        assert await self.numbers(more, MEMBER) == [301]
        circle = Circle(servers=MEMBER.servers, public=True)
        assert likeness.asked == [(200, None), (200, circle)]

    async def test_of_one_persons_or_one_servers_only_those_are_looked_at(self) -> None:
        more, likeness = self.far_off()
        await self.numbers(more, MEMBER, owner_id=ADA.id, server_id=7)
        await self.numbers(more, MEMBER, server_id=7)
        await self.numbers(more, replace(MEMBER, operator=True))
        assert likeness.asked == [
            (200, Circle(owners=frozenset({ADA.id}))),
            (200, Circle(servers=frozenset({7}))),
            (200, None),
        ]

    async def test_the_pages_after_the_first_are_of_the_same_list(self) -> None:
        more, _ = self.gallery(count=600)
        first = await more.find(work(number=5).id, Query(), MEMBER, limit=90)
        second = await more.find(work(number=5).id, Query(), MEMBER, first.next, 90)
        third = await more.find(work(number=5).id, Query(), MEMBER, second.next, 90)
        shown = [one.number for page in (first, second, third) for one in page.works]
        assert len(shown) == len(set(shown)) == 200
        assert third.next == ""
        with pytest.raises(RefusedError, match="begin at the first"):
            await more.find(work(number=5).id, Query(), MEMBER, "na5")
