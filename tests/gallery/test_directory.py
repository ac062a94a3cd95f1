"""Roles and channels go by their names, where Discord says them."""

from __future__ import annotations

from gallery.directory import DiscordDirectory, NoDirectory
from gallery.discord import DiscordRest
from sandbox import Sandbox
from sandbox.world import GUILD_ID, PATRON_ROLE_ID, STUDIO_ID


async def test_names_are_asked_of_discord() -> None:
    async with (
        Sandbox() as sandbox,
        DiscordRest("sandbox.token.not-a-secret", sandbox.url) as discord,
    ):
        directory, here = DiscordDirectory(discord), int(GUILD_ID)
        assert (await directory.channels(here))[int(STUDIO_ID)] == "studio"
        assert (await directory.roles(here))[int(PATRON_ROLE_ID)] == "Patron"
        assert await directory.roles(here + 1) == await directory.channels(here + 1) == {}


async def test_without_an_answer_there_are_no_names() -> None:
    async with DiscordRest("sandbox.token.not-a-secret", "http://127.0.0.1:9") as discord:
        directory = DiscordDirectory(discord)
        assert await directory.roles(1) == await directory.channels(1) == {}
    assert await NoDirectory().roles(1) == await NoDirectory().channels(1) == {}
