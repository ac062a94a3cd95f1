"""Which forward next: the parked calls of all running jobs, at the boundary of a step.

The rule, in this order:

1. Openings: calls of a job that has not done its first `PREVIEW_STEPS` steps, so that its owner
   soon sees something; and drafts, jobs that cost at most half of the usual. The nearest to its
   preview or its end comes first. Both have a credit: an owner who has used up his, or all owners
   together, wait for their turn like everybody. So neither a flood of drafts nor jobs begun again
   and again gain anything.
2. The owner who has had least device time for his weight. Owners who are at most `Rules.slack`
   usual jobs ahead of him count as equal to him.
3. Of their jobs those that have little left, the least first; then the oldest, where a long job
   counts as older than it is (`Rules.head`). But an `oldest_share` of an owner's device time goes
   to his oldest job, whatever else he has.

The first call decides what the forward is of; others that may share it join in the same order, as
many rows as the forward takes in its stride. Nobody is held up by his company: calls that are
neither openings nor drafts join those, and calls of owners beyond the slack join any before theirs,
only where the forward takes hardly longer for it (`Rules.company`). A usual job is what jobs have
cost on average lately.

What is certain: while two owners both have something parked, their device times for their weights
drift apart by no more than the slack, what openings and drafts had, and a forward of each. A job
whose owner has a share s of the device is finished once the device has done
`1 / (s * oldest_share * (1 - all_early.share))` times what was left of its owner's older jobs and
of its own and the slack of each, whatever comes later.

A turn is O(n log n) in the parked calls.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

PREVIEW_STEPS = 3
"""After so many steps a job has shown something."""

_EARLY, _IN_TURN, _AHEAD = range(3)

_Rank = tuple[int, *tuple[object, ...]]
"""What calls are sorted by, the least first; begins with one of the kinds above."""

JOBS_COUNT = 16
"""The usual cost of a job is an average over about so many."""

Kind = Literal["step", "decode", "encode", "text"]


class Credit(NamedTuple):
    """Device time that may be had out of turn: `burst` usual jobs at once, `share` of all time."""

    share: float
    burst: float


OWNER_EARLY = Credit(share=1 / 8, burst=2.0)
"""For one owner's openings and drafts, at weight 1."""

ALL_EARLY = Credit(share=1 / 2, burst=4.0)
"""For those of all owners together."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What can be tuned; `benchmarks/step_policy.py` shows what it does. All but shares are in
    usual jobs."""

    owner_early: Credit = OWNER_EARLY
    all_early: Credit = ALL_EARLY
    draft: float = 0.5
    """At most so large is a draft, and what is left of a job that has little left."""
    slack: float = 2.0
    head: float = 12.0
    """So many times its own cost earlier than it did a job counts as begun among its equals: the
    longer one is, the more drafts have gone before it."""
    oldest_share: float = 1 / 8
    oldest_slack: float = 1.0
    """So much may an owner's oldest job be short of its share."""
    company: float = 0.25
    """By so much longer may a forward take because those join it who come after all slack."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parked call. Calls of one `key` may share a forward; `rows` are those the module sees,
    so a picture with guidance counts as two. `step` counts the steps its job has done, `left` is
    what the job still needs in device seconds, `since` when the call was parked and `started` when
    its job first parked one. Raises ValueError for no rows or no weight."""

    key: Hashable
    rows: int
    job: str
    owner: str
    weight: float = 1.0
    step: int = 0
    left: float = 0.0
    kind: Kind = "step"
    since: float = 0.0
    started: float = 0.0

    def __post_init__(self) -> None:
        if self.rows < 1 or not self.weight > 0:
            raise ValueError(f"{self.job}: {self.rows} rows at weight {self.weight}")

    @property
    def opens(self) -> bool:
        """Whether its job has yet to show something."""
        return self.step < PREVIEW_STEPS


@dataclass(slots=True)
class _Debt:
    """What was had out of turn and is not yet made good by time."""

    seconds: float = 0.0
    at: float = 0.0

    def within(self, credit: Credit, now: float, usual: float) -> bool:
        """Whether more may be had out of turn now."""
        self.seconds = max(0.0, self.seconds - credit.share * max(0.0, now - self.at))
        self.at = max(self.at, now)
        return self.seconds < credit.burst * usual


@dataclass(slots=True)
class _Job:
    owner: _Owner
    started: float
    used: float = 0.0


@dataclass(slots=True)
class _Owner:
    """`used` is device time for his weight, `due` what of it his oldest job is short of."""

    used: float
    early: _Debt = field(default_factory=_Debt)
    jobs: dict[str, _Job] = field(default_factory=dict[str, _Job])
    oldest: str = ""
    due: float = 0.0

    def count(self, job: str, spent: float, share: float) -> None:
        self.due += spent * (share - 1 if job == self.oldest else share)

    def look(self) -> None:
        """Finds the oldest job anew."""
        oldest = min(self.jobs, key=lambda job: (self.jobs[job].started, job), default="")
        if oldest != self.oldest:
            self.oldest, self.due = oldest, 0.0


def in_proportion(key: Hashable, rows: int) -> float:
    """Seconds of a forward of a device that one row fills."""
    return float(rows)


