"""What a job will cost, learned from what jobs did cost.

A model's cost is a line: a fixed part (text, decoding, files) and a part for each megapixel-step.
It is fitted by least squares of the *relative* error, so that sketches count as much as posters,
with less weight on what is longer ago, and held by a guess until there is enough to go by. A cost
far off the line, as when the machine was busy, is taken as less far off.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.request import Request

UNKNOWN_MS_PER_WORK = 400.0
"""GPU milliseconds per megapixel-step assumed for a model that has not run here yet."""

FIXED_MS = 300.0
"""What any job is assumed to cost besides its steps."""

KEPT = 0.97
"""What weight a measurement keeps with each newer one of its model: 33 count."""

GUESS_WEIGHT = 0.05
"""The guess counts as much as this part of one measurement."""

SETTLED = 5
"""From this many measurements on, one that is off by more than `FAR` is taken to be off by it."""

FAR = 3.0
"""Times as long, or as short, as expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a finished job cost, in GPU milliseconds. `work` is in megapixel-steps."""

    model: str
    work: float
    cost_ms: int


@dataclass(slots=True)
class Pace:
    """The line of one model, and the sums it is fitted from."""

    fixed_ms: float = FIXED_MS
    ms_per_work: float = UNKNOWN_MS_PER_WORK
    _count: int = 0
    _sums: list[float] = field(default_factory=lambda: [0.0] * 5)

    def cost_ms(self, work: float) -> float:
        return self.fixed_ms + self.ms_per_work * work

    def learn(self, work: float, cost_ms: float) -> None:
        expected = self.cost_ms(work)
        if self._count >= SETTLED:
            cost_ms = min(max(cost_ms, expected / FAR), expected * FAR)
        self._count += 1
        one, per = 1 / cost_ms, work / cost_ms
        new = (one * one, one * per, per * per, one, per)
        self._sums = [KEPT * old + add for old, add in zip(self._sums, new, strict=True)]
        self._fit()

    def _fit(self) -> None:
        """Solves the two normal equations; neither part is ever negative."""
        aa, ab, bb, a, b = self._sums
        # The guess: a small pull of each part towards what is assumed, as a share of it.
        pull_fixed = GUESS_WEIGHT / FIXED_MS**2
        slope = max(b / bb if bb else UNKNOWN_MS_PER_WORK, 1e-6)
        pull_slope = GUESS_WEIGHT * 1e-3 / slope**2
        aa, a = aa + pull_fixed, a + pull_fixed * FIXED_MS
        bb, b = bb + pull_slope, b + pull_slope * slope
        off = aa * bb - ab * ab
        self.fixed_ms = max(0.0, (a * bb - b * ab) / off)
        self.ms_per_work = max(0.0, (b - ab * self.fixed_ms) / bb)
        if self.ms_per_work == 0.0:
            self.fixed_ms = a / aa


class Estimates:
    """The paces of all models that have run."""

    def __init__(self, measured: Iterable[Measured] = ()) -> None:
        self._paces: dict[str, Pace] = {}
        for one in measured:
            if one.work > 0 and one.cost_ms > 0:
                self._paces.setdefault(one.model, Pace()).learn(one.work, one.cost_ms)

    def cost_ms(self, model: str, work: float) -> int:
        """GPU milliseconds so much work is expected to take."""
        return round(self._paces.get(model, Pace()).cost_ms(work))

    def knows(self, model: str) -> bool:
        """Whether the model has run."""
        return model in self._paces

    def of(self, request: Request) -> int:
        """The same for a request."""
        return self.cost_ms(request.made_by, request.work)

    def updated(self, newer: Estimates) -> Estimates:
        """These, with what is known better by now."""
        both = Estimates()
        both._paces = {**self._paces, **newer._paces}
        return both
