"""Which job a message shows, or what a person typed names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

import discord

from bot.desk import actor_of
from bot.messenger import buttons_of
from bot.replies import Interaction
from bot.whereabouts import presence_of
from core.archive import Archive
from core.errors import NotFoundError, NotYoursError, RefusedError
from core.jobs import Job
from core.sentences import say

_ID = re.compile(r"([0-9a-f]{20})(?:-(\d))?(?:\.\w{3,4})?")
_FILE = re.compile(r"([0-9a-f]{20})(?:-(\d))?(?:-preview)?\.\w{3,4}")
_LINK = re.compile(
    r"https://(?:\w+\.)?discord(?:app)?\.com/channels/(@me|\d{1,20})/(\d{1,20})/(\d{1,20})"
)

NO_PICTURE = say("That message shows no picture of Easel's.")


@dataclass(frozen=True, slots=True)
class Sighting:
    """`number`: which picture of the job, 0 for all."""

    job: Job
    number: int = 0


class Sightings:
    def __init__(self, client: discord.Client, archive: Archive) -> None:
        self._client = client
        self._archive = archive

    def in_message(self, message: discord.Message) -> tuple[str, int]:
        """The id of the job that a message of ours shows, and the number of the picture. Raises
        NotFoundError for a message without one."""
        me = self._client.user
        if me is None or message.author.id != me.id:
            raise NotFoundError(NO_PICTURE)
        for button in buttons_of(message):
            return button.job_id, 0
        for file in message.attachments:
            if found := _FILE.fullmatch(file.filename):
                alone = len(message.attachments) == 1
                return found[1], int(found[2] or 0) if alone else 0
        raise NotFoundError(NO_PICTURE)

    async def of_message(self, interaction: Interaction, message: discord.Message) -> Sighting:
        """Raises NotFoundError for a message without one, and what the archive raises."""
        job_id, number = self.in_message(message)
        return Sighting(await self._archive.job(actor_of(interaction), job_id), number)

    async def named(self, interaction: Interaction, typed: str) -> Sighting:
        """By a job's id, the name of a file, or a message's link. Raises NotFoundError,
        NotYoursError and RefusedError."""
        typed = typed.strip().strip("<>`")
        if link := _LINK.fullmatch(typed):
            return await self._linked(interaction, link[1], int(link[2]), int(link[3]))
        found = _ID.fullmatch(typed.lower())
        if found is None:
            raise RefusedError(
                say(
                    "Name a picture by its job's id (20 letters and digits, in Job details) or by "
                    "a message's link."
                )
            )
        return Sighting(
            await self._archive.job(actor_of(interaction), found[1]), int(found[2] or 0)
        )

    async def _linked(
        self, interaction: Interaction, server: str, channel_id: int, message_id: int
    ) -> Sighting:
        here = presence_of(interaction)
        if here.abroad:
            raise RefusedError(
                say(
                    "Easel cannot read the messages here. Name a picture by its job's id, or use "
                    "the message's own menu, under Apps."
                )
            )
        if server != str(here.server_id or "@me"):
            raise RefusedError(
                say("That link leads elsewhere; use one to a message of this place.")
            )
        self._check_view(interaction, channel_id)
        channel = self._client.get_partial_messageable(channel_id)
        try:
            message = await channel.fetch_message(message_id)
        except (discord.NotFound, discord.Forbidden) as error:
            raise NotFoundError(
                say("That message is gone, or Easel may not read its channel.")
            ) from error
        return await self.of_message(interaction, message)

    def _check_view(self, interaction: Interaction, channel_id: int) -> None:
        """Nobody is told of what stands where they may not look."""
        if not may_read(interaction, channel_id):
            raise NotYoursError(say("You may not read that channel, or Easel does not know it."))


def may_read(interaction: Interaction, channel_id: int) -> bool:
    """Whether who asks may read a channel of the server they ask on, as far as Easel knows."""
    if channel_id == interaction.channel_id:
        return True
    guild, user = interaction.guild, interaction.user
    channel: Any = guild.get_channel_or_thread(channel_id) if guild is not None else None
    if channel is None or not isinstance(user, discord.Member):
        return False
    parent = cast("Any", channel.parent if isinstance(channel, discord.Thread) else channel)
    private = channel.type is discord.ChannelType.private_thread
    return not private and parent is not None and parent.permissions_for(user).read_messages
