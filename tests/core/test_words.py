"""How a line falls into words, and which of them are flags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.words import MOST_DOUBTS, clean, spelling, split
from tests.core.test_prompt import LINES


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a fox", ["a", "fox"]),
        ("a fox - - ar 3:2", ["a", "fox", "--ar", "3:2"]),
        ("- ar 3:2", ["-", "ar", "3:2"]),
        ("a - - b", ["a", "-", "-", "b"]),
        ("fox—n--draft 2", ["fox—n", "--draft", "2"]),
        ("-- ar 3:2", ["--ar", "3:2"]),
        ("fox--ar3:2--n2", ["fox", "--ar3:2", "--n2"]),
        ("fox—n 2", ["fox", "—n", "2"]),
        ("fox—n word", ["fox—n", "word"]),
        ("twenty--odd--no", ["twenty--odd", "--no"]),
        ("https://x.org/--ar3:2", ["https://x.org/--ar3:2"]),
    ],
)
def test_words_are_parted_where_people_mean_a_gap(line: str, words: list[str]) -> None:
    assert [word.text for word in split(line)] == words


@pytest.mark.parametrize("line", ["--ar", "—ar", "－－ar", "---ar", "x--ar", "- - ar", "-—ar"])
def test_whatever_the_dashes_the_flag_behind_them_is_the_same(line: str) -> None:
    assert list(split(line))[-1].body == "ar"


def test_a_long_dash_before_an_unknown_word_may_be_punctuation() -> None:
    assert [word.sure for word in split("--noir —noir")] == [True, False]


@pytest.mark.parametrize("loose", ["— q 3 ", "x—q 3 ", "-q 3 ", "-a "])
def test_among_hundreds_of_dashes_that_begin_nothing_only_double_ones_begin_a_flag(
    loose: str,
) -> None:
    end = "fox—n 2 — n 2 -n 2 —n 2 fox--n 2"

    def flags(line: str) -> list[str]:
        return [word.text for word in split(line) if word.body == "n"]

    assert flags(loose * (MOST_DOUBTS - 1) + end) == ["—n", "--n", "-n", "—n", "--n"]
    assert flags(loose * MOST_DOUBTS + end) == ["—n", "--n"]


@given(line=LINES)
def test_words_stand_in_order_where_they_say_and_nothing_seen_is_lost(line: str) -> None:
    words = list(split(line))
    between, end = "", 0
    for word in words:
        assert end <= word.start < word.end <= len(line)
        assert line[word.start : word.end].endswith(word.text.removeprefix("--"))
        between += line[end : word.start]
        end = word.end
    assert list(split(between + line[end:])) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("ar", ("ar", "")),
        ("AR16:9", ("ar", "16:9")),
        ("ar=3:2", ("ar", "3:2")),
        ("seed-1", ("seed", "-1")),
        ("draft)", ("draft", ")")),
        ("no人物", ("no", "人物")),
        ("art", None),
        ("no_people", None),
        ("noé", None),
        ("xyzzy", None),
        ("5", None),
    ],
)
def test_a_flag_is_known_by_its_name_and_not_by_its_first_letters(
    body: str, found: tuple[str, str] | None
) -> None:
    assert spelling(body) == found


@given(value=st.text(max_size=20))
def test_a_clean_value_stays_clean(value: str) -> None:
    assert clean(clean(value)) == clean(value)
