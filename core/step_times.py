"""How long a forward takes for so many rows, and how many rows it takes in its stride.

Learned from what forwards did take, for each key by itself: a key is whatever decides the time of a
row, such as the model and the shape. Rows are those the module sees, so a picture with guidance
counts as two. The first forward after a model was loaded or compiled is slow, and so is one while
the machine does something else. Whatever disturbs a forward makes it slower, so a count of rows is
believed after `SETTLED` forwards, by the fastest of the last, and what was found not worth having
is tried again, at ever longer intervals.
"""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

WORTH = 0.15
"""More rows are worth having while each doubling makes a row's time fall by this part."""

DEFAULT_CAP = 8
"""Rows assumed to be worth having together before any is measured: a grid with guidance."""

MOST_ROWS = 128
"""No forward is given more, whatever was measured."""

SETTLED = 3
"""Forwards of a count of rows before it is believed to be slow."""

KEPT = 7
"""Forwards remembered of each count of rows."""

COUNTS_KEPT = 24
"""Counts of rows remembered of each key."""

TRIED_AGAIN, TRIED_AGAIN_AT_LAST = 50, 1600
"""Forwards of a key after which more rows than its cap are tried again; twice as many each time."""

UNKNOWN_SECONDS = 0.05
"""What a row is assumed to take before anything was measured."""

Point = tuple[int, float]
"""Rows and seconds."""


@dataclass(slots=True)
class _Curve:
    """One key's times; `limit` is the most rows that fit into memory, as far as is known."""

    times: dict[int, deque[float]] = field(default_factory=dict[int, "deque[float]"])
    limit: int = MOST_ROWS
    noted: int = 0
    pause: int = TRIED_AGAIN
    _points: list[Point] = field(default_factory=list[Point])
    _cap: int = 0

    def note(self, rows: int, seconds: float) -> None:
        self.times.setdefault(rows, deque(maxlen=KEPT)).append(seconds)
        self.noted += 1
        if self.noted >= self.pause:
            self._doubt()
        if len(self.times) > COUNTS_KEPT:
            self._thin()
        self._points, self._cap = [], 0

    def points(self) -> list[Point]:
        """What is believed, both rising."""
        if not self._points:
            self._points = rising((rows, min(times)) for rows, times in self.times.items())
        return self._points

    def settled(self) -> list[Point]:
        """What does not rest on too few forwards, both rising."""
        return rising(
            (rows, min(times)) for rows, times in self.times.items() if len(times) >= SETTLED
        )

    def cap(self) -> int:
        if not self._cap:
            settled = self.settled()
            self._cap = worthwhile(settled) if settled else DEFAULT_CAP
        return max(1, min(self._cap, self.limit, MOST_ROWS))

    def _doubt(self) -> None:
        """Forgets what is known of more rows than the cap, so that they are tried again."""
        cap = self.cap()
        more = [count for count in self.times if count > cap]
        for count in more:
            del self.times[count]
        self.noted = 0
        self.pause = min(2 * self.pause, TRIED_AGAIN_AT_LAST) if more else self.pause

    def _thin(self) -> None:
        """Forgets the count that lies nearest to both its neighbours."""
        counts = sorted(self.times)
        inner = zip(counts, counts[1:], counts[2:], strict=False)
        del self.times[min(inner, key=lambda three: three[2] / three[0])[1]]


