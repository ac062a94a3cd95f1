"""When what failed is tried again: ever more rarely, and never sooner than Discord asks."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from core.clock import Clock

FIRST_PAUSE_SECONDS = 1.0

K = TypeVar("K", bound=Hashable)


class Patience(Generic[K]):
    """The pauses of each thing double from FIRST_PAUSE_SECONDS to `longest`. `due` says when which
    one is tried again."""

    def __init__(self, clock: Clock, longest: float) -> None:
        self._clock = clock
        self._longest = longest
        self._tries: dict[K, int] = {}
        self.due: dict[K, float] = {}

    def failed(self, key: K, asked: float | None = None) -> float:
        """Once more. Returns the seconds until it is tried again; `asked` are those that Discord
        wants."""
        tries = self._tries[key] = self._tries.get(key, 0) + 1
        pause = min(self._longest, FIRST_PAUSE_SECONDS * 2 ** min(tries - 1, 20))
        pause = max(pause, asked or 0.0)
        self.due[key] = self._clock.now() + pause
        return pause

    def forget(self, key: K) -> None:
        """It worked, or is gone."""
        self._tries.pop(key, None)
        self.due.pop(key, None)
