"""/settings and its shortcuts, and what /prefer turns on and off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands

from bot.habits import Habits
from bot.installs import ANYWHERE, BY_ANYBODY
from bot.prefer_commands import prefer
from bot.replies import Interaction, apologies
from core.request import Lane, Visibility

if TYPE_CHECKING:
    from bot.client import EaselBot

Deed = Callable[[Habits, Interaction], Awaitable[None]]


def _command(name: str, description: str, deed: Deed) -> app_commands.Command[Any, ..., None]:
    """One without options."""

    async def callback(interaction: discord.Interaction[Any]) -> None:
        async with apologies(interaction):
            await deed(cast("EaselBot", interaction.client).habits, interaction)

    return app_commands.Command(
        name=name,
        description=description,
        callback=callback,
        allowed_installs=BY_ANYBODY,
        allowed_contexts=ANYWHERE,
    )


SETTINGS_COMMANDS: list[Any] = [
    _command("settings", "Model, lane, visibility and more for all of your prompts", Habits.open),
    _command(
        "fast",
        "Your prompts go the fast lane",
        lambda habits, pressed: habits.set_lane(pressed, Lane.FAST),
    ),
    _command(
        "relax",
        "Your prompts go the relax lane: when nothing faster waits",
        lambda habits, pressed: habits.set_lane(pressed, Lane.RELAX),
    ),
    _command(
        "turbo",
        "Your prompts go the turbo lane: a bit ahead, for twice the cost",
        lambda habits, pressed: habits.set_lane(pressed, Lane.TURBO),
    ),
    _command(
        "stealth",
        "Your pictures are private from now on",
        lambda habits, pressed: habits.set_visibility(pressed, Visibility.STEALTH),
    ),
    _command(
        "public",
        "Your pictures are public from now on",
        lambda habits, pressed: habits.set_visibility(pressed, Visibility.PUBLIC),
    ),
]

for command in (
    _command("remix", "Turn remix mode on or off: buttons ask for the prompt", Habits.toggle_remix),
    _command(
        "variability",
        "Turn high variation on or off: how far V1 to V4 go",
        Habits.toggle_variability,
    ),
    _command(
        "auto_dm", "Have what is finished as a direct message too, or not", Habits.toggle_auto_dm
    ),
):
    prefer.add_command(command)
