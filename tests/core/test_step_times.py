"""How many rows go into a forward, learned from how long forwards took."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.step_times import (
    COUNTS_KEPT,
    DEFAULT_CAP,
    KEPT,
    MOST_ROWS,
    SETTLED,
    TRIED_AGAIN,
    TRIED_AGAIN_AT_LAST,
    UNKNOWN_SECONDS,
    StepTimes,
)

POWERS = (1, 2, 4, 8, 16, 32, 64)


def device(floor: float, slope: float, rows: int) -> float:
    return max(floor, slope * rows)


def measured(
    floor: float, slope: float, counts: Iterable[int] = POWERS, times: StepTimes | None = None
) -> StepTimes:
    made = times or StepTimes()
    for rows in counts:
        for _ in range(SETTLED):
            made.note("key", rows, device(floor, slope, rows))
    return made


def test_before_anything_is_measured_a_grid_with_guidance_goes_together() -> None:
    times = StepTimes()
    assert times.cap("key") == DEFAULT_CAP
    assert times.seconds("key", 4) == 4 * UNKNOWN_SECONDS
    assert not times.knows("key", 4)


@pytest.mark.parametrize(("flat_until", "cap"), [(1, 1), (4, 4), (8, 8), (20, 32), (32, 32)])
def test_rows_are_taken_together_as_far_as_they_cost_next_to_nothing(
    flat_until: int, cap: int
) -> None:
    assert measured(flat_until * 0.1, 0.1).cap("key") == cap


def test_a_fixed_cost_is_worth_sharing_until_a_doubling_saves_less_than_a_tenth() -> None:
    times = StepTimes()
    for rows in POWERS:
        for _ in range(SETTLED):
            times.note("key", rows, 1.0 + 0.5 * rows)
    # A row's time at 8 is 0.625, at 16 0.5625: exactly a tenth less; at 32 0.531.
    assert times.cap("key") in (8, 16)


def test_more_rows_are_tried_while_they_pay_and_no_more_than_there_may_be() -> None:
    times, tried = StepTimes(), list[int]()
    for _ in range(40):
        rows = times.cap("key")
        tried.append(rows)
        times.note("key", rows, device(3.0, 0.1, rows))
    assert sorted(set(tried)) == [8, 16, 32, 64]
    assert times.cap("key") == 32
    flat = measured(1.0, 0.0)
    for _ in range(SETTLED):
        flat.note("key", MOST_ROWS, 1.0)
    assert flat.cap("key") == MOST_ROWS


def test_slow_forwards_are_not_held_against_their_rows_while_one_was_fast() -> None:
    times = measured(0.8, 0.1, (4, 8))
    times.note("key", 16, 100.0)
    assert times.cap("key") == 16
    times.note("key", 16, 0.9)
    assert times.seconds("key", 16) == 0.9
    assert not times.knows("key", 16)
    times.note("key", 16, 70.0)
    assert times.knows("key", 16)
    assert times.cap("key") == 32
    for _ in range(KEPT - 1):
        times.note("key", 8, 50.0)
    assert times.seconds("key", 8) == 0.8


def test_what_took_long_while_the_machine_was_busy_is_tried_again_and_again() -> None:
    times, tries = StepTimes(), list[int]()
    for forward in range(4 * TRIED_AGAIN_AT_LAST):
        rows = times.cap("key")
        times.note("key", rows, 1.0 if rows <= 8 else 9.0)
        if rows > 8:
            tries.append(forward)
    between = [later - one for one, later in pairwise(tries) if later - one > 1]
    assert between[0] < TRIED_AGAIN
    assert all(later > one for one, later in pairwise(between[:5]))
    assert len(tries) < 4 * TRIED_AGAIN_AT_LAST / 100
    for _ in range(TRIED_AGAIN_AT_LAST):
        rows = times.cap("key")
        times.note("key", rows, 1.0)
    assert times.cap("key") == MOST_ROWS


def test_a_change_for_good_is_learned_in_a_few_forwards() -> None:
    times = measured(0.8, 0.1)
    for _ in range(KEPT):
        times.note("key", 8, 1.6)
    assert times.seconds("key", 8) == 1.6
    times.note("key", 8, 0.4)
    assert times.seconds("key", 8) == 0.4


def test_rows_that_did_not_fit_are_not_tried_again() -> None:
    times = measured(10.0, 0.1)
    assert times.cap("key") == MOST_ROWS
    times.too_many("key", 24)
    assert times.cap("key") == 12
    times.too_many("key", 1)
    assert times.cap("key") == 1
    times.too_many("new", 6)
    assert times.cap("new") == 3


def test_an_unmeasured_key_is_taken_to_be_like_the_others() -> None:
    times = measured(0.0, 0.25)
    assert times.seconds("other", 4) == pytest.approx(1.0)


def test_times_between_and_beyond_what_was_measured() -> None:
    times = measured(0.0, 0.5, (4,))
    assert times.seconds("key", 2) == pytest.approx(1.0)
    assert times.seconds("key", 8) == pytest.approx(4.0)
    times = StepTimes()
    for rows in (4, 8, 16):
        times.note("key", rows, 1.0 + rows)
    assert times.seconds("key", 12) == pytest.approx(13.0)
    assert times.seconds("key", 32) == pytest.approx(33.0)
    assert times.seconds("key", 2) == pytest.approx(3.0)
    assert times.table() == {"key": [(4, 5.0), (8, 9.0), (16, 17.0)]}


def test_a_forward_of_nothing_is_refused() -> None:
    for rows, seconds in ((0, 1.0), (1, -1.0), (1, float("nan")), (1, float("inf"))):
        with pytest.raises(ValueError, match="rows in"):
            StepTimes().note("key", rows, seconds)


SAMPLES = st.lists(st.tuples(st.integers(1, 200), st.floats(1e-4, 1e3)), min_size=1, max_size=120)


@given(SAMPLES)
def test_more_rows_never_take_less_time_and_the_cap_is_sane(
    samples: list[tuple[int, float]],
) -> None:
    times = StepTimes()
    for rows, seconds in samples:
        times.note("key", rows, seconds)
        assert 1 <= times.cap("key") <= MOST_ROWS
    expected = [times.seconds("key", rows) for rows in range(1, 257)]
    assert all(low <= high * (1 + 1e-9) for low, high in pairwise(expected))
    assert expected[0] > 0
    assert len(times.table()["key"]) <= COUNTS_KEPT


@given(st.floats(0.001, 100.0), st.floats(0.001, 1.0), st.floats(0.1, 1000.0))
def test_the_cap_is_of_the_shape_of_the_curve_not_of_the_speed_of_the_machine(
    floor: float, slope: float, faster: float
) -> None:
    def cap(by: float) -> int:
        return measured(floor * by, slope * by).cap("key")

    assert cap(1.0) == cap(2.0 ** round(faster).bit_length())


@given(st.floats(0.01, 50.0), st.floats(0.01, 50.0))
def test_the_more_of_a_forward_is_fixed_the_more_rows_it_takes(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert measured(low, 1.0).cap("key") <= measured(high, 1.0).cap("key")


def test_what_was_learned_another_day_is_believed_until_forwards_say_otherwise() -> None:
    before = measured(0.4, 0.1, (1, 2, 4, 8))
    before.note("key", 16, 1.6)
    kept = before.settled()
    assert kept == {"key": [(1, 0.4), (2, 0.4), (4, 0.4), (8, 0.8)]}
    after = StepTimes()
    after.recall("new key", kept["key"])
    assert after.knows("new key", 8) and after.cap("new key") == before.cap("key") == 4
    # The machine has become twice as fast for a crowd.
    for _ in range(KEPT):
        after.note("new key", 8, 0.4)
    assert after.cap("new key") == 16


def test_what_was_seen_today_goes_before_what_was_learned_another_day() -> None:
    times = StepTimes()
    times.note("key", 4, 1.0)
    times.too_many("full", 8)
    for key in ("key", "full"):
        times.recall(key, [(1, 0.1), (16, 0.1)])
    assert times.table()["key"] == [(4, 1.0)]
    assert times.cap("full") == 4
    times.recall("nothing", [])
    assert "nothing" not in times.table()


def test_what_cannot_have_been_is_not_recalled() -> None:
    for points in ([(0, 1.0)], [(1, -1.0)], [(rows + 1, 1.0) for rows in range(COUNTS_KEPT + 1)]):
        times = StepTimes()
        with pytest.raises(ValueError, match="rows"):
            times.recall("key", points)
        assert not times.table()
