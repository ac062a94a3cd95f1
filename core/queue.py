"""The queue of one process: what is next, and what place and time a member is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from core.choice import Choice
from core.clock import Clock
from core.errors import BusyError, JobNotFoundError
from core.estimates import Estimates
from core.jobs import Job, NewJob, State, Waiting
from core.ports import JobStore
from core.request import Lane, Request
from core.roll import Roll, as_waiting, would_wait
from core.schedule import Schedule
from core.seats import Seats
from core.sharing import Shares, done_after

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
    """`devices` make the jobs; how many at once, the dispatcher says, and until then one each.
    Whoever moves a job in this process says so with `saw`."""

    def __init__(self, store: JobStore, clock: Clock, devices: int) -> None:
        self._store = store
        self._clock = clock
        self._devices = self._slots = max(1, devices)
        self._seats = Seats(devices, devices)
        self._schedule = Schedule(devices)
        self._shares = Shares(devices)
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
        self._share_out()
        self._roll.saw(job)
        self._share_out()

    def saw_slots(self, slots: int) -> None:
        """So many jobs may be made at once by now; at least one on each device."""
        self._slots = max(self._devices, slots)

    # For members

    async def estimate_ms(self, request: Request) -> int:
        """GPU milliseconds the request is expected to cost."""
        await self._refresh()
        return self._estimates.of(request)

    async def standing(self, job: Job) -> Standing:
        """Where a queued job stands."""
        await self._refresh()
        return self._standing(as_waiting(job))

    def foresee(self, new: NewJob, lane: Lane) -> float:
        """Seconds until a job would be done that is not admitted yet, by what was read last."""
        try:
            return self._standing(would_wait(new, lane)).seconds
        finally:
            self._schedule.remove(new.id, self._clock.now())

    async def front(self, count: int) -> Sequence[tuple[str, Standing]]:
        """The jobs at the first `count` places, in order, by id."""
        await self._refresh()
        now, left = self._clock.now(), self._left_ms()
        coming = self._schedule.front(self._choice(), count + self._slots)
        done = self._done_after(left, coming)[len(left) :]
        shown: list[tuple[str, Standing]] = []
        for place, (job, after) in enumerate(zip(coming[:count], done, strict=False), 1):
            at_most = max(0.0, (self._schedule.begins_by(job.id) or now) - now)
            shown.append((job.id, Standing(place, after / 1000, at_most)))
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
        seats: Seats | None = None,
        afresh: bool = True,
    ) -> Waiting | None:
        """The job to claim next. `loaded` are the models that workers hold, `accepts` narrows
        the choice to some, oldest first, and `seats` say who finds room. Not `afresh`: what other
        processes did since the last time is not read. Raises BusyError."""
        self._loaded = loaded
        if seats is not None:
            self._seats = seats
            self.saw_slots(seats.slots)
        if afresh:
            await self._roll.look()
        return self.choose(accepts)

    async def running(self, *, afresh: bool) -> Sequence[Job]:
        """What is being made, here and elsewhere: read again, or as it was read and told last.
        Raises BusyError."""
        return await self._store.running() if afresh else self._roll.running

    def choose(self, accepts: Callable[[Waiting], bool] | None = None) -> Waiting | None:
        """The same from what is known already."""
        if accepts is None:
            seats = self._seats
            return self._schedule.pick(
                replace(self._choice(), enough=seats.enough, alone=seats.alone)
            )
        held = self._choice().held
        mine = [
            job
            for job in self._schedule.waiting()
            if accepts(job) and (job.server_id, job.owner_id) not in held
        ]
        return min(mine, key=lambda job: (job.created_at, job.id), default=None)

    def share(self, job: Job) -> float:
        """The weight of a job that was claimed, among those that are made beside it."""
        return self._schedule.share(as_waiting(job), self._clock.now())

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

    def _standing(self, job: Waiting) -> Standing:
        now, left, own = self._clock.now(), self._left_ms(), self._cost_ms(job)
        if job.id in self._schedule.running:
            coming = self._schedule.front(self._choice(), self._slots)
            done = self._done_after(left, coming)
            ids = [one.id for one in self._roll.running]
            return Standing(1, (done[ids.index(job.id)] if job.id in ids else own) / 1000)
        self._schedule.add(job, now)
        begins_by = self._schedule.begins_by(job.id) or now
        at_most = max(0.0, begins_by - now)
        place = min(self._schedule.about(job.id), len(self._schedule))
        if place <= EXACT_UP_TO:
            front = self._schedule.front(
                self._choice(), 2 * EXACT_UP_TO, until=job.id, beyond=self._slots
            )
            ids = [one.id for one in front]
            if job.id in ids:
                place = ids.index(job.id) + 1
                done = self._done_after(left, front)[len(left) + place - 1]
                return Standing(place, done / 1000, at_most)
        ahead = self._schedule.waiting_ms * (place - 1) / len(self._schedule) + sum(left)
        # Those behind it that begin while it runs have half as much meanwhile, on average.
        beside = min(self._slots / self._devices - 1, len(self._schedule) - place) / 2
        return Standing(place, (ahead / self._devices + own * (1 + beside)) / 1000, at_most)

    def _choice(self) -> Choice:
        now = self._clock.now()
        self._held = {member: until for member, until in self._held.items() if until > now}
        return Choice(now, self._roll.paused, self._held.keys(), self._loaded)

    def _cost_ms(self, job: Waiting) -> int:
        """What is known by now, or else what was at its admission."""
        known = self._estimates.knows(job.model)
        return self._estimates.cost_ms(job.model, job.work) if known else job.reserve_ms

    def _left_ms(self) -> list[float]:
        """What each of the running jobs still has to have, of the time of a device."""
        self._share_out()
        return [
            max(0.0, self._cost_ms(as_waiting(job)) - self._shares.had_ms(job.id))
            for job in self._roll.running
        ]

    def _share_out(self) -> None:
        """Until now the running jobs were these."""
        now = self._clock.now()
        began = {
            job.id: now if job.started_at is None else job.started_at for job in self._roll.running
        }
        self._shares.look(began, now)

    def _done_after(self, left: Sequence[float], coming: Sequence[Waiting]) -> list[float]:
        """Milliseconds until those that run are done, and those that come after them."""
        costs = [self._cost_ms(job) for job in coming]
        return done_after(left, costs, devices=self._devices, slots=self._slots)

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
