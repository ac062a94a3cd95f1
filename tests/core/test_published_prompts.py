"""What members bring with them from elsewhere is read as it was meant, or answered."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from core.compose import Limits, compose, render
from core.errors import PromptError
from core.flags import FLAGS
from core.models import Catalogue
from core.permutations import count, expand
from core.prompt import Prompt, parse
from core.request import Request
from tests.core.published_prompts import READ, REFUSED, SETS

CATALOGUE = Catalogue.parse(
    """
    [postcard]
    [versions]
    source = "somebody/versions"
    aliases = ["1", "2", "3", "4", "5", "5.1", "5.2", "6", "6.0", "6.1", "7", "7.0", "8.1", "8.2"]
    [anime]
    source = "somebody/anime"
    aliases = ["niji", "niji4", "niji5", "niji6", "niji7"]
    """
)

ROWS_OF_THE_REFERENCE = """
    aspect ar chaos c no quality q repeat r seed stylize s weird w raw style tile version v niji iw
    sref sw sv cref cw oref ow edit p profile personalize draft hd sd exp fast relax turbo stealth
    public preview video motion loop end bs zoom sameseed stop uplight upbeta upanime test testp
    creative width height h wallpaper sl ml ll sp mp lp vibe vibefast hq newclip nostretch old beta
"""


def read(line: str) -> tuple[Prompt, Request]:
    """The first of the lines that it stands for, read to the end."""
    first = next(expand(line))
    prompt = parse(first)
    return prompt, made_of(prompt, first)


def made_of(prompt: Prompt, typed: str = "", *, picture: bool = False) -> Request:
    picture = picture or bool(prompt.images) or "init" in prompt.flags
    limits, rng = Limits(max_megapixels=5), random.Random(1)
    return compose(prompt, CATALOGUE, limits, rng, typed=typed, picture=picture)


@pytest.mark.parametrize(("line", "text", "flags"), READ, ids=[ascii(row[0]) for row in READ])
def test_a_published_line_is_read_as_it_was_meant(
    line: str, text: str, flags: dict[str, Any]
) -> None:
    prompt, request = read(line)
    besides = {"no": prompt.avoid, "images": prompt.images}
    assert prompt.text == text
    assert {**prompt.flags, **{name: value for name, value in besides.items() if value}} == flags
    shown = render(request, CATALOGUE.get(request.model))
    again = made_of(parse(shown, text_needed=False), picture=request.source is not None)
    assert again == request


@pytest.mark.parametrize(("line", "number", "first"), SETS, ids=[ascii(row[0]) for row in SETS])
def test_a_published_set_is_counted_and_each_of_its_lines_is_read(
    line: str, number: int, first: str
) -> None:
    lines = list(expand(line))
    assert (count(line), lines[0]) == (number, first)
    assert len({repr(read(one)) for one in lines}) == number


@pytest.mark.parametrize(
    ("line", "answer", "mended"), REFUSED, ids=[ascii(row[0]) or "nothing" for row in REFUSED]
)
def test_what_cannot_be_is_answered_and_mended_where_the_mend_is_certain(
    line: str, answer: str, mended: str | None
) -> None:
    with pytest.raises(PromptError) as caught:
        read(line)
    assert answer in caught.value.sentence
    assert caught.value.mended == mended
    assert caught.value.typed == line
    if mended is not None:
        parse(mended)


def test_the_table_has_every_row_of_what_members_know_and_every_flag_here() -> None:
    lines = [row[0] for row in (*READ, *SETS, *REFUSED)]
    assert len(lines) >= 150
    assert len(set(lines)) == len(lines)
    typed = {name.lower() for line in lines for name in re.findall(r"--([a-z-]+)", line, re.I)}
    assert set(ROWS_OF_THE_REFERENCE.split()) <= typed
    others = {"lora", "embedding", "control", "control-weight", "vae", "upscaler"}
    used = {flag.name for flag in FLAGS if {flag.name, *flag.aliases} & typed}
    assert used | others >= {flag.name for flag in FLAGS}
