"""Emphasis: which words weigh more, and when a bracket is only a bracket."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.emphasis import MORE, MOST, spans
from core.request import Part

LESS = 1 / MORE


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a fox", [("a fox", 1)]),
        ("", [("", 1)]),
        ("a (red) fox", [("a ", 1), ("red", MORE), (" fox", 1)]),
        ("a [red] fox", [("a ", 1), ("red", LESS), (" fox", 1)]),
        ("a (red:1.3) fox", [("a ", 1), ("red", 1.3), (" fox", 1)]),
        ("a (red fox: 0.5 )", [("a ", 1), ("red fox", 0.5)]),
        ("(red:.5)(fox:2.)", [("red", 0.5), ("fox", 2)]),
        ("(red:-1)", [("red", -1)]),
        ("((red)) fox", [("red", MORE * MORE), (" fox", 1)]),
        ("(a (red:2) fox:1.5)", [("a ", 1.5), ("red", 3), (" fox", 1.5)]),
        ("[a (red) fox]", [("a ", LESS), ("red", LESS * MORE), (" fox", LESS)]),
        ("(red)(fox)", [("redfox", MORE)]),
        # Only letters
        (r"a \(red\) fox", [("a (red) fox", 1)]),
        (r"(a \[red\):1.3)", [("a [red)", 1.3)]),
        (r"a\b fox", [(r"a\b fox", 1)]),
        ("a (red fox", [("a (red fox", 1)]),
        ("a red) fox :)", [("a red) fox :)", 1)]),
        ("a (red] fox", [("a (red] fox", 1)]),
        ("(a [red) fox", [("a [red", MORE), (" fox", 1)]),
        ("a) (red", [("a) (red", 1)]),
        ("a red:1.3) fox", [("a red:1.3) fox", 1)]),
        ("a (red:1.3 fox", [("a (red:1.3 fox", 1)]),
        ("at 4:30 (4:3)", [("at 4:30 ", 1), ("4", 3)]),
        ("(red:x)", [("red:x", MORE)]),
        ("()", [("()", 1)]),
    ],
)
def test_brackets_weigh_the_words_in_them(text: str, pieces: list[tuple[str, float]]) -> None:
    found = spans(text)
    assert [part.text for part in found] == [words for words, _ in pieces]
    assert [part.weight for part in found] == pytest.approx([weight for _, weight in pieces])


def test_however_deep_brackets_stand_the_weight_has_an_end() -> None:
    assert spans("(" * 2000 + "a:999" + ")" * 2000) == (Part("a", MOST),)
    assert spans("(" * 500 + "a" + ":-9)" * 500)[0].weight in (-MOST, MOST)
    assert 0 < spans("[" * 2000 + "a" + "]" * 2000)[0].weight < 1e-80


TEXTS = st.lists(
    st.sampled_from(["(", ")", "[", "]", "\\", ":1.3", ":", "a fox", " ", "２"]), max_size=20
).map("".join)


@given(text=TEXTS | st.text(max_size=50))
def test_any_text_has_its_words_in_order_and_weights_within_bounds(text: str) -> None:
    found = spans(text)
    assert all(-MOST <= part.weight <= MOST for part in found)
    rest = iter(text)
    assert all(letter in rest for part in found for letter in part.text)


@given(text=st.text(alphabet=st.characters(exclude_characters="()[]\\"), max_size=50))
def test_a_text_without_brackets_is_itself(text: str) -> None:
    assert spans(text) == (Part(text),)
