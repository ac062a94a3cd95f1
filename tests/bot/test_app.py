"""How the bot starts, and how it ends when it is not let in."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

import bot.app
import bot.client
from bot.app import point_at, run_bot
from bot.client import EaselBot
from core.errors import SettingsError
from tests.bot.faults import refusal
from tests.bot.world import World

CLOSED = SimpleNamespace(close_code=None)


@pytest.fixture
def addresses() -> Iterator[None]:
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE
    yield
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = before


def bot_that(monkeypatch: pytest.MonkeyPatch, **methods: Any) -> None:
    """Puts other methods on the client that `run_bot` makes."""

    async def nothing(self: Any, *args: Any) -> None:
        return None

    methods = {"login": nothing, "connect": nothing, **methods}
    monkeypatch.setattr(bot.app, "EaselBot", type("Bot", (EaselBot,), methods))


async def start(world: World, **more: Any) -> None:
    await asyncio.wait_for(
        run_bot(world.settings, *world.core(), world.board, world.clock, token="x" * 20, **more), 5
    )


def raising(error: Exception) -> Any:
    async def method(self: Any, *args: Any) -> None:
        raise error

    return method


@pytest.mark.parametrize(
    ("method", "error", "said"),
    [
        ("login", discord.LoginFailure("Improper token"), "did not accept DISCORD_TOKEN"),
        ("login", refusal(403, 40001), "refused the login"),
        ("connect", discord.ConnectionClosed(CLOSED, shard_id=None, code=4004), "DISCORD_TOKEN"),
        ("connect", discord.ConnectionClosed(CLOSED, shard_id=None, code=4013), "intent"),
        ("connect", discord.ConnectionClosed(CLOSED, shard_id=None, code=4011), "sharding"),
        ("connect", discord.ConnectionClosed(CLOSED, shard_id=None, code=4444), "code 4444"),
        ("connect", discord.PrivilegedIntentsRequired(None), "intent"),
    ],
)
async def test_not_being_let_in_is_one_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch, method: str, error: Exception, said: str
) -> None:
    bot_that(monkeypatch, **{method: raising(error)})
    with pytest.raises(SettingsError, match=said) as caught:
        await start(world)
    assert caught.value.__suppress_context__


async def test_a_discord_that_cannot_be_reached_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = [ConnectionRefusedError(), refusal(503), discord.LoginFailure("no")]
    pauses: list[float] = []

    async def login(self: Any, token: str) -> None:
        raise errors.pop(0)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    bot_that(monkeypatch, login=login)
    monkeypatch.setattr(bot.app, "asyncio", SimpleNamespace(**vars(asyncio) | {"sleep": sleep}))
    with pytest.raises(SettingsError):
        await start(world)
    assert pauses == [1.0, 2.0]


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("delivery", "the delivery loop"),
        ("progress", "the progress loop"),
        ("places", "the waiting messages' loop"),
    ],
)
async def test_a_part_that_dies_stops_the_program_under_its_name(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    part: str,
    name: str,
) -> None:
    async def forever(self: Any) -> None:
        await asyncio.Event().wait()

    async def dead() -> None:
        raise ZeroDivisionError

    real = EaselBot.__init__

    def init(self: Any, *args: Any) -> None:
        real(self, *args)
        monkeypatch.setattr(getattr(self, part), "run", dead)

    bot_that(monkeypatch, connect=forever, __init__=init)
    with pytest.raises(ExceptionGroup) as caught:
        await start(world)
    assert caught.group_contains(ZeroDivisionError)
    assert f"{name} died" in caplog.text


async def test_it_runs_until_it_is_cancelled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    up = asyncio.Event()
    closed: list[bool] = []

    async def connect(self: Any) -> None:
        up.set()
        await asyncio.Event().wait()

    async def close(self: Any) -> None:
        closed.append(True)

    bot_that(monkeypatch, connect=connect, close=close)
    world.clock = SimpleNamespace(now=lambda: 0.0)  # type: ignore[assignment]
    task = asyncio.create_task(start(world))
    await asyncio.wait_for(up.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed == [True]


def test_another_discord_is_a_matter_of_three_addresses(addresses: None) -> None:
    point_at("http://127.0.0.1:8866/")
    assert Route.BASE == "http://127.0.0.1:8866/api/v10"
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "ws://127.0.0.1:8866/gateway"
    assert Asset.BASE == "http://127.0.0.1:8866/cdn"


def test_the_bot_is_small_and_carries_no_model() -> None:
    code = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        heavy = "torch", "PIL", "sqlalchemy", "diffusers", "ray", "matplotlib", "numpy"
        if name.partition(".")[0] in heavy:
            raise AssertionError("the bot imports " + name)
sys.meta_path.insert(0, Refuse())
import random
from bot.app import EaselBot
from core.admin import Stewardship
from core.board import Board
from core.clock import SystemClock
from core.compose import Limits
from core.models import PRESETS, Catalogue
from core.pictures import Pictures
from core.queue import Queue
from core.settings import Settings
from core.studio import Studio
store, clock = object(), SystemClock()
studio = Studio(
    store, store, Catalogue(PRESETS), limits=Limits(), queue=Queue(store, clock, 1), clock=clock,
    rng=random.Random(), moved=lambda id: None, pictures=Pictures(store, store, store),
    book=store, wishes=store,
)
steward = Stewardship(
    store, store, studio.catalogue, queue=studio.queue, clock=clock, moved=lambda id: None
)
EaselBot(Settings.from_env({}), studio, steward, Board(), clock)
assert "aiohttp.web" not in sys.modules
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS")))
"""
    if not sys.platform.startswith("linux"):
        pytest.skip("memory is read from /proc")
    run = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 60 * 1024


async def test_sessions_that_keep_failing_cannot_use_up_the_days_number(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    clock = SimpleNamespace(now=lambda: now)
    client = EaselBot(world.settings, *world.core(), world.board, clock)  # type: ignore[arg-type]
    monkeypatch.setattr(bot.client.asyncio, "sleep", sleep)
    identified = 0
    while now < 86400:
        await client.before_identify_hook(None)
        identified += 1
    assert 800 < identified < 1000
