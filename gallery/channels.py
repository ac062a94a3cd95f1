"""What somebody may do in a channel, as Discord says it to the bot; see `core.permits`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.clock import Clock
from core.permits import TO_PRESS, Overwrite, Permit, Right, in_channel
from gallery.discord import DiscordRest
from gallery.errors import SilentError
from gallery.membership import town_of

Json = Mapping[str, Any]

THREADS, PRIVATE_THREAD = (10, 11, 12), 12
"""Discord's types of channels that are threads."""


class DiscordPermits:
    """The Permits port. What Discord says nothing about is not allowed."""

    def __init__(self, discord: DiscordRest, clock: Clock) -> None:
        self._discord = discord
        self._clock = clock

    async def of(self, person_id: int, server_id: int, channel_id: int) -> Permit:
        nothing = Permit(presses=False, budget_id=channel_id)
        try:
            server, member, channel = await asyncio.gather(
                self._discord.get(f"/guilds/{server_id}"),
                self._discord.get(f"/guilds/{server_id}/members/{person_id}"),
                self._discord.get(f"/channels/{channel_id}"),
            )
            if server is None or member is None or channel is None:
                return nothing
            kind = channel["type"]
            if kind in THREADS:
                channel = await self._discord.get(f"/channels/{channel['parent_id']}")
        except SilentError:
            return nothing
        if channel is None or int(channel.get("guild_id", 0)) != server_id:
            return nothing
        town = town_of(server)
        overwrites = [
            Overwrite(int(one["id"]), int(one["allow"]), int(one["deny"]))
            for one in channel.get("permission_overwrites", ())
        ]
        roles = tuple(int(id) for id in member["roles"])
        late = self._timed_out(member)
        bits = in_channel(town, person_id, roles, overwrites, timed_out=late)
        everybody = in_channel(town, 0, (), overwrites)
        hidden = not everybody & Right.VIEW_CHANNEL
        return Permit(
            # Who is in a private thread, only those in it can tell.
            presses=bits & TO_PRESS == TO_PRESS and not late and kind != PRIVATE_THREAD,
            budget_id=int(channel["id"]),
            age_rated=bool(channel.get("nsfw")),
            closed=hidden or kind == PRIVATE_THREAD,
        )

    def _timed_out(self, member: Json) -> bool:
        until = member.get("communication_disabled_until")
        if not until:
            return False
        try:
            return datetime.fromisoformat(str(until)).timestamp() > self._clock.now()
        except ValueError:
            return True


class NoPermits:
    """Where there is no Discord to ask."""

    async def of(self, person_id: int, server_id: int, channel_id: int) -> Permit:
        return Permit(presses=False, budget_id=channel_id)