class StepPolicy:
    """The rule, and what it must remember of owners. Not safe for several threads at once."""

    def __init__(self, rules: Rules | None = None) -> None:
        self._rules = rules or Rules()
        self._owners: dict[str, _Owner] = {}
        self._jobs: dict[str, _Job] = {}
        self._early = _Debt()
        self._reached = 0.0
        """Nobody who begins to wait has had less than this: time away saves up nothing."""
        self._usual = 0.0
        self._ended = 0
        self._now = 0.0

    def __len__(self) -> int:
        """How many owners are remembered."""
        return len(self._owners)

    def used(self, owner: str) -> float:
        """Device seconds for his weight, counted from a common start."""
        return self._owners[owner].used if owner in self._owners else self._reached

    def pick(
        self,
        waiting: Sequence[Waiting],
        now: float,
        cap: Callable[[Hashable], int],
        seconds: Callable[[Hashable, int], float] = in_proportion,
    ) -> list[int]:
        """The places in `waiting` of what shares the next forward: of one key, at most `cap(key)`
        rows unless the first alone has more. `seconds` is what a forward of so many rows takes.
        Empty only when nothing waits."""
        self._now = now
        for call in waiting:
            self._meet(call)
        if not waiting:
            return []
        if not self._ended:
            self._usual = max(self._usual, max(call.left for call in waiting))
        ranks = self._ranks(waiting, now)
        first = min(range(len(waiting)), key=ranks.__getitem__)
        key, rows = waiting[first].key, waiting[first].rows
        chosen, most, soon = [first], cap(key), None
        same = (at for at, call in enumerate(waiting) if call.key == key and at != first)
        for at in sorted(same, key=ranks.__getitem__):
            if soon is None and ranks[first][0] < ranks[at][0]:
                soon = (1 + self._rules.company) * seconds(key, rows)
            more = rows + waiting[at].rows
            if more <= most and (soon is None or seconds(key, more) <= soon):
                chosen.append(at)
                rows = more
        return chosen

    def hurries(self, call: Waiting, now: float) -> bool:
        """Whether a call would go before those whose turn it is. Its job has parked one before."""
        job, usual = self._jobs.get(call.job), self._usual
        return (
            job is not None
            and self._is_early(call)
            and self._early.within(self._rules.all_early, now, usual)
            and job.owner.early.within(self._rules.owner_early, now, usual)
        )

    def spent(self, charges: Sequence[tuple[Waiting, float]]) -> None:
        """Counts the device seconds of a forward, each call's part of them by its rows."""
        for call, seconds in charges:
            owner, job = self._owner(call.owner), self._jobs.get(call.job)
            cost, early = seconds / call.weight, self._is_early(call)
            owner.used += cost
            # What the device did last may be counted only when the job has ended.
            if job is not None:
                owner.count(call.job, cost, self._rules.oldest_share)
                job.used += seconds
            if early:
                owner.early.seconds += cost
                self._early.seconds += seconds

    def ended(self, job: str) -> None:
        """A job parks no more calls, for whatever reason; one that never did is nobody's."""
        ended = self._jobs.pop(job, None)
        if ended is None:
            return
        self._reach()
        owner = ended.owner
        del owner.jobs[job]
        owner.look()
        self._ended += 1
        self._usual += (ended.used - self._usual) / min(self._ended, JOBS_COUNT)
        self._forget()

    def _meet(self, call: Waiting) -> _Owner:
        known = self._jobs.get(call.job)
        if known is not None:
            return known.owner
        self._reach()
        owner = self._owner(call.owner)
        if not owner.jobs:
            owner.used = max(owner.used, self._reached)
        self._jobs[call.job] = owner.jobs[call.job] = _Job(owner, call.started)
        owner.look()
        return owner

    def _owner(self, name: str) -> _Owner:
        if name not in self._owners:
            self._owners[name] = _Owner(self._reached)
        return self._owners[name]

    def _is_early(self, call: Waiting) -> bool:
        job = self._jobs.get(call.job)
        cost = call.left + (job.used if job is not None else 0.0)
        return call.opens or cost <= self._rules.draft * self._usual

    def _ranks(self, waiting: Sequence[Waiting], now: float) -> list[_Rank]:
        """What each call is sorted by; the least is served first."""
        rules, usual = self._rules, self._usual
        owners = [self._jobs[call.job].owner for call in waiting]
        shortest: dict[int, float] = {}
        for call, owner in zip(waiting, owners, strict=True):
            shortest[id(owner)] = min(call.left, shortest.get(id(owner), call.left))
        credit = self._early.within(rules.all_early, now, usual)
        allowed = {id(one): one.early.within(rules.owner_early, now, usual) for one in owners}
        level = min(owner.used for owner in owners) + rules.slack * usual
        ranks: list[_Rank] = []
        for call, owner in zip(waiting, owners, strict=True):
            last = (call.started, call.job, call.since, call.rows)
            if credit and allowed[id(owner)] and self._is_early(call):
                ranks.append((_EARLY, -call.step if call.opens else -PREVIEW_STEPS, *last))
                continue
            # It comes before all others of its owner.
            senior = call.job == owner.oldest and owner.due > rules.oldest_slack * usual
            left = shortest[id(owner)] if senior else call.left
            ahead = (_AHEAD, owner.used) if owner.used > level else (_IN_TURN, 0.0)
            if senior or left <= rules.draft * usual:
                place = (False, min(left, rules.draft * usual))
            else:
                cost = self._jobs[call.job].used + call.left
                place = (True, call.started - rules.head * cost)
            ranks.append((*ahead, *place, not senior, *last))
        return ranks

    def _reach(self) -> None:
        at_work = [owner.used for owner in self._owners.values() if owner.jobs]
        self._reached = max(self._reached, min(at_work, default=self._reached))

    def _forget(self) -> None:
        """Lets go of owners who would be treated like newcomers anyway."""
        credit = self._rules.owner_early
        for name, owner in list(self._owners.items()):
            if owner.jobs or owner.used > self._reached:
                continue
            if owner.early.within(credit, self._now, 1.0) and not owner.early.seconds:
                del self._owners[name]
