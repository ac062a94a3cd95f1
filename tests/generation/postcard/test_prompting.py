"""docs/prompting.md, /help and the flag table tell the same, and each picture is of its line."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from core.compose import Limits, compose
from core.flags import BY_SPELLING, FLAGS
from core.manual import SYNTAX, pages, usage
from core.models import PRESETS, Catalogue
from core.prompt import parse
from core.request import Request
from generation.postcard.effects import EFFECTS, INK, SOURCE, WORDS, Effect
from generation.postcard.prompting import PAGE, text

ROOT = Path(__file__).parents[3]
CATALOGUE = Catalogue(PRESETS)
MOST_BYTES = 1_500_000

ALL = [*WORDS, *EFFECTS.values()]
UNSEEN = {"width", "height", "hd", "sd", "repeat", "n", "raw", "model", "niji", "init"}
UNSEEN |= {"fast", "turbo", "relax", "public", "stealth"}
"""What another strip shows already, and what changes no picture."""


def request(line: str, *, picture: bool = False) -> Request:
    prompt = parse(line)
    styles = {INK.name: INK}
    rng = random.Random(0)
    return compose(prompt, CATALOGUE, Limits(), rng, styles=styles, picture=picture)


def test_the_page_is_what_the_table_says() -> None:
    written = (ROOT / PAGE).read_text(encoding="utf-8")
    assert written == text(), "run `python -m generation.postcard.prompting`"


def test_the_page_and_help_tell_the_same_of_every_flag() -> None:
    told = "\n".join(page.text for page in pages(CATALOGUE, []))
    for flag in FLAGS:
        assert f"| {usage(flag)} | {flag.help}" in text()
        assert f"{usage(flag)} · {flag.help}" in told
    for example, meaning in SYNTAX:
        assert f"| `{example}` | {meaning} |" in text()
        assert f"`{example}` {meaning}" in told


def test_every_flag_that_postcard_can_follow_is_shown() -> None:
    assert {flag.name for flag in FLAGS if not flag.needs} == {*EFFECTS, *UNSEEN}
    assert not {*EFFECTS} & UNSEEN


@pytest.mark.parametrize("effect", ALL, ids=lambda effect: effect.name)
def test_lines_can_be_typed_and_differ(effect: Effect) -> None:
    made = [request(line, picture=effect.start) for line in effect.lines]
    if effect.name != "seed":  # there the first is shown again at the end
        assert len(set(map(repr, made))) == len(made)
    assert 2 <= len(made) <= 5
    assert all(each.seed_typed for each in made)
    assert effect.caption.endswith(".")
    if effect.name in BY_SPELLING:
        flags = [parse(line) for line in effect.lines]
        assert any(effect.name in prompt.flags or prompt.avoid for prompt in flags)


def test_the_picture_to_start_from_can_be_typed() -> None:
    assert request(SOURCE).seed == 21


def test_the_pictures_are_there_and_small() -> None:
    folder = ROOT / "docs/images/prompting"
    named = re.findall(r"\(images/prompting/(.+?)\)", text())
    assert sorted(named) == sorted(path.name for path in folder.iterdir())
    assert sum(path.stat().st_size for path in folder.iterdir()) < MOST_BYTES
