"""Who waits: servers, their members, and each member's line in each lane.

A *tag* is how much GPU time an account has had, in milliseconds divided by its weight, counted from
a common start. Whoever has the lowest tag is next. `virtual` is the tag that has been reached:
whoever begins to wait starts from there, so that nobody saves up turns while away.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from core.jobs import Waiting
from core.promise import due_after
from core.request import Lane
from core.shelf import Key, Shelf

RELAX_WAITS_SECONDS = 600.0
"""A relaxed job that has waited this long takes turns with the fast ones."""


LANE_SHARES = {Lane.TURBO: 4.0, Lane.FAST: 1.0, Lane.RELAX: 0.25}
"""Parts of the device that jobs have which are made side by side, by their lane. A relaxed job that
has waited long has as much as a fast one."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Shares: of servers by id, of members by (server, member). 1 for whoever is not named."""

    servers: Mapping[int, float] = field(default_factory=dict[int, float])
    members: Mapping[tuple[int, int], float] = field(default_factory=dict[tuple[int, int], float])


class Shelving(NamedTuple):
    """A set of lines with a common order. `relaxed`: those that let the others through. `only` is
    empty for all of them, or `TURBO`, or a model whose job is the first in line."""

    relaxed: bool
    only: str = ""


TURBO = "--turbo"
"""Not the name of any model."""


class Ticket:
    """A waiting job, with as little as will do: there may be a hundred thousand."""

    __slots__ = (
        "created_at",
        "due_at",
        "id",
        "max_running",
        "model",
        "reserve_ms",
        "tried",
        "work",
    )

    def __init__(self, job: Waiting, due_at: float) -> None:
        self.id = job.id
        self.created_at = job.created_at
        self.model = job.model
        self.work = job.work
        self.reserve_ms = job.reserve_ms
        self.max_running = job.max_running
        self.tried = job.tried
        self.due_at = due_at

    def __lt__(self, other: Ticket) -> bool:
        return (self.created_at, self.id) < (other.created_at, other.id)


@dataclass(eq=False, slots=True)
class Member:
    """A person on one server. `running` counts jobs, `active` lines that are not relaxed."""

    server: Server
    id: int
    weight: float
    tag: float = 0.0
    running: int = 0
    counted: tuple[bool, bool] = (False, False)
    lines: dict[Lane, Line] = field(default_factory=dict["Lane", "Line"])

    @property
    def waits(self) -> bool:
        return any(line.tickets for line in self.lines.values())

    @property
    def active(self) -> bool:
        """Takes turns with others: something waits that is not relaxed."""
        return any(line.tickets and not line.relaxed for line in self.lines.values())

    def share(self, job: Waiting, now: float) -> float:
        """The weight of one of the member's running jobs, among those that are made beside it: its
        lane's and its server's, shared out among the members of the server who have some."""
        mates = sum(one.weight for one in self.server.members.values() if one.running)
        waited = now >= job.created_at + RELAX_WAITS_SECONDS
        lane = Lane.FAST if job.lane is Lane.RELAX and waited else job.lane
        return LANE_SHARES[lane] * self.server.weight * self.weight / mates


class Line:
    """One member's jobs of one lane, oldest first. `relaxed` and `due` are said of its first."""

    __slots__ = ("due", "lane", "member", "relaxed", "tickets")

    def __init__(self, member: Member, lane: Lane) -> None:
        self.member = member
        self.lane = lane
        self.tickets: list[Ticket] = []
        self.relaxed = lane is Lane.RELAX
        self.due = False

    @property
    def head(self) -> Ticket:
        return self.tickets[0]

    @property
    def full(self) -> bool:
        """Its owner has as many jobs running here as he may."""
        most = self.head.max_running
        return most is not None and self.member.running >= most

    def add(self, job: Waiting, load_ms: float, devices: int, due_at: float | None) -> None:
        """`due_at` is known of a job that comes back after an attempt."""
        if due_at is None:
            due_at = job.created_at + due_after(self.lane, load_ms, devices)
        ticket = Ticket(job, due_at)
        at = bisect_left(self.tickets, ticket)
        if at < len(self.tickets):
            ticket.due_at = min(ticket.due_at, self.tickets[at].due_at)
        if at > 0:
            ticket.due_at = max(ticket.due_at, self.tickets[at - 1].due_at)
        insort(self.tickets, ticket)

    def remove(self, job_id: str) -> Ticket:
        at = next(at for at, ticket in enumerate(self.tickets) if ticket.id == job_id)
        return self.tickets.pop(at)

    def ripen(self, now: float) -> None:
        """Sees what time has made of the first in line."""
        self.relaxed = self.lane is Lane.RELAX and (
            not self.tickets or now < self.head.created_at + RELAX_WAITS_SECONDS
        )
        self.due = bool(self.tickets) and now >= self.head.due_at

    def shelvings(self) -> tuple[Shelving, ...]:
        """Where the line stands."""
        if not self.tickets:
            return ()
        places = (Shelving(self.relaxed), Shelving(self.relaxed, self.head.model))
        return (*places, Shelving(self.relaxed, TURBO)) if self.lane is Lane.TURBO else places

    def key(self, shelving: Shelving) -> Key | None:
        if not self.tickets or shelving[0] != self.relaxed:
            return None
        head = self.tickets[0]
        if shelving[1] not in ("", head.model, TURBO):
            return None
        return self.member.tag, head.created_at, self.member.id, head.id

    def next_change(self) -> Key | None:
        """When time will next change what is said of the first in line."""
        if not self.tickets or self.due:
            return None
        at = self.head.due_at
        if self.relaxed:
            at = min(at, self.head.created_at + RELAX_WAITS_SECONDS)
        return at, self.head.created_at, self.member.id, self.head.id

    def due_since(self) -> Key | None:
        """The order of due jobs: the oldest first."""
        if not self.tickets or not self.due:
            return None
        return self.head.created_at, 0.0, 0, self.head.id

    def waiting(self, ticket: Ticket) -> Waiting:
        return Waiting(
            id=ticket.id,
            owner_id=self.member.id,
            server_id=self.member.server.id,
            lane=self.lane,
            reserve_ms=ticket.reserve_ms,
            created_at=ticket.created_at,
            model=ticket.model,
            work=ticket.work,
            max_running=ticket.max_running,
            tried=ticket.tried,
        )


