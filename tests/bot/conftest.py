from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import simcord

from bot.bell import Bell
from tests.bot.town import Town
from tests.bot.world import World
from tests.discord_spec import problems, spec_path


@pytest.fixture(autouse=True)
def _discord_py_warnings() -> None:
    # discord.py 2.7.1 itself uses what Python 3.12 and later deprecate.
    warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"discord\..*")


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """With somebody in charge where a test asks for the `town`."""
    return Town(tmp_path) if "town" in request.fixturenames else World(tmp_path)


@pytest.fixture
async def env(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[simcord.env.Env]:
    """The bot in a simulated Discord. Every body it sent is judged by Discord's OpenAPI file."""
    wait = Bell.wait

    async def declared(self: Bell, seconds: float | None = None) -> bool:
        # SimCord wants to know which waits of a bot are its rest.
        return await env.external_wait(wait(self, seconds), reason="nothing to do")

    monkeypatch.setattr(Bell, "wait", declared)
    env = simcord.env.Env(world.new_bot())
    world.clock.env = env
    await env.start()
    try:
        yield env
    finally:
        await env.shutdown()
    env.raise_errors()
    judge(env)


@pytest.fixture
async def easel(world: World, env: simcord.env.Env) -> World:
    await world.open(env)
    return world


@pytest.fixture
def town(easel: Town) -> Town:
    return easel


def judge(env: simcord.env.Env) -> None:
    if spec_path() is None:
        return  # test_discord_spec.py is skipped then, with the reason
    sent = [(request.method, request.path, request.json) for request in env.http_requests]
    assert problems(sent) == []
