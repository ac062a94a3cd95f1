"""A chart is laid out so that it can be read: round numbers, true heights, names below columns."""

from __future__ import annotations

from itertools import pairwise

import pytest

from core.chart import Bar, Chart
from gallery.admin.plot import GAP, WIDTH, number, plot, scale


def chart(*values: float, limit: float | None = None) -> Chart:
    bars = tuple(Bar(f"day {place}", value) for place, value in enumerate(values))
    return Chart(title="GPU time", unit="minutes", times=bars, limit=limit, limit_name="the limit")


@pytest.mark.parametrize(
    ("largest", "step", "top"),
    [
        (0, 1, 1),
        (1, 0.5, 1),
        (3.2, 1, 4),
        (7, 2, 8),
        (12, 5, 15),
        (99, 50, 100),
        (0.03, 0.01, 0.03),
    ],
)
def test_lines_stand_at_round_numbers(largest: float, step: float, top: float) -> None:
    assert scale(largest) == pytest.approx((step, top))


def test_columns_are_as_high_as_what_they_stand_for() -> None:
    laid = plot(chart(0, 5, 10))
    assert [line.words for line in laid.lines] == ["10", "5", "0"]
    assert [line.y for line in laid.lines] == [0, 50, 100]
    assert [(one.y, one.height) for one in laid.columns] == [(100, 0), (50, 50), (0, 100)]
    assert laid.width == 3 * WIDTH
    assert all(0 <= one.x and one.x + one.width <= laid.width for one in laid.columns)
    assert laid.columns[1].x - laid.columns[0].x - laid.columns[0].width == pytest.approx(GAP)
    assert [one.value for one in laid.columns] == ["0", "5", "10"]


def test_a_limit_is_always_in_sight() -> None:
    laid = plot(chart(2, 3, limit=12))
    assert laid.limit is not None and 0 <= laid.limit.y < min(one.y for one in laid.columns)
    assert laid.limit.words == "the limit"
    assert plot(chart(2, 3)).limit is None


@pytest.mark.parametrize("count", [1, 2, 7, 12, 13, 24, 25, 31, 32])
def test_names_stand_evenly_from_the_first_to_the_last(count: int) -> None:
    names = plot(chart(*range(count))).names
    places = [int(name.removeprefix("day ")) for name in names]
    assert (places[0], places[-1]) == (0, count - 1)
    assert len({later - sooner for sooner, later in pairwise(places)}) < 2
    assert len(names) <= 6


def test_nothing_at_all_can_be_drawn() -> None:
    assert plot(chart()).empty and plot(chart(0, 0)).empty
    assert not plot(chart(0, 0.1)).empty
    assert plot(chart()).names == ()


def test_numbers_have_no_idle_digits() -> None:
    assert [number(value) for value in (0, 0.5, 1.25, 1200, 12345.6)] == [
        "0",
        "0.5",
        "1.25",
        "1,200",
        "12,345.6",
    ]
