"""What roles and channels are called, as Discord says it to the bot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from gallery.discord import DiscordRest
from gallery.errors import SilentError


class Directory(Protocol):
    """Names by id; what is not known is left out."""

    async def roles(self, server_id: int) -> Mapping[int, str]: ...
    async def channels(self, server_id: int) -> Mapping[int, str]: ...


class DiscordDirectory:
    def __init__(self, discord: DiscordRest) -> None:
        self._discord = discord

    async def roles(self, server_id: int) -> Mapping[int, str]:
        server = await self._asked(f"/guilds/{server_id}")
        return _names(server["roles"]) if server else {}

    async def channels(self, server_id: int) -> Mapping[int, str]:
        return _names(await self._asked(f"/guilds/{server_id}/channels") or [])

    async def _asked(self, path: str) -> Any:
        try:
            return await self._discord.get(path)
        except SilentError:
            return None


class NoDirectory:
    """Where there is no Discord to ask: ids must do."""

    async def roles(self, server_id: int) -> Mapping[int, str]:
        return {}

    async def channels(self, server_id: int) -> Mapping[int, str]:
        return {}


def _names(found: list[dict[str, Any]]) -> dict[int, str]:
    return {int(one["id"]): str(one["name"]) for one in found if one.get("name")}
