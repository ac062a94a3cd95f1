"""Whose turn is it: the waiting jobs in memory, in the order of weighted fair queueing.

The rule, in this order:

1. A job that is due by its promise (`core/promise.py`), the oldest first.
2. Otherwise the server that has had least GPU time for its weight since it began to wait, and in it
   the member likewise, and of that member the oldest job of a lane. Relaxed jobs come when nothing
   else waits, or after `RELAX_WAITS_SECONDS`, when they take turns with the others.
3. A turbo job goes ahead of whoever's turn it is, and so does a job of a model that a worker has
   loaded; but only while its server and its member are at most `TURBO_LEAD_MS` or
   `AFFINITY_SLACK_MS` ahead of their turn, and the one whose turn it is has been passed over for no
   longer than that. What is taken early counts like everything else.

GPU time counts when a job is taken, as estimated, and is put right when it ends. So two members who
wait without a break have had the same GPU time for their weight, but for one job each and the lead.

Choosing, taking and adding are O(log n) in the number of members, whatever the number of jobs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from core.choice import EVERYWHERE, Choice
from core.jobs import Waiting
from core.lines import (
    LANE_SHARES,
    TURBO,
    Crowd,
    Line,
    Member,
    Server,
    Shelving,
    Ticket,
    Weights,
)
from core.promise import begins_within
from core.request import Lane
from core.shelf import Shelf

TURBO_LEAD_MS = 60_000.0
"""GPU milliseconds (by weight 1) that turbo jobs may run ahead of their owner's turn."""

AFFINITY_SLACK_MS = 30_000.0
"""GPU milliseconds (by weight 1) that may be taken early to spare a change of models."""

_Skip = Callable[[Line], bool]


@dataclass(frozen=True, slots=True)
class _Taken:
    member: Member
    ticket: Ticket
    tags: tuple[float, float]
    """Of the server and the member, before."""
    weights: tuple[float, float]
    """Of the server and the member, by which it is counted, also when it ends."""
    pace: tuple[float, float]
    """How far the common tags move for a unit of GPU time: among servers, and in this one."""


