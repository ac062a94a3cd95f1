"""May this be made, and at whose cost: pure functions over the lines of a server.

How lines come together, limit by limit:

1. The member's own line wins. What it leaves unset is taken from the roles, and what they leave
   unset from the server's default; what nobody sets is unlimited.
2. Of several roles that say something, the most generous counts.
3. The channel's line narrows: the smaller number counts, and only models and lanes that both name.
   Its amounts are a budget that all members share in that channel.
4. The operator's ceiling is a budget of the whole server; it counts relaxed jobs too.

The amounts of one unit belong together: a line that sets any amount of GPU time takes the place of
all amounts of GPU time below it, and the most generous role is the one that lets most be used in a
month, by the tightest of its amounts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import nextafter

from core.allowance import (
    Allowance,
    Amount,
    Grant,
    Line,
    Rules,
    Subject,
    SubjectKind,
    Unit,
)
from core.amounts import in_pot, per_words, told, told_jobs
from core.errors import BannedError, DrainedError, QueueFullError, QuotaError, RefusedError
from core.layers import both, least, of_kind, pick, union, winning_amounts
from core.periods import Span, span, zone
from core.request import Lane, Request, Visibility
from core.sentences import say, together

PRICES = {"relax": 1, "fast": 1, "turbo": 2}
"""How many times a job's GPU time counts, by its lane. Relaxed jobs are free with `relax_after`."""


class Scope(StrEnum):
    """Whose jobs an amount is about."""

    MEMBER = "member"
    CHANNEL = "channel"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Pot:
    """A sum to be read from the ledger: what jobs admitted at `since` or later hold or cost, of
    this member, channel or server. With a `grant_id`, what the member took from that grant; else
    what was taken from grants is left out of the member's sum. GPU time is in milliseconds."""

    scope: Scope
    unit: Unit
    since: float
    grant_id: int = 0


