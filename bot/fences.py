"""Code blocks of messages: people copy from them, and Discord sends them back with every press."""

from __future__ import annotations

FENCE, _BROKEN_FENCE = "```", "`\u200b`\u200b`"


def fenced(text: str) -> str:
    """A block with the text in it, whatever that is."""
    return f"{FENCE}\n{guarded(text)}\n{FENCE}"


def guarded(text: str) -> str:
    """The text without an end of the block in it."""
    return text.replace(FENCE, _BROKEN_FENCE)


def as_it_was(text: str) -> str:
    """What was guarded."""
    return text.replace(_BROKEN_FENCE, FENCE)
