"""The queue of one process: what is next, and what place and time a member is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from core.clock import Clock
from core.errors import BusyError, JobNotFoundError
from core.estimates import Estimates
from core.jobs import Job, State, Waiting
from core.ports import JobStore
from core.request import Request
from core.roll import Roll, as_waiting
from core.schedule import Choice, Schedule

FRESH_SECONDS = 0.5
"""What was read so lately is used again, but for what happened in this process."""

EXACT_UP_TO = 50
"""Places told exactly; further back they are told as if all jobs cost the same."""

HOLD_SECONDS = 1.0
"""How long a member is left alone whose job could not be claimed though it waits."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`place` counts from 1; 0 when the job is not waiting. `seconds` is until it is done, and
    `at_most` until it has begun for certain, whoever comes meanwhile."""

    place: int
    seconds: float
    at_most: float = field(default=0.0, compare=False)


class Queue:
    """`slots` jobs run at once. Whoever moves a job in this process says so with `saw`."""

    def __init__(self, store: JobStore, clock: Clock, slots: int) -> None:
        self._store = store
        self._clock = clock
        self._slots = max(1, slots)
        self._schedule = Schedule(slots)
        self._roll = Roll(store, clock, self._schedule)
        self._estimates = Estimates()
        self._read_at = float("-inf")
        self._held: dict[tuple[int, int], float] = {}
        self._loaded: Collection[str] = ()
        self._reading = asyncio.Lock()

    def saw(self, job: Job) -> None:
        """A job's row, as somebody in this process has just left it."""
        if job.state is not State.RUNNING:
            self._held.pop((job.place.server_id, job.owner.id), None)
        self._roll.saw(job)

    # For members

    async def estimate_ms(self, request: Request) -> int:
        """GPU milliseconds the request is expected to cost."""
        await self._refresh()
        return self._estimates.of(request)

    async def standing(self, job: Job) -> Standing:
        """Where a queued job stands."""
        await self._refresh()
        now = self._clock.now()
        if job.id in self._schedule.running:
            return Standing(1, self._estimates.of(job.request) / 1000)
        self._schedule.add(as_waiting(job), now)
        begins_by = self._schedule.begins_by(job.id) or now
        at_most = max(0.0, begins_by - now)
        place = min(self._schedule.about(job.id), len(self._schedule))
        ahead = self._schedule.waiting_ms * (place - 1) / len(self._schedule)
        if place <= EXACT_UP_TO:
            front = self._schedule.front(self._choice(), 2 * EXACT_UP_TO, until=job.id)
            if front and front[-1].id == job.id:
                place = len(front)
                ahead = sum(map(self._cost_ms, front[:-1]))
        own = self._cost_ms(as_waiting(job))
        return Standing(place, ((ahead + self._left_ms()) / self._slots + own) / 1000, at_most)

    async def front(self, count: int) -> Sequence[tuple[str, Standing]]:
        """The jobs at the first `count` places, in order, by id."""
        await self._refresh()
        now = self._clock.now()
        ahead = self._left_ms()
        shown: list[tuple[str, Standing]] = []
        for place, job in enumerate(self._schedule.front(self._choice(), count), 1):
            own = self._cost_ms(job)
            seconds = (ahead / self._slots + own) / 1000
            begins_by = self._schedule.begins_by(job.id) or now
            shown.append((job.id, Standing(place, seconds, max(0.0, begins_by - now))))
            ahead += own
        return shown

    def forget(self) -> None:
        """The queue moved in a way that nobody told: read it again next time."""
        self._read_at = float("-inf")

    # For the dispatcher

    async def next(
        self,
        *,
        loaded: Collection[str] = (),
        accepts: Callable[[Waiting], bool] | None = None,
    ) -> Waiting | None:
        """The job to claim next. `loaded` are the models that workers hold, `accepts` narrows
        the choice to some, oldest first. Raises BusyError."""
        self._loaded = loaded
        await self._roll.look()
        return self.choose(accepts)

    def choose(self, accepts: Callable[[Waiting], bool] | None = None) -> Waiting | None:
        """The same from what is known already."""
        if accepts is None:
            return self._schedule.pick(self._choice())
        held = self._choice().held
        mine = [
            job
            for job in self._schedule.waiting()
            if accepts(job) and (job.server_id, job.owner_id) not in held
        ]
        return min(mine, key=lambda job: (job.created_at, job.id), default=None)

    async def refused(self, job_id: str) -> None:
        """The store did not let the job be claimed: somebody else has it, or it ended, or its
        owner has enough running."""
        try:
            job = await self._store.get(job_id)
        except JobNotFoundError:
            self._roll.gone(job_id)
            return
        if job.state is State.QUEUED:
            until = self._clock.now() + HOLD_SECONDS
            self._held[job.place.server_id, job.owner.id] = until
        else:
            self._roll.gone(job_id)

    # Inside

    def _choice(self) -> Choice:
        now = self._clock.now()
        self._held = {member: until for member, until in self._held.items() if until > now}
        return Choice(now, self._roll.paused, self._held.keys(), self._loaded)

    def _cost_ms(self, job: Waiting) -> int:
        """What is known by now, or else what was at its admission."""
        known = self._estimates.knows(job.model)
        return self._estimates.cost_ms(job.model, job.work) if known else job.reserve_ms

    def _left_ms(self) -> float:
        """What running jobs still have to do."""
        now, left = self._clock.now(), 0.0
        for job in self._roll.running:
            elapsed = (now - job.started_at) * 1000 if job.started_at is not None else 0.0
            left += max(0.0, self._cost_ms(as_waiting(job)) - elapsed)
        return left

    async def _refresh(self) -> None:
        async with self._reading:
            now = self._clock.now()
            if now - self._read_at < FRESH_SECONDS:
                return
            self._read_at = now
            # A place in the queue is told of a job that was admitted: an older one beats none.
            with suppress(BusyError):
                await self._roll.look()
                newer = Estimates(await self._store.measured())
                self._estimates = self._estimates.updated(newer)
