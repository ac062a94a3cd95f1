"""A channel where the bot may not post any more: its admins and its owners are told, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from bot.ladder import CHANNEL_REST_SECONDS
from bot.options import Options
from core.jobs import Outcome
from tests.bot.world import World
from tests.fakes.memory_notices import MemoryNotices

TOKEN = ("PATCH", "/webhooks/*/*/messages/@original")


class Closed(World):
    """A server whose channel can be closed to the bot, and with a channel for its admins."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.notices = MemoryNotices()
        self.options = Options(notices=self.notices)

    async def open(self, env: simcord.env.Env) -> None:
        await super().open(env)
        self.system = self.guild.create_text_channel("admins")
        guild = self.bot.get_guild(self.guild.id)
        assert guild is not None
        guild._system_channel_id = self.system.id
        await env.settle()

    def close_channel(self, code: int = 50013, status: int = 403) -> None:
        """Whatever the bot tries in the channel of the pictures is refused, but for answers."""
        where = f"/channels/{self.channel.id}/messages"
        self.env.inject_error(*TOKEN, status=401, code=50027, times=None)
        for method, path in (("PATCH", f"{where}/*"), ("POST", where), ("GET", where)):
            self.env.inject_error(method, path, status=status, code=code, times=None)

    async def lose(self, prompt: str, who: Any = None) -> Outcome | None:
        await self.imagine(prompt, who)
        return (await self.finish()).outcome

    def told_admins(self) -> list[str]:
        return [message.content for message in self.system.history()]


@pytest.fixture
def world(tmp_path: Path) -> Closed:
    return Closed(tmp_path)


async def test_the_admins_are_told_once(town: Closed) -> None:
    town.close_channel()
    assert await town.lose("one") is Outcome.HISTORY_ONLY
    assert await town.lose("two", town.bo) is Outcome.HISTORY_ONLY
    await town.env.advance_time(CHANNEL_REST_SECONDS + 1)
    await town.lose("three")
    (said,) = town.told_admins()
    assert said.startswith(f"Easel may not post in <#{town.channel.id}> any more")


async def test_the_admins_are_told_in_the_language_of_their_server(town: Closed) -> None:
    guild = town.bot.get_guild(town.guild.id)
    assert guild is not None
    guild.preferred_locale = discord.Locale.chinese
    town.close_channel()
    await town.lose("one")
    (said,) = town.told_admins()
    assert said.startswith(f"Easel 不能再在 <#{town.channel.id}> 发言")


async def test_each_owner_is_told_at_his_next_word(town: Closed) -> None:
    town.close_channel()
    await town.lose("one")
    await town.lose("of bo", town.bo)
    for who in (town.ada, town.bo):
        answer = await town.imagine("next", who)
        (more,) = answer.followups
        assert more.ephemeral
        assert f"<#{town.channel.id}>" in more.content
        assert (await town.imagine("after that", who)).followups == []


async def test_it_is_remembered_over_a_restart(town: Closed) -> None:
    town.close_channel()
    await town.lose("one")
    await town.restart()
    await town.lose("two")
    assert len(town.told_admins()) == 1
    assert (await town.imagine("next")).followups != []


async def test_a_channel_lost_anew_is_told_anew(town: Closed) -> None:
    town.notices.noted[f"lost:{town.channel.id}"] = 0.0
    await town.imagine()
    await town.env.advance_time(15 * 60)
    assert (await town.finish()).outcome is Outcome.EDITED_BY_BOT
    assert town.notices.noted == {}
    town.close_channel()
    await town.lose("one")
    assert len(town.told_admins()) == 1


async def test_a_channel_that_is_gone_is_no_admins_business(town: Closed) -> None:
    town.close_channel(code=10003, status=404)
    await town.lose("one")
    assert town.told_admins() == []
    assert (await town.imagine("next")).followups != []


async def test_admins_who_cannot_be_told_are_no_reason_to_stop(town: Closed) -> None:
    town.close_channel()
    where = f"/channels/{town.system.id}/messages"
    town.env.inject_error("POST", where, status=403, code=50001, times=None)
    assert await town.lose("one") is Outcome.HISTORY_ONLY
    guild = town.bot.get_guild(town.guild.id)
    assert isinstance(guild, discord.Guild)
    guild._system_channel_id = None
    town.notices.noted.clear()
    assert await town.lose("two") is Outcome.HISTORY_ONLY
