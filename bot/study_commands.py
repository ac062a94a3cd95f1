"""/shorten and /describe, for every member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands

from bot.replies import Interaction, apologies

if TYPE_CHECKING:
    from bot.client import EaselBot
    from bot.study import Study


def _study(interaction: Interaction) -> Study:
    return cast("EaselBot", interaction.client).study


@app_commands.command(description="Which words of a prompt matter, and shorter prompts")
@app_commands.describe(prompt="The prompt, with its flags")
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
async def shorten(interaction: discord.Interaction[Any], prompt: str) -> None:
    async with apologies(interaction):
        await _study(interaction).shorten(interaction, prompt)


@app_commands.command(description="Prompts for a picture that you have")
@app_commands.describe(image="The picture", link="Where the picture is, if it is no file")
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
async def describe(
    interaction: discord.Interaction[Any],
    image: discord.Attachment | None = None,
    link: str | None = None,
) -> None:
    async with apologies(interaction):
        await _study(interaction).describe(interaction, image, link)


STUDY_COMMANDS: list[Any] = [shorten, describe]
