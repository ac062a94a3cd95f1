"""/theme: its admins start one, members enter pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from discord.app_commands import Range

from bot.choices import offers
from bot.installs import BY_SERVERS, IN_SERVERS
from bot.replies import Interaction, apologies
from bot.showcase_commands import WallChannel
from bot.view_commands import own_jobs
from core.errors import RefusedError
from core.sentences import say
from core.themes import LONGEST_WORDS, MOST_EACH, MOST_VOTING_DAYS

if TYPE_CHECKING:
    from bot.client import EaselBot
    from bot.contest import Contest

VOTING_DAYS = 2

theme = app_commands.Group(
    name="theme",
    description="Pictures for a few words, and a vote on them",
    allowed_contexts=IN_SERVERS,
    allowed_installs=BY_SERVERS,
)


def contest(interaction: Interaction) -> Contest:
    """Raises RefusedError."""
    found = cast("EaselBot", interaction.client).exhibition.contest
    if found is None:
        raise RefusedError(say("Themes are not kept here."))
    return found


@theme.command(name="start", description="Start a theme (admins)")
@app_commands.describe(
    words="What it is, such as: fog and lamps",
    until="The last day to enter pictures, such as 2026-12-24; else the end of this week",
    voting_days="How many days everybody votes after that, 2 unless you say",
    entries="How many pictures each member may enter, 1 unless you say",
    channel="Where it is; this channel unless you say",
)
async def start(
    interaction: discord.Interaction[Any],
    words: Range[str, 1, LONGEST_WORDS],
    until: Range[str, 0, 20] = "",
    voting_days: Range[int, 1, MOST_VOTING_DAYS] = VOTING_DAYS,
    entries: Range[int, 1, MOST_EACH] = 1,
    channel: WallChannel | None = None,
) -> None:
    async with apologies(interaction):
        await contest(interaction).start(interaction, words, channel, until, voting_days, entries)


@theme.command(name="list", description="The themes of this server")
async def list_(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await contest(interaction).list(interaction)


@theme.command(name="enter", description="Enter a picture of yours for a theme")
@app_commands.describe(
    picture="A job's id with the picture's number, or the link of a message",
    theme="Which theme, where there are several",
)
async def enter(
    interaction: discord.Interaction[Any], picture: str, theme: int | None = None
) -> None:
    async with apologies(interaction):
        await contest(interaction).enter(interaction, picture, theme or 0)


@theme.command(name="stop", description="Call a theme off, without a result (admins)")
@app_commands.describe(theme="Which one")
async def stop(interaction: discord.Interaction[Any], theme: int) -> None:
    async with apologies(interaction):
        await contest(interaction).stop(interaction, theme)


@enter.autocomplete("theme")
@stop.autocomplete("theme")
@offers
async def choices(interaction: Interaction, typed: str) -> list[tuple[str, int]]:
    return await contest(interaction).named(interaction, str(typed))


enter.autocomplete("picture")(own_jobs)
