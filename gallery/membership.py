"""Who is a member where, as Discord says it to the bot; see `core.membership`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from core.membership import Standing
from core.permits import Right, Town, on_server
from gallery.discord import DiscordRest
from gallery.errors import SilentError

MOST_SERVERS = 200
"""Servers that one person is looked for on."""

Json = Mapping[str, Any]


class DiscordMembership:
    """The Membership port. Whoever Discord says nothing about is nothing anywhere."""

    def __init__(self, discord: DiscordRest) -> None:
        self._discord = discord

    async def of(self, person_id: int, server_id: int) -> Standing:
        try:
            server, member = await asyncio.gather(
                self._discord.get(f"/guilds/{server_id}"),
                self._discord.get(f"/guilds/{server_id}/members/{person_id}"),
            )
        except SilentError:
            return Standing()
        if server is None or member is None:
            return Standing()
        role_ids = tuple(int(id) for id in member["roles"])
        rights = on_server(town_of(server), person_id, role_ids)
        return Standing(
            name=_name(member),
            member=True,
            moderates=bool(rights & Right.MANAGE_MESSAGES),
            administers=bool(rights & Right.MANAGE_GUILD),
            role_ids=role_ids,
        )

    async def servers(self, person_id: int) -> Mapping[int, Standing]:
        ids = await self._servers()
        standings = await asyncio.gather(*(self.of(person_id, id) for id in ids))
        return {id: one for id, one in zip(ids, standings, strict=True) if one.member}

    async def server_name(self, server_id: int) -> str:
        return (await self._servers()).get(server_id, "")

    async def _servers(self) -> Mapping[int, str]:
        """The servers that the bot is on, by id, with their names."""
        try:
            found: list[Json] = await self._discord.get(f"/users/@me/guilds?limit={MOST_SERVERS}")
        except SilentError:
            return {}
        return {int(server["id"]): str(server["name"]) for server in found or ()}


class NoMembership:
    """Where there is no Discord to ask."""

    async def of(self, person_id: int, server_id: int) -> Standing:
        return Standing()

    async def servers(self, person_id: int) -> Mapping[int, Standing]:
        return {}

    async def server_name(self, server_id: int) -> str:
        return ""


def _name(member: Json) -> str:
    user = member["user"]
    return str(member.get("nick") or user.get("global_name") or user["username"])


def town_of(server: Json) -> Town:
    """The server and its roles, as `core.permits` asks for them."""
    return Town(
        id=int(server["id"]),
        owner_id=int(server["owner_id"]),
        roles={int(role["id"]): int(role["permissions"]) for role in server["roles"]},
    )
