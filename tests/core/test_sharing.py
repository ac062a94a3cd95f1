"""What jobs that are made side by side have had, and when they are done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sharing import Shares, done_after, part

TIMES = st.lists(st.floats(0, 1e6), max_size=12)


@pytest.mark.parametrize(
    ("running", "devices", "expected"),
    [(0, 1, 1.0), (1, 1, 1.0), (4, 1, 0.25), (4, 2, 0.5), (1, 2, 1.0)],
)
def test_each_has_an_equal_part_and_none_more_than_a_device(
    running: int, devices: int, expected: float
) -> None:
    assert part(running, devices) == expected


def test_one_alone_has_had_all_the_time_since_it_began() -> None:
    shares = Shares(1)
    shares.look({"a": 100.0}, 100.0)
    shares.look({"a": 100.0}, 103.0)
    assert shares.had_ms("a") == 3000
    assert shares.had_ms("b") == 0


def test_two_share_the_time_in_which_both_ran() -> None:
    shares = Shares(1)
    shares.look({"a": 0.0}, 0.0)
    shares.look({"a": 0.0, "b": 4.0}, 4.0)
    shares.look({"a": 0.0}, 10.0)
    shares.look({"a": 0.0}, 11.0)
    assert shares.had_ms("a") == 4000 + 3000 + 1000
    assert shares.had_ms("b") == 0


def test_on_two_devices_two_are_not_in_each_others_way() -> None:
    shares = Shares(2)
    shares.look({"a": 0.0, "b": 0.0}, 0.0)
    shares.look({"a": 0.0, "b": 0.0}, 5.0)
    assert shares.had_ms("a") == shares.had_ms("b") == 5000


def test_what_ran_before_the_first_look_is_shared_as_it_is_now() -> None:
    shares = Shares(1)
    shares.look({"a": 0.0, "b": 6.0}, 10.0)
    assert (shares.had_ms("a"), shares.had_ms("b")) == (5000, 2000)


def test_one_at_a_time_each_waits_for_those_before_it() -> None:
    assert done_after([500], [1000, 2000], devices=1, slots=1) == [500, 1500, 3500]


def test_side_by_side_all_that_are_alike_are_done_together() -> None:
    assert done_after([1000, 1000], [1000], devices=1, slots=8) == [3000, 3000, 3000]


def test_a_short_one_is_done_before_a_long_one_that_came_first() -> None:
    assert done_after([10_000], [1000], devices=1, slots=2) == [11_000, 2000]


def test_one_that_finds_no_room_begins_when_another_ends() -> None:
    # The two share; the second ends after 2 s, and the third has its half until the first ends.
    assert done_after([3000, 1000], [5000], devices=1, slots=2) == [6000, 2000, 9000]


def test_a_second_device_helps_only_where_there_are_two_jobs() -> None:
    assert done_after([4000], [], devices=2, slots=16) == [4000]
    assert done_after([4000, 4000], [4000, 4000], devices=2, slots=16) == [8000] * 4


@given(running=TIMES, waiting=TIMES, slots=st.integers(1, 9))
def test_one_device_is_never_idle_and_never_does_two_things(
    running: list[float], waiting: list[float], slots: int
) -> None:
    ends = done_after(running, waiting, devices=1, slots=slots)
    total = sum(running) + sum(waiting)
    assert max(ends, default=0.0) == pytest.approx(total)
    for end, needs in zip(ends, running + waiting, strict=True):
        assert needs - 1e-6 <= end * (1 + 1e-9)
