"""How often something free may be asked for."""

from __future__ import annotations

from collections import deque
from math import ceil

from core.clock import Clock
from core.errors import RefusedError
from core.sentences import say


class Limiter:
    """At most `most` times within `seconds`, for each person."""

    def __init__(self, clock: Clock, *, most: int, seconds: float) -> None:
        self._clock = clock
        self._most = most
        self._seconds = seconds
        self._asked: dict[int, deque[float]] = {}

    def ask(self, person: int) -> None:
        """Counts one more time. Raises RefusedError, and then it does not count."""
        now = self._clock.now()
        self._forget(now)
        times = self._asked.setdefault(person, deque())
        if len(times) >= self._most:
            raise RefusedError(
                say(
                    "You asked that {count} times in a short while. Ask again in {seconds} s.",
                    count=self._most,
                    seconds=max(1, ceil(times[0] + self._seconds - now)),
                )
            )
        times.append(now)

    def _forget(self, now: float) -> None:
        for person, times in list(self._asked.items()):
            while times and now - times[0] >= self._seconds:
                times.popleft()
            if not times:
                del self._asked[person]
