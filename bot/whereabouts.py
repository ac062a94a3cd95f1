"""What a channel means for the pictures that are made in it."""

from __future__ import annotations

from typing import Any

import discord


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
    private = isinstance(channel, discord.Thread) and channel.is_private()
    everyone = around.permissions_for(around.guild.default_role)
    return nsfw, private or not everyone.view_channel
