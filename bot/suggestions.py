"""Suggested prompts: a message that lists them, with a button for each.

The prompts stand in the message's code block, which Discord sends back with every press; so the
buttons work after a restart. What else a button needs stands in its id.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import discord

from bot.fences import FENCE, as_it_was, fenced, guarded
from bot.render import MESSAGE_LENGTH, units
from bot.replies import Interaction
from core.actions import ButtonError

FORMAT = "a1"
PATTERN = r"a\d+:.{1,95}"

ALL = f"{FORMAT}:all"
"""The id of the button that asks for all of them."""

_LINE = re.compile(r"^(\d)\. (.*)$", re.MULTILINE)
_NUMBER = re.compile(rf"{FORMAT}:(\d)")
_MORE = re.compile(rf"{FORMAT}:more:([0-9A-Za-z_-]{{1,80}})")
_AGAIN = re.compile(rf"{FORMAT}:again:([0-9a-z]{{16,80}}\.[a-z]{{1,5}})")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"


def block(lines: Sequence[str], *, first: str = "", room: int = MESSAGE_LENGTH) -> str:
    """The lines, numbered from 1, in a code block of at most `room`; those are left out for which
    there is none. `first` has the number 0. "" where nothing fits."""
    kept: list[str] = []
    left = room - 2 * len(FENCE) - 2
    for line in filter(None, [first, *lines]):
        number = 0 if first and not kept else len(kept) + (not first)
        text = f"{number}. {guarded(line)}"
        if units(text) + 1 <= left:
            kept.append(text)
            left -= units(text) + 1
        elif line is first:
            return ""
    return fenced("\n".join(kept)) if kept else ""


def listed(content: str) -> dict[int, str]:
    """The lines in the block of a message, by number."""
    inside = content.split(f"{FENCE}\n", 1)[-1].rpartition(f"\n{FENCE}")[0]
    return {int(number): as_it_was(line) for number, line in _LINE.findall(inside)}


def number_button(number: int) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=str(number), custom_id=f"{FORMAT}:{number}", row=0)


def number_of(custom_id: str) -> int | None:
    found = _NUMBER.fullmatch(custom_id)
    return int(found[1]) if found else None


def details_id(worth: Sequence[float]) -> str:
    """With the numbers in it, each in 64 steps."""
    return f"{FORMAT}:more:{''.join(_DIGITS[round(value * 63)] for value in worth)}"


def worth_of(custom_id: str) -> tuple[float, ...] | None:
    """The numbers, from such an id."""
    found = _MORE.fullmatch(custom_id)
    return tuple(_DIGITS.index(digit) / 63 for digit in found[1]) if found else None


def again_id(key: str) -> str:
    """With the key of the stored picture."""
    return f"{FORMAT}:again:{key}"


def key_of(custom_id: str) -> str | None:
    found = _AGAIN.fullmatch(custom_id)
    return found[1] if found else None


def line_of(interaction: Interaction, number: int) -> str:
    """The line that a button of the pressed message stands for. Raises ButtonError."""
    content = interaction.message.content if interaction.message else ""
    line = listed(content).get(number)
    if not line:
        raise ButtonError
    return line
