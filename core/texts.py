"""Short texts that people type, to be kept."""

from __future__ import annotations

from core.errors import RefusedError
from core.sentences import say


def one_line(typed: str, longest: int) -> str:
    """On one line, with single spaces. Raises RefusedError for more characters than `longest`."""
    text = " ".join(typed.split())
    if len(text) > longest:
        raise RefusedError(
            say(
                "That has {length} characters; the limit is {limit}.",
                length=f"{len(text):,}",
                limit=f"{longest:,}",
            )
        )
    return text
