"""Allowances, balances and changes in words. Names are Discord's own mentions, which never ping in
our private answers and cannot break the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.render import escape, relative
from core.allowance import (
    ALL_MODELS,
    NO_LIMIT,
    Allowance,
    Amount,
    Change,
    Grant,
    House,
    ServerRules,
    Subject,
    SubjectKind,
    Unit,
)
from core.amounts import in_pot, told
from core.quota import Scope
from core.request import Lane
from core.usage import Balance, GrantBalance, Statement

SCOPES = {Scope.MEMBER: "You", Scope.CHANNEL: "This channel", Scope.SERVER: "This server"}
BAR_LENGTH = 12
MOST_LINES = 14


def subject_words(subject: Subject) -> str:
    match subject.kind:
        case SubjectKind.SERVER:
            return "everybody"
        case SubjectKind.ROLE:
            return f"<@&{subject.id}>"
        case SubjectKind.CHANNEL:
            return f"<#{subject.id}>"
        case SubjectKind.MEMBER:
            return f"<@{subject.id}>"
        case SubjectKind.CEILING:
            return "the whole server (the operator's ceiling)"


def allowance_words(line: Allowance) -> str:
    """One line; empty where nothing is said."""
    words = [amount_words(amount) for amount in line.amounts]
    for number, what in (
        (line.max_running, "running"),
        (line.max_waiting, "waiting"),
        (line.max_megapixels, "megapixels"),
        (line.max_steps, "steps"),
        (line.max_batch, "jobs of one command"),
    ):
        if number is not None:
            words.append(f"any number of {what}" if number >= NO_LIMIT else f"{number:g} {what}")
    if line.models is not None:
        names = escape(", ".join(sorted(line.models)), 300)
        words.append("all models" if line.models == ALL_MODELS else f"models: {names}")
    if line.lanes is not None:
        words.append(lane_words(line.lanes))
    if line.private is not None:
        words.append("private pictures" if line.private else "no private pictures")
    if line.relax_after is not None:
        words.append("relaxed jobs are free" if line.relax_after else "relaxed jobs count too")
    if line.weight is not None:
        words.append(f"weight {line.weight:g} among servers")
    return " · ".join(words)


def lane_words(lanes: frozenset[Lane]) -> str:
    return "lanes: " + (", ".join(lane for lane in Lane if lane in lanes) or "none")


def amount_words(amount: Amount) -> str:
    if amount.limit >= NO_LIMIT:
        what = "pictures" if amount.unit is Unit.PICTURES else "GPU time"
        return f"any amount of {what}"
    return f"{told(amount.unit, in_pot(amount.unit, amount.limit))} per {amount.period}"


def rules_words(rules: ServerRules) -> str:
    """Everything that is set, at most as much as leaves room for a chart's message."""
    rows = [
        f"**{subject_words(line.subject)}**: {allowance_words(line.allowance)}"
        for line in rules.lines
    ]
    if not any(line.subject.kind is SubjectKind.SERVER for line in rules.lines):
        rows.insert(0, "**everybody**: no limits")
    rows += [f"**extra for {grant_words(grant)}**" for grant in rules.grants]
    if rules.banned:
        banned = sorted(rules.banned)
        shown = ", ".join(f"<@{id}>" for id in banned[:10])
        rest = f" and {len(banned) - 10} more" if len(banned) > 10 else ""
        rows.append(f"**shut out**: {shown}{rest}")
    rows.append(house_words(rules.house))
    return within(rows, 1900)


def house_words(house: House) -> str:
    words = [f"time zone {escape(house.time_zone)}"]
    if house.admin_role:
        words.append(f"admin role <@&{house.admin_role}>")
    if house.paused:
        words.append("**paused**: what waits is left waiting")
    if house.drained:
        words.append("**drained**: nothing new is taken")
    return "-# " + " · ".join(words)


def grant_words(grant: Grant) -> str:
    amount = told(grant.unit, in_pot(grant.unit, grant.amount))
    until = f", until <t:{int(grant.expires_at)}:f>" if grant.expires_at is not None else ""
    return f"{subject_words(grant.subject)}: {amount}{until}"


