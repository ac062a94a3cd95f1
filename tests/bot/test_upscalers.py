"""What enlarges a picture: pressed for, chosen in a prompt, and told in the details."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import simcord

from core.models import Catalogue
from core.request import Kind
from tests.bot.conftest import env as world_env
from tests.bot.town import Town, told

env = world_env


@pytest.fixture
def world(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    town.catalogue = Catalogue.parse(
        '[upscalers]\nsharp = "/srv/sharp.safetensors"\nsoft = "some/soft"\n[postcard]'
    )
    return town


@pytest.fixture
async def town(world: Town, env: simcord.env.Env) -> AsyncIterator[Town]:
    await world.open(env)
    yield world


@pytest.mark.parametrize(("flags", "name"), [("", "sharp"), (" --upscaler SOFT", "soft")])
async def test_the_button_takes_the_first_or_what_the_prompt_names_and_says_so(
    town: Town, flags: str, name: str
) -> None:
    await town.imagine(f"a red lighthouse{flags} --n 1")
    grid = await town.finish()
    assert grid.request.enlarger == ""
    await town.env.advance_time(1)
    details = told(await town.ada.context_menu(town.channel, "Job details", town.last()))
    assert "enlarged with" not in details

    await town.press("Upscale (Creative)", town.last(), town.bo)
    job = await town.finish()
    assert (job.request.kind, job.request.enlarger) == (Kind.ENLARGE, name)
    details = told(await town.ada.context_menu(town.channel, "Job details", town.last()))
    assert f"enlarged with `{name}`" in details


async def test_what_is_not_there_is_answered_with_what_is(town: Town) -> None:
    answer = (await town.imagine("a cat --upscaler esrgan")).response
    assert answer.ephemeral
    assert "There is no upscaler called “esrgan” here. The upscalers are sharp, soft." in (
        answer.content
    )
    assert await town.store.history(None) == []