class Schedule:
    """The waiting and running jobs of one process's view of the store, for so many devices."""

    def __init__(self, devices: int, weights: Weights | None = None) -> None:
        self._devices = max(1, devices)
        self._weights = weights or Weights()
        self._servers: dict[int, Server] = {}
        self._everyone = Crowd()
        self._shelves: dict[Shelving, Shelf[Server]] = {}
        self._due: Shelf[Line] = Shelf(Line.due_since)
        self._timers: Shelf[Line] = Shelf(Line.next_change)
        self._line_of: dict[str, Line] = {}
        self._running: dict[str, _Taken] = {}
        self.waiting_ms = 0
        self._running_ms = 0
        self._paused: frozenset[int] = frozenset()
        self._detour: tuple[str, float] = ("", 0.0)
        """Who has been passed over, and for how much GPU time."""
        self._turn: tuple[Server, float, float] | None = None
        """The tags of whose turn it was at the last look."""
        self._sweep: Iterator[Server] = iter(())

    def __len__(self) -> int:
        """How many wait."""
        return len(self._line_of)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._line_of

    @property
    def running(self) -> Collection[str]:
        return self._running.keys()

    def waiting(self) -> Iterator[Waiting]:
        """All that wait, in no order."""
        for line in set(self._line_of.values()):
            yield from map(line.waiting, line.tickets)

    def ids(self) -> Collection[str]:
        return self._line_of.keys()

    def begins_by(self, job_id: str) -> float | None:
        """The time at which a waiting job has begun for certain; see `core/promise.py`."""
        if job_id not in self._line_of:
            return None
        ticket = self._ticket(job_id)
        return ticket.created_at + begins_within(ticket.due_at - ticket.created_at)

    def about(self, job_id: str) -> int:
        """A waiting job's place, if everybody's jobs cost the same. O(n) in members."""
        line = self._line_of[job_id]
        before = line.tickets.index(self._ticket(job_id))
        place = 1 + before
        for server in self._servers.values():
            for member in server.members.values():
                lines = member.lines.values()
                place += sum(len(one.tickets) for one in lines if line.relaxed and not one.relaxed)
                if member is not line.member:
                    alike = sum(len(one.tickets) for one in lines if line.relaxed == one.relaxed)
                    place += min(alike, before + 1)
        return place

    def reweigh(self, servers: Mapping[int, float]) -> None:
        """Other weights of servers from now on; what they have had stays as it was counted."""
        for server in self._servers.values():
            weight = servers.get(server.id, 1.0)
            if weight != server.weight:
                self._everyone.reweigh(server, weight)
        self._weights = Weights(servers, self._weights.members)

    # What happens to jobs

    def add(self, job: Waiting, now: float) -> None:
        """A job waits: a new one, one that goes back after an attempt, or in another lane."""
        due_at: float | None = None
        if job.id in self._line_of:
            if self._line_of[job.id].lane is job.lane:
                return
            self.remove(job.id, now)
        elif job.id in self._running:
            due_at = self._running[job.id].ticket.due_at
            self.ended(job.id, 0, now)
        member = self._member(job.server_id, job.owner_id)
        line = member.lines.setdefault(job.lane, Line(member, job.lane))
        line.add(job, self.waiting_ms + self._running_ms, self._devices, due_at)
        self._line_of[job.id] = line
        self.waiting_ms += job.reserve_ms
        if line.head.id == job.id:
            line.ripen(now)
            self._put(member, line)

    def remove(self, job_id: str, now: float) -> None:
        """A job waits no more: cancelled, or taken by nobody knows whom. Unknown ids are fine."""
        line = self._line_of.pop(job_id, None)
        if line is None:
            return
        self.waiting_ms -= line.remove(job_id).reserve_ms
        line.ripen(now)
        self._put(line.member, line)
        self._leave(line.member)

    def take(self, job_id: str, now: float) -> None:
        """A waiting job runs now, and is counted. Unknown ids are fine."""
        line = self._line_of.pop(job_id, None)
        if line is None:
            return
        member, server = line.member, line.member.server
        self._everyone.advance()
        server.advance()
        if self._turn is not None:
            begun, of_server, of_member = self._turn
            self._everyone.virtual = max(self._everyone.virtual, of_server)
            begun.virtual = max(begun.virtual, of_member)
            self._turn = None
        tags = server.tag, member.tag
        if line.relaxed:
            # Who let the others through has no claim to what they had meanwhile.
            server.tag = max(server.tag, self._everyone.virtual)
            member.tag = max(member.tag, server.virtual)
        weights = server.weight, member.weight
        pace = 1 / self._everyone.weight_of(line.relaxed), 1 / server.weight_of(line.relaxed)
        ticket = line.remove(job_id)
        self._running[job_id] = _Taken(member, ticket, tags, weights, pace)
        member.running += 1
        server.running += 1
        self.waiting_ms -= ticket.reserve_ms
        self._running_ms += ticket.reserve_ms
        passed, ms = self._detour
        if job_id != passed:
            self._detour = (passed, ms + ticket.reserve_ms)
        line.ripen(now)
        self._charge(self._running[job_id], ticket.reserve_ms)

    def ended(self, job_id: str, cost_ms: int | None, now: float) -> None:
        """A running job ended; `cost_ms` None: at what it was estimated. Unknown ids are fine."""
        taken = self._running.pop(job_id, None)
        if taken is None:
            self.remove(job_id, now)
            return
        reserved = taken.ticket.reserve_ms
        self._running_ms -= reserved
        taken.member.running -= 1
        taken.member.server.running -= 1
        cost = reserved if cost_ms is None else cost_ms
        self._everyone.coming += cost * taken.pace[0]
        taken.member.server.coming += cost * taken.pace[1]
        if cost != reserved:
            self._charge(taken, cost - reserved)
        self._leave(taken.member)

    def share(self, job: Waiting, now: float) -> float:
        """The weight of a job that runs, among those that are made beside it."""
        taken = self._running.get(job.id)
        return LANE_SHARES[job.lane] if taken is None else taken.member.share(job, now)

    # Whose turn it is

    def pick(self, choice: Choice) -> Waiting | None:
        """The job to run next, or None when none may run. Nothing is taken by that."""
        line = self._pick(choice)
        return None if line is None else line.waiting(line.head)

    def front(
        self, choice: Choice, count: int, *, until: str = "", beyond: int = 0
    ) -> list[Waiting]:
        """The next `count` jobs if nobody else comes; if the job `until` is among them, only
        those up to it and so many `beyond`."""
        shown: list[Waiting] = []
        undo: list[tuple[Line, _Taken]] = []
        detour = self._detour
        crowds: list[Crowd] = [self._everyone, *self._servers.values()]
        before = [(crowd, crowd.virtual, crowd.coming) for crowd in crowds]
        loaded = deque(choice.loaded, maxlen=max(self._devices, len(choice.loaded)))
        while len(shown) < count:
            line = self._pick(Choice(choice.now, choice.paused, choice.held, tuple(loaded)))
            if line is None:
                break
            shown.append(line.waiting(line.head))
            if shown[-1].model not in loaded:
                loaded.append(shown[-1].model)
            self.take(shown[-1].id, choice.now)
            undo.append((line, self._running[shown[-1].id]))
            if shown[-1].id == until:
                count = len(shown) + beyond
        for line, taken in reversed(undo):
            self._untake(line, taken)
        self._detour, self._turn = detour, None
        for crowd, virtual, coming in before:
            crowd.virtual, crowd.coming = virtual, coming
        for line in {line for line, _ in undo}:
            line.ripen(choice.now)
        for member in {line.member for line, _ in undo}:
            self._put(member, lift=False)
        return shown

    def _pick(self, choice: Choice) -> Line | None:
        if EVERYWHERE in choice.paused:
            return None
        self._resume(frozenset(choice.paused))
        while (ripe := self._timers.first()) is not None:
            at = ripe.next_change()
            if at is None or at[0] > choice.now:
                break
            ripe.ripen(choice.now)
            self._put(ripe.member, ripe)

        due = self._due.first(choice.stays)
        if due is not None:
            return due
        return self._fair(False, choice) or self._fair(True, choice)

    def _fair(self, relaxed: bool, choice: Choice) -> Line | None:
        stays = choice.waits
        turn = self._first(Shelving(relaxed), stays)
        if turn is None:
            return None
        member, server = turn.member, turn.member.server
        self._turn = (server, server.tag, member.tag)
        if self._detour[0] != turn.head.id:
            self._detour = (turn.head.id, 0.0)
        if turn.lane is Lane.TURBO:
            return turn
        early = self._early(turn, Shelving(relaxed, TURBO), TURBO_LEAD_MS, stays)
        if early is None and turn.head.model not in choice.loaded:
            found = (
                self._early(turn, Shelving(relaxed, model), AFFINITY_SLACK_MS, stays)
                for model in sorted(choice.loaded)
            )
            early = next((line for line in found if line is not None), None)
        return turn if early is None else early

    def _early(self, turn: Line, shelving: Shelving, slack: float, stays: _Skip) -> Line | None:
        """The first line of the shelving, if it may go before the one whose turn it is."""
        line = self._first(shelving, stays)
        if line is None:
            return None
        server = line.member.server
        of_server = server.shelves[Shelving(shelving.relaxed)].first(stays) or line
        near = (
            server.tag - turn.member.server.tag <= slack
            and line.member.tag - of_server.member.tag <= slack
            and self._detour[1] + line.head.reserve_ms <= slack
        )
        return line if near else None

    def _first(self, shelving: Shelving, stays: _Skip) -> Line | None:
        servers = self._shelves.get(shelving)
        if servers is None:
            return None
        server = servers.first(lambda one: one.shelves[shelving].first(stays) is None)
        return None if server is None else server.shelves[shelving].first(stays)

    # Inside

    def _ticket(self, job_id: str) -> Ticket:
        return next(one for one in reversed(self._line_of[job_id].tickets) if one.id == job_id)

    def _member(self, server_id: int, member_id: int) -> Member:
        server = self._servers.get(server_id)
        if server is None:
            weight = self._weights.servers.get(server_id, 1.0)
            server = self._servers[server_id] = Server(server_id, weight)
        member = server.members.get(member_id)
        if member is None:
            weight = self._weights.members.get((server_id, member_id), 1.0)
            member = server.members[member_id] = Member(server, member_id, weight)
        return member

    def _put(self, member: Member, changed: Line | None = None, *, lift: bool = True) -> None:
        """Whatever changed about a member, or only in one line: it stands where it belongs again.
        A line is in its place for good until its first job or its member's tag is another."""
        server = member.server
        begins = server.counts(member, member.waits, member.active) and lift
        if begins and member.tag < server.virtual:
            member.tag, changed = server.virtual, None
        for line in member.lines.values() if changed is None else (changed,):
            server.put(line)
            self._due.put(line)
            self._timers.put(line)
        if self._everyone.counts(server, server.waits, server.active) and lift:
            server.tag = max(server.tag, self._everyone.virtual)
        self._put_server(server)

    def _put_server(self, server: Server) -> None:
        for shelving in server.shelves:
            key = server.key(shelving)
            if key is None:
                server.placed.pop(shelving, None)
                continue
            if server.placed.get(shelving) == key:
                continue
            if shelving not in self._shelves:
                self._shelves[shelving] = Shelf(lambda one, at=shelving: one.key(at))
            self._shelves[shelving].put(server)
            server.placed[shelving] = key

    def _charge(self, taken: _Taken, ms: int) -> None:
        member, server = taken.member, taken.member.server
        of_server, of_member = taken.weights
        server.tag += ms / of_server
        member.tag += ms / of_member
        self._put(member)

    def _untake(self, line: Line, taken: _Taken) -> None:
        """As if it had not been taken, but for where the member stands."""
        member, ticket = taken.member, taken.ticket
        del self._running[ticket.id]
        member.running -= 1
        member.server.running -= 1
        self._running_ms -= ticket.reserve_ms
        self.waiting_ms += ticket.reserve_ms
        line.tickets.insert(0, ticket)
        self._line_of[ticket.id] = line
        member.server.tag, member.tag = taken.tags

    def _resume(self, paused: frozenset[int]) -> None:
        """Servers that were paused have no claim to what the others had meanwhile."""
        for server_id in self._paused - paused:
            server = self._servers.get(server_id)
            if server is not None:
                server.tag = max(server.tag, self._everyone.virtual)
                self._put_server(server)
        self._paused = paused

    def _leave(self, member: Member) -> None:
        """Lets go, now or later, of a member of whom nothing waits or runs."""
        if not member.waits and not member.running:
            member.server.leaving.append(member)
        member.server.forget()
        server = next(self._sweep, None)
        if server is None:
            self._sweep = iter(list(self._servers.values()))
            return
        server.forget()
        if not server.members and server.tag <= self._everyone.virtual:
            self._servers.pop(server.id, None)
