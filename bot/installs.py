"""Where each command can be used, as Discord is told.

What members use is offered wherever Easel is: in servers, and in direct messages with it. Whether
people may install Easel for themselves, and take it along, is not said here but by the tree, for
all of it at once (EASEL_USER_INSTALL). What admins use is their server's alone.
"""

from __future__ import annotations

from typing import TypeVar

from discord.app_commands import (
    AppCommandContext,
    AppInstallationType,
    allowed_contexts,
    allowed_installs,
)

T = TypeVar("T")

ANYWHERE = AppCommandContext(guild=True, dm_channel=True)
BY_ANYBODY = AppInstallationType(guild=True)
IN_SERVERS = AppCommandContext(guild=True, dm_channel=False, private_channel=False)
BY_SERVERS = AppInstallationType(guild=True, user=False)


def for_members(command: T) -> T:
    """Of a command that is no group's."""
    return allowed_installs(guilds=True)(allowed_contexts(guilds=True, dms=True)(command))
