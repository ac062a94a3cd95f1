"""Keeps the schedule in memory in step with the store, which other processes change too.

What happens in this process is told at once. The rest is read: what was admitted lately at every
look, and the whole queue in rounds, page by page, so that a look takes the same time however many
wait; the weights of servers with each round. A queue of one page is read whole every time. Whatever
a look misses does no harm: a claim is decided by the store, and a job that somebody else took is
only tried in vain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from core.clock import Clock
from core.jobs import Job, NewJob, State, Waiting
from core.ports import JobStore
from core.request import Lane
from core.schedule import Schedule

PAGE = 500
"""Rows in one reading."""

ROUND_SECONDS = 30.0
"""Pause between two rounds through a queue that is longer than a page."""

LATE_SECONDS = 5.0
"""A row may be committed as much later than another that was admitted after it."""


class Roll:
    def __init__(self, store: JobStore, clock: Clock, schedule: Schedule) -> None:
        self.schedule = schedule
        self.running: list[Job] = []
        self.paused: frozenset[int] = frozenset()
        self._store = store
        self._clock = clock
        self._looking = asyncio.Lock()
        self._complete = False
        self._newest = float("-inf")
        self._rounded_at = float("-inf")
        self._cursor: tuple[float, str] | None = None
        self._known: set[str] = set()
        self._seen: set[str] = set()
        self._moved: set[str] = set()
        self._moved_in_round: set[str] = set()

    def saw(self, job: Job) -> None:
        """A job's row, as it is now."""
        now = self._clock.now()
        self._move(job.id)
        self.running = [one for one in self.running if one.id != job.id]
        if job.state is State.QUEUED:
            self.schedule.add(as_waiting(job), now)
        elif job.state is State.RUNNING:
            self._runs(job, now)
            self.running.append(job)
        else:
            self.schedule.ended(job.id, job.cost_ms, now)

    def gone(self, job_id: str) -> None:
        """A job that waited does so no more; who took it will be seen."""
        self._move(job_id)
        self.schedule.remove(job_id, self._clock.now())

    async def look(self) -> None:
        """Reads what changed. Raises BusyError, and then what is known stays."""
        async with self._looking:
            self._moved.clear()
            self.paused = await self._store.paused_servers()
            if self._complete and len(self.schedule) > PAGE:
                await self._look_for_new()
                if self._clock.now() - self._rounded_at >= ROUND_SECONDS:
                    await self._turn_page()
            else:
                while not await self._turn_page():
                    pass
            await self._look_at_running()

    def _move(self, job_id: str) -> None:
        self._moved.add(job_id)
        self._moved_in_round.add(job_id)

    async def _look_for_new(self) -> None:
        after = (self._newest - LATE_SECONDS, "")
        while len(page := await self._store.waiting(after, PAGE)) == PAGE:
            self._add(page)
            after = page[-1].created_at, page[-1].id
        self._add(page)

    async def _turn_page(self) -> bool:
        """Reads the next page of a round; True after the last one."""
        if self._cursor is None:
            self.schedule.reweigh(await self._store.weights())
            self._known, self._seen = set(self.schedule.ids()), set()
            self._moved_in_round.clear()
        page = await self._store.waiting(self._cursor, PAGE)
        self._seen.update(job.id for job in page)
        self._add(page)
        if len(page) == PAGE:
            self._cursor = page[-1].created_at, page[-1].id
            return False
        now = self._clock.now()
        for job_id in self._known - self._seen - self._moved_in_round:
            self.schedule.remove(job_id, now)
        self._cursor, self._known, self._seen = None, set(), set()
        self._rounded_at, self._complete = now, True
        return True

    def _add(self, page: Sequence[Waiting]) -> None:
        now = self._clock.now()
        for job in page:
            self._newest = max(self._newest, job.created_at)
            if job.id not in self._moved:
                self.schedule.add(job, now)

    async def _look_at_running(self) -> None:
        running = await self._store.running()
        now = self._clock.now()
        mine = [job for job in self.running if job.id in self._moved]
        self.running = mine + [job for job in running if job.id not in self._moved]
        for job in self.running:
            self._runs(job, now)
        ids = {job.id for job in self.running}
        for job_id in [one for one in self.schedule.running if one not in ids]:
            self.schedule.ended(job_id, None, now)

    def _runs(self, job: Job, now: float) -> None:
        if job.id in self.schedule.running:
            return
        self.schedule.add(as_waiting(job), now)
        self.schedule.take(job.id, now)


def as_waiting(job: Job) -> Waiting:
    """What the schedule knows of a job."""
    return Waiting(
        id=job.id,
        owner_id=job.owner.id,
        server_id=job.place.server_id,
        lane=job.request.lane,
        reserve_ms=job.reserve_ms,
        created_at=job.created_at,
        model=job.request.made_by,
        work=job.request.work,
        max_running=job.max_running,
        tried=job.attempts > 0,
    )


def would_wait(new: NewJob, lane: Lane) -> Waiting:
    """What it would know of one that may be admitted, in that lane."""
    return Waiting(
        id=new.id,
        owner_id=new.owner.id,
        server_id=new.place.server_id,
        lane=lane,
        reserve_ms=new.reserve_ms,
        created_at=new.created_at,
        model=new.request.made_by,
        work=new.request.work,
    )
