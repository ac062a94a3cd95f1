"""Lines that stand for several: how many, which, and what is refused."""

from __future__ import annotations

import itertools
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PromptError
from core.permutations import MAX_DEPTH, count, escaped, expand, group_of, unescaped
from core.prompt import parse


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("a fox", ["a fox"]),
        ("", [""]),
        ("a, b", ["a, b"]),
        ("a {red, blue} fox", ["a red fox", "a blue fox"]),
        ("a {red} fox", ["a red fox"]),
        ("a {, red} fox", ["a  fox", "a red fox"]),
        ("{}", [""]),
        ("{red,blue}bird", ["redbird", "bluebird"]),
        ("{a, b} {c, d}", ["a c", "a d", "b c", "b d"]),
        ("{a, {b, c} d, e}", ["a", "b d", "c d", "e"]),
        ("{{a, b}{c, d}, e}", ["ac", "ad", "bc", "bd", "e"]),
        ("a fox --ar {3:2, 1:1}", ["a fox --ar 3:2", "a fox --ar 1:1"]),
        ("a fox --{v 5, niji, hd}", ["a fox --v 5", "a fox --niji", "a fox --hd"]),
        ("{hot::2 dog, cat::-.5 hat}", ["hot::2 dog", "cat::-.5 hat"]),
        ("{https://a.org/b, https://a.org/c} x", ["https://a.org/b x", "https://a.org/c x"]),
        # Literal
        (r"a {red\, pale, blue} fox", ["a red, pale fox", "a blue fox"]),
        (r"a \{red, blue\} fox", [r"a \{red, blue\} fox"]),
        (r"{a\}, \{b}", [r"a\}", r"\{b"]),
        (r"a\, b", [r"a\, b"]),
        (r"{a\\, b}", ["a\\", "b"]),
        # As other keyboards have it
        ("一座｛红，蓝、绿｝灯塔", ["一座红灯塔", "一座蓝灯塔", "一座绿灯塔"]),
    ],
)
def test_a_line_stands_for_every_choice_in_order(line: str, lines: list[str]) -> None:
    assert count(line) == len(lines)
    assert list(expand(line)) == lines


@pytest.mark.parametrize(
    ("line", "sentence", "at"),
    [
        ("a {red, blue fox", "A brace is opened and not closed.", 2),
        ("{a {b}", "A brace is opened and not closed.", 0),
        ("a red} fox", "A brace is closed that was not opened.", 5),
        ("{a}}", "A brace is closed that was not opened.", 3),
        ("{" * 30 + "a" + "}" * 30, f"Braces stand more than {MAX_DEPTH} deep.", MAX_DEPTH),
    ],
)
def test_braces_that_do_not_fit_are_refused_with_their_place(
    line: str, sentence: str, at: int
) -> None:
    for read in (count, expand):
        with pytest.raises(PromptError) as caught:
            read(line)
        (problem,) = caught.value.problems
        assert problem.what == sentence
        assert problem.mend == f"Type \\{line[at]} for one that is only a letter."
        assert (problem.start, problem.end) == (at, at + 1)


def test_any_number_of_lines_is_counted_and_none_of_them_made() -> None:
    assert count("{a, b}" * 30) == 2**30
    assert count("{a,b,c,d,e,f,g,h,i,j}" * 9) == 10**9
    assert count("{,}" * 2000) == 2**2000


def test_lines_are_made_one_by_one() -> None:
    line = "{a,b,c,d,e,f,g,h,i,j}" * 9
    tracemalloc.start()
    first = list(itertools.islice(expand(line), 12))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert first[:2] == ["aaaaaaaaa", "aaaaaaaab"]
    assert first[10] == "aaaaaaaba"
    assert peak < 1_000_000


def test_a_line_above_the_limit_is_left_to_be_refused_as_such() -> None:
    line = "{a, b}" * 2000
    assert count(line) == 1
    with pytest.raises(PromptError, match="the limit is 6,000"):
        parse(next(expand(line)))


LINES = st.lists(
    st.sampled_from(["{", "}", ",", "\\", "a", "fox ", "--n 1", "｛", "｝", "，", "::2"]),
    max_size=16,
).map("".join)


@given(line=LINES | st.text(max_size=40))
def test_any_line_is_counted_right_or_refused(line: str) -> None:
    try:
        number = count(line)
    except PromptError as error:
        assert error.problems
        return
    lines = list(itertools.islice(expand(line), 300))
    assert len(lines) == min(number, 300)
    assert all(len(one) <= len(line) for one in lines)


@given(text=LINES | st.text(max_size=40))
def test_escaped_braces_come_back_as_they_were(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert list(expand(escaped(text))) == [escaped(text)]


@given(st.lists(st.text(alphabet="ab ,，、\\(){}", max_size=12), min_size=2, max_size=5))
def test_a_group_of_lines_stands_for_just_those(texts: list[str]) -> None:
    lines = [f"x{escaped(text)}x" for text in texts]
    assert list(expand(group_of(lines))) == lines
