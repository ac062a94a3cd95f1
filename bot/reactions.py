"""Reactions that mean something: an envelope sends the originals, a cross cancels or deletes.

They are read raw, so they work under messages of any age and after a restart. Nobody can be
answered privately for a reaction, so what cannot be done is left, and the log says why.
"""

from __future__ import annotations

import logging
from enum import Enum, auto
from typing import Any

import discord

from bot.pegs import peg_of
from bot.showroom import Showroom
from bot.sightings import Sightings
from bot.viewer import Viewer
from core.album import Collector
from core.clock import Clock
from core.errors import EaselError
from core.jobs import Actor, Owner

log = logging.getLogger(__name__)

AGAIN_SECONDS = 10.0
"""The same reaction of the same person within this time is one."""


class Sign(Enum):
    SEND = auto()
    REMOVE = auto()
    LIKE = auto()


SIGNS = {
    "✉": Sign.SEND,
    "📩": Sign.SEND,
    "📨": Sign.SEND,
    "❌": Sign.REMOVE,
    "✖": Sign.REMOVE,
    "⭐": Sign.LIKE,
    "🌟": Sign.LIKE,
}
"""Without the sign that asks for a coloured shape (U+FE0F), which some keyboards leave out."""


class Reactions:
    def __init__(
        self,
        client: discord.Client,
        sightings: Sightings,
        viewer: Viewer,
        collector: Collector | None,
        clock: Clock,
        showroom: Showroom | None = None,
    ) -> None:
        self._client = client
        self._showroom = showroom
        self._sightings = sightings
        self._viewer = viewer
        self._collector = collector
        self._clock = clock
        self._recent: dict[tuple[int, int, str], float] = {}

    async def added(self, payload: discord.RawReactionActionEvent) -> None:
        """Never raises for what Discord or the core refuses."""
        sign = _sign(payload)
        if sign is not None:
            await self._seen(payload, sign, added=True)

    async def removed(self, payload: discord.RawReactionActionEvent) -> None:
        """A star that is taken back; the others leave nothing to take back."""
        if _sign(payload) is Sign.LIKE:
            await self._seen(payload, Sign.LIKE, added=False)

    async def _seen(
        self, payload: discord.RawReactionActionEvent, sign: Sign, *, added: bool
    ) -> None:
        me = self._client.user
        if me is None or payload.user_id == me.id:
            return
        if payload.message_author_id not in (None, me.id) or not self._is_first(payload):
            return
        try:
            await self._obey(payload, sign, added)
        except EaselError as error:
            log.info("a reaction of %s was left: %s", payload.user_id, error.sentence)
        except (discord.DiscordException, OSError, TimeoutError) as error:
            log.warning("a reaction of %s came to nothing: %s", payload.user_id, error)

    async def _obey(self, payload: discord.RawReactionActionEvent, sign: Sign, added: bool) -> None:
        channel = self._client.get_partial_messageable(
            payload.channel_id, guild_id=payload.guild_id
        )
        message = await channel.fetch_message(payload.message_id)
        job_id, number = self._sightings.in_message(message)
        actor, peg = self._actor(payload), peg_of(message)
        job = await self._viewer.archive.job(actor, job_id)
        match sign:
            case Sign.SEND:
                await self._viewer.courier.send(job, payload.user_id)
            case Sign.REMOVE if peg is not None and self._showroom is not None:
                await self._showroom.take_down(actor, peg)
            case Sign.REMOVE:
                await self._viewer.remove(actor, job, payload.channel_id, payload.message_id)
            case Sign.LIKE:
                if self._collector is not None:
                    for image in await self._viewer.archive.images(job):
                        if number in (0, image.number):
                            await self._collector.like(actor, job.id, image.number, likes=added)

    def _is_first(self, payload: discord.RawReactionActionEvent) -> bool:
        now = self._clock.now()
        key = (payload.user_id, payload.message_id, f"{payload.emoji} {payload.event_type}")
        last = {k: at for k, at in self._recent.items() if now - at < AGAIN_SECONDS}
        self._recent = {**last, key: now}
        return key not in last

    def _actor(self, payload: discord.RawReactionActionEvent) -> Actor:
        member = payload.member
        owner = Owner(payload.user_id, member.display_name if member is not None else "")
        if member is None or payload.guild_id is None:
            # Discord does not say who they are when a reaction is taken back.
            return Actor(owner, server_id=payload.guild_id or 0, channel_id=payload.channel_id)
        channel: Any = member.guild.get_channel_or_thread(payload.channel_id)
        rights = channel.permissions_for(member) if channel is not None else None
        thread = isinstance(channel, discord.Thread)
        return Actor(
            owner,
            moderates=rights is not None and rights.manage_messages,
            server_id=payload.guild_id,
            channel_id=channel.parent_id if thread else payload.channel_id,
            role_ids=tuple(role.id for role in member.roles),
            administers=member.guild_permissions.manage_guild,
        )


def _sign(payload: discord.RawReactionActionEvent) -> Sign | None:
    return SIGNS.get((payload.emoji.name or "").replace("\ufe0f", ""))
