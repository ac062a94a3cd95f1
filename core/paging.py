"""How a long list of works is read page by page, in any order, from where a cursor says.

Works are numbered in the order in which they were done; a page goes on behind the last one of the
page before it, so that it costs the same however far down it is, and nothing is shown twice when
something new comes in. Where works are ranked, that is done among the newest that fit; then the
next newest follow, and so on. So a search for a word that is everywhere costs no more than another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.errors import RefusedError
from core.sentences import say
from core.terms import Wanted, ranker
from core.works import MOST_ON_A_PAGE, Order, Query, Work

BEST_AMONG = 1_000
"""The newest that fit, of which the best come first."""

TOP_AMONG = 2_000
"""The newest that fit, of which the most liked come first. Without words or flags it is all."""

_CURSOR = re.compile(r"([notrg])([ab])((?:\d{1,18}\.){0,2}\d{1,18})", re.ASCII)
_KEYS = {"n": 1, "o": 1, "t": 2, "r": 3, "g": 1}
_FIRST, _LAST = 10**17, 0
"""Ranks that come before and behind all others."""


@dataclass(frozen=True, slots=True)
class Found:
    """A work by its number; what it is ranked by, where that was asked for."""

    seq: int
    likes: int = 0
    terms: str = ""


def place_of(work: Work, order: Order) -> str:
    """A cursor for what follows a work, in a list that is ordered by time. Raises ValueError."""
    kind = {Order.NEW: "n", Order.OLD: "o"}.get(order)
    if kind is None:
        raise ValueError(order)
    return str(_Cursor(kind, False, (work.seq,)))


class Shelf(Protocol):
    """All works that a query is about and its viewer may be shown."""

    def newest(
        self,
        most: int,
        *,
        below: int | None = None,
        above: int | None = None,
        oldest_first: bool = False,
        ranked: bool = False,
    ) -> Sequence[Found]:
        """By number, the highest first; with numbers below or above these only. `ranked`: with what
        they are ranked by."""
        ...

    def liked(self, most: int, *, beside: tuple[int, int] | None, back: bool) -> Sequence[Found]:
        """The most liked of all, then by number, behind the likes and the number of `beside`;
        `back`: the other way round, up to it."""
        ...

    def given(self) -> Sequence[Found]:
        """As the query names them."""
        ...


@dataclass(frozen=True, slots=True)
class Leaf:
    found: Sequence[Found]
    next: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class _Cursor:
    kind: str
    back: bool
    keys: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.kind}{'b' if self.back else 'a'}{'.'.join(map(str, self.keys))}"


def leaf_of(
    shelf: Shelf,
    query: Query,
    wanted: Wanted,
    after: str,
    limit: int,
    *,
    best_among: int = BEST_AMONG,
    top_among: int | None = None,
) -> Leaf:
    """A page of what a query is about. `top_among`: those among which the most liked come first;
    None: the shelf has all of it by likes. Raises RefusedError for a cursor of another list."""
    limit = max(1, min(limit, MOST_ON_A_PAGE))
    order = query.order
    if order is Order.BEST and wanted.words:
        rank = ranker(wanted)

        def by_fit(one: Found) -> int:
            return rank(one.terms, one.likes)

        return turn(shelf, order, after, limit, among=best_among, rank=by_fit)
    if order is Order.TOP and top_among is not None:
        return turn(shelf, order, after, limit, among=top_among, rank=lambda one: one.likes)
    if order is Order.GIVEN and query.works is None:
        order = Order.NEW
    return turn(shelf, order, after, limit)


def turn(
    shelf: Shelf,
    order: Order,
    after: str,
    limit: int,
    *,
    among: int = BEST_AMONG,
    rank: Callable[[Found], int] | None = None,
) -> Leaf:
    """A page. `rank`, higher is better, makes it one of ranked works, whatever the order. Raises
    RefusedError for a cursor of another list."""
    kind = "r" if rank is not None else {Order.OLD: "o", Order.TOP: "t", Order.GIVEN: "g"}.get(
        order, "n"
    )  # fmt: skip
    cursor = _read(after, kind) if after else None
    if rank is not None:
        return _ranked(shelf, rank, cursor, limit, among)
    match kind:
        case "t":
            return _by_likes(shelf, cursor, limit)
        case "g":
            return _given(shelf, cursor, limit)
        case _:
            return _by_number(shelf, kind, cursor, limit)


def _read(text: str, kind: str) -> _Cursor:
    """Raises RefusedError."""
    found = _CURSOR.fullmatch(text)
    if found is None or found[1] != kind or found[3].count(".") + 1 != _KEYS[kind]:
        raise RefusedError(say("That page is not one of this list; begin at the first one."))
    return _Cursor(kind, found[2] == "b", tuple(map(int, found[3].split("."))))


def _by_number(shelf: Shelf, kind: str, cursor: _Cursor | None, limit: int) -> Leaf:
    back = cursor is not None and cursor.back
    upwards = (kind == "o") != back
    key = None if cursor is None else cursor.keys[0]
    found = shelf.newest(
        limit + 1,
        below=None if upwards else key,
        above=key if upwards else None,
        oldest_first=upwards,
    )
    return _leaf(kind, found, cursor, limit, lambda one: (one.seq,))


def _by_likes(shelf: Shelf, cursor: _Cursor | None, limit: int) -> Leaf:
    beside = (cursor.keys[0], cursor.keys[1]) if cursor else None
    found = shelf.liked(limit + 1, beside=beside, back=cursor is not None and cursor.back)
    return _leaf("t", found, cursor, limit, lambda one: (one.likes, one.seq))


def _leaf(
    kind: str,
    found: Sequence[Found],
    cursor: _Cursor | None,
    limit: int,
    keys: Callable[[Found], tuple[int, ...]],
) -> Leaf:
    """What was found from the cursor on, one more than the page holds if there is more."""
    more, page = len(found) > limit, list(found[:limit])
    back = cursor is not None and cursor.back
    if back:
        page.reverse()
    if not page:
        return Leaf(())
    behind = str(_Cursor(kind, False, keys(page[-1])))
    ahead = str(_Cursor(kind, True, keys(page[0])))
    newer_there = more if back else cursor is not None
    return Leaf(page, behind if more or back else "", ahead if newer_there else "")


def _given(shelf: Shelf, cursor: _Cursor | None, limit: int) -> Leaf:
    found = shelf.given()
    if cursor is None:
        start = 0
    else:
        start = max(0, cursor.keys[0] - limit) if cursor.back else cursor.keys[0]
    end = cursor.keys[0] if cursor is not None and cursor.back else start + limit
    return Leaf(
        found[start:end],
        str(_Cursor("g", False, (end,))) if end < len(found) else "",
        str(_Cursor("g", True, (start,))) if start > 0 else "",
    )


def _ranked(
    shelf: Shelf, rank: Callable[[Found], int], cursor: _Cursor | None, limit: int, among: int
) -> Leaf:
    """`cursor` holds the highest number among which it was ranked, and the rank and the number of
    the work that it stands beside."""
    below = None if cursor is None else cursor.keys[0] + 1
    window = shelf.newest(among, below=below, ranked=True)
    if not window:
        return Leaf(())
    top = window[0].seq if cursor is None else cursor.keys[0]
    ranks = sorted(((rank(one), one.seq, one) for one in window), key=lambda it: (-it[0], -it[1]))
    start, end = 0, limit
    if cursor is not None:
        beside = (-cursor.keys[1], -cursor.keys[2])
        if cursor.back:
            end = sum((-score, -seq) < beside for score, seq, _ in ranks)
            # From the next window, the page is the one that ended this.
            start = (end - 1) // limit * limit if end == len(ranks) else max(0, end - limit)
        else:
            start = sum((-score, -seq) <= beside for score, seq, _ in ranks)
            end = start + limit
    page = ranks[start:end]
    following = before = ""
    if end < len(ranks):
        last = page[-1] if page else (_FIRST, 0)
        following = str(_Cursor("r", False, (top, last[0], last[1])))
    elif len(window) == among and shelf.newest(1, below=window[-1].seq):
        following = str(_Cursor("r", False, (window[-1].seq - 1, _FIRST, 0)))
    if start > 0:
        first = page[0] if page else (_LAST, 0)
        before = str(_Cursor("r", True, (top, first[0], first[1])))
    elif cursor is not None and (newer := shelf.newest(among, above=top, oldest_first=True)):
        before = str(_Cursor("r", True, (newer[-1].seq, _LAST, 0)))
    return Leaf([one for _, _, one in page], following, before)


@dataclass(frozen=True, slots=True)
class ShortShelf:
    """One that is at hand, in the order in which the query names it."""

    works: Sequence[Found]

    def newest(
        self,
        most: int,
        *,
        below: int | None = None,
        above: int | None = None,
        oldest_first: bool = False,
        ranked: bool = False,
    ) -> Sequence[Found]:
        del ranked
        found = [
            one
            for one in self.works
            if (below is None or one.seq < below) and (above is None or one.seq > above)
        ]
        return sorted(found, key=lambda one: one.seq, reverse=not oldest_first)[:most]

    def liked(self, most: int, *, beside: tuple[int, int] | None, back: bool) -> Sequence[Found]:
        found = sorted(self.works, key=lambda one: (one.likes, one.seq), reverse=not back)
        if beside is not None:
            found = [
                one
                for one in found
                if ((one.likes, one.seq) > beside if back else (one.likes, one.seq) < beside)
            ]
        return found[:most]

    def given(self) -> Sequence[Found]:
        return self.works
