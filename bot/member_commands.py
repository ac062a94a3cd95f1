"""/usage and /queue, for every member."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.admin_commands import SPANS, office
from bot.installs import for_members
from bot.prefer_commands import prefer
from bot.replies import apologies


@app_commands.command(description="What you have left here, and when it renews")
@app_commands.describe(span="What the chart shows")
@app_commands.choices(span=SPANS)
@for_members
async def usage(interaction: discord.Interaction[Any], span: str = "week") -> None:
    async with apologies(interaction):
        await office(interaction).usage(interaction, span)


@app_commands.command(description="Your jobs that wait or run; cancel them or move them to relax")
@for_members
async def queue(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await office(interaction).queue(interaction)


MEMBER_COMMANDS: list[Any] = [usage, queue, prefer]
