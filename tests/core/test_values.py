"""How values are read, and that what is written is read as the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import request, values
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


# Everything else that may stand behind a flag

READERS = [
    (values.size, values.written_size, "768x512"),
    (values.ratio, values.written_ratio, "3:2"),
    (values.name_of_something, values.plain, "noir"),
    (values.word_of("low", "high"), values.plain, "low"),
    (values.style, values.plain, "raw"),
    (values.sampler, values.plain, "euler a"),
    (values.version, values.plain, "6.1"),
    (values.named, "".join, "ugly"),
    (values.weighted_name(-2, 2), values.written_name, "ink:0.8"),
    (values.codes, " ".join, "a1 b2"),
    (values.link, values.plain, "https://a.org/b"),
    (values.links(3), " ".join, "https://a.org/b https://a.org/c"),
    (values.control, values.written_control, "canny:https://a.org/b"),
    (values.references, values.written_references, "https://a.org/b::2 12 random"),
    (number(0, 30), values.plain, "7.5"),
    (whole(0, 9), values.plain, "7"),
]
TEXTS = st.text(max_size=30) | st.lists(
    st.sampled_from(
        [
            "3",
            ":",
            "x",
            ".5",
            "-",
            "a",
            "https://",
            "a.org",
            "/b",
            "::",
            " ",
            "raw",
            "canny",
            "<",
            "７",
        ]
    ),
    max_size=8,
).map("".join)


@pytest.mark.parametrize(
    ("read", "write", "example"), READERS, ids=[example for _, _, example in READERS]
)
@given(text=TEXTS)
@settings(max_examples=30)
def test_what_is_read_and_written_is_read_as_the_same(
    read: Callable[[str], Any], write: Callable[[Any], str], example: str, text: str
) -> None:
    for one in (text, example, example + text):
        try:
            value = read(one)
        except ValueProblem as problem:
            assert one != example
            assert problem.what
            if problem.nearest is not None:
                read(problem.nearest)
        else:
            assert read(write(value)) == value


@pytest.mark.parametrize(
    ("read", "text", "nearest"),
    [
        (values.size, "0x20", "1x20"),
        (values.size, "20x999999", "20x16384"),
        (values.size, "3:2", None),
        (values.word_of("low", "high"), "lwo", "low"),
        (values.weighted_name(-2, 2), "ink:-3", "ink:-2"),
        (values.weighted_name(-2, 2), ":1", None),
        (values.sampler, "euler-b", "euler"),
        (values.version, "six", None),
        (values.links(1), "https://a.org/b https://a.org/c", None),
        (values.control, "edges:https://a.org/b", None),
        (values.codes, "a1 " * 11, None),
        (values.references, "1 " * 11, None),
        (values.link, "https://localhost/b", None),
        (values.link, "https://a.org/" + "b" * 2000, None),
    ],
)
def test_what_cannot_be_is_refused_with_the_nearest_where_there_is_one(
    read: Callable[[str], Any], text: str, nearest: str | None
) -> None:
    with pytest.raises(ValueProblem) as caught:
        read(text.strip())
    assert caught.value.nearest == nearest


@pytest.mark.parametrize(
    ("word", "is_one"),
    [("4tyz9w1", True), ("m7286492834", True), ("a1b", True), ("12", False), ("field", False)],
)
def test_a_code_has_a_digit_in_it_and_a_word_has_none(word: str, is_one: bool) -> None:
    assert values.is_code(word) is is_one


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), (7.5, "7.5"), (1e-7, "0"), (-1e-7, "0"), (30.0, "30"), (True, "")]
)
def test_a_number_is_written_without_an_exponent(value: float, text: str) -> None:
    assert values.plain(value) == text
