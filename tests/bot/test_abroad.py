"""What outlives its token where Easel is not itself, and how large a file may be there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import simcord

from core.jobs import Job, Outcome, Owner
from tests.bot.conftest import env as world_env
from tests.bot.town import Town, told
from tests.bot.world import labels

env = world_env

GRID = [["U1", "U2", "U3", "U4", "🔄"], ["V1", "V2", "V3", "V4"]]
MIB = 1024 * 1024


@pytest.fixture
def world(tmp_path: Path) -> Town:
    return Town(tmp_path, EASEL_USER_INSTALL="on")


@pytest.fixture
async def town(
    world: Town, env: simcord.env.Env, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """Rival's server knows nothing of Easel, as Discord tells it: they brought it along."""
    await world.open(env)
    as_it_is: Any = simcord.interactions.base_payload

    def payload(backend: Any, **about: Any) -> Any:
        record, sent = as_it_is(backend, **about)
        if about["channel_id"] == world.their_channel.id:
            sent["authorizing_integration_owners"] = {"1": str(about["user_id"])}
        return record, sent

    monkeypatch.setattr(simcord.interactions, "base_payload", payload)
    yield world


async def begun(town: Town) -> Job:
    await town.rival.slash(town.their_channel, "imagine", prompt="a red lighthouse")
    return await town.start()


def since(town: Town, number: int) -> list[tuple[str, str]]:
    """What was asked of Discord after so many requests."""
    return [(one.method, one.path) for one in town.env.http_requests[number:]]


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
async def test_what_is_late_goes_to_its_owner_and_nothing_is_tried_as_the_bot(
    town: Town, restart: bool
) -> None:
    job = await begun(town)
    await town.env.advance_time(14 * 60 + 1)
    before = len(town.env.http_requests)
    await town.step(job, 10, preview=True)
    await town.env.advance_time(120)
    assert since(town, before) == []
    job = await town.finish(job, quiet=restart)
    if restart:
        await town.restart()
    job = await town.store.get(job.id)
    assert (job.outcome, job.place.server_id) == (Outcome.DIRECT_MESSAGE, 0)
    asked = [path for method, path in since(town, before) if method in ("POST", "PATCH")]
    assert len(asked) == 2
    assert asked[0] == "/users/@me/channels"
    (letter,) = town.rival.user.dm_channel.history()
    assert labels(letter) == GRID
    assert "Discord did not take this any more; so it comes here." in letter.content
    assert all(str(town.their_channel.id) not in path for path in asked)


async def test_a_place_takes_files_as_large_as_its_interaction_said(town: Town) -> None:
    await begun(town)
    job = await town.finish(bytes_=15 * MIB)
    assert job.outcome is Outcome.EDITED_BY_TOKEN
    (message,) = town.their_channel.history()
    assert labels(message) == GRID
    assert message.attachments[0].filename == f"{job.id}.png"


async def test_the_rules_are_those_of_direct_messages_there(town: Town) -> None:
    """Those of the server are its members' when Easel is in it, and nobody's when it is not."""
    await town.tells(town.boss, "quota set", pictures=0, per="day")
    refused = await town.boss.slash(town.channel, "imagine", prompt="a red lighthouse")
    assert "more than the whole allowance" in told(refused)
    await town.store.rules.ban(town.elsewhere.id, town.rival.id, by=Owner(1, "somebody"), now=0.0)
    job = await begun(town)
    assert (job.place.abroad, job.place.server_id) == (True, 0)
    shown = await town.rival.slash(town.their_channel, "usage")
    assert shown.ephemeral
    assert told(shown) == "There is no limit on pictures or GPU time here."
    theirs = await town.rival.slash(town.their_channel, "history", whose="s")
    assert told(theirs).startswith("Easel is in no server here")
