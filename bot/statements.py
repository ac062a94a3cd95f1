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
from core.amounts import in_pot, per_words, told
from core.quota import Scope
from core.request import Lane
from core.sentences import frame, say, together
from core.usage import Balance, GrantBalance, Statement

HAS = {
    Scope.MEMBER: say("You have"),
    Scope.CHANNEL: say("This channel has"),
    Scope.SERVER: say("This server has"),
}
BAR_LENGTH = 12
MOST_LINES = 14


def subject_words(subject: Subject) -> str:
    match subject.kind:
        case SubjectKind.SERVER:
            return say("everybody")
        case SubjectKind.ROLE:
            return f"<@&{subject.id}>"
        case SubjectKind.CHANNEL:
            return f"<#{subject.id}>"
        case SubjectKind.MEMBER:
            return f"<@{subject.id}>"
        case SubjectKind.CEILING:
            return say("the whole server (the operator's ceiling)")


def allowance_words(line: Allowance) -> str:
    """One line; empty where nothing is said."""
    words = [amount_words(amount) for amount in line.amounts]
    for number, what in (
        (line.max_running, say("running")),
        (line.max_waiting, say("waiting")),
        (line.max_megapixels, say("megapixels")),
        (line.max_steps, say("steps")),
        (line.max_batch, say("jobs of one command")),
    ):
        if number is not None and number >= NO_LIMIT:
            words.append(say("any number of {what}", what=what))
        elif number is not None:
            words.append(say("{number:g} {what}", number=number, what=what))
    if line.models is not None:
        names = escape(", ".join(sorted(line.models)), 300)
        some = say("models: {names}", names=names)
        words.append(say("all models") if line.models == ALL_MODELS else some)
    if line.lanes is not None:
        words.append(lane_words(line.lanes))
    if line.private is not None:
        words.append(say("private pictures") if line.private else say("no private pictures"))
    if line.relax_after is not None:
        free, counted = say("relaxed jobs are free"), say("relaxed jobs count too")
        words.append(free if line.relax_after else counted)
    if line.weight is not None:
        words.append(say("weight {weight:g} among servers", weight=line.weight))
    return together(words, " · ")


def lane_words(lanes: frozenset[Lane]) -> str:
    names = ", ".join(lane for lane in Lane if lane in lanes) or say("none")
    return say("lanes: {names}", names=names)


def amount_words(amount: Amount) -> str:
    if amount.limit >= NO_LIMIT:
        what = say("pictures") if amount.unit is Unit.PICTURES else say("GPU time")
        return say("any amount of {what}", what=what)
    return per_words(amount.unit, in_pot(amount.unit, amount.limit), amount.period)


def rules_words(rules: ServerRules) -> str:
    """Everything that is set, at most as much as leaves room for a chart's message."""
    rows: list[str] = [
        frame(
            "**{who}**: {allowance}",
            who=subject_words(line.subject),
            allowance=allowance_words(line.allowance),
        )
        for line in rules.lines
    ]
    if not any(line.subject.kind is SubjectKind.SERVER for line in rules.lines):
        rows.insert(0, say("**everybody**: no limits"))
    rows += [say("**extra for {grant}**", grant=grant_words(grant)) for grant in rules.grants]
    if rules.banned:
        banned = sorted(rules.banned)
        shown = ", ".join(f"<@{id}>" for id in banned[:10])
        if len(banned) > 10:
            shown = say("{some} and {count} more", some=shown, count=len(banned) - 10)
        rows.append(say("**shut out**: {people}", people=shown))
    rows.append(house_words(rules.house))
    return within(rows, 1900)


def house_words(house: House) -> str:
    words = [say("time zone {zone}", zone=escape(house.time_zone))]
    if house.admin_role:
        words.append(say("admin role {role}", role=f"<@&{house.admin_role}>"))
    if house.paused:
        words.append(say("**paused**: what waits is left waiting"))
    if house.drained:
        words.append(say("**drained**: nothing new is taken"))
    return frame("-# {words}", words=together(words, " · "))


def grant_words(grant: Grant) -> str:
    amount = told(grant.unit, in_pot(grant.unit, grant.amount))
    who = subject_words(grant.subject)
    if grant.expires_at is None:
        return frame("{who}: {amount}", who=who, amount=amount)
    until = f"<t:{int(grant.expires_at)}:f>"
    return say("{who}: {amount}, until {time}", who=who, amount=amount, time=until)