Spent = Callable[[Pot], int]
"""Reads a pot, in the transaction that admits."""


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount that holds for a job, in the period it is asked in. `subject` is whose line set it;
    `span.ends_at` is when it renews."""

    scope: Scope
    amount: Amount
    subject: Subject
    span: Span
    pot: Pot

    @property
    def limit(self) -> int:
        """In the unit of the pot: GPU milliseconds, or pictures."""
        return in_pot(self.amount.unit, self.amount.limit)


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody wants. `cost_ms` is the estimated GPU time. `batch` is how many jobs the same
    command makes, this one included. A free job shows a stored picture and needs no GPU."""

    request: Request
    cost_ms: int
    batch: int = 1
    free: bool = False

    def needs(self, unit: Unit, price: int) -> int:
        """In the unit of the pot."""
        if unit is Unit.GPU_SECONDS:
            return self.cost_ms * price
        return self.request.count * min(price, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit:
    """The terms on which a job is let in. `price`: how many times its GPU time counts; 0 is free.
    `grant_id`: the grant that pays, 0 for none. `max_running`: how many jobs its owner may have
    running on that server beside each other, None for any number."""

    lane: Lane = Lane.FAST
    price: int = 1
    grant_id: int = 0
    max_running: int | None = None


def member_allowance(lines: Sequence[Line]) -> Allowance:
    """What the lines of server, roles and person come to; the channel is not in it yet."""
    own = of_kind(lines, SubjectKind.MEMBER)
    roles = of_kind(lines, SubjectKind.ROLE)
    everyone = of_kind(lines, SubjectKind.SERVER)
    layers = [own, roles, everyone]
    amounts = [amount for unit in Unit for amount, _ in winning_amounts(layers, unit)]
    return Allowance(
        amounts=tuple(sorted(amounts)),
        max_running=pick(layers, lambda a: a.max_running, max),
        max_waiting=pick(layers, lambda a: a.max_waiting, max),
        max_megapixels=pick(layers, lambda a: a.max_megapixels, max),
        max_steps=pick(layers, lambda a: a.max_steps, max),
        max_batch=pick(layers, lambda a: a.max_batch, max),
        models=pick(layers, lambda a: a.models, union),
        lanes=pick(layers, lambda a: a.lanes, union),
        private=pick(layers, lambda a: a.private, any),
        relax_after=pick(layers, lambda a: a.relax_after, any),
    )


def allowance(lines: Sequence[Line]) -> Allowance:
    """What a member may do in a channel. The amounts are the member's own; see `budgets`."""
    mine = member_allowance(lines)
    for line in of_kind(lines, SubjectKind.CHANNEL):
        narrow = line.allowance
        mine = replace(
            mine,
            max_running=least(mine.max_running, narrow.max_running),
            max_waiting=least(mine.max_waiting, narrow.max_waiting),
            max_megapixels=least(mine.max_megapixels, narrow.max_megapixels),
            max_steps=least(mine.max_steps, narrow.max_steps),
            max_batch=least(mine.max_batch, narrow.max_batch),
            models=both(mine.models, narrow.models),
            lanes=both(mine.lanes, narrow.lanes),
            private=least(mine.private, narrow.private),
            # A channel can forbid what is free, and not make it free for whom it is not.
            relax_after=mine.relax_after if narrow.relax_after is not False else False,
        )
    return mine


def budgets(rules: Rules, now: float) -> list[Budget]:
    """Every amount that holds, the widest scope first."""
    where = zone(rules.house.time_zone)

    def budget(scope: Scope, amount: Amount, subject: Subject) -> Budget:
        period = span(amount.period, now, where)
        counted = _RESETS[scope]
        resets = [at for whose, at in rules.resets.items() if whose.kind in counted]
        # A reset takes out what was admitted up to that moment.
        since = max([period.starts_at, *(nextafter(at, float("inf")) for at in resets)])
        return Budget(scope, amount, subject, period, Pot(scope, amount.unit, since))

    found: list[Budget] = []
    for scope, kind in ((Scope.SERVER, SubjectKind.CEILING), (Scope.CHANNEL, SubjectKind.CHANNEL)):
        for line in of_kind(rules.lines, kind):
            found += [budget(scope, amount, line.subject) for amount in line.allowance.amounts]
    kinds = (SubjectKind.MEMBER, SubjectKind.ROLE, SubjectKind.SERVER)
    layers = [of_kind(rules.lines, kind) for kind in kinds]
    for unit in Unit:
        found += [budget(Scope.MEMBER, *won) for won in winning_amounts(layers, unit)]
    return found


_RESETS = {
    Scope.MEMBER: {SubjectKind.MEMBER, SubjectKind.ROLE, SubjectKind.SERVER},
    Scope.CHANNEL: {SubjectKind.CHANNEL},
    Scope.SERVER: {SubjectKind.CEILING},
}


def decide(ask: Ask, rules: Rules, spent: Spent, waiting: int, now: float) -> Admit:
    """The terms on which the job is let in. `waiting` is how many jobs the member has waiting on
    this server. Raises RefusedError with one sentence; QuotaError where the time will help."""
    if rules.banned:
        raise BannedError
    if ask.free:
        return Admit(lane=ask.request.lane, price=0)
    if rules.house.drained:
        raise DrainedError
    mine = allowance(rules.lines)
    _check_request(ask, mine)
    if mine.max_waiting is not None and waiting >= mine.max_waiting:
        raise QueueFullError(
            say(
                "You have {jobs} waiting and the limit here is {limit}. Wait for one to start, or "
                "cancel one.",
                jobs=told_jobs(waiting),
                limit=mine.max_waiting,
            )
        )
    lane = _lane(ask.request.lane, mine)
    free_relax = mine.relax_after is True and Lane.RELAX in (mine.lanes or frozenset(Lane))
    price = 0 if lane is Lane.RELAX and free_relax else PRICES[lane]
    terms = Admit(lane=lane, price=price, max_running=mine.max_running)

    full = [(b, spent(b.pot)) for b in budgets(rules, now) if b.scope is Scope.SERVER]
    _refuse_if_over(_over(ask, 1, full), ask, 1)
    if price == 0:
        return terms
    rest = [(b, spent(b.pot)) for b in budgets(rules, now) if b.scope is not Scope.SERVER]
    over = _over(ask, price, rest)
    if not over:
        return terms
    if all(budget.scope is Scope.MEMBER for budget, _ in over):
        for grant in payers(rules.grants, now):
            need, left = ask.needs(grant.unit, price), in_pot(grant.unit, grant.amount)
            if need <= left - spent(grant_pot(grant)):
                return replace(terms, grant_id=grant.id)
    if free_relax:
        return replace(terms, lane=Lane.RELAX, price=0)
    _refuse_if_over(over, ask, price)
    return terms


def payers(grants: Sequence[Grant], now: float) -> list[Grant]:
    """The grants that can pay, in the order they do: the one that is gone first comes first."""
    forever = float("inf")
    valid = [grant for grant in grants if grant.holds_at(now)]
    return sorted(valid, key=lambda grant: (grant.expires_at or forever, grant.id))


def grant_pot(grant: Grant) -> Pot:
    return Pot(Scope.MEMBER, grant.unit, 0.0, grant.id)


def pictures_computed(count: int, gpu_ms: int, estimated_ms: int) -> int:
    """Of a job that was stopped after `gpu_ms`: how many of its pictures' worth was computed."""
    share = min(1.0, gpu_ms / estimated_ms) if estimated_ms > 0 else 0.0
    return round(count * max(0.0, share))


# The sentences


def _check_request(ask: Ask, mine: Allowance) -> None:
    request = ask.request
    megapixels = request.width * request.height / 1e6
    wrong: list[str] = []
    if mine.models is not None and not mine.models & {request.model, "*"}:
        wrong.append(
            say(
                "The model {model} is not allowed for you here; allowed: {allowed}.",
                model=request.model,
                allowed=", ".join(sorted(mine.models)) or say("none"),
            )
        )
    if mine.max_megapixels is not None and megapixels > mine.max_megapixels:
        wrong.append(
            say(
                "{width}×{height} is {megapixels:.2g} megapixels; your limit here is {limit:g}.",
                width=request.width,
                height=request.height,
                megapixels=megapixels,
                limit=mine.max_megapixels,
            )
        )
    if mine.max_steps is not None and request.steps > mine.max_steps:
        wrong.append(
            say(
                "{steps} steps are more than your limit here; use --steps {limit}.",
                steps=request.steps,
                limit=mine.max_steps,
            )
        )
    if mine.max_batch is not None and ask.batch > mine.max_batch:
        wrong.append(
            say(
                "That makes {count} jobs at once; your limit here is {limit}.",
                count=ask.batch,
                limit=mine.max_batch,
            )
        )
    if mine.private is False and request.visibility is Visibility.STEALTH:
        wrong.append(say("Private pictures are not allowed for you here; leave out --stealth."))
    if wrong:
        raise RefusedError(together(wrong))


def _lane(wanted: Lane, mine: Allowance) -> Lane:
    if mine.lanes is None or wanted in mine.lanes:
        return wanted
    # The fast lane is what nobody asked for by name.
    if wanted is Lane.FAST and Lane.RELAX in mine.lanes:
        return Lane.RELAX
    allowed = ", ".join(f"--{lane}" for lane in Lane if lane in mine.lanes) or say("none")
    raise RefusedError(
        say(
            "The {lane} lane is not allowed for you here; allowed: {allowed}.",
            lane=wanted.value,
            allowed=allowed,
        )
    )


Over = list[tuple[Budget, int]]


def _over(ask: Ask, price: int, filled: Over) -> Over:
    """The budgets that the job does not fit into any more, with what was spent of each."""
    return [(b, used) for b, used in filled if used + ask.needs(b.amount.unit, price) > b.limit]


def _refuse_if_over(over: Over, ask: Ask, price: int) -> None:
    if not over:
        return
    for budget, _ in over:
        if (need := ask.needs(budget.amount.unit, price)) > budget.limit:
            raise QuotaError(
                say(
                    "This needs {need}, more than the whole allowance of {whose} ({amount}). Ask "
                    "for fewer or smaller pictures.",
                    need=told(budget.amount.unit, need),
                    whose=_WHOSE[budget.scope],
                    amount=_per(budget),
                )
            )
    # All of them have room again when the last one renews.
    budget, used = max(over, key=lambda pair: pair[0].span.ends_at)
    unit = budget.amount.unit
    left = max(0, budget.limit - used)
    need = told(unit, ask.needs(unit, price))
    if left == 0:
        match budget.scope:
            case Scope.MEMBER:
                what = say("You have used up your {amount}.", amount=_per(budget))
            case Scope.CHANNEL:
                what = say("This channel has used up its {amount}.", amount=_per(budget))
            case Scope.SERVER:
                what = say("This server has used up its {amount}.", amount=_per(budget))
    else:
        what = say(
            "{has} {left} left of {amount}, and this needs {need}.",
            has=_HAS[budget.scope],
            left=told(unit, left),
            amount=_per(budget),
            need=need,
        )
    raise QuotaError(what, renews_at=budget.span.ends_at)


_WHOSE = {
    Scope.MEMBER: say("yours"),
    Scope.CHANNEL: say("this channel"),
    Scope.SERVER: say("this server"),
}
_HAS = {
    Scope.MEMBER: say("You have"),
    Scope.CHANNEL: say("This channel has"),
    Scope.SERVER: say("This server has"),
}


def _per(budget: Budget) -> str:
    return per_words(budget.amount.unit, budget.limit, budget.amount.period)
