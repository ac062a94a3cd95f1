"""A heap of things whose keys change while they lie in it."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Generic, TypeVar

T = TypeVar("T")

Key = tuple[float, float, int, str]
"""Smallest first. The last part is different for any two things."""

SPARE = 64
"""Outdated entries that are not worth clearing up."""


class Shelf(Generic[T]):
    """Whoever changes a thing's key puts it in again; what lay there under another key is dropped
    when it comes up. `key` says a thing's place, or None while it has none here."""

    def __init__(self, key: Callable[[T], Key | None]) -> None:
        self._key = key
        self._entries: list[tuple[Key, int, T]] = []
        self._room = SPARE

    def put(self, thing: T) -> None:
        """O(log n), on average."""
        key = self._key(thing)
        if key is None:
            return
        heappush(self._entries, (key, id(thing), thing))
        if len(self._entries) > self._room:
            valid = {entry[0]: entry for entry in self._entries if self._key(entry[2]) == entry[0]}
            self._entries = [valid[key] for key in sorted(valid)]
            self._room = 2 * len(valid) + SPARE

    def first(self, skip: Callable[[T], bool] | None = None) -> T | None:
        """The thing with the smallest key that is not to be skipped. O(log n) for each skipped."""
        aside: list[tuple[Key, int, T]] = []
        found: T | None = None
        while self._entries:
            key, _, thing = self._entries[0]
            if self._key(thing) != key:
                heappop(self._entries)
            elif skip is not None and skip(thing):
                aside.append(heappop(self._entries))
                while self._entries and self._entries[0][:2] == aside[-1][:2]:
                    heappop(self._entries)
            else:
                found = thing
                break
        for entry in aside:
            heappush(self._entries, entry)
        return found

    def __len__(self) -> int:
        """Entries, outdated ones too."""
        return len(self._entries)
