"""Every error meant for people is one tree and says its sentence."""

from __future__ import annotations

import inspect

import pytest

from core import errors
from core.actions import ButtonError
from core.errors import EaselError, Problem, PromptError

TREE = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, EaselError) and kind is not PromptError
]


@pytest.mark.parametrize("kind", [*TREE, ButtonError], ids=lambda kind: kind.__name__)
def test_an_error_without_a_word_says_its_default_sentence(kind: type[EaselError]) -> None:
    sentence = kind().sentence
    assert sentence == str(kind())
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert kind("Something else.").sentence == "Something else."


def test_the_tree_drawn_is_the_tree_there_is() -> None:
    drawn = inspect.getdoc(errors) or ""
    depths = [
        (line.index(name), kind)
        for line in drawn.splitlines()
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if line.strip(" │├└─").split(" ")[0] == name
    ]
    assert {kind for _, kind in depths} == {*TREE, PromptError}
    for position, (depth, kind) in enumerate(depths[1:], 1):
        parent = next(above for at, above in depths[position - 1 :: -1] if at < depth)
        assert kind.__bases__ == (parent,)


def test_a_prompt_error_says_all_its_problems_and_keeps_the_line() -> None:
    problems = (Problem("The seed is odd.", "Type 2.", 4, 9), Problem("And so are you."))
    error = PromptError(problems, typed="fox --seed 3", mended="fox --seed 2")
    assert error.sentence == "The seed is odd. Type 2. And so are you."
    assert (error.problems, error.typed, error.mended) == (
        problems,
        "fox --seed 3",
        "fox --seed 2",
    )
