"""Words of a prompt, the prompt without some, and shorter ones: all of them legal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PromptError
from core.prompt import parse
from core.shortening import (
    MOST_WORDS,
    SHORTER,
    Mark,
    line_without,
    mark_of,
    marked,
    normalised,
    shorter,
    without,
    words_of,
)
from core.weights import parts

LINES = [
    "a (red fox:1.3), jumping over [a lazy] dog::2 rain, storm::-0.5 blue sky --ar 3:2 --no people",
    "((fox: 1.2)), (cat, dog:1.1)",
    "a red lighthouse, on the cliff, at dusk --stylize 300",
    "灯台、夜、海 :: cats \\(big\\)",
    "a \\{ brace and (, odd:1.2) [] brackets",
]


def words(text: str) -> list[str]:
    return [word.text for word in words_of(text)]


def test_words_are_found_without_what_stands_around_them() -> None:
    assert words("a (red fox: 1.3), [lazy] dog::2 sky") == ["a", "red", "fox", "lazy", "dog", "sky"]


def test_what_steers_away_is_left_alone() -> None:
    assert words("a fox::2 rain, storm::-0.5 sky") == ["a", "fox", "sky"]


@pytest.mark.parametrize(
    ("text", "left_out", "rest"),
    [
        ("a red fox, a dog", ["red"], "a fox, a dog"),
        ("(red:1.3) fox", ["red"], "fox"),
        ("(red fox:1.3) dog", ["red"], "(fox:1.3) dog"),
        ("a [[lazy]] dog", ["lazy"], "a dog"),
        ("fog, ((cat), dog:1.2)", ["cat"], "fog, (dog:1.2)"),
        ("cat::2 dog::3", ["cat"], "dog::3"),
        ("cat::2 dog", ["dog"], "cat::2"),
        ("one, two, three", ["two"], "one, three"),
        ("one, two, three", ["one", "three"], "two"),
        ("灯台、夜、海", ["夜"], "灯台、海"),
        ("only", ["only"], ""),
    ],
)
def test_nothing_stays_around_a_word_that_is_gone(text: str, left_out: list[str], rest: str):
    found = [word for word in words_of(text) if word.text in left_out]
    assert without(text, found) == rest


@pytest.mark.parametrize("line", LINES)
def test_shorter_prompts_lose_the_least_first_and_keep_the_flags(line: str) -> None:
    prompt = parse(line)
    found = words_of(prompt.text)
    lines = shorter(prompt, found, [float(len(word.text)) for word in found])
    assert 0 < len(lines) <= SHORTER
    lengths = [len(words_of(parse(one).text)) for one in lines]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] < len(found)
    for one in lines:
        again = parse(one)
        assert (again.flags, again.avoid) == (prompt.flags, prompt.avoid)
        assert [part.weight for part in again.parts if part.weight < 0] == [
            part.weight for part in prompt.parts if part.weight < 0
        ]
    weightiest = max(found, key=lambda word: len(word.text)).text
    assert weightiest in lines[-1]


def test_a_prompt_is_not_shortened_to_one_that_only_steers_away() -> None:
    prompt = parse("a fox::1 rain::-0.5")
    assert line_without(prompt, words_of(prompt.text)) is None


def test_a_long_prompt_is_weighed_by_its_phrases() -> None:
    few = ", ".join(f"a very long phrase {number}" for number in range(20))
    assert words(few)[3] == "a very long phrase 3"
    many = " ".join(f"word{number}" for number in range(500))
    found = words_of(many)
    assert len(found) <= MOST_WORDS
    assert without(many, found[1:]).split() == found[0].text.split()


def test_marks_say_what_matters() -> None:
    text = "the (red fox:1.2), jumps"
    pieces = marked(text, words_of(text), (0.02, 0.3, 1.0, 0.5))
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, mark in pieces if mark is Mark.VITAL] == ["fox", "jumps"]
    assert [piece for piece, mark in pieces if mark is Mark.USELESS] == ["the"]
    assert mark_of(0.3) is Mark.NONE


def test_worth_is_told_beside_the_weightiest() -> None:
    assert normalised([1.0, 4.0, 0.0]) == (0.25, 1.0, 0.0)
    assert normalised([0.0, 0.0]) == (0.0, 0.0)
    assert normalised([]) == ()


@given(
    line=st.text(alphabet="ab ,()[]:.12-\\{}夜、", max_size=60),
    chosen=st.sets(st.integers(0, 40)),
)
def test_whatever_is_left_out_of_any_prompt_the_rest_is_legal(line: str, chosen: set[int]) -> None:
    try:
        prompt = parse(line)
    except PromptError:
        return
    found = words_of(prompt.text)
    left_out = [word for at, word in enumerate(found) if at in chosen]
    shorter_line = line_without(prompt, left_out)
    if shorter_line is not None:
        again = parse(shorter_line)
        assert parts(again.text)[1] == []
        assert len(words_of(again.text)) <= len(found)