class StepTimes:
    """The times of all keys. Not safe for several threads at once."""

    def __init__(self) -> None:
        self._curves: dict[Hashable, _Curve] = {}

    def note(self, key: Hashable, rows: int, seconds: float) -> None:
        """A forward of so many rows took so long. Raises ValueError for what cannot be."""
        _check(rows, seconds)
        self._curves.setdefault(key, _Curve()).note(rows, seconds)

    def too_many(self, key: Hashable, rows: int) -> None:
        """So many rows did not fit into memory: from now on at most half as many are tried."""
        curve = self._curves.setdefault(key, _Curve())
        curve.limit = max(1, min(curve.limit, rows // 2))

    def cap(self, key: Hashable) -> int:
        """The fewest rows, a power of two, from which on a row's time falls by less than `WORTH` a
        doubling. Where it still falls at the most rows measured, twice as many are tried next."""
        curve = self._curves.get(key)
        return curve.cap() if curve is not None else DEFAULT_CAP

    def seconds(self, key: Hashable, rows: int) -> float:
        """What a forward of so many rows is expected to take."""
        curve = self._curves.get(key)
        if curve is None or not curve.times:
            return rows * self._usual()
        return between(curve.points(), rows)

    def knows(self, key: Hashable, rows: int) -> bool:
        """Whether forwards of so many rows are believed."""
        curve = self._curves.get(key)
        return curve is not None and len(curve.times.get(rows, ())) >= SETTLED

    def table(self) -> dict[Hashable, list[Point]]:
        """For each key what is believed: rows and seconds, both rising."""
        return {key: list(curve.points()) for key, curve in self._curves.items()}

    def settled(self) -> dict[Hashable, list[Point]]:
        """For each key what is worth keeping for another day: rows and seconds, both rising."""
        return {key: points for key, curve in self._curves.items() if (points := curve.settled())}

    def recall(self, key: Hashable, points: Iterable[Point]) -> None:
        """What was `settled` another day, believed until forwards tell otherwise; nothing where
        some have told already. Raises ValueError for what cannot be."""
        curve = _Curve()
        for rows, seconds in points:
            _check(rows, seconds)
            curve.times[rows] = deque([seconds] * SETTLED, maxlen=KEPT)
            if len(curve.times) > COUNTS_KEPT:
                raise ValueError(f"over {COUNTS_KEPT} counts of rows")
        known = self._curves.get(key)
        if curve.times and (known is None or not known.times):
            curve.limit = known.limit if known is not None else curve.limit
            self._curves[key] = curve

    def _usual(self) -> float:
        """Seconds of a row where nothing of its key was measured."""
        known = (curve.points()[-1] for curve in self._curves.values() if curve.times)
        rows = [seconds / rows for rows, seconds in known]
        return statistics.median(rows) if rows else UNKNOWN_SECONDS


def _check(rows: int, seconds: float) -> None:
    if rows < 1 or not 0 <= seconds < float("inf"):
        raise ValueError(f"{rows} rows in {seconds} s")


def rising(points: Iterable[Point]) -> list[Point]:
    """Fewer rows never take longer: where they did, something disturbed them."""
    risen: list[Point] = []
    for rows, seconds in sorted(points, reverse=True):
        risen.append((rows, min(seconds, risen[-1][1]) if risen else seconds))
    return risen[::-1]


def between(points: list[Point], rows: int) -> float:
    """The seconds on the line between the points next to `rows`. Beyond the last by the slope of
    the last two, or in proportion to it; below the first not less than in proportion."""
    at = bisect_left(points, (rows, 0.0))
    if at < len(points) and points[at][0] == rows:
        return points[at][1]
    if len(points) == 1:
        return points[0][1] * rows / points[0][0]
    low = min(max(at - 1, 0), len(points) - 2)
    (left, lower), (right, upper) = points[low], points[low + 1]
    on_line = lower + (upper - lower) * (rows - left) / (right - left)
    return max(on_line, lower * rows / left) if at == 0 else on_line


def worthwhile(points: list[Point]) -> int:
    """See `StepTimes.cap`. Of fewer rows than the first point nothing is known: they are taken to
    be worth having together."""
    rows = 1 << (points[0][0].bit_length() - 1)
    most = points[-1][0]
    while 2 * rows <= most:
        if between(points, 2 * rows) > 2 * (1 - WORTH) * between(points, rows):
            return rows
        rows *= 2
    return max(2 * rows, DEFAULT_CAP) if len(points) == 1 else 2 * rows