def statement_words(statement: Statement, *, who: str = "You") -> str:
    """What is left and when it renews, then what is allowed."""
    own = [b for b in statement.balances if b.limit < in_pot(b.unit, NO_LIMIT)]
    rows = [_balance_words(balance, who) for balance in own]
    rows += [_extra_words(grant) for grant in statement.grants if grant.left > 0]
    if not rows:
        rows.append("There is no limit on pictures or GPU time here.")
    used_up = any(b.scope is Scope.MEMBER and b.left == 0 for b in own)
    if used_up and statement.allowance.relax_after:
        rows.append("Until then your pictures are made in the **relax** lane, free of charge.")
    limits = allowance_words(replace(statement.allowance, amounts=()))
    rows += [f"-# {limits}"] if limits else []
    if statement.rules.house.paused:
        rows.append("-# The admins paused this server: what waits is left waiting.")
    if statement.rules.house.drained:
        rows.append("-# The admins take no new jobs at the moment.")
    return within(rows, 1900)


def _balance_words(balance: Balance, who: str) -> str:
    name = who if balance.scope is Scope.MEMBER else SCOPES[balance.scope]
    verb = "have" if name == "You" else "has"
    left, limit = told(balance.unit, balance.left), told(balance.unit, balance.limit)
    held = f", {told(balance.unit, balance.reserved)} held" if balance.reserved else ""
    return (
        f"`{meter(balance.left, balance.limit)}` {name} {verb} **{left}** left of {limit} per "
        f"{balance.period}{held}; renews {relative(balance.renews_at)}"
    )


def _extra_words(balance: GrantBalance) -> str:
    until = balance.grant.expires_at
    ends = f", ends {relative(until)}" if until is not None else ""
    return f"Extra: **{told(balance.grant.unit, balance.left)}** left{ends}"


def meter(left: int, limit: int) -> str:
    """A bar as long as what is left; never empty while something is, nor full when not all is."""
    if limit <= 0:
        return "░" * BAR_LENGTH
    share = BAR_LENGTH * left / limit
    filled = BAR_LENGTH if left >= limit else min(BAR_LENGTH - 1, round(share))
    filled = max(filled, 1) if left > 0 else 0
    return "█" * filled + "░" * (BAR_LENGTH - filled)


def change_words(change: Change) -> str:
    """A line of the audit log: when, who, what."""
    who = f"<@{change.by_id}>" if change.by_id else escape(change.by_name or "the operator", 60)
    whom, before, after = subject_words(change.subject), change.before, change.after
    match change.what:
        case "line":
            old = allowance_words(Allowance.from_json(before)) or "nothing"
            new = allowance_words(Allowance.from_json(after)) or "nothing"
            what = f"set {whom}: {_short(old)} → {_short(new)}"
        case "grant":
            unit, until = Unit(after["unit"]), after.get("expires_at")
            what = f"gave {whom} {told(unit, in_pot(unit, int(after['amount'])))} extra"
            what += f", until <t:{int(until)}:f>" if until else ""
        case "reset":
            what = f"reset what {whom} used"
        case "ban":
            what = f"shut {whom} out"
        case "unban":
            what = f"let {whom} back in"
        case _:
            words = [
                f"{name.replace('_', ' ')}: {_value(before.get(name))} → {_value(value)}"
                for name, value in after.items()
                if before.get(name) != value
            ]
            what = f"{escape(change.what, 30)} {escape(', '.join(words), 200)}".rstrip()
    return f"<t:{int(change.at)}:f> {who} {what}"


def _short(words: str) -> str:
    return words if len(words) <= 160 else words[:159] + "…"


def _value(value: Any) -> str:
    return {True: "yes", False: "no", None: "none"}.get(value, str(value))


def within(rows: Sequence[str], room: int) -> str:
    """The rows that fit, and how many do not."""
    kept: list[str] = []
    for count, row in enumerate(rows):
        if sum(len(line) + 1 for line in kept) + len(row) + 30 > room:
            kept.append(f"-# … and {len(rows) - count} more.")
            break
        kept.append(row)
    return "\n".join(kept)
