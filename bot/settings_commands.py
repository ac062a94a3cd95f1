"""/settings and its shortcuts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands

from bot.prefer_commands import prefer
from bot.replies import Interaction, apologies
from core.request import Lane, Visibility

if TYPE_CHECKING:
    from bot.client import EaselBot
    from bot.habits import Habits


def habits(interaction: Interaction) -> Habits:
    return cast("EaselBot", interaction.client).habits


@app_commands.command(description="Model, lane, visibility and more for all of your prompts")
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
async def settings(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await habits(interaction).open(interaction)


@app_commands.command(description="Your prompts go the fast lane")
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
async def fast(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await habits(interaction).set_lane(interaction, Lane.FAST)


@app_commands.command(description="Your prompts go the relax lane: when nothing faster waits")
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
async def relax(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await habits(interaction).set_lane(interaction, Lane.RELAX)


@app_commands.command(description="Your prompts go the turbo lane: a bit ahead, for twice the cost")
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
async def turbo(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await habits(interaction).set_lane(interaction, Lane.TURBO)


@app_commands.command(description="Your pictures are private from now on")
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
async def stealth(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await habits(interaction).set_visibility(interaction, Visibility.STEALTH)


@app_commands.command(description="Your pictures are public from now on")
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
async def public(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await habits(interaction).set_visibility(interaction, Visibility.PUBLIC)


@prefer.command(name="remix", description="Turn remix mode on or off: buttons ask for the prompt")
async def remix(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await habits(interaction).toggle_remix(interaction)


@prefer.command(
    name="variability", description="Turn high variation on or off: how far V1 to V4 go"
)
async def variability(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await habits(interaction).toggle_variability(interaction)


@prefer.command(name="auto_dm", description="Have what is finished as a direct message too, or not")
async def auto_dm(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await habits(interaction).toggle_auto_dm(interaction)


SETTINGS_COMMANDS: list[Any] = [settings, fast, relax, turbo, stealth, public]
