"""The ports: what the core asks of the adapters. Each has two real implementations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.events import Event, Task
from core.jobs import Image, Job, NewJob, Outcome, Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a member has open at the moment of admission, read inside the same transaction."""

    waiting: int
    running: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A line of the append-only account. `kind` is reserve, settle or refund.

    A job's lines sum to what it holds (while open) or cost (once ended), in GPU milliseconds.
    """

    job_id: str
    owner_id: int
    server_id: int
    kind: str
    gpu_ms: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """`repeated`: the interaction had been admitted before, and this is that job."""

    job: Job
    repeated: bool = False


class JobStore(Protocol):
    """Jobs, their pictures and the ledger. Times are Unix seconds given by the caller.

    Every method is one transaction. A method that takes a `fence` does nothing and answers None or
    False when the row's fence is another: the lease passed on, and the late result is not wanted.
    All raise BusyError when the database does not answer in time; nothing is half done then.
    """

    async def admit(self, new: NewJob, check: Callable[[Usage], None]) -> Admission:
        """Reads the owner's usage, lets `check` refuse by raising RefusedError, inserts the job
        and its reservation. The same interaction_id again returns the job it made. A job with
        `images` is inserted done and free."""
        ...

    async def get(self, job_id: str) -> Job:
        """Raises JobNotFoundError."""
        ...

    async def waiting(self) -> Sequence[Waiting]:
        """Queued jobs, oldest first: a few plain columns, no request is read (there may be
        thousands, and the schedule asks often)."""
        ...

    async def running(self) -> Sequence[Job]: ...

    async def served_ms(self, since: float) -> Mapping[int, int]:
        """GPU milliseconds each owner was charged, or holds, for jobs created after `since`."""
        ...

    async def claim(self, job_id: str, *, by: str, now: float, lease_until: float) -> Job | None:
        """Queued to running, attempts and fence one higher; None if somebody else was first."""
        ...

    async def extend_lease(self, job_id: str, fence: int, lease_until: float) -> bool | None:
        """None: the lease is lost. Otherwise, whether somebody asked to cancel the job."""
        ...

    async def finish(
        self,
        job_id: str,
        fence: int,
        *,
        images: Sequence[Image],
        grid: str,
        gpu_ms: int,
        now: float,
    ) -> Job | None:
        """Image rows, state done, reservation settled to the time measured."""
        ...

    async def fail(self, job_id: str, fence: int, *, sentence: str, now: float) -> Job | None:
        """State failed, reservation refunded whole."""
        ...

    async def requeue(self, job_id: str, fence: int) -> Job | None:
        """Running to queued, for another attempt; it keeps its reservation and its turn."""
        ...

    async def cancel(self, job_id: str, now: float) -> Job:
        """A queued job is cancelled and refunded; a running one gets cancel_requested; an ended one
        stays as it is. Raises JobNotFoundError."""
        ...

    async def cancelled(self, job_id: str, fence: int, *, gpu_ms: int, now: float) -> Job | None:
        """Running to cancelled, settled to the GPU time it had used."""
        ...

    async def recover(self, now: float, is_dead: Callable[[str], bool]) -> Sequence[Job]:
        """Requeues running jobs whose lease is over or whose holder `is_dead`; returns them as
        they are now. One whose cancel was requested is cancelled instead, with a full refund; one
        with MAX_ATTEMPTS behind it is failed and refunded."""
        ...

    async def images(self, job_id: str) -> Sequence[Image]: ...

    async def image(self, job_id: str, number: int) -> Image:
        """Raises ImageNotFoundError."""
        ...

    async def history(self, owner_id: int | None, *, limit: int = 20) -> Sequence[Job]:
        """Newest first; of everybody when owner_id is None."""
        ...

    async def undelivered(self, *, limit: int = 100) -> Sequence[Job]:
        """Ended jobs that belong on Discord and were not delivered, oldest first."""
        ...

    async def shown_at(self, job_id: str, message_id: int) -> None:
        """Notes the message that shows the job."""
        ...

    async def token_died(self, job_id: str) -> None:
        """Notes that the interaction's token must not be tried again."""
        ...

    async def posting(self, job_id: str, now: float) -> float:
        """Notes that a post is about to be sent; returns when the first one was (maybe now)."""
        ...

    async def delivered(
        self, job_id: str, outcome: Outcome, now: float, message_id: int | None = None
    ) -> None: ...

    async def ledger(self, job_id: str | None = None) -> Sequence[LedgerEntry]:
        """All lines, or one job's, oldest first."""
        ...

    async def pace(self) -> Mapping[str, float]:
        """GPU milliseconds per megapixel-step of the last finished jobs, by model."""
        ...


class Blobs(Protocol):
    """Files by content: a key is made from the bytes, so storing twice is storing once."""

    async def put(self, data: bytes, suffix: str) -> str:
        """Stores durably and returns the key. Raises DiskFullError."""
        ...

    async def put_file(self, path: Path) -> str:
        """The same for a file on disk, which is left where it is."""
        ...

    async def get(self, key: str) -> bytes:
        """Raises NotFoundError."""
        ...

    async def local(self, key: str) -> Path:
        """A file on this machine with the bytes. Raises NotFoundError."""
        ...


class Engine(Protocol):
    """Runs tasks on workers. `slots` tasks may run at once."""

    slots: int

    def running(self) -> AbstractAsyncContextManager[None]:
        """Holds the workers up inside its block."""
        ...

    def run(self, task: Task) -> AsyncIterator[Event]:
        """The task's events; the last one is an Ending. Never raises for a fault of the task or
        of the worker: those end as Failed."""
        ...

    async def cancel(self, job_id: str) -> None:
        """Asks for a stop at the next step; the run then ends with Cancelled. Unknown ids are
        ignored."""
        ...
