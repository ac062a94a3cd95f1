"""The dispatcher: hands waiting jobs to the engine, fairly, and writes down how they ended.

What holds at every moment, whatever is killed:

- a job is run by whoever claimed it, under a lease that a heartbeat extends; losing the lease ends
  the run, and the fence keeps its late result out of the database;
- files are on disk before the row that names them;
- a job that ends otherwise than well is tried again, or refunded with a sentence.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from core.board import Board
from core.clock import Clock
from core.errors import BusyError, DiskFullError, EaselError, NotFoundError
from core.events import (
    Cancelled,
    Ending,
    Event,
    Failed,
    FailureKind,
    Finished,
    ImageReady,
    Preview,
    Progress,
    Started,
)
from core.jobs import MAX_ATTEMPTS, Image, Job, Waiting
from core.ports import Blobs, Engine, JobStore
from core.queue import Queue
from core.seats import Seats
from core.sentences import say, together
from generation.checkpoint_folder import CheckpointFolder
from generation.spool import Spool
from generation.tasks import task_of

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""Longest nap, since other processes queue and cancel jobs too, or die holding one."""

RETRY_SECONDS = 0.2
"""Pause before asking a busy database again."""

ATTEMPTS = {
    FailureKind.WORKER_DIED: MAX_ATTEMPTS,
    FailureKind.OUT_OF_MEMORY: 2,
    FailureKind.DEADLINE: 2,
    FailureKind.INTERNAL: 2,
}
"""How often a job is tried before each kind of failure is final; other kinds are at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How this process takes part. `spool` and `checkpoints` are absolute paths: workers use them
    too, from a working folder of their own. `accepts` narrows which waiting jobs it takes."""

    instance: str
    spool: Path
    checkpoints: Path
    lease_seconds: float
    is_dead: Callable[[str], bool]
    accepts: Callable[[Waiting], bool] | None = None


