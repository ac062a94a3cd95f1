"""The queue as a member sees it: what place a job has and when it will be done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from core.clock import Clock
from core.errors import BusyError
from core.jobs import Job, Waiting
from core.ports import JobStore
from core.schedule import FAIR_WINDOW_SECONDS, in_order, wait_seconds

FRESH_SECONDS = 0.5
"""A picture of the queue younger than this is used again; a burst must not read it each time."""

EXACT_UP_TO = 300
"""Longest queue for which a newcomer's place is worked out exactly; beyond, he is told the end."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`place` counts from 1; 0 when the job is not waiting. `seconds` is until it is done."""

    place: int
    seconds: float


class Queue:
    def __init__(self, store: JobStore, clock: Clock, slots: int) -> None:
        self._store = store
        self._clock = clock
        self._slots = slots
        self._read_at = float("-inf")
        self._waiting: list[Waiting] = []
        self._running: Sequence[Job] = ()
        self._served: dict[int, int] = {}
        self._pace: Mapping[str, float] = {}
        self._reading = asyncio.Lock()

    async def pace(self) -> Mapping[str, float]:
        await self._refresh()
        return self._pace

    async def standing(self, job: Job) -> Standing:
        """Where a queued job stands."""
        await self._refresh()
        now = self._clock.now()
        if all(waiting.id != job.id for waiting in self._waiting):
            self._waiting.append(
                Waiting(
                    id=job.id,
                    owner_id=job.owner.id,
                    server_id=job.place.server_id,
                    lane=job.request.lane,
                    reserve_ms=job.reserve_ms,
                    created_at=job.created_at,
                )
            )
            held = self._served.get(job.owner.id, 0)
            self._served[job.owner.id] = held + job.reserve_ms
        ordered: Sequence[Waiting] = self._waiting
        if len(ordered) <= EXACT_UP_TO:
            ordered = list(in_order(self._waiting, self._served, now))
        place = next(i for i, waiting in enumerate(ordered, 1) if waiting.id == job.id)
        return Standing(place, wait_seconds(place, ordered, self._running, self._slots, now))

    async def front(self, count: int) -> Sequence[tuple[str, Standing]]:
        """The jobs at the first `count` places, in order, by id."""
        await self._refresh()
        now = self._clock.now()
        ordered = list(islice(in_order(self._waiting, self._served, now), count))
        return [
            (
                waiting.id,
                Standing(place, wait_seconds(place, ordered, self._running, self._slots, now)),
            )
            for place, waiting in enumerate(ordered, 1)
        ]

    def forget(self) -> None:
        """The queue moved: read it again next time."""
        self._read_at = float("-inf")

    async def _refresh(self) -> None:
        async with self._reading:
            now = self._clock.now()
            if now - self._read_at < FRESH_SECONDS:
                return
            self._read_at = now
            # A place in the queue is told of a job that was admitted: an older one beats none.
            with suppress(BusyError):
                waiting = await self._store.waiting()
                running = await self._store.running()
                served = await self._store.served_ms(now - FAIR_WINDOW_SECONDS)
                self._pace = await self._store.pace()
                self._waiting, self._running, self._served = list(waiting), running, dict(served)