@dataclass(eq=False, slots=True, kw_only=True)
class Crowd:
    """Those who share something: all servers, or the members of one."""

    virtual: float = 0.0
    coming: float = 0.0
    """What `virtual` will have moved by when the next job is taken. Whoever comes before that is
    not behind those who have just been served."""
    waiting_weight: float = 0.0
    active_weight: float = 0.0

    def counts(self, one: Member | Server, waits: bool, active: bool) -> bool:
        """Notes that `one` waits, or takes turns, or does no more; True if it begins to."""
        waited, was_active = one.counted
        one.counted = waits, active
        self.waiting_weight += one.weight * (waits - waited)
        self.active_weight += one.weight * (active - was_active)
        return waits > waited or active > was_active

    def reweigh(self, one: Member | Server, weight: float) -> None:
        waits, active = one.counted
        self.waiting_weight += (weight - one.weight) * waits
        self.active_weight += (weight - one.weight) * active
        one.weight = weight

    def advance(self) -> None:
        self.virtual += self.coming
        self.coming = 0.0

    def weight_of(self, relaxed: bool) -> float:
        """The weight among which a job of those who wait is shared. Never nothing."""
        return max(self.waiting_weight if relaxed else self.active_weight, 1e-9)


@dataclass(eq=False, slots=True)
class Server(Crowd):
    """A Discord server; 0 stands for direct messages and the shell."""

    id: int
    weight: float
    tag: float = 0.0
    running: int = 0
    counted: tuple[bool, bool] = (False, False)
    placed: dict[Shelving, Key] = field(default_factory=dict["Shelving", "Key"])
    """Under which keys the server stands on the common shelves."""
    leaving: deque[Member] = field(default_factory=deque["Member"])
    """Members of whom nothing waits or runs, but who have had more than the others yet."""
    members: dict[int, Member] = field(default_factory=dict[int, "Member"])
    shelves: dict[Shelving, Shelf[Line]] = field(default_factory=dict["Shelving", "Shelf[Line]"])

    @property
    def waits(self) -> bool:
        return self.first(Shelving(False)) is not None or self.first(Shelving(True)) is not None

    @property
    def active(self) -> bool:
        return self.first(Shelving(False)) is not None

    def first(self, shelving: Shelving) -> Line | None:
        shelf = self.shelves.get(shelving)
        return None if shelf is None else shelf.first()

    def put(self, line: Line) -> None:
        for shelving in line.shelvings():
            if shelving not in self.shelves:
                self.shelves[shelving] = Shelf(lambda line, at=shelving: line.key(at))
            self.shelves[shelving].put(line)

    def key(self, shelving: Shelving) -> Key | None:
        line = self.first(shelving)
        if line is None:
            return None
        head = line.head
        return self.tag, head.created_at, line.member.id, head.id

    def forget(self) -> None:
        """Lets go of a few who are gone, once they are no longer ahead of the others."""
        for _ in range(min(2, len(self.leaving))):
            member = self.leaving.popleft()
            if member.waits or member.running:
                continue
            if member.tag <= self.virtual:
                self.members.pop(member.id, None)
            else:
                self.leaving.append(member)
