"""What is set for a server, and what was changed there, in words for its admins.

A front end has its own ways to name people and to tell the time; it brings them as a `Voice`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.allowance import (
    ALL_MODELS,
    NO_LIMIT,
    Allowance,
    Amount,
    Change,
    Grant,
    Subject,
    Unit,
)
from core.amounts import in_pot, per_words, told
from core.request import Lane
from core.sentences import frame, say, together

LONGEST = 160
"""Characters of a line before or after a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """`subject` names whose line it is, `person` somebody by id and name, `time` tells a time (Unix
    seconds). `plain` gives a text that somebody typed as a plain one of at most so many
    characters, `code` the same as something to be copied."""

    subject: Callable[[Subject], str]
    person: Callable[[int, str], str]
    time: Callable[[float], str]
    plain: Callable[[str, int], str]
    code: Callable[[str, int], str]


def allowance_words(line: Allowance, voice: Voice) -> str:
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
        names = voice.plain(", ".join(sorted(line.models)), 300)
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


def grant_words(grant: Grant, voice: Voice) -> str:
    amount = told(grant.unit, in_pot(grant.unit, grant.amount))
    who = voice.subject(grant.subject)
    if grant.expires_at is None:
        return frame("{who}: {amount}", who=who, amount=amount)
    time = voice.time(grant.expires_at)
    return say("{who}: {amount}, until {time}", who=who, amount=amount, time=time)


def who_words(change: Change, voice: Voice) -> str:
    """Who made a change."""
    if change.by_id or change.by_name:
        return voice.person(change.by_id, change.by_name)
    return say("the operator")


def what_words(change: Change, voice: Voice) -> str:
    """What was changed, in a line of the audit log."""
    whom, before, after = voice.subject(change.subject), change.before, change.after
    match change.what:
        case "line":
            old, new = (
                _short(allowance_words(Allowance.from_json(line), voice)) or say("nothing")
                for line in (before, after)
            )
            return say("set {whom}: {old} → {new}", whom=whom, old=old, new=new)
        case "grant":
            return _given(whom, after, voice)
        case "reset":
            return say("reset what {whom} used", whom=whom)
        case "ban":
            return say("shut {whom} out", whom=whom)
        case "unban":
            return say("let {whom} back in", whom=whom)
        case "report" | "dismiss" | "take_down":
            return _reported(change, whom, voice)
        case "style":
            name = voice.plain(str((after or before).get("name", "")), 60)
            if not after:
                return say("deleted the style {name}", name=name)
            return say("saved the style {name}", name=name)
        case "showcase":
            return _showcase(before, after, voice)
        case _ if after.get("admin_role", 0) != before.get("admin_role", 0):
            old, new = (
                voice.subject(Subject.role(role)) if role else say("nothing")
                for role in (int(house.get("admin_role", 0)) for house in (before, after))
            )
            return say("set the role of admins: {old} → {new}", old=old, new=new)
        case _:
            told_ = voice.plain(", ".join(_differences(before, after)), 200)
            return f"{voice.plain(change.what, 30)} {told_}".rstrip()


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [
        f"{name.replace('_', ' ')}: {_value(before.get(name))} → {_value(value)}"
        for name, value in after.items()
        if before.get(name) != value
    ]


def _showcase(before: Mapping[str, Any], after: Mapping[str, Any], voice: Voice) -> str:
    for name in ("featured", "taken_down"):
        if name in after:
            work = voice.code(str(after[name]), 40)
            if name == "featured":
                return say("featured the picture {work}", work=work)
            return say("took the picture {work} out of a showcase", work=work)
    where = voice.subject(Subject.channel(int((before or after).get("channel_id", 0))))
    if not before:
        return say("made {channel} a showcase", channel=where)
    if after.get("removed"):
        return say("made {channel} a showcase no more", channel=where)
    what = voice.plain(", ".join(_differences(before, after)), 200)
    return say("changed the showcase {channel}: {what}", channel=where, what=what)


def _given(whom: str, after: Mapping[str, Any], voice: Voice) -> str:
    unit, until = Unit(after["unit"]), after.get("expires_at")
    amount = told(unit, in_pot(unit, int(after["amount"])))
    if not until:
        return say("gave {whom} {amount} extra", whom=whom, amount=amount)
    time = voice.time(until)
    return say("gave {whom} {amount} extra, until {time}", whom=whom, amount=amount, time=time)


def _reported(change: Change, whom: str, voice: Voice) -> str:
    job = voice.code(str(change.after.get("job", "")), 40)
    reason = voice.plain(str(change.after.get("reason", "")), LONGEST)
    if change.what == "dismiss":
        return say("dismissed a report of job {job}: {reason}", job=job, reason=reason)
    if change.what == "take_down":
        return say("took down the pictures of job {job}: {reason}", job=job, reason=reason)
    return say(
        "reported a picture of {whom}, job {job}: {reason}", whom=whom, job=job, reason=reason
    )


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def _value(value: Any) -> str:
    return {True: "yes", False: "no", None: "none", "": "none"}.get(value, str(value))
