"""Whose turn is it, and how long will it take: pure functions over the waiting jobs.

The rule: fast lane before relaxed, and within a lane the owner who has had least GPU time lately,
oldest job first. So a member with one picture never waits behind another's tenth, and whoever asks
for costlier pictures gets fewer of them. A relaxed job that has waited long enough is taken as a
fast one, so nobody starves: it is then older than every new one of an equally served owner.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import islice

from core.jobs import Job, Waiting
from core.request import Lane, Request

FAIR_WINDOW_SECONDS = 3600.0
"""GPU time used within this window counts against a member's turn."""

RELAX_WAITS_SECONDS = 600.0
"""A relaxed job that has waited this long is taken as a fast one."""

UNKNOWN_MS_PER_WORK = 400.0
"""GPU milliseconds per megapixel-step assumed for a model that has not run here yet."""

FIXED_MS = 300.0
"""What any job costs besides its steps: encoding the text, decoding, writing files."""


def in_order(
    waiting: Sequence[Waiting], served_ms: Mapping[int, int], now: float
) -> Iterator[Waiting]:
    """The waiting jobs in the order they will be picked if nothing new comes.

    `served_ms` is what each owner was charged or holds for jobs of the fair window, reservations of
    waiting jobs included. O(n log n) in the number of waiting jobs.
    """
    queues: dict[tuple[bool, int], list[Waiting]] = defaultdict(list)
    had = dict(served_ms)
    for job in sorted(waiting, key=lambda job: (job.created_at, job.id), reverse=True):
        relaxed = job.lane is Lane.RELAX and now - job.created_at < RELAX_WAITS_SECONDS
        queues[relaxed, job.owner_id].append(job)
        # A waiting job holds its reservation but has had no GPU time yet.
        if job.created_at > now - FAIR_WINDOW_SECONDS:
            had[job.owner_id] = max(0, had.get(job.owner_id, 0) - job.reserve_ms)

    def turn(relaxed: bool, owner: int) -> tuple[bool, int, float, int]:
        return (relaxed, had.get(owner, 0), queues[relaxed, owner][-1].created_at, owner)

    heap = [turn(relaxed, owner) for relaxed, owner in queues]
    heapify(heap)
    while heap:
        relaxed, served, _, owner = heappop(heap)
        if served != had.get(owner, 0):
            heappush(heap, turn(relaxed, owner))
            continue
        queue = queues[relaxed, owner]
        job = queue.pop()
        yield job
        had[owner] = served + job.reserve_ms
        if queue:
            heappush(heap, turn(relaxed, owner))


def pick_next(
    waiting: Sequence[Waiting], served_ms: Mapping[int, int], now: float
) -> Waiting | None:
    """The job to run next, or None when none waits."""
    return next(in_order(waiting, served_ms, now), None)


def estimate_ms(request: Request, pace: Mapping[str, float]) -> int:
    """GPU milliseconds a request is expected to cost, from what its model cost lately."""
    return round(request.work * pace.get(request.model, UNKNOWN_MS_PER_WORK) + FIXED_MS)


def wait_seconds(
    place: int, ordered: Sequence[Waiting], running: Sequence[Job], slots: int, now: float
) -> float:
    """Seconds until the job at `place` (from 1) of the order is done, if nothing new comes."""
    ahead = sum(job.reserve_ms for job in islice(ordered, place - 1))
    for job in running:
        elapsed = (now - job.started_at) * 1000 if job.started_at is not None else 0.0
        ahead += max(0.0, job.reserve_ms - elapsed)
    return (ahead / max(1, slots) + ordered[place - 1].reserve_ms) / 1000
