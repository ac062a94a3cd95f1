"""Hours, days, weeks and months as a server's clocks on the wall show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from enum import StrEnum
from zoneinfo import ZoneInfo, available_timezones

from core.errors import RefusedError
from core.sentences import Sentence, say, together

HOUR = 3600.0


class Period(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def per_month(self) -> float:
        """How many of them a month of thirty days holds."""
        return _PER_MONTH[self]


_PER_MONTH = {Period.HOUR: 720.0, Period.DAY: 30.0, Period.WEEK: 30 / 7, Period.MONTH: 1.0}
_WORDS = {
    Period.HOUR: say("hour"),
    Period.DAY: say("day"),
    Period.WEEK: say("week"),
    Period.MONTH: say("month"),
}


def period_words(period: Period) -> Sentence:
    return _WORDS[period]


@dataclass(frozen=True, slots=True)
class Span:
    """From `starts_at` up to, and without, `ends_at`; Unix seconds."""

    starts_at: float
    ends_at: float


def zone(name: str) -> tzinfo:
    """The time zone of that name, such as Europe/Berlin. Raises RefusedError."""
    if name == "UTC":
        return UTC
    known = available_timezones()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = say("An example is Europe/Berlin.")
        if near:
            hint = say("Did you mean {name}?", name=near[0])
        raise RefusedError(together([say("There is no time zone “{name}”.", name=name), hint]))
    return ZoneInfo(name)


def span(period: Period, now: float, where: tzinfo) -> Span:
    """The period that `now` lies in. Days begin at midnight, weeks on Monday, months on the first;
    a day on which clocks change is as long as it really is."""
    local = datetime.fromtimestamp(now, where)
    if period is Period.HOUR:
        offset = local.utcoffset() or timedelta()
        start = now - (now + offset.total_seconds()) % HOUR
        return Span(start, start + HOUR)
    day = local.date()
    match period:
        case Period.DAY:
            first, following = day, day + timedelta(days=1)
        case Period.WEEK:
            first = day - timedelta(days=day.weekday())
            following = first + timedelta(days=7)
        case Period.MONTH:
            first = day.replace(day=1)
            following = (first + timedelta(days=32)).replace(day=1)
    return Span(_midnight(first, where), _midnight(following, where))


def spans(period: Period, since: float, until: float, where: tzinfo) -> list[Span]:
    """The periods that touch the time from `since` up to `until`, one after the other."""
    found: list[Span] = []
    at = since
    while at < until:
        found.append(span(period, at, where))
        at = found[-1].ends_at
    return found


def _midnight(day: date, where: tzinfo) -> float:
    # Where clocks skip midnight, this is the moment of the skip; where they show it twice, the
    # first time.
    return datetime.combine(day, time(), where).timestamp()
