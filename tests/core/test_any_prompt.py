"""Any line at all is read, or refused with a PromptError; nothing else comes of it, and no line
takes more than a megabyte. What was read is shown as a line that reads the same, and what was
mended can be read.

`make fuzz` does it a million times; `benchmarks/parser.py` says how long it takes.
"""

from __future__ import annotations

import os
import random
import tracemalloc
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.compose import Limits, compose
from core.emphasis import spans
from core.errors import PromptError
from core.permutations import count, expand
from core.prompt import Prompt, parse
from core.rendering import render
from core.request import HouseStyle, Request
from core.words import LIMIT
from tests.core.mutations import HARD, mutations
from tests.core.test_compose import CATALOGUE
from tests.core.test_prompt import LINES

PROMPTS = int(os.environ.get("EASEL_TEST_PROMPTS", "20000"))
SEED = int(os.environ.get("EASEL_TEST_SEED", "1"))
WEIGHED_EVERY = 40
"""Memory is measured for one line in so many: measuring takes longer than reading."""

MOST_BYTES = 1_000_000
OPTIONS = {"mine": "--ar 3:2 --s 50", "mood": "in the rain {a, b}"}
HOUSE = HouseStyle(text="film noir")


def read(line: str) -> None:
    """All that happens to a line, up to three of those that it stands for."""
    try:
        number = count(line)
        lines = list(islice(expand(line), 3))
    except PromptError as error:
        assert error.problems
        return
    assert number >= len(lines) >= 1
    for one in lines:
        prompt = parsed(one)
        if prompt is not None:
            made_and_shown(prompt)


def parsed(line: str) -> Prompt | None:
    try:
        prompt = parse(line, options=OPTIONS)
    except PromptError as error:
        assert error.problems
        assert error.mended is None or can_be_parsed(error.mended)
        return None
    assert all(spans(part.text) for part in prompt.parts)
    return prompt


def can_be_parsed(line: str) -> bool:
    try:
        parse(line, text_needed=False)
    except PromptError:
        return False
    return True


def made_and_shown(prompt: Prompt) -> None:
    picture = bool(prompt.images) or "init" in prompt.flags
    try:
        request = composed(prompt, picture)
    except PromptError as error:
        assert error.problems
        assert error.mended is None or can_be_parsed(error.mended)
        return
    shown = render(request, CATALOGUE.get(request.model), house=HOUSE)
    if len(shown) > LIMIT:
        return
    (again,) = expand(shown)
    assert composed(parse(again, text_needed=False), picture) == request


def composed(prompt: Prompt, picture: bool) -> Request:
    rng = random.Random(1)
    return compose(
        prompt, CATALOGUE, Limits(), rng, house=HOUSE, styles={"noir": HOUSE}, picture=picture
    )


@pytest.mark.timeout(0 if PROMPTS > 20_000 else 300)
def test_lines_like_those_that_are_published_are_read_or_refused() -> None:
    for number, line in enumerate(mutations(PROMPTS, SEED)):
        try:
            if number % WEIGHED_EVERY and number >= len(HARD):
                read(line)
            else:
                assert peak_bytes(line) <= MOST_BYTES
        except Exception as error:
            raise AssertionError(f"line {number} of seed {SEED}: {line!r}") from error


@pytest.mark.timeout(0 if PROMPTS > 20_000 else 300)
@settings(max_examples=max(300, PROMPTS // 50))
@given(line=LINES | st.text(max_size=400))
def test_lines_like_nothing_that_was_ever_typed_are_too(line: str) -> None:
    read(line)


def peak_bytes(line: str) -> int:
    tracemalloc.start()
    read(line)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
