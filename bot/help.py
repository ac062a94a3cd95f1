"""/help: the manual in pages, for the person who asked alone, with a button for each page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import discord
from discord import app_commands

from bot.languages import described
from bot.replies import Interaction, renew, tell
from core.actions import ButtonError
from core.manual import pages
from core.models import Catalogue
from core.sentences import Sentence, frame

FORMAT = "h1"
PATTERN = r"h\d+:.{1,95}"
IN_A_ROW = 5

Command = app_commands.Command[Any, Any, Any] | app_commands.Group


async def open_help(
    interaction: Interaction, catalogue: Catalogue, commands: Iterable[Command]
) -> None:
    """/help"""
    text, view = page(catalogue, commands, 0)
    await tell(interaction, text, view=view)


async def turn(
    interaction: Interaction, custom_id: str, catalogue: Catalogue, commands: Iterable[Command]
) -> None:
    """A button under it. Raises ButtonError."""
    found = re.fullmatch(rf"{FORMAT}:(\d{{1,2}})", custom_id)
    if found is None:
        raise ButtonError
    text, view = page(catalogue, commands, int(found[1]))
    await renew(interaction, text, view)


def page(
    catalogue: Catalogue, commands: Iterable[Command], at: int
) -> tuple[Sentence, discord.ui.View]:
    """One page and the buttons of all. A page that there is no more is the first."""
    manual = pages(catalogue, [_line(command) for command in commands])
    at = at if at < len(manual) else 0
    view = discord.ui.View(timeout=None)
    for number, each in enumerate(manual):
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=each.title,
            custom_id=f"{FORMAT}:{number}",
            disabled=number == at,
            row=number // IN_A_ROW,
        )
        view.add_item(button)
    view.stop()
    return manual[at].text, view


def _line(command: Command) -> Sentence:
    what = described(command.description)
    if command.default_permissions is not None:
        # Those who run the server have them; it is a small line for all others.
        return frame("-# **/{name}** · {what}", name=command.name, what=what)
    return frame("**/{name}** · {what}", name=command.name, what=what)
