"""/showcase, for those who run a Discord server.

As with /quota, Discord hides it from others for the eye, and the core asks who may do what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from discord.app_commands import Range

from bot.admin_commands import group
from bot.choices import offers
from bot.replies import Interaction, apologies
from core.errors import RefusedError
from core.sentences import say
from core.showcase import LONGEST_TOPIC, MOST_LIKES

if TYPE_CHECKING:
    from bot.client import EaselBot
    from bot.showroom import Showroom

USUAL_LIKES = 3


class _WallOption(app_commands.Transformer):
    """A channel that pictures can be hung up in."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return [discord.ChannelType.text, discord.ChannelType.news]

    async def transform(self, interaction: Interaction, value: Any, /) -> Any:
        return value


WallChannel = app_commands.Transform[app_commands.AppCommandChannel, _WallOption]

showcase = group("showcase", "Channels where this server hangs up its members' pictures")


def showroom(interaction: Interaction) -> Showroom:
    """Raises RefusedError."""
    found = cast("EaselBot", interaction.client).exhibition.showroom
    if found is None:
        raise RefusedError(say("Showcases are not kept here."))
    return found


@showcase.command(name="add", description="Hang up pictures of this server's members in a channel")
@app_commands.describe(
    channel="Where they hang",
    topic="Words with commas between: by likes come only pictures about one of them",
    likes="Likes of others that bring a picture there, 3 unless you say; 0: none come by likes",
    age_rated="Show pictures from age-restricted channels, and no others; in such a channel",
)
async def add(
    interaction: discord.Interaction[Any],
    channel: WallChannel,
    topic: Range[str, 0, LONGEST_TOPIC] = "",
    likes: Range[int, 0, MOST_LIKES] = USUAL_LIKES,
    age_rated: bool = False,
) -> None:
    async with apologies(interaction):
        await showroom(interaction).add(interaction, channel, topic, likes, age_rated=age_rated)


@showcase.command(name="list", description="The showcases of this server")
async def list_(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await showroom(interaction).list(interaction)


@showcase.command(name="change", description="Change what a showcase asks for")
@app_commands.describe(
    showcase="Which one",
    topic="Words with commas between; - for none",
    likes="Likes of others that bring a picture there; 0: none come by likes",
)
async def change(
    interaction: discord.Interaction[Any],
    showcase: int,
    topic: Range[str, 0, LONGEST_TOPIC] | None = None,
    likes: Range[int, 0, MOST_LIKES] | None = None,
) -> None:
    async with apologies(interaction):
        await showroom(interaction).change(interaction, showcase, topic, likes)


@showcase.command(name="remove", description="Hang up no more pictures there")
@app_commands.describe(showcase="Which one")
async def remove(interaction: discord.Interaction[Any], showcase: int) -> None:
    async with apologies(interaction):
        await showroom(interaction).remove(interaction, showcase)


@change.autocomplete("showcase")
@remove.autocomplete("showcase")
@offers
async def choices(interaction: Interaction, typed: str) -> list[tuple[str, int]]:
    return await showroom(interaction).named(interaction, str(typed))
