"""Painters with somebody in charge, and another server with somebody else in charge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import simcord

from bot.family import Tree
from bot.messenger import Post, Upload
from bot.panels import Act, Knob
from core.chart import Chart
from tests.bot.world import SimBot, World

MANAGER = discord.Permissions(manage_guild=True)


class FakePlotter:
    """Keeps what it was to draw."""

    def __init__(self) -> None:
        self.charts: list[Chart] = []
        self.trees: list[Tree] = []

    async def draw(self, chart: Chart) -> Upload | None:
        self.charts.append(chart)
        return Upload("use.png", b"a picture", chart.alt)

    async def cells(self, path: Path, alt: str) -> Upload | None:
        return Upload("cells.png", path.read_bytes(), alt)

    async def family(self, tree: Tree) -> Upload | None:
        self.trees.append(tree)
        return Upload("family.png", b"a picture", tree.alt)


class Town(World):
    """`boss` manages the server of `ada` and `bo`; `rival` manages another one."""

    def __init__(self, folder: Path, **changes: str) -> None:
        super().__init__(folder, **changes)
        self.plotter = FakePlotter()

    def new_bot(self) -> SimBot:
        bot = super().new_bot()
        bot.office._plotter = self.plotter  # type: ignore[assignment]
        bot.viewer._plotter = self.plotter  # type: ignore[assignment]
        bot.presser._plotter = self.plotter  # type: ignore[assignment]
        return bot

    async def open(self, env: simcord.env.Env) -> None:
        await super().open(env)
        self.patron = self.guild.create_role("patron")
        managers = self.guild.create_role("manager", permissions=MANAGER)
        self.boss = self.guild.add_member(env.create_user("boss"), roles=[managers])
        self.cy = self.guild.add_member(env.create_user("cy"), roles=[self.patron])
        self.elsewhere = env.create_guild("Elsewhere")
        self.their_channel = self.elsewhere.create_text_channel("theirs")
        managers = self.elsewhere.create_role("manager", permissions=MANAGER)
        self.rival = self.elsewhere.add_member(env.create_user("rival"), roles=[managers])
        await env.settle()

    async def boss_does(self, command: str, **options: Any) -> str:
        return await self.tells(self.boss, command, **options)

    async def tells(self, who: Any, command: str, **options: Any) -> str:
        """What the person is told, alone, for a command."""
        channel = self.their_channel if who is self.rival else self.channel
        return told(await who.slash(channel, command, **options))

    async def knob(self, who: Any, act: Act, **more: Any) -> str:
        """Presses a button of this id, wherever the person got it from."""
        return await self.press_id(who, Knob(act, **more).custom_id)

    async def press_id(self, who: Any, id: str) -> str:
        view = discord.ui.View(timeout=None)
        view.add_item(discord.ui.Button(label="x", custom_id=id))
        view.stop()
        channel = self.their_channel if who is self.rival else self.channel
        nonce = f"n{len(self.env.http_requests)}"
        assert self.bot.user is not None
        post = Post("copied", self.bot.user.id, view=view)
        await self.bot.messenger.post(channel.id, post, nonce=nonce)
        message = list(channel.history())[-1]
        return told(await who.click(message, custom_id=id))


def told(result: Any) -> str:
    shown = result.followups[-1] if result.followups else result.response
    return str(shown.content)
