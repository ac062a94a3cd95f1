"""The ports: what the core asks of the adapters. Each has two real implementations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.allowance import Allowance, Change, Grant, House, Rules, ServerRules, Subject, Unit
from core.estimates import Measured
from core.events import Event, Task
from core.jobs import Image, Job, NewJob, Outcome, Owner, Waiting
from core.preferences import Preferences
from core.quota import Admit, Pot, Spent
from core.request import HouseStyle


def _nothing(pot: Pot) -> int:
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What bears on a member at the moment of admission, read inside the same transaction.

    `waiting` and `running` are the member's jobs everywhere, `waiting_here` those that wait on the
    server of the new job. `spent` reads the ledger.
    """

    waiting: int
    running: int
    waiting_here: int = 0
    rules: Rules = field(default_factory=Rules)
    spent: Spent = _nothing


Check = Callable[[Usage], Admit | None]
"""Decides an admission: the terms, or RefusedError. None: as asked for, at the usual price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A line of the append-only account. `kind` is reserve, relax, settle or refund.

    A job's lines sum to what it holds (while open) or cost (once ended): `gpu_ms` and `pictures`
    are what the GPU did or shall do, `charged_ms` and `charged_pictures` what counts against the
    owner's amounts, or against the grant of `grant_id`. All lines of a job bear the time of its
    admission, `admitted_at`: that is the period they count in.
    """

    job_id: str
    owner_id: int
    server_id: int
    kind: str
    gpu_ms: int
    at: float
    channel_id: int = 0
    pictures: int = 0
    charged_ms: int = 0
    charged_pictures: int = 0
    grant_id: int = 0
    admitted_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a pot holds: `used` by jobs that ended, `reserved` for jobs that wait or run."""

    used: int
    reserved: int

    @property
    def total(self) -> int:
        return self.used + self.reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What one member had made on a server in the quarter of an hour that begins at `at`, by the
    time of admission. `jobs` leaves out those that failed or were cancelled unmade."""

    at: float
    owner_id: int
    jobs: int
    gpu_ms: int
    pictures: int


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

    async def admit(self, new: NewJob, check: Check) -> Admission:
        """Reads the owner's usage, lets `check` refuse by raising RefusedError, inserts the job
        and its reservation on the terms it gives. The same interaction_id again returns the job it
        made. A job with `images` is inserted done and free. Nobody else who could draw on the same
        amounts is admitted between the reading and the commit."""
        ...

    async def admit_set(
        self, news: Sequence[NewJob], checks: Sequence[Check]
    ) -> Sequence[Admission]:
        """The jobs of one command, which bear the ids that `core.jobs.in_set` gives: all or none.
        Each job's check is shown those before it as admitted. The same interaction again returns
        all the jobs it made, however many are asked for now."""
        ...

    async def paused_servers(self) -> frozenset[int]:
        """The servers whose waiting jobs are to be left waiting."""
        ...

    async def weights(self) -> Mapping[int, float]:
        """The shares of GPU time, by server; 1 for whoever is not named."""
        ...

    async def is_banned(self, server_id: int, member_id: int) -> bool: ...

    async def open_jobs(self, owner_id: int) -> Sequence[Job]:
        """What a member has waiting or running, oldest first."""
        ...

    async def relax(self, job_id: str, now: float, *, free: bool) -> Job:
        """Moves a queued job into the relaxed lane; with `free` what was charged is given back.
        Any other job stays as it is. Raises JobNotFoundError."""
        ...

    async def get(self, job_id: str) -> Job:
        """Raises JobNotFoundError."""
        ...

    async def waiting(
        self, after: tuple[float, str] | None = None, limit: int | None = None
    ) -> Sequence[Waiting]:
        """Queued jobs, oldest first, at most `limit`; only those that come `after` a time of
        admission and an id. A few plain columns, no request is read: there may be thousands."""
        ...

    async def running(self) -> Sequence[Job]: ...

    async def claim(self, job_id: str, *, by: str, now: float, lease_until: float) -> Job | None:
        """Queued to running, attempts and fence one higher; None if somebody else was first, or
        if its owner has as many jobs running on that server as the job's terms allow."""
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
        note: str = "",
    ) -> Job | None:
        """Image rows, state done, reservation settled to the time measured. `note` is shown."""
        ...

    async def fail(self, job_id: str, fence: int, *, sentence: str, now: float) -> Job | None:
        """State failed, reservation refunded whole."""
        ...

    async def requeue(self, job_id: str, fence: int, *, tried: bool = True) -> Job | None:
        """Running to queued, for another attempt; it keeps its reservation and its turn. With
        `tried` False this attempt does not count: it was ended by no fault of the job's."""
        ...

    async def cancel(self, job_id: str, now: float) -> Job:
        """A queued job is cancelled and refunded; a running one gets cancel_requested; an ended one
        stays as it is. Raises JobNotFoundError."""
        ...

    async def cancelled(self, job_id: str, fence: int, *, gpu_ms: int, now: float) -> Job | None:
        """Running to cancelled, settled to the GPU time it had used, and that share of its
        pictures."""
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

    async def measured(self, *, limit: int = 200) -> Sequence[Measured]:
        """What the last finished jobs cost, the oldest of them first."""
        ...


