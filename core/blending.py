"""A blend: what is asked for when several pictures are made one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from core.errors import PromptError
from core.flags import BY_SPELLING
from core.permutations import escaped
from core.prompt import parse
from core.request import Request

FEWEST, MOST = 2, 5
"""Pictures of one blend."""

STRENGTH = 0.35
"""How far the model goes from the mixture (0..1). Of .35, .45, .6 and .75 this one keeps most of
the things in the pictures on the embedded model; from .6 on one of two is often gone."""

LONGEST_WORDS = 1500
"""Characters of all the prompts together; longer ones are left out."""


class Dimensions(StrEnum):
    PORTRAIT = "portrait"
    SQUARE = "square"
    LANDSCAPE = "landscape"

    @property
    def aspect(self) -> tuple[int, int]:
        return {"portrait": (2, 3), "square": (1, 1), "landscape": (3, 2)}[self]


def line_of(records: Sequence[Request | None], dimensions: Dimensions) -> str:
    """The line of a blend, which starts from the mixture of the pictures. Those that hold a record
    of how they were made give their words, each as much as the others."""
    flags = [BY_SPELLING["strength"].spell(STRENGTH)]
    if dimensions is not Dimensions.SQUARE:
        flags.insert(0, BY_SPELLING["ar"].spell(dimensions.aspect))
    texts = [
        ", ".join(part.text for part in one.parts if part.weight > 0) for one in records if one
    ]
    texts = list(dict.fromkeys(" ".join(text.split()) for text in texts if text.strip()))
    words = " ".join(f"{escaped(text)}::" for text in texts) if len(texts) > 1 else ""
    if len(texts) == 1:
        words = escaped(texts[0])
    line = " ".join([words, *flags]).strip()
    try:
        # Anybody may have written a record.
        plain = parse(line, text_needed=False).flags.keys() <= {"ar", "strength"}
    except PromptError:
        plain = False
    return line if plain and len(words) <= LONGEST_WORDS else " ".join(flags)
