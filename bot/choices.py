"""What is offered to somebody who fills in an option of a command."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import wraps
from typing import Any, TypeVar

from discord.app_commands import Choice

from bot.replies import Interaction
from core.errors import EaselError

log = logging.getLogger(__name__)

T = TypeVar("T", str, int)

MOST_CHOICES = 25
LONGEST = 100
"""Choices of an answer, and characters of a choice's name and of its value (Discord)."""


def offers(
    found: Callable[[Interaction, str], Awaitable[Iterable[tuple[str, T]]]],
) -> Callable[[Interaction, str], Coroutine[Any, Any, list[Choice[T]]]]:
    """Makes an autocomplete of a function that finds names and values for what was typed. What
    Discord does not take is cut, a value that is too long left out."""

    @wraps(found)
    async def choices(interaction: Interaction, typed: str) -> list[Choice[T]]:
        try:
            named = await found(interaction, typed)
            fit = [(name, value) for name, value in named if len(str(value)) <= LONGEST]
            return [Choice(name=name[:LONGEST], value=value) for name, value in fit[:MOST_CHOICES]]
        except EaselError:
            return []  # it is said when the command is sent
        except Exception:
            # Unanswered, Discord tells whoever types that the options could not be loaded; and an
            # option is filled in without being offered anything, too.
            log.exception("offering choices by %s failed", found.__qualname__)
            return []

    return choices


def holding(typed: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """Those names that hold what was typed."""
    wanted = typed.strip().lower()
    return [(name, name) for name in names if wanted in name.lower()]
