"""Room for jobs that are made side by side: how much is left, and for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from core.jobs import Job


@dataclass(frozen=True, slots=True)
class Seats:
    """One process may have `slots` jobs made at once, on so many `devices`, and `taken` are made
    now. A job that was tried before has a device for itself."""

    devices: int
    slots: int
    taken: Collection[Job] = ()

    @property
    def free(self) -> int:
        """None are if it is not positive."""
        whole = max(1, self.slots // max(1, self.devices))
        return self.slots - sum(whole if job.alone else 1 for job in self.taken)

    @property
    def alone(self) -> bool:
        """Whether one more that was tried before may begin. Those that cannot yet are left waiting:
        an attempt that only waits for its device would count like any other if it were lost."""
        return sum(job.alone for job in self.taken) < self.devices

    @property
    def enough(self) -> frozenset[tuple[int, int]]:
        """The members, as (server, member), who have as many as there are slots left, so that
        whoever comes finds room; but everybody may have one for each device."""
        most = max(self.devices, self.slots - len(self.taken))
        counted = Counter((job.place.server_id, job.owner.id) for job in self.taken)
        return frozenset(member for member, count in counted.items() if count >= most)
