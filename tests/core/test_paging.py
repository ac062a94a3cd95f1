"""Pages of long lists: nothing is left out or comes twice, and back is where one came from."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from core.errors import RefusedError
from core.paging import Found, Leaf, ShortShelf, leaf_of, place_of, turn
from core.terms import wanted
from core.works import ANYBODY, MOST_ON_A_PAGE, Order, Query
from tests.builders import work

WORKS = [Found(seq, likes=seq * 7 % 5) for seq in range(1, 24)]
SHELF = ShortShelf(WORKS)
Open = Callable[[str], Leaf]


def by_likes(one: Found) -> int:
    return one.likes


LISTS: dict[str, Open] = {
    **{
        order.value: lambda after, order=order: turn(SHELF, order, after, 5)
        for order in (Order.NEW, Order.OLD, Order.TOP, Order.GIVEN)
    },
    "ranked": lambda after: turn(SHELF, Order.BEST, after, 5, rank=by_likes),
    "ranked among 8": lambda after: turn(SHELF, Order.BEST, after, 3, among=8, rank=by_likes),
}


def walk(open_page: Open) -> list[Leaf]:
    pages = [open_page("")]
    while pages[-1].next:
        pages.append(open_page(pages[-1].next))
    return pages


def numbers(pages: list[Leaf]) -> list[int]:
    return [one.seq for page in pages for one in page.found]


@pytest.mark.parametrize("name", LISTS)
def test_all_of_it_comes_once(name: str) -> None:
    assert sorted(numbers(walk(LISTS[name]))) == list(range(1, 24))


@pytest.mark.parametrize("name", LISTS)
def test_going_back_shows_the_same_pages(name: str) -> None:
    open_page = LISTS[name]
    pages = walk(open_page)
    assert pages[0].before == ""
    again, page = [pages[-1]], pages[-1]
    while page.before:
        page = open_page(page.before)
        again.insert(0, page)
    assert [one.found for one in again] == [one.found for one in pages]


def test_each_order_is_what_it_says() -> None:
    assert numbers(walk(LISTS["new"])) == list(range(23, 0, -1))
    assert numbers(walk(LISTS["old"])) == list(range(1, 24))
    best = sorted(WORKS, key=lambda one: (one.likes, one.seq), reverse=True)
    assert numbers(walk(LISTS["top"])) == numbers(walk(LISTS["ranked"])) == [w.seq for w in best]


def test_the_best_are_looked_for_among_the_newest_then_among_the_next() -> None:
    found = numbers(walk(LISTS["ranked among 8"]))
    assert sorted(found[:8]) == list(range(16, 24))
    assert sorted(found[8:16]) == list(range(8, 16))
    assert [WORKS[seq - 1].likes for seq in found[:8]] == [4, 4, 3, 2, 2, 1, 1, 0]


def test_what_comes_in_meanwhile_moves_nothing() -> None:
    first = turn(SHELF, Order.BEST, "", 5, rank=by_likes)
    grown = ShortShelf([*WORKS, Found(24, likes=9)])
    second = turn(grown, Order.BEST, first.next, 5, rank=by_likes)
    assert second.found == turn(SHELF, Order.BEST, first.next, 5, rank=by_likes).found
    assert turn(grown, Order.BEST, "", 5, rank=by_likes).found[0].seq == 24


def test_a_short_list_is_one_page() -> None:
    for order in Order:
        assert not turn(ShortShelf([]), order, "", 5).found
        assert turn(ShortShelf(WORKS[:5]), order, "", 5).next == ""


def test_cursors_fit_a_button_and_an_address() -> None:
    huge = ShortShelf([Found(10**17 + n, likes=10**9) for n in range(3)])
    cursor = turn(huge, Order.BEST, "", 1, rank=lambda one: 10**6).next
    assert len(cursor) <= 62 and cursor.replace(".", "").isalnum()


@pytest.mark.parametrize(
    "forged", ["x", "na", "nb-1", "na1.2", "ta1", "ra1.2", "na1;", "na" + "9" * 40, "oa1", "na١"]
)
def test_a_page_of_another_list_is_refused(forged: str) -> None:
    with pytest.raises(RefusedError, match="first"):
        turn(SHELF, Order.NEW, forged, 5)


def test_whatever_the_cursor_nothing_breaks() -> None:
    chance = random.Random(5)
    for _ in range(300):
        key = ".".join(str(chance.choice((0, 1, 7, 24, 10**17))) for _ in range(3))
        for back in "ab":
            turn(SHELF, Order.BEST, f"r{back}{key}", 5, rank=by_likes)


def test_the_neighbours_of_a_work_are_the_pages_behind_its_place() -> None:
    here = work(seq=9)
    for order, neighbour in ((Order.NEW, 8), (Order.OLD, 10)):
        assert turn(SHELF, order, place_of(here, order), 1).found[0].seq == neighbour
    with pytest.raises(ValueError, match="top"):
        place_of(here, Order.TOP)


class TestTheOrderThatAQueryAsksFor:
    """Of three barns, the last has the word often, and the first has the likes."""

    BARNS = ShortShelf([Found(1, 9, "barn"), Found(2, 0, "a barn"), Found(3, 0, "barn barn barn")])

    def listed(self, query: Query, top_among: int | None = None) -> list[int]:
        want = wanted(query, ANYBODY)
        leaf = leaf_of(self.BARNS, query, want, "", 3, best_among=2, top_among=top_among)
        return [one.seq for one in leaf.found]

    def test_what_fits_best_is_found_among_the_newest(self) -> None:
        assert self.listed(Query(words="barn", order=Order.BEST)) == [3, 2]

    def test_without_words_nothing_fits_better(self) -> None:
        assert self.listed(Query(order=Order.BEST)) == [3, 2, 1]

    def test_the_most_liked_come_first_of_all_or_of_the_newest(self) -> None:
        assert self.listed(Query(order=Order.TOP)) == [1, 3, 2]
        assert self.listed(Query(order=Order.TOP), top_among=2) == [3, 2]

    def test_a_query_that_names_nothing_has_no_order_of_its_own(self) -> None:
        assert self.listed(Query(order=Order.GIVEN)) == [3, 2, 1]
        assert self.listed(Query(order=Order.GIVEN, works=("a-1",))) == [1, 2, 3]

    def test_a_page_holds_one_work_at_least_and_not_too_many(self) -> None:
        many = ShortShelf([Found(seq) for seq in range(1, 200)])
        for asked, given in ((-4, 1), (10**9, MOST_ON_A_PAGE)):
            leaf = leaf_of(many, Query(), wanted(Query(), ANYBODY), "", asked)
            assert len(leaf.found) == given
