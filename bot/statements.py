"""Allowances, balances and changes in words. Names are Discord's own mentions, which never ping in
our private answers and cannot break the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.render import escape, relative
from core import wording
from core.allowance import (
    NO_LIMIT,
    Allowance,
    Change,
    Grant,
    House,
    ServerRules,
    Subject,
    SubjectKind,
)
from core.amounts import in_pot, per_words, told
from core.quota import Scope
from core.sentences import frame, say, together
from core.usage import Balance, GrantBalance, Statement
from core.wording import Voice, what_words, who_words

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


VOICE = Voice(
    subject=subject_words,
    person=lambda id, name: f"<@{id}>" if id else escape(name, 60),
    time=lambda at: f"<t:{int(at)}:f>",
    plain=escape,
    code=lambda text, limit: f"`{escape(text, limit)}`",
)


def allowance_words(line: Allowance) -> str:
    """One line; empty where nothing is said."""
    return wording.allowance_words(line, VOICE)


def grant_words(grant: Grant) -> str:
    return wording.grant_words(grant, VOICE)


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
    when = VOICE.time(change.at)
    return together([when, who_words(change, VOICE), what_words(change, VOICE)])


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
