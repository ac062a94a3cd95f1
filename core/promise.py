"""How long a job may have to wait at most, as it can be said when it is admitted.

The rule. Let L be the GPU time of everything that waits or runs when a job is admitted, divided by
the devices: how long the whole queue would take if nobody came any more. A job that has waited
`STRETCH` times L, and at least its lane's patience, is *due*. A job is never due before the one
ahead of it in its owner's line. Due jobs go before all others, oldest first.

So it begins no later than L plus what runs at that moment after it became due, whoever comes
meanwhile: whatever is due and older was there at its admission, and is part of its L. Nothing of
this hangs on lanes, weights, shares or models. Time in which its server is paused does not count.
"""

from __future__ import annotations

from core.request import Lane

STRETCH = 10.0
"""A fair order makes a job wait longer than first come first served would by the number of people
who wait, at the most; up to this many, fairness alone keeps the promise."""

PATIENCE_SECONDS = {Lane.TURBO: 120.0, Lane.FAST: 120.0, Lane.RELAX: 1800.0}
"""No job is due before this, however short the queue was."""

RUNNING_SECONDS = 120.0
"""What is granted for the jobs that run at the moment a job becomes due: the GPU time that they
need together, on each device. What is more may delay it by as much."""


def due_after(lane: Lane, load_ms: float, devices: int) -> float:
    """Seconds from the admission until a job is due. `load_ms` is the GPU time, in milliseconds, of
    everything that waits or runs."""
    return max(PATIENCE_SECONDS[lane], STRETCH * load_ms / 1000 / max(1, devices))


def begins_within(due_seconds: float) -> float:
    """Seconds from the admission until the job has begun for certain."""
    return due_seconds * (1 + 1 / STRETCH) + RUNNING_SECONDS
