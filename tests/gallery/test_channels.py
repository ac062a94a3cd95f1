"""Whether somebody may press a button in a channel is asked of Discord, and denied in doubt."""

from __future__ import annotations

from typing import Any

import pytest

from core.permits import Permit, Right
from gallery.channels import DiscordPermits, NoPermits
from gallery.discord import DiscordRest
from gallery.errors import SilentError
from sandbox import Sandbox
from sandbox.world import GUILD_ID, MIRA_ID, STUDIO_ID
from tests.builders import NOON, FakeClock

SERVER, CHANNEL, THREAD, ADA, ARTIST = 10, 20, 30, 1, 11
SEES = str(int(Right.VIEW_CHANNEL | Right.READ_MESSAGE_HISTORY))


class Rest:
    """What Discord would answer, by path; what is not there is not there."""

    def __init__(self) -> None:
        self.server: dict[str, Any] = {
            "id": str(SERVER),
            "owner_id": "2",
            "name": "Town",
            "roles": [
                {"id": str(SERVER), "permissions": SEES},
                {"id": str(ARTIST), "permissions": "0"},
            ],
        }
        self.member: dict[str, Any] = {"roles": [], "user": {"id": str(ADA), "username": "ada"}}
        self.channel: dict[str, Any] = {
            "id": str(CHANNEL),
            "type": 0,
            "guild_id": str(SERVER),
            "permission_overwrites": [],
        }
        self.thread = {"id": str(THREAD), "type": 11, "parent_id": str(CHANNEL)}
        self.silent = False

    async def get(self, path: str) -> Any:
        if self.silent:
            raise SilentError
        return {
            f"/guilds/{SERVER}": self.server,
            f"/guilds/{SERVER}/members/{ADA}": self.member,
            f"/channels/{CHANNEL}": self.channel,
            f"/channels/{THREAD}": self.thread,
        }.get(path)


@pytest.fixture
def rest() -> Rest:
    return Rest()


async def asked(rest: Rest, channel_id: int = CHANNEL, *, person_id: int = ADA) -> Permit:
    permits = DiscordPermits(rest, FakeClock())  # pyright: ignore[reportArgumentType]
    return await permits.of(person_id, SERVER, channel_id)


def hide(rest: Rest, *allowed: int) -> None:
    view = str(int(Right.VIEW_CHANNEL))
    rest.channel["permission_overwrites"] = [
        {"id": str(SERVER), "type": 0, "allow": "0", "deny": view},
        *({"id": str(id), "type": 0, "allow": view, "deny": "0"} for id in allowed),
    ]


async def test_who_sees_the_channel_may_press_there(rest: Rest) -> None:
    assert await asked(rest) == Permit(presses=True, budget_id=CHANNEL)
    assert await asked(rest, THREAD) == Permit(presses=True, budget_id=CHANNEL)


async def test_a_hidden_channel_is_for_those_who_see_it(rest: Rest) -> None:
    hide(rest, ARTIST)
    assert await asked(rest) == Permit(presses=False, budget_id=CHANNEL, closed=True)
    rest.member["roles"] = [str(ARTIST)]
    assert await asked(rest) == Permit(presses=True, budget_id=CHANNEL, closed=True)


async def test_an_age_restricted_channel_is_told(rest: Rest) -> None:
    rest.channel["nsfw"] = True
    assert (await asked(rest)).age_rated


async def test_a_time_out_holds_until_it_is_over(rest: Rest) -> None:
    rest.member["communication_disabled_until"] = "2099-01-01T00:00:00+00:00"
    assert not (await asked(rest)).presses
    rest.member["communication_disabled_until"] = "2001-01-01T00:00:00+00:00"
    assert NOON > 0 and (await asked(rest)).presses
    rest.member["communication_disabled_until"] = "some day"
    assert not (await asked(rest)).presses


async def test_what_is_not_known_is_not_allowed(rest: Rest) -> None:
    assert not (await asked(rest, person_id=3)).presses
    assert not (await asked(rest, 99)).presses
    rest.thread["type"] = 12
    assert not (await asked(rest, THREAD)).presses
    rest.channel["guild_id"] = "11"
    assert not (await asked(rest)).presses
    rest.silent = True
    assert not (await asked(rest)).presses
    assert not (await NoPermits().of(ADA, SERVER, CHANNEL)).presses


async def test_discord_says_who_may_press_over_real_sockets() -> None:
    async with (
        Sandbox() as sandbox,
        DiscordRest("sandbox.token.not-a-secret", sandbox.url) as discord,
    ):
        permits = DiscordPermits(discord, FakeClock())
        mira, guild, studio = int(MIRA_ID), int(GUILD_ID), int(STUDIO_ID)
        assert await permits.of(mira, guild, studio) == Permit(presses=True, budget_id=studio)
        assert not (await permits.of(mira + 77, guild, studio)).presses
        assert not (await permits.of(mira, guild, studio + 77)).presses