def statement_words(statement: Statement, *, own: bool = True) -> str:
    """What is left and when it renews, then what is allowed. `own`: to the member himself."""
    limited = [b for b in statement.balances if b.limit < in_pot(b.unit, NO_LIMIT)]
    rows = [_balance_words(balance, own) for balance in limited]
    rows += [_extra_words(grant) for grant in statement.grants if grant.left > 0]
    if not rows:
        rows.append(say("There is no limit on pictures or GPU time here."))
    used_up = any(b.scope is Scope.MEMBER and b.left == 0 for b in limited)
    if used_up and statement.allowance.relax_after:
        rows.append(say("Until then your pictures are made in the **relax** lane, free of charge."))
    limits = allowance_words(replace(statement.allowance, amounts=()))
    rows += [frame("-# {limits}", limits=limits)] if limits else []
    if statement.rules.house.paused:
        rows.append(say("-# The admins paused this server: what waits is left waiting."))
    if statement.rules.house.drained:
        rows.append(say("-# The admins take no new jobs at the moment."))
    return within(rows, 1900)


def _balance_words(balance: Balance, own: bool) -> str:
    unit, when = balance.unit, relative(balance.renews_at)
    has = HAS[balance.scope]
    if balance.scope is Scope.MEMBER and not own:
        has = say("This member has")
    left, amount = told(unit, balance.left), per_words(unit, balance.limit, balance.period)
    words = say(
        "{has} **{left}** left of {amount}; renews {when}",
        has=has,
        left=left,
        amount=amount,
        when=when,
    )
    if balance.reserved:
        words = say(
            "{has} **{left}** left of {amount}, {held} held; renews {when}",
            has=has,
            left=left,
            amount=amount,
            held=told(unit, balance.reserved),
            when=when,
        )
    return frame("`{meter}` {words}", meter=meter(balance.left, balance.limit), words=words)


def _extra_words(balance: GrantBalance) -> str:
    until = balance.grant.expires_at
    left = told(balance.grant.unit, balance.left)
    if until is None:
        return say("Extra: **{left}** left", left=left)
    return say("Extra: **{left}** left, ends {when}", left=left, when=relative(until))


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
    who = f"<@{change.by_id}>" if change.by_id else say("the operator")
    if not change.by_id and change.by_name:
        who = escape(change.by_name, 60)
    whom, before, after = subject_words(change.subject), change.before, change.after
    match change.what:
        case "line":
            old = _short(allowance_words(Allowance.from_json(before))) or say("nothing")
            new = _short(allowance_words(Allowance.from_json(after))) or say("nothing")
            what = say("set {whom}: {old} → {new}", whom=whom, old=old, new=new)
        case "grant":
            unit, until = Unit(after["unit"]), after.get("expires_at")
            amount = told(unit, in_pot(unit, int(after["amount"])))
            what = say("gave {whom} {amount} extra", whom=whom, amount=amount)
            if until:
                time = f"<t:{int(until)}:f>"
                what = say(
                    "gave {whom} {amount} extra, until {time}", whom=whom, amount=amount, time=time
                )
        case "reset":
            what = say("reset what {whom} used", whom=whom)
        case "ban":
            what = say("shut {whom} out", whom=whom)
        case "unban":
            what = say("let {whom} back in", whom=whom)
        case "report":
            what = say(
                "reported a picture of {whom}, job {job}: {reason}",
                whom=whom,
                job=f"`{escape(str(after.get('job', '')), 40)}`",
                reason=escape(str(after.get("reason", "")), 160),
            )
        case "dismiss" | "take_down":
            gone = change.what == "take_down"
            job = f"`{escape(str(after.get('job', '')), 40)}`"
            why = escape(str(after.get("reason", "")), 160)
            what = say("dismissed a report of job {job}: {reason}", job=job, reason=why)
            if gone:
                what = say("took down the pictures of job {job}: {reason}", job=job, reason=why)
        case "style":
            name = escape(str((after or before).get("name", "")), 60)
            what = say("saved the style {name}", name=name)
            if not after:
                what = say("deleted the style {name}", name=name)
        case _:
            words = [
                f"{name.replace('_', ' ')}: {_value(before.get(name))} → {_value(value)}"
                for name, value in after.items()
                if before.get(name) != value
            ]
            what = f"{escape(change.what, 30)} {escape(', '.join(words), 200)}".rstrip()
    return together([f"<t:{int(change.at)}:f>", who, what])


def _short(words: str) -> str:
    return words if len(words) <= 160 else words[:159] + "…"


def _value(value: Any) -> str:
    return {True: "yes", False: "no", None: "none", "": "none"}.get(value, str(value))


def within(rows: Sequence[str], room: int) -> str:
    """The rows that fit, and how many do not."""
    # What is counted is English, which has more characters than the languages it is told in.
    kept: list[str] = []
    for count, row in enumerate(rows):
        if sum(len(line) + 1 for line in kept) + len(row) + 30 > room:
            kept.append(say("-# … and {count} more.", count=len(rows) - count))
            break
        kept.append(row)
    return together(kept, "\n")
