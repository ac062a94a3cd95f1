"""Whether a job fits into memory beside what runs, learned from what jobs did need.

A job *rests* in memory as long as it runs (latents, embeddings, finished pictures), and *peaks*
while one of its forwards or decodes is computed. The device computes one at a time, so jobs that
run side by side need the sum of their rests, but only the largest of their peaks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto

REST_BYTES = 64.0
"""A pixel of a resting job: its picture in two number formats, latents, its part of the text."""

PEAK_BYTES = 1024.0
"""A pixel at the peak of a job whose model has not run here: decoding takes about that in half
precision. A guess that is too low is put right by the first job that runs alone."""

KEPT = 8
"""Jobs of a model that are remembered; the largest of them counts."""

USABLE = 0.9
"""Of free memory: the rest is lost between what is allocated."""

OVERTAKEN = 8
"""Jobs that may enter before one that waits for more room than they need."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes."""

    rest: int
    peak: int


class Verdict(Enum):
    ENTER = auto()
    WAIT = auto()
    CAUTIOUS = auto()
    """It will never fit as it is: it enters alone, and makes its pictures one at a time."""


def verdict(need: Need, inside: Collection[Need], free: int | None) -> Verdict:
    """`free` are bytes free now, None where that cannot be told. What those inside will need is
    counted in full, though they have some of it already."""
    if free is None:
        return Verdict.ENTER
    rests = need.rest + sum(one.rest for one in inside)
    peak = max(need.peak, *(one.peak for one in inside)) if inside else need.peak
    if rests + peak <= free * USABLE:
        return Verdict.ENTER
    return Verdict.WAIT if inside else Verdict.CAUTIOUS


class Needs:
    """What jobs need, by model. Not safe for several threads at once."""

    def __init__(self) -> None:
        self._peaks: dict[str, deque[float]] = {}

    def of(self, model: str, pixels: int, *, largest: int | None = None) -> Need:
        """`pixels` are those of all pictures of the job, `largest` what of them is computed at
        once if not all."""
        per_pixel = max(self._peaks.get(model, (PEAK_BYTES,)))
        at_once = pixels if largest is None else largest
        return Need(round(pixels * REST_BYTES), round(at_once * per_pixel))

    def note(self, model: str, pixels: int, peak: int) -> None:
        """A job that ran alone had so many bytes more than before it at its peak."""
        if pixels > 0 and peak >= 0:
            self._peaks.setdefault(model, deque(maxlen=KEPT)).append(peak / pixels)
