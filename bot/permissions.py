"""What the bot must be allowed in a channel before it takes a job there."""

from __future__ import annotations

import discord

from bot.replies import Interaction
from bot.whereabouts import presence_of
from core.errors import MissingPermissionError, RefusedError
from core.sentences import say, together

_THREADS = (
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)


def check_permissions(interaction: Interaction) -> None:
    """Raises MissingPermissionError naming what is missing.

    Read from the interaction itself, so it is the channel's own, overwrites included. The first
    answers need none of these, but a late result is posted like any message, in reply to the first
    (which takes Read Message History). Abroad Easel may do what the person who asks may do, and
    answers are all there is.
    """
    here, have = presence_of(interaction), interaction.app_permissions
    if here.abroad and not have.attach_files:
        raise MissingPermissionError(
            say(
                "Easel may not show pictures here, since you may not attach files. Ask in a direct "
                "message to Easel; nothing was charged."
            )
        )
    if not here.server_id:
        return
    channel = interaction.channel
    in_thread = channel is not None and channel.type in _THREADS
    needed = {
        say("View Channel"): have.view_channel,
        say("Send Messages"): True if in_thread else have.send_messages,
        say("Send Messages in Threads"): have.send_messages_in_threads if in_thread else True,
        say("Attach Files"): have.attach_files,
        say("Embed Links"): have.embed_links,
        say("Read Message History"): have.read_message_history,
    }
    missing = [name for name, there in needed.items() if not there]
    if missing and not have.administrator:
        names = together(missing[:-1], ", ")
        last = missing[-1]
        raise MissingPermissionError(
            say(
                "Easel may not post pictures in this channel: it lacks {names}. Ask an admin to "
                "allow that here; nothing was charged.",
                names=say("{names} and {last}", names=names, last=last) if names else last,
            )
        )


def check_may_post(interaction: Interaction, channel_id: int) -> discord.abc.GuildChannel | None:
    """The channel, as far as it is known. Raises RefusedError where Easel could not post by
    itself."""
    guild = interaction.guild
    there = guild.get_channel(channel_id) if guild is not None else None
    if guild is None or there is None:
        return None
    have = there.permissions_for(guild.me)
    needed = (have.view_channel, have.send_messages, have.attach_files, have.read_message_history)
    if not all(needed):
        raise RefusedError(
            say(
                "Easel may not post in {channel}. Allow **View Channel**, **Send Messages**, "
                "**Attach Files** and **Read Message History** there first.",
                channel=f"<#{channel_id}>",
            )
        )
    return there
