"""Runs the bot: the gateway client and the loops beside it, until cancelled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, TypeVar, cast

import aiohttp
import discord
import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client import EaselBot
from bot.options import Options
from bot.redaction import guard_logs
from core.admin import Stewardship
from core.board import Board
from core.clock import Clock
from core.errors import SettingsError
from core.settings import Settings
from core.studio import Studio

log = logging.getLogger(__name__)

E = TypeVar("E", bound=BaseException)

LONGEST_PAUSE_SECONDS = 60.0
"""Pauses between tries to reach Discord double from one second to this."""

DEVELOPERS = "https://discord.com/developers/applications"

REFUSALS = {
    4004: "Discord's gateway did not accept DISCORD_TOKEN. Copy it again from the Bot page at "
    f"{DEVELOPERS}.",
    4011: "Discord asks for sharding, since the bot is in too many servers for one connection; "
    "Easel cannot do that yet.",
    4013: "Discord did not know an intent that Easel asked for. Update Easel and discord.py.",
    4014: "Discord refused an intent that Easel asked for. Easel needs no privileged one; look "
    f"whether the bot was limited at {DEVELOPERS}.",
}


async def run_bot(
    settings: Settings,
    studio: Studio,
    steward: Stewardship,
    board: Board,
    clock: Clock,
    *,
    token: str,
    discord_url: str = "",
    options: Options | None = None,
) -> None:
    """Runs until cancelled. Raises SettingsError when Discord does not let the bot in; any other
    death of a part is logged with its name and raised."""
    guard_logs(token)
    if discord_url:
        point_at(discord_url)
    bot = EaselBot(settings, studio, steward, board, clock, options)
    try:
        await _login(bot, token)
        async with asyncio.TaskGroup() as group:
            group.create_task(_part("the gateway client", _connect(bot)))
            for name, loop in bot.loops().items():
                group.create_task(_part(name, loop.run()))
    except BaseExceptionGroup as group_error:
        settings_errors = group_error.subgroup(SettingsError)
        if settings_errors is not None:
            raise first(settings_errors) from None
        raise
    finally:
        await bot.close()


def point_at(discord_url: str) -> None:
    """Makes discord.py speak to another Discord, such as the sandbox. For the whole process."""
    base = discord_url.rstrip("/")
    Route.BASE = f"{base}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"ws{base.removeprefix('http')}/gateway")
    setattr(Asset, "BASE", f"{base}/cdn")  # noqa: B010 (typed as a literal)


async def _login(bot: EaselBot, token: str) -> None:
    """Logs in; while Discord cannot be reached, tries again ever more rarely."""
    pause = 1.0
    while True:
        try:
            await bot.login(token)
            return
        except discord.LoginFailure:
            raise SettingsError(
                "Discord did not accept DISCORD_TOKEN. Copy it again from the Bot page at "
                f"{DEVELOPERS}."
            ) from None
        except (discord.DiscordServerError, OSError, aiohttp.ClientError) as error:
            log.warning("Discord cannot be reached (%s); trying again in %.0f s", error, pause)
        except discord.HTTPException as error:
            raise SettingsError(f"Discord refused the login: {error.text or error}.") from None
        await bot.http.close()
        await asyncio.sleep(pause)
        pause = min(LONGEST_PAUSE_SECONDS, pause * 2)


async def _connect(bot: EaselBot) -> None:
    try:
        while not bot.is_closed():
            try:
                await bot.connect()
            except AttributeError:
                # discord.py 2.7.1 reads the missing connection when the very first one fails.
                if bot.ws is not None:  # pyright: ignore[reportUnnecessaryComparison]
                    raise
                log.warning("Discord's gateway cannot be reached; trying again")
                await asyncio.sleep(LONGEST_PAUSE_SECONDS / 10)
    except discord.PrivilegedIntentsRequired:
        raise SettingsError(REFUSALS[4014]) from None
    except discord.ConnectionClosed as error:
        raise SettingsError(
            REFUSALS.get(error.code, f"Discord closed the connection with code {error.code}.")
        ) from None


async def _part(name: str, work: Awaitable[None]) -> None:
    """A part that may only end by being cancelled."""
    try:
        await work
    except SettingsError:
        raise
    except Exception:
        log.critical("%s died, so the program stops", name, exc_info=True)
        raise
    raise RuntimeError(f"{name} ended by itself")


def first(group: BaseExceptionGroup[E]) -> E:
    """Of all that a group holds, however deep."""
    error: Any = group
    while isinstance(error, BaseExceptionGroup):
        error = cast("Any", error).exceptions[0]
    return error
