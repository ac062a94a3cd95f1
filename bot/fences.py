"""Code blocks of messages: people copy from them, and Discord sends them back with every press."""

from __future__ import annotations

import re

FENCE = "```"

_GAP = "\u200b"
_TICKS, _BROKEN = re.compile("`{3,}"), re.compile(f"(?<=`){_GAP}(?=`)")


def fenced(text: str) -> str:
    """A block with the text in it, whatever that is."""
    return f"{FENCE}\n{guarded(text)}\n{FENCE}"


def guarded(text: str) -> str:
    """The text without an end of the block in it."""
    return _TICKS.sub(lambda found: _GAP.join(found[0]), text)


def as_it_was(text: str) -> str:
    """What was guarded."""
    return _BROKEN.sub("", text)
