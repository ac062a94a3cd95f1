"""Periods end where a server's clocks on the wall say so, also on the days these are changed."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RefusedError
from core.periods import Period, Span, span, spans, zone

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    UTC,
    BERLIN,
    ZoneInfo("Asia/Kolkata"),
    ZoneInfo("Australia/Lord_Howe"),
    ZoneInfo("America/Havana"),
    ZoneInfo("Pacific/Apia"),
    ZoneInfo("America/Sao_Paulo"),
]


def at(text: str, where: tzinfo = UTC) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=where).timestamp()


@pytest.mark.parametrize(
    ("period", "starts", "ends"),
    [
        (Period.HOUR, "2026-11-21T10:00", "2026-11-21T11:00"),
        (Period.DAY, "2026-11-21T00:00", "2026-11-22T00:00"),
        (Period.WEEK, "2026-11-16T00:00", "2026-11-23T00:00"),
        (Period.MONTH, "2026-11-01T00:00", "2026-12-01T00:00"),
    ],
)
def test_a_period_is_that_of_the_servers_clock(period: Period, starts: str, ends: str) -> None:
    assert span(period, at("2026-11-21T10:59", BERLIN), BERLIN) == Span(
        at(starts, BERLIN), at(ends, BERLIN)
    )


@pytest.mark.parametrize(
    ("noon", "hours"),
    [("2026-03-29T12:00", 23), ("2026-10-25T12:00", 25), ("2026-11-21T12:00", 24)],
)
def test_a_day_on_which_clocks_change_is_as_long_as_it_is(noon: str, hours: int) -> None:
    day = span(Period.DAY, at(noon, BERLIN), BERLIN)
    assert day.ends_at - day.starts_at == hours * 3600


def test_the_hour_that_is_shown_twice_is_two_hours() -> None:
    first = span(Period.HOUR, at("2026-10-25T00:30"), BERLIN)
    second = span(Period.HOUR, at("2026-10-25T01:30"), BERLIN)
    assert first.ends_at == second.starts_at
    assert second.ends_at - second.starts_at == 3600


def test_an_hour_begins_with_the_servers_hour_where_that_is_half_past_elsewhere() -> None:
    assert span(Period.HOUR, at("2026-11-21T10:45"), ZoneInfo("Asia/Kolkata")) == Span(
        at("2026-11-21T10:30"), at("2026-11-21T11:30")
    )


@given(
    period=st.sampled_from([Period.DAY, Period.WEEK, Period.MONTH]),
    now=st.floats(1e9, 3e9),
    where=st.sampled_from(ZONES),
)
def test_days_weeks_and_months_follow_each_other_without_a_gap(
    period: Period, now: float, where: tzinfo
) -> None:
    found = span(period, now, where)
    assert found.starts_at <= now < found.ends_at
    assert span(period, found.starts_at, where) == found
    assert span(period, found.ends_at, where).starts_at == found.ends_at


@given(now=st.floats(1e9, 3e9), where=st.sampled_from(ZONES))
def test_it_is_always_within_its_hour(now: float, where: tzinfo) -> None:
    found = span(Period.HOUR, now, where)
    assert found.starts_at <= now < found.ends_at


def test_a_week_has_seven_days() -> None:
    found = spans(
        Period.DAY, at("2026-10-19T15:00", BERLIN), at("2026-10-26T00:00", BERLIN), BERLIN
    )
    assert len(found) == 7
    assert sum(day.ends_at - day.starts_at for day in found) == (7 * 24 + 1) * 3600
    assert spans(Period.DAY, 5.0, 5.0, UTC) == []


def test_a_zone_that_is_misspelt_is_answered_with_the_right_one() -> None:
    assert zone("UTC") is UTC
    with pytest.raises(RefusedError, match="Did you mean Europe/Berlin"):
        zone("Europe/Berlim")
    with pytest.raises(RefusedError, match="There is no time zone"):
        zone("../../etc/passwd")
