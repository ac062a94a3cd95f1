"""Things on a shelf, in order, while their keys change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.shelf import SPARE, Key, Shelf


class Thing:
    def __init__(self, name: str) -> None:
        self.name = name
        self.at: float | None = 0.0

    def key(self) -> Key | None:
        return None if self.at is None else (self.at, 0.0, 0, self.name)


def test_an_empty_shelf_has_nothing_first() -> None:
    assert Shelf(Thing.key).first() is None


@given(st.lists(st.tuples(st.integers(0, 5), st.none() | st.integers(0, 9)), max_size=400))
def test_the_first_is_always_the_smallest_and_outdated_entries_are_cleared_up(
    moves: list[tuple[int, int | None]],
) -> None:
    things = [Thing(name) for name in "abcdef"]
    shelf = Shelf(Thing.key)
    for which, at in moves:
        things[which].at = at
        shelf.put(things[which])
    keys = [key for thing in {things[which] for which, _ in moves} if (key := thing.key())]
    first = shelf.first()
    assert (first.key() if first else None) == min(keys, default=None)
    assert len(shelf) <= 2 * len(things) + SPARE + 1


def test_what_is_skipped_stays() -> None:
    shelf, things = Shelf(Thing.key), [Thing("a"), Thing("b")]
    for thing in things * 3:
        shelf.put(thing)
    assert shelf.first(lambda thing: thing.name == "a") is things[1]
    assert shelf.first(lambda _: True) is None
    assert shelf.first() is things[0]
