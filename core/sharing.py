"""Jobs that are made side by side share the devices: how much each has had, and when it will be
done.

All that run are taken to get the same part, but none of them more than one device. Where shorter
jobs, or those of whoever has had less, are let through first, some are done sooner than that and
none much later: what a member is told errs on the late side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush


def part(running: int, devices: int) -> float:
    """Of a device, for each of so many jobs."""
    return min(1.0, devices / running) if running else 1.0


class Shares:
    """The device time that running jobs have probably had, in milliseconds."""

    def __init__(self, devices: int) -> None:
        self._devices = max(1, devices)
        self._had: dict[str, float] = {}
        self._looked_at = float("-inf")

    def look(self, began: Mapping[str, float], now: float) -> None:
        """The jobs that run now, and when each began. Between two looks the earlier one holds; of
        a job that ran already when it was first seen, its company is taken to have been as it is
        now."""
        elapsed = part(len(self._had), self._devices) * max(0.0, now - self._looked_at) * 1000
        here = part(len(began), self._devices) * 1000
        self._had = {
            job_id: self._had[job_id] + elapsed
            if job_id in self._had
            else max(0.0, now - at) * here
            for job_id, at in began.items()
        }
        self._looked_at = now

    def had_ms(self, job_id: str) -> float:
        """0 for one that does not run."""
        return self._had.get(job_id, 0.0)


def done_after(
    running_ms: Sequence[float], waiting_ms: Sequence[float], *, devices: int, slots: int
) -> list[float]:
    """Milliseconds until each job is done, those that run and then those that wait, in order, when
    `slots` run at once and nobody else comes. Given is the device time that each still needs."""
    devices, slots = max(1, devices), max(1, slots)
    ends = [0.0] * (len(running_ms) + len(waiting_ms))
    # How much each job that runs has had since the start; an entry is due when it has had its own.
    had, now, begun = 0.0, 0.0, len(running_ms)
    due = [(needs, index) for index, needs in enumerate(running_ms)]
    heapify(due)
    while due or begun < len(ends):
        while len(due) < slots and begun < len(ends):
            heappush(due, (had + waiting_ms[begun - len(running_ms)], begun))
            begun += 1
        needs, index = heappop(due)
        now += (needs - had) / part(len(due) + 1, devices)
        had, ends[index] = needs, now
    return ends
