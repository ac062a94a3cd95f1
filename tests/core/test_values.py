"""How values are read, and that what is written is read as the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import request
from core.values import ValueProblem, number, one_of, ratio, sampler, whole


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3:2", (3, 2)),
        ("6:4", (3, 2)),
        ("3X2", (3, 2)),
        ("3/2", (3, 2)),
        ("1920:1080", (16, 9)),
        ("14:1", (14, 1)),
        ("1:14", (1, 14)),
        ("100000000:50000000", (2, 1)),
    ],
)
def test_a_ratio_is_reduced(text: str, value: tuple[int, int]) -> None:
    assert ratio(text) == value


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("15:1", "14:1"),
        ("1:15", "1:14"),
        ("1.85:1", "37:20"),
        ("0.5:0.5", "1:1"),
        ("20.5:1", "14:1"),
        ("3", None),
        ("0:1", None),
        ("0.0:1", None),
        ("3:2:1", None),
    ],
)
def test_a_ratio_that_cannot_be_is_answered_with_the_nearest(
    text: str, nearest: str | None
) -> None:
    with pytest.raises(ValueProblem) as caught:
        ratio(text)
    assert caught.value.nearest == nearest


@given(text=st.text(alphabet="0123456789.+-e_, infa٣½", max_size=30) | st.text(max_size=12))
def test_a_number_is_read_or_refused_and_the_nearest_one_is_legal(text: str) -> None:
    for read in (whole(1, 8), number(0, 30), one_of(0.25, 0.5, 1, 2, 4), ratio, sampler):
        try:
            read(text)
        except ValueProblem as problem:
            assert problem.what
            if problem.nearest is not None:
                read(problem.nearest)


def test_numbers_keep_six_decimals_for_that_is_what_a_line_can_say() -> None:
    assert number(0, 30)("7.1234567") == 7.123457


def test_a_number_of_any_length_is_only_out_of_range() -> None:
    with pytest.raises(ValueProblem) as caught:
        whole(0, request.MAX_SEED)("9" * 5000)
    assert caught.value.what == "goes from 0 to 4294967295"