class Dispatcher:
    def __init__(
        self,
        store: JobStore,
        blobs: Blobs,
        engine: Engine,
        board: Board,
        clock: Clock,
        terms: Terms,
        queue: Queue | None = None,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._engine = engine
        self._board = board
        self._clock = clock
        self._terms = terms
        self._queue = queue or Queue(store, clock, engine.workers)
        self._loaded: deque[str] = deque(maxlen=max(1, engine.workers))
        self._checkpoints = CheckpointFolder(terms.checkpoints)
        self._spool = Spool(terms.spool, terms.instance, terms.is_dead)
        self._woken = asyncio.Event()
        self._stopping = False
        self._attended: dict[tuple[str, int], Job] = {}
        self._cautious: set[str] = set()
        self._unwritten: set[str] = set()
        self._checked_leases_at = float("-inf")
        self._looked_elsewhere_at, self._filled_slots = float("-inf"), 0

    def wake(self) -> None:
        """Something changed: a job was queued or cancelled, or a slot is free."""
        self._woken.set()

    async def run(self) -> None:
        """Works until cancelled; jobs still running then go back to the queue."""
        await self._spool.sweep()
        async with self._engine.running():
            try:
                async with asyncio.TaskGroup() as group:
                    await self._work(group)
            finally:
                # A task that is cancelled before its first step has not even begun to put back.
                for job in [*self._attended.values()]:
                    await self._put_back(job)

    async def _work(self, group: asyncio.TaskGroup) -> None:
        while not self._stopping:
            try:
                await self._recover()
                await self._pass_on_cancels()
                await self._fill(group)
            except (BusyError, DiskFullError) as error:
                log.warning("%s", error.sentence)
                await asyncio.sleep(RETRY_SECONDS)
            await self._nap()

    def is_unwritten(self, job_id: str) -> bool:
        """Whether the job's end could not be written down, the disk being full."""
        return job_id in self._unwritten

    async def stop(self, grace_seconds: float) -> None:
        """Takes nothing new and waits for what runs, at most `grace_seconds`."""
        self._stopping = True
        self.wake()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                while self._attended:
                    await self._nap()

    async def _nap(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._woken.wait()
        self._woken.clear()

    # Taking jobs

    async def _recover(self) -> None:
        now = self._clock.now()
        if now - self._checked_leases_at < min(5.0, self._terms.lease_seconds / 2):
            return
        self._checked_leases_at = now
        for job in await self._store.recover(now, self._terms.is_dead):
            log.warning("job %s was left by a process that is gone: now %s", job.id, job.state)
            self._queue.saw(job)
            if job.state.ended:
                await self._checkpoints.forget(job.id)
            self._board.changed(job.id)
        # Also of jobs that were cancelled while they waited for their rescue.
        await self._checkpoints.sweep(self._store.get)

    async def _pass_on_cancels(self) -> None:
        if not self._attended:
            return
        # What happened here was told; what happened elsewhere is looked up once in a while.
        now = asyncio.get_running_loop().time()
        if afresh := now - self._looked_elsewhere_at >= POLL_SECONDS:
            self._looked_elsewhere_at = now
        for job in await self._queue.running(afresh=afresh):
            if job.cancel_requested and _attempt(job) in self._attended:
                await self._engine.cancel(job.id)

    async def _fill(self, group: asyncio.TaskGroup) -> None:
        job, self._filled_slots = None, self._engine.slots
        while (seats := self._seats()).free > 0:
            if (job := await self._claim_next(seats, afresh=job is None)) is None:
                return
            self._attended[_attempt(job)] = job
            self._board.changed(job.id)
            group.create_task(self._attend(job), name=f"job {job.id}")

    def _seats(self) -> Seats:
        return Seats(self._engine.workers, self._engine.slots, self._attended.values())

    async def _claim_next(self, seats: Seats, *, afresh: bool) -> Job | None:
        now = self._clock.now()
        loaded = {*self._loaded, *(job.request.made_by for job in seats.taken)}
        accepts = self._terms.accepts
        chosen = await self._queue.next(loaded=loaded, accepts=accepts, seats=seats, afresh=afresh)
        while chosen is not None:
            job = await self._claim(chosen.id, now)
            if job is not None:
                self._queue.saw(job)
                self._loaded.append(job.request.made_by)
                return job
            await self._queue.refused(chosen.id)
            chosen = self._queue.choose(accepts)
        return None

    async def _claim(self, job_id: str, now: float) -> Job | None:
        """Sees the claim to its end even while stopping, so that what it took can go back."""
        terms = self._terms
        until = now + terms.lease_seconds
        claiming = self._store.claim(job_id, by=terms.instance, now=now, lease_until=until)
        claim = asyncio.ensure_future(claiming)
        try:
            return await asyncio.shield(claim)
        except asyncio.CancelledError:
            with suppress(EaselError):
                if job := await claim:
                    await self._put_back(job)
            raise

    async def _put_back(self, job: Job) -> None:
        """Who stops politely takes nothing from a job's three attempts."""
        await self._persist(job, lambda: self._store.requeue(job.id, job.fence, tried=False))

    # Running one

    async def _attend(self, job: Job) -> None:
        try:
            async with self._spool.open(f"{job.id}-{job.fence}") as spool:
                ending, images = await self._follow(job, spool)
                await self._conclude(job, ending, images)
        except asyncio.CancelledError:
            await self._put_back(job)
            raise
        finally:
            del self._attended[_attempt(job)]
            self._board.changed(job.id)
            self.wake()

    async def _follow(self, job: Job, spool: Path) -> tuple[Ending | None, list[ImageReady]]:
        """Runs the job under its heartbeat; the ending is None when the lease was lost."""
        try:
            task = await task_of(
                job,
                self._blobs,
                self._checkpoints,
                spool,
                cautious=job.id in self._cautious,
                weight=self._queue.share(job),
            )
        except EaselError as error:
            return Failed(job.id, FailureKind.REQUEST, error.sentence), []
        images: list[ImageReady] = []
        ending: Ending | None = None
        heartbeat = asyncio.create_task(self._heartbeat(job), name=f"heartbeat of {job.id}")
        try:
            async with aclosing(cast("AsyncGenerator[Event]", self._engine.run(task))) as events:
                async for event in events:
                    self._show(job, event)
                    if isinstance(event, ImageReady):
                        images.append(event)
                    elif isinstance(event, Ending):
                        ending = event
                    if heartbeat.done():
                        log.warning("job %s: the lease was lost; its result is dropped", job.id)
                        return None, []
        finally:
            heartbeat.cancel()
            with suppress(asyncio.CancelledError):
                await heartbeat
        return ending, images

    def _show(self, job: Job, event: Event) -> None:
        match event:
            case Started():
                self._board.started(job.id, event.steps)
                # By now its worker has said how many it makes at once.
                if self._engine.slots != self._filled_slots:
                    self.wake()
            case Progress():
                self._board.progress(job.id, event.step, event.steps)
            case Preview():
                self._board.preview(job.id, Path(event.path))
            case _:
                ...

    async def _heartbeat(self, job: Job) -> None:
        """Extends the lease until cancelled; returns, and stops the run, when it is lost."""
        while True:
            await asyncio.sleep(self._terms.lease_seconds / 3)
            try:
                cancel = await self._store.extend_lease(
                    job.id, job.fence, self._clock.now() + self._terms.lease_seconds
                )
            except BusyError:
                continue
            if cancel is not False:
                await self._engine.cancel(job.id)
            if cancel is None:
                return

    # Writing down the end

    async def _conclude(
        self, job: Job, ending: Ending | None, images: Sequence[ImageReady]
    ) -> None:
        match ending:
            case Finished():
                await self._finished(job, ending, images)
            case Cancelled():
                put, gpu_ms, now = self._store.cancelled, ending.gpu_ms, self._clock.now()
                await self._persist(job, lambda: put(job.id, job.fence, gpu_ms=gpu_ms, now=now))
            case Failed():
                await self._failed(job, ending)
            case None:
                pass

    async def _finished(self, job: Job, ending: Finished, images: Sequence[ImageReady]) -> None:
        try:
            stored = [
                Image(
                    job_id=job.id,
                    number=image.number,
                    blob=await self._blobs.put_file(Path(image.path)),
                    width=image.width,
                    height=image.height,
                    seed=image.seed,
                )
                for image in sorted(images, key=lambda image: image.number)
            ]
            grid = await self._blobs.put_file(Path(ending.grid))
        except (DiskFullError, NotFoundError, OSError) as error:
            log.error("job %s: its pictures could not be kept: %s", job.id, error)
            await self._refund(job, DiskFullError().sentence)
            return
        self._cautious.discard(job.id)
        await self._persist(
            job,
            lambda: self._store.finish(
                job.id,
                job.fence,
                images=stored,
                grid=grid,
                gpu_ms=ending.gpu_ms,
                now=self._clock.now(),
                note=ending.note,
            ),
        )

    async def _failed(self, job: Job, ending: Failed) -> None:
        if job.attempts < ATTEMPTS.get(ending.kind, 1):
            log.warning("job %s: %s; trying again", job.id, ending.kind)
            # Fewer pictures at once are other numbers: after a death, which most often has other
            # reasons, the next attempt goes on as it was. The last one is careful whatever it was.
            if ending.kind in (FailureKind.OUT_OF_MEMORY, FailureKind.INTERNAL):
                self._cautious.add(job.id)
            await self._persist(job, lambda: self._store.requeue(job.id, job.fence))
            return
        log.error("job %s failed: %s: %s", job.id, ending.kind, ending.sentence)
        sentences = [ending.sentence]
        if job.attempts > 1:
            sentences.insert(0, say("Easel tried {count} times.", count=job.attempts))
        await self._refund(job, together(sentences))

    async def _refund(self, job: Job, sentence: str) -> None:
        self._cautious.discard(job.id)
        fail, now = self._store.fail, self._clock.now
        await self._persist(job, lambda: fail(job.id, job.fence, sentence=sentence, now=now()))

    async def _persist(self, job: Job, write: Callable[[], Awaitable[Job | None]]) -> None:
        """Does a last write even while stopping, and again while the database is busy. Where it
        never succeeds, the lease runs out and the job is run again."""

        async def until_written() -> None:
            while True:
                try:
                    moved = await write()
                    break
                except BusyError:
                    await asyncio.sleep(RETRY_SECONDS)
                except DiskFullError:
                    log.error("job %s: the disk is too full to write down how it ended", job.id)
                    self._unwritten.add(job.id)
                    return
            if moved is None:
                log.warning("job %s: the lease passed on; this attempt's end is dropped", job.id)
                return
            self._queue.saw(moved)
            if moved.state.ended:
                await self._checkpoints.forget(job.id)

        task = asyncio.ensure_future(until_written())
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await task
            raise


def _attempt(job: Job) -> tuple[str, int]:
    """A job that goes back may be claimed again before all is put away after the last time."""
    return job.id, job.fence
