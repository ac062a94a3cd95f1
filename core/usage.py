"""What was used, as people are shown it: balances, sums by day and by member, a report."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.allowance import Allowance, Grant, Rules, Subject, Unit
from core.amounts import in_pot
from core.periods import Period, Span, spans, zone
from core.ports import Rulebook, Spending, Use
from core.quota import Budget, Scope, allowance, budgets, grant_pot, payers


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One amount in its present period: `used`, `reserved` (by jobs that wait or run) and `limit`
    in GPU milliseconds or pictures. `subject` is whose line set it; `scope` says whether it is the
    member's own or shared by the channel or the server."""

    scope: Scope
    unit: Unit
    period: Period
    limit: int
    used: int
    reserved: int
    starts_at: float
    renews_at: float
    subject: Subject

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used - self.reserved)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantBalance:
    """What is left of an extra, in GPU milliseconds or pictures."""

    grant: Grant
    used: int
    reserved: int

    @property
    def left(self) -> int:
        return max(0, in_pot(self.grant.unit, self.grant.amount) - self.used - self.reserved)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a member may do in a channel and what is left of it. No balances: no limits."""

    rules: Rules
    allowance: Allowance
    balances: tuple[Balance, ...]
    grants: tuple[GrantBalance, ...]


async def statement(
    book: Rulebook,
    server_id: int,
    *,
    member_id: int,
    role_ids: Sequence[int],
    channel_id: int,
    now: float,
) -> Statement:
    rules = (await book.rules(server_id)).for_member(member_id, role_ids, channel_id)
    held = budgets(rules, now)
    grants = payers(rules.grants, now)
    pots = [budget.pot for budget in held] + [grant_pot(grant) for grant in grants]
    spent = await book.spent(server_id, member_id=member_id, channel_id=channel_id, pots=pots)
    return Statement(
        rules=rules,
        allowance=allowance(rules.lines),
        balances=tuple(map(_balance, held, spent)),
        grants=tuple(
            GrantBalance(grant=grant, used=sums.used, reserved=sums.reserved)
            for grant, sums in zip(grants, spent[len(held) :], strict=True)
        ),
    )


def _balance(budget: Budget, sums: Spending) -> Balance:
    return Balance(
        scope=budget.scope,
        unit=budget.amount.unit,
        period=budget.amount.period,
        limit=budget.limit,
        used=sums.used,
        reserved=sums.reserved,
        # After a reset the period is younger than its calendar says.
        starts_at=max(budget.span.starts_at, budget.pot.since),
        renews_at=budget.span.ends_at,
        subject=budget.subject,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Jobs, GPU milliseconds and pictures added up."""

    jobs: int = 0
    gpu_ms: int = 0
    pictures: int = 0

    def plus(self, use: Use) -> Sum:
        return Sum(
            jobs=self.jobs + use.jobs,
            gpu_ms=self.gpu_ms + use.gpu_ms,
            pictures=self.pictures + use.pictures,
        )


def over_time(
    uses: Sequence[Use], period: Period, since: float, until: float, time_zone: str
) -> list[tuple[Span, Sum]]:
    """The sum of each hour, day, week or month, also of those in which nothing was made."""
    found = [(each, Sum()) for each in spans(period, since, until, zone(time_zone))]
    position = 0
    for use in sorted(uses, key=lambda use: use.at):
        while position < len(found) - 1 and use.at >= found[position][0].ends_at:
            position += 1
        if found:
            each, total = found[position]
            found[position] = (each, total.plus(use))
    return found


def by_member(uses: Sequence[Use]) -> list[tuple[int, Sum]]:
    """Each member's sum, the one with most GPU time first."""
    sums: dict[int, Sum] = defaultdict(Sum)
    for use in uses:
        sums[use.owner_id] = sums[use.owner_id].plus(use)
    return sorted(sums.items(), key=lambda pair: (-pair[1].gpu_ms, pair[0]))


def report_csv(uses: Sequence[Use], names: Mapping[int, str], time_zone: str) -> str:
    """A line for each day and member: date, member_id, member, jobs, pictures, gpu_seconds."""
    where = zone(time_zone)
    sums: dict[tuple[str, int], Sum] = defaultdict(Sum)
    for use in uses:
        key = (datetime.fromtimestamp(use.at, where).date().isoformat(), use.owner_id)
        sums[key] = sums[key].plus(use)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["date", "member_id", "member", "jobs", "pictures", "gpu_seconds"])
    for (date, owner), total in sorted(sums.items()):
        name = _harmless(names.get(owner, ""))
        seconds = f"{total.gpu_ms / 1000:.3f}"
        rows.writerow([date, owner, name, total.jobs, total.pictures, seconds])
    return text.getvalue()


def _harmless(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name
