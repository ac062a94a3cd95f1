"""Prompts for a picture: from its own record, or from what somebody says it shows."""

from __future__ import annotations

import math
import struct
from collections.abc import Collection, Sequence
from dataclasses import replace

from core.flags import BY_SPELLING
from core.models import Model
from core.permutations import escaped
from core.rendering import render
from core.request import MAX_SEED, Lane, Request

MOST = 4
"""Prompts for one picture."""

LONGEST = 300
"""Characters of a caption that is taken."""

_RATIOS = (
    *((1, 1), (5, 4), (4, 3), (3, 2), (16, 9), (2, 1), (21, 9)),
    *((4, 5), (3, 4), (2, 3), (9, 16), (1, 2), (9, 21)),
)


def from_record(
    request: Request, number: int, model: Model, styles: Collection[str] = ()
) -> list[str]:
    """Prompts from the record of picture `number` (0: the grid), which anybody may have written:
    the very prompt, the words alone, and the line that makes this picture again.

    `model` is the one to make it with. A style that is not among `styles` is left out.
    """
    again = replace(request, lane=Lane.FAST, model=model.name)
    if again.style is not None and again.style.name and again.style.name not in styles:
        again = replace(again, style=None, stylize=0, raw=False)
    seed = again.image_seed(max(0, number - 1)) % (MAX_SEED + 1)
    made = replace(again, seed=seed, seed_typed=True)
    if number:
        made = replace(made, count=1)
    typed = replace(again, seed_typed=False)
    lines = [render(typed, model, seed=False), escaped(request.text), render(made, model)]
    return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


def with_aspect(captions: Sequence[str], size: tuple[int, int]) -> list[str]:
    """At most MOST captions as prompts, each once, with the nearest usual ratio of the picture."""
    aspect = nearest_aspect(size)
    flag = "" if aspect == (1, 1) else " " + BY_SPELLING["ar"].spell(aspect)
    # A caption is only words: no flag, no weight and no group is meant.
    plain = [" ".join(one.replace("--", " ").replace("::", " ").split()) for one in captions]
    lines = [escaped(one[:LONGEST].rstrip(" .")) + flag for one in plain if one.strip(" .")]
    return list(dict.fromkeys(lines))[:MOST]


def nearest_aspect(size: tuple[int, int]) -> tuple[int, int]:
    ratio = math.log(size[0] / size[1])
    return min(_RATIOS, key=lambda one: abs(math.log(one[0] / one[1]) - ratio))


def png_size(data: bytes) -> tuple[int, int]:
    """Of a PNG of our own. Raises ValueError for anything else."""
    if len(data) < 24 or data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("not a PNG")
    width, height = struct.unpack(">II", data[16:24])
    if not width or not height:
        raise ValueError("not a PNG")
    return width, height
