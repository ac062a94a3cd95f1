"""What the place that somebody asks from means: whose rules hold, and for what is made there."""

from __future__ import annotations

from typing import Any, cast

import discord

from bot.replies import Interaction
from core.presence import Presence, presence


def presence_of(interaction: Interaction) -> Presence:
    """Whether Easel is there itself, and whose rules hold. A server's id alone says neither: a
    member may have brought Easel along."""
    # discord.py has no other name for who installed it: what it tells compares with the person who
    # asks, and a button may be pressed by another one than who installed it.
    installed = cast("dict[int, int]", cast("Any", interaction)._integration_owners)
    context = next(iter(interaction.context.to_array()), None)
    return presence(interaction.guild_id or 0, context, installed)


def server_of(interaction: Interaction) -> int:
    """The server whose rules hold, 0 for none."""
    return presence_of(interaction).server_id


def whereabouts(channel: Any) -> tuple[bool, bool]:
    """Whether Discord marks the channel as age-restricted, and whether it is closed to some of the
    server's members. A thread is as the channel that it is in, and a private one is closed. Of a
    channel that the bot knows nothing about, it is taken to be closed."""
    if isinstance(channel, discord.DMChannel | discord.GroupChannel):
        return False, False
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return False, True
    around = channel.parent if isinstance(channel, discord.Thread) else channel
    if around is None:
        return False, True
    nsfw = bool(getattr(around, "nsfw", False))
    everybody = cast("discord.Role | None", around.guild.default_role)
    if everybody is None:  # a server that Easel is not in
        return nsfw, True
    private = isinstance(channel, discord.Thread) and channel.is_private()
    return nsfw, private or not around.permissions_for(everybody).view_channel
