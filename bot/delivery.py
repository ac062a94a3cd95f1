"""Brings ended jobs to their owners. What is due is read from the rows; events only hasten it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from weakref import WeakValueDictionary

from bot.bell import Bell
from bot.ladder import Ladder, Later
from bot.patience import FIRST_PAUSE_SECONDS, Patience
from bot.turns import Turns
from core.board import Board
from core.clock import Clock
from core.errors import BusyError, JobNotFoundError, SettingsError
from core.jobs import Job, Outcome
from core.ports import JobStore

log = logging.getLogger(__name__)

SWEEP_SECONDS = 30.0
"""How often the rows are read without an event: another process may have ended a job."""

BATCH = 100
"""Rows read at once in a sweep."""

AT_ONCE = 16
"""Deliveries under way at a time; a grid is held in memory while it is sent."""

AT_ONCE_PER_CHANNEL = 2
"""So that a channel that does not answer leaves the others their places."""

LONGEST_PAUSE_SECONDS = 300.0
"""Between tries of one job."""

Also = Callable[[Job, Outcome], Awaitable[None]]
"""What else is done with a job that was delivered. Never raises: the job is through."""


async def nothing_more(job: Job, outcome: Outcome) -> None:
    pass


class Delivery:
    def __init__(
        self,
        store: JobStore,
        board: Board,
        ladder: Ladder,
        turns: Turns,
        clock: Clock,
        also: Also = nothing_more,
    ) -> None:
        self._store = store
        self._board = board
        self._ladder = ladder
        self._also = also
        self._turns = turns
        self._clock = clock
        self._bell = Bell()
        self._hints: set[str] = set()
        self._under_way: set[str] = set()
        self._patience = Patience[str](clock, LONGEST_PAUSE_SECONDS)
        self._sweep_at = float("-inf")
        self._resume_at = float("-inf")
        self._places = asyncio.Semaphore(AT_ONCE)
        self._channels: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()
        board.listen(self._moved)

    def hint(self, job_id: str) -> None:
        """This job may have ended."""
        self._hints.add(job_id)
        self._bell.ring()

    def _moved(self, job_id: str) -> None:
        if self._board.get(job_id) is None:
            self.hint(job_id)

    async def run(self) -> None:
        """Works until cancelled. Raises SettingsError when Discord turned the bot away."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._round(group)
                await self._bell.wait(self._nap())

    async def _round(self, group: asyncio.TaskGroup) -> None:
        now = self._clock.now()
        if now < self._resume_at:
            return
        try:
            due = await self._due(now)
        except Exception:
            # Whatever it is: a loop that ends would end the program, and pictures wait for it.
            log.exception("reading what is to be delivered failed; trying again")
            self._resume_at = now + FIRST_PAUSE_SECONDS
            return
        for job in due:
            self._under_way.add(job.id)
            group.create_task(self._deliver(job), name=f"deliver {job.id}")

    def _nap(self) -> float:
        """Seconds until something is known to be due."""
        now = self._clock.now()
        waiting = [at for job, at in self._patience.due.items() if job not in self._under_way]
        return max(0.05, min([self._sweep_at, *waiting]) - now, self._resume_at - now)

    async def _due(self, now: float) -> list[Job]:
        again = {id for id, at in self._patience.due.items() if at <= now}
        hints = self._hints | again
        found: dict[str, Job] = {}
        if now >= self._sweep_at:
            # Jobs that wait for another try are in these rows too, and must not hide the rest.
            held = len(self._under_way) + len(self._patience.due)
            for job in await self._store.undelivered(limit=BATCH + held):
                found[job.id] = job
            self._sweep_at = now + (SWEEP_SECONDS if len(found) < BATCH + held else 1.0)
        for job_id in hints - found.keys():
            try:
                found[job_id] = await self._store.get(job_id)
            except JobNotFoundError:
                self._patience.forget(job_id)
        self._hints -= hints
        for job in found.values():
            if job.delivered_at is not None and job.id not in self._under_way:
                self._patience.forget(job.id)
        return [job for job in found.values() if self._is_due(job, now)]

    def _is_due(self, job: Job, now: float) -> bool:
        return (
            job.state.ended
            and job.place.on_discord
            and job.delivered_at is None
            and job.id not in self._under_way
            and now >= self._patience.due.get(job.id, now)
        )

    async def _deliver(self, job: Job) -> None:
        try:
            await self._turns.answered(job.interaction_id)
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(self._channel(job.place.channel_id))
                await stack.enter_async_context(self._places)
                await stack.enter_async_context(self._turns.of(job.id))
                fresh = await self._store.get(job.id)  # the answer noted its message meanwhile
                if fresh.delivered_at is None:
                    outcome = await self._ladder.climb(fresh)
                    log.info("job %s delivered: %s", job.id, outcome)
                    await self._also(fresh, outcome)
            self._patience.forget(job.id)
        except SettingsError:
            raise
        except Later as later:
            self._pause(job.id, later.seconds, str(later))
        except BusyError as error:
            self._pause(job.id, None, error.sentence)
        except Exception as error:
            # One job must not stop the others; it is tried again, ever more rarely.
            log.exception("delivering job %s failed", job.id)
            self._pause(job.id, None, str(error))
        finally:
            self._under_way.discard(job.id)
            self._bell.ring()

    def _channel(self, channel_id: int) -> asyncio.Semaphore:
        semaphore = self._channels.get(channel_id)
        if semaphore is None:
            self._channels[channel_id] = semaphore = asyncio.Semaphore(AT_ONCE_PER_CHANNEL)
        return semaphore

    def _pause(self, job_id: str, asked: float | None, reason: str) -> None:
        pause = self._patience.failed(job_id, asked)
        log.warning("job %s is not delivered yet (%s); again in %.0f s", job_id, reason, pause)