class Rulebook(Protocol):
    """What admins and the operator have set, server by server, and the log of their changes.

    Every method is one transaction. One that takes `by` and `now` changes something, and writes a
    line of the audit log in the same transaction; it decides nothing about who may do that. All
    raise BusyError with nothing done.
    """

    async def rules(self, server_id: int) -> ServerRules: ...

    async def servers(self) -> Sequence[int]:
        """Every server that has rules or jobs; 0 stands for direct messages and the shell."""
        ...

    async def change_line(
        self,
        server_id: int,
        subject: Subject,
        change: Callable[[Allowance], Allowance],
        *,
        by: Owner,
        now: float,
    ) -> Allowance:
        """Puts `change(line)` in the place of a line, and returns it; an empty one is removed."""
        ...

    async def change_house(
        self, server_id: int, change: Callable[[House], House], *, by: Owner, now: float
    ) -> House: ...

    async def change_style(
        self,
        server_id: int,
        name: str,
        change: Callable[[Sequence[HouseStyle]], HouseStyle | None],
        *,
        by: Owner,
        now: float,
    ) -> HouseStyle | None:
        """Puts `change(styles)` in the place of the style of that name. None: there is none then,
        and if it was the server's own, the server has none either."""
        ...

    async def ban(self, server_id: int, member_id: int, *, by: Owner, now: float) -> None: ...

    async def unban(self, server_id: int, member_id: int, *, by: Owner, now: float) -> None: ...

    async def grant(
        self,
        server_id: int,
        subject: Subject,
        unit: Unit,
        amount: int,
        *,
        expires_at: float | None,
        by: Owner,
        now: float,
    ) -> Grant: ...

    async def reset(self, server_id: int, subject: Subject, *, by: Owner, now: float) -> None:
        """What was admitted for the subject until now counts no more against its amounts."""
        ...

    async def spent(
        self, server_id: int, *, member_id: int, channel_id: int, pots: Sequence[Pot]
    ) -> Sequence[Spending]:
        """What each pot holds, in the same order."""
        ...

    async def use(
        self, server_id: int, since: float, until: float, *, member_id: int | None = None
    ) -> Sequence[Use]:
        """What was made of jobs admitted from `since` up to `until`, by everybody or one member;
        oldest first, then by member."""
        ...

    async def names(self, server_id: int) -> Mapping[int, str]:
        """The last known name of everybody who had a job on the server, by id."""
        ...

    async def audit(
        self, server_id: int, *, before: int | None = None, limit: int = 20
    ) -> Sequence[Change]:
        """The log of one server, newest first; with `before`, only lines of a lower id."""
        ...


class Wishes(Protocol):
    """What people prefer, everywhere. Each method is one transaction; all raise BusyError."""

    async def of(self, member_id: int) -> Preferences: ...
    async def change(
        self, member_id: int, change: Callable[[Preferences], Preferences]
    ) -> Preferences:
        """Puts `change(preferences)` in their place and returns it; nothing comes between."""
        ...


class Notices(Protocol):
    """What was said once and is not to be said again. All raise BusyError."""

    async def keys(self) -> Sequence[str]:
        """Oldest first."""
        ...

    async def note(self, key: str, now: float) -> bool:
        """Keeps the key; False if it was there."""
        ...

    async def forget(self, key: str) -> None: ...


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

    async def size(self, key: str) -> int:
        """In bytes. Raises NotFoundError."""
        ...

    async def local(self, key: str) -> Path:
        """A file on this machine with the bytes. Raises NotFoundError."""
        ...


class Engine(Protocol):
    """Runs tasks on workers, each with a device of its own that its tasks share."""

    @property
    def workers(self) -> int: ...

    @property
    def slots(self) -> int:
        """How many tasks may run at once; it changes when a worker says how many it makes."""
        ...

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
