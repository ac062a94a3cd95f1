"""Any line at all is read, or refused with a PromptError; nothing else comes of it, and no line
takes more than a megabyte.

`make fuzz` does it a million times; `benchmarks/parser.py` says how long it takes.
"""

from __future__ import annotations

import os
import random
import tracemalloc
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from core.compose import Limits, compose
from core.emphasis import spans
from core.errors import PromptError
from core.permutations import count, expand
from core.prompt import parse
from core.rendering import render
from core.request import HouseStyle
from tests.core.mutations import HARD, mutations
from tests.core.test_compose import CATALOGUE
from tests.core.test_prompt import LINES

PROMPTS = int(os.environ.get("EASEL_TEST_PROMPTS", "20000"))
SEED = int(os.environ.get("EASEL_TEST_SEED", "1"))
WEIGHED_EVERY = 40
"""Memory is measured for one line in so many: measuring takes longer than reading."""

MOST_BYTES = 1_000_000
OPTIONS = {"mine": "--ar 3:2 --s 50", "mood": "in the rain {a, b}"}
STYLES = {"noir": HouseStyle(text="film noir")}


def read(line: str) -> None:
    """All that happens to a line, up to three of those that it stands for."""
    assert count(line) >= 1
    for one in islice(expand(line), 3):
        try:
            prompt = parse(one, options=OPTIONS)
        except PromptError as error:
            assert error.problems
            if error.mended is not None:
                parse(error.mended)
            continue
        for part in prompt.parts:
            assert spans(part.text)
        try:
            request = compose(
                prompt,
                CATALOGUE,
                Limits(),
                random.Random(1),
                house=STYLES["noir"],
                styles=STYLES,
                picture=bool(prompt.images) or "init" in prompt.flags,
            )
        except PromptError as error:
            assert error.problems
            if error.mended is not None:
                parse(error.mended, text_needed=False)
            continue
        assert render(request, CATALOGUE.get(request.model))


def try_to_read(line: str) -> None:
    try:
        read(line)
    except PromptError as error:
        assert error.sentence


def test_lines_like_those_that_are_published_are_read_or_refused() -> None:
    for number, line in enumerate(mutations(PROMPTS, SEED)):
        try:
            if number % WEIGHED_EVERY and number >= len(HARD):
                try_to_read(line)
            else:
                assert peak_bytes(line) <= MOST_BYTES
        except Exception as error:
            raise AssertionError(f"line {number} of seed {SEED}: {line!r}") from error


@settings(max_examples=max(300, PROMPTS // 50))
@given(line=LINES | st.text(max_size=400))
def test_lines_like_nothing_that_was_ever_typed_are_too(line: str) -> None:
    try_to_read(line)


def peak_bytes(line: str) -> int:
    tracemalloc.start()
    try_to_read(line)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
