"""Time and ids.

Ids and timestamps come from real time. Ages (of interaction tokens, nonces, signed addresses and
gateway sessions) are counted on a clock that tests can move on, so that nothing waits 15 minutes.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

DISCORD_EPOCH_MS = 1_420_070_400_000


class Clock:
    """A monotonic clock that can be advanced, and a source of snowflakes."""

    def __init__(self) -> None:
        self._advanced = 0.0
        self._last_ms = 0
        self._increment = 0
        self._watchers: list[Callable[[], None]] = []

    def age_clock(self) -> float:
        """Seconds on the clock that ages are counted on."""
        return time.monotonic() + self._advanced

    def wall(self) -> float:
        """Unix time as this clock sees it: the real one plus what it was advanced by."""
        return time.time() + self._advanced

    @property
    def advanced_s(self) -> float:
        return self._advanced

    def advance(self, seconds: float) -> None:
        """Makes everything that exists older by so many seconds."""
        if seconds < 0:
            raise ValueError("a clock cannot be turned back")
        self._advanced += seconds
        for watcher in self._watchers:
            watcher()

    def on_advance(self, watcher: Callable[[], None]) -> None:
        self._watchers.append(watcher)

    def snowflake(self) -> str:
        """A new id: the real time in milliseconds, then a counter; always larger than the last."""
        now_ms = int(time.time() * 1000)
        if now_ms <= self._last_ms:
            self._increment += 1
            if self._increment > 0x3FFFFF:
                self._last_ms += 1
                self._increment = 0
        else:
            self._last_ms = now_ms
            self._increment = 0
        return str(((self._last_ms - DISCORD_EPOCH_MS) << 22) | self._increment)

    def seen(self, snowflake: str) -> None:
        """Makes sure that later ids are larger than this one (after loading saved state)."""
        made_ms = (int(snowflake) >> 22) + DISCORD_EPOCH_MS
        self._last_ms = max(self._last_ms, made_ms + 1)


def timestamp(unix: float | None = None) -> str:
    """ISO 8601 with microseconds and offset, as Discord writes it."""
    moment = datetime.now(UTC) if unix is None else datetime.fromtimestamp(unix, UTC)
    return moment.isoformat(timespec="microseconds")
