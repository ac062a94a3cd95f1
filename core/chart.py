"""A chart as a value: what is drawn, and the words for those who cannot see it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from core.allowance import NO_LIMIT, Unit
from core.periods import Period, period_words, zone
from core.ports import Use
from core.quota import Scope
from core.sentences import say
from core.usage import Balance, Sum, by_member, over_time

MOST_PEOPLE = 8
"""Names that fit; the rest is one bar."""

MOST_BARS = 62
ALT_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`times` are in order; `people`, the one with most first, may be left out. `limit` is a line
    across `times`, in their unit."""

    title: str
    unit: str
    times: tuple[Bar, ...]
    people: tuple[Bar, ...] = ()
    limit: float | None = None
    limit_name: str = ""

    @property
    def alt(self) -> str:
        """The same in words, at most ALT_LENGTH characters."""
        used = [bar for bar in self.times if bar.value]
        words = [f"Chart: {self.title}, {self.unit}."]
        words += [f"{bar.name}: {bar.value:g}." for bar in used[-14:]] or ["Nothing was used."]
        if self.people:
            words.append("By member:")
            words += [f"{bar.name} {bar.value:g}." for bar in self.people]
        text = " ".join(words)
        return text if len(text) <= ALT_LENGTH else text[: ALT_LENGTH - 1] + "…"

    def to_json(self) -> bytes:
        return json.dumps(
            {
                "title": self.title,
                "unit": self.unit,
                "times": [[bar.name, bar.value] for bar in self.times],
                "people": [[bar.name, bar.value] for bar in self.people],
                "limit": self.limit,
                "limit_name": self.limit_name,
            }
        ).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """The inverse of `to_json`."""
        plain: dict[str, Any] = json.loads(data)
        return cls(
            title=plain["title"],
            unit=plain["unit"],
            times=tuple(Bar(name, value) for name, value in plain["times"]),
            people=tuple(Bar(name, value) for name, value in plain["people"]),
            limit=plain["limit"],
            limit_name=plain["limit_name"],
        )


@dataclass(frozen=True, slots=True)
class Window:
    """The time a chart shows, up to now, and how it is divided."""

    seconds: float
    period: Period
    words: str


DAY = 86400.0
WINDOWS = {
    "day": Window(DAY, Period.HOUR, say("the last 24 hours")),
    "week": Window(7 * DAY, Period.DAY, say("the last 7 days")),
    "month": Window(30 * DAY, Period.DAY, say("the last 30 days")),
    "quarter": Window(91 * DAY, Period.WEEK, say("the last 13 weeks")),
    "year": Window(365 * DAY, Period.MONTH, say("the last 12 months")),
}


def server_chart(
    uses: Sequence[Use],
    names: Mapping[int, str],
    window: Window,
    now: float,
    time_zone: str,
    unit: Unit = Unit.GPU_SECONDS,
) -> Chart:
    """What a whole server used, over time and by member."""
    sums, read = by_member(uses), _READ[unit]
    people = [Bar(name_of(id, names), read(total)) for id, total in sums]
    people.sort(key=lambda bar: -bar.value)
    if len(people) > MOST_PEOPLE:
        rest = people[MOST_PEOPLE - 1 :]
        count = say("{count} others", count=len(rest))
        others = Bar(count, round(sum(bar.value for bar in rest), 1))
        people = [*people[: MOST_PEOPLE - 1], others]
    return Chart(
        title=_title(unit, window),
        unit=_unit(unit),
        times=_times(uses, window, now, time_zone, unit),
        people=tuple(people),
    )


def member_chart(
    uses: Sequence[Use],
    window: Window,
    now: float,
    time_zone: str,
    balances: Sequence[Balance] = (),
) -> Chart:
    """What one member used; with the line of an amount that holds for each bar."""
    own = [balance for balance in balances if balance.scope is Scope.MEMBER]
    unit = own[0].unit if own else Unit.GPU_SECONDS
    limit = next(
        (
            balance.limit / _IN_ONE[unit]
            for balance in own
            if (balance.unit, balance.period) == (unit, window.period) and balance.limit < NO_LIMIT
        ),
        None,
    )
    return Chart(
        title=_title(unit, window),
        unit=_unit(unit),
        times=_times(uses, window, now, time_zone, unit),
        limit=limit,
        limit_name=_limit_name(limit, window.period) if limit else "",
    )


_IN_ONE = {Unit.GPU_SECONDS: 60_000, Unit.PICTURES: 1}


def name_of(member_id: int, names: Mapping[int, str]) -> str:
    """What a member was called when they last asked for a picture."""
    return names.get(member_id) or say("member {number}", number=f"{member_id % 10000:04}")


def _title(unit: Unit, window: Window) -> str:
    if unit is Unit.PICTURES:
        return say("Pictures in {time}", time=window.words)
    return say("GPU time in {time}", time=window.words)


def _unit(unit: Unit) -> str:
    return say("pictures") if unit is Unit.PICTURES else say("minutes")


def _limit_name(limit: float, period: Period) -> str:
    return say("{amount} per {period}", amount=f"{limit:g}", period=period_words(period))


def _times(
    uses: Sequence[Use], window: Window, now: float, time_zone: str, unit: Unit
) -> tuple[Bar, ...]:
    where, read = zone(time_zone), _READ[unit]
    sums = over_time(uses, window.period, now - window.seconds, now, time_zone)
    return tuple(
        Bar(_date(window.period, datetime.fromtimestamp(span.starts_at, where)), read(total))
        for span, total in sums
    )[-MOST_BARS:]


def _date(period: Period, at: datetime) -> str:
    match period:
        case Period.HOUR:
            return at.strftime("%H:00")
        case Period.DAY | Period.WEEK:
            return say("{day} {month:%b}", day=at.day, month=at)
        case Period.MONTH:
            return say("{month:%b} {year:%y}", month=at, year=at)


def _minutes(total: Sum) -> float:
    return round(total.gpu_ms / 60_000, 1 if total.gpu_ms >= 60_000 else 2)


def _pictures(total: Sum) -> float:
    return float(total.pictures)


_READ = {Unit.GPU_SECONDS: _minutes, Unit.PICTURES: _pictures}
