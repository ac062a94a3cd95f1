"""The answer to a prompt that cannot be read, and the button that runs it mended.

A mended line may be longer than a button's id, so it is kept where it can be seen: in the code
block of the answer itself, which Discord sends back with the press. It works after a restart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import discord

from bot.fences import FENCE, as_it_was, fenced
from bot.render import MESSAGE_LENGTH, escape, units
from core.errors import PromptError
from core.sentences import in_language, say

PATTERN = r"m\d+:.{0,95}"
FORMAT = "m1"

_BLOCK = re.compile(r"```\n/imagine (?:model:(\S+) )?prompt:(.*)\n```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Extras:
    """What was given beside the line. `picture` is the key of the stored file."""

    model: str = ""
    picture: str = ""

    @property
    def custom_id(self) -> str | None:
        """None where they do not fit into a button."""
        custom_id = f"{FORMAT}:{self.picture}:{self.model}"
        return custom_id if len(custom_id) <= 100 else None

    @classmethod
    def from_custom_id(cls, custom_id: str) -> Extras | None:
        match = re.fullmatch(rf"{FORMAT}:([0-9a-z.]*):(.*)", custom_id)
        return cls(match[2], match[1]) if match else None


def refusal(
    error: PromptError, typed: str, extras: Extras, locale: str = ""
) -> tuple[str, discord.ui.View | None]:
    """The text, in the language of `locale`, and the button: every problem, then the whole command
    for copying.

    The command is the mended one where the mend is certain. One that is too long for a message is
    left out, and then there is no button.
    """
    line = error.mended or error.typed or typed
    block = "\n" + command_block(line, extras.model)
    room = MESSAGE_LENGTH - units(block)
    problems = [
        f"- {escape(in_language(problem.sentence, locale), 500)}" for problem in error.problems
    ]
    if room < min(300, sum(map(len, problems)) + len(problems)):
        too_long = say("Your command is too long to be repeated here.")
        block, room = f"\n{in_language(too_long, locale)}", MESSAGE_LENGTH - 50
    text = _within(problems, room, locale)
    custom_id = extras.custom_id
    if error.mended is None or custom_id is None or FENCE not in block:
        return text + block, None
    view = discord.ui.View(timeout=None)
    label = say("Run it mended")
    view.add_item(
        discord.ui.Button(label=label, style=discord.ButtonStyle.primary, custom_id=custom_id)
    )
    view.stop()
    return text + block, view


def mended_line(content: str) -> str | None:
    """The line in the code block of such an answer."""
    found = read_block(content)
    return found[0] if found else None


def command_block(line: str, model: str) -> str:
    """The whole command in a code block, from which it can be read again."""
    option = f"model:{model} " if re.fullmatch(r"[\w.\-]+", model) else ""
    return fenced(f"/imagine {option}prompt:{line}")


def read_block(content: str) -> tuple[str, str] | None:
    """The line and the model in a message's code block."""
    match = _BLOCK.search(content)
    return (as_it_was(match[2]), match[1] or "") if match else None


def _within(problems: list[str], room: int, locale: str) -> str:
    kept: list[str] = []
    for count, problem in enumerate(problems):
        rest = len(problems) - count
        if sum(len(line) + 1 for line in kept) + len(problem) + 30 > room:
            kept.append(f"- {in_language(say('… and {count} more.', count=rest), locale)}")
            break
        kept.append(problem)
    return "\n".join(kept)
