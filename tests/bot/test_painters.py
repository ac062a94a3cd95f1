"""A model that paints parts of another's pictures: nobody chooses it, and buttons find it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.models import Catalogue
from core.request import Kind
from tests.bot.town import Town, told
from tests.bot.world import labels, rows

MODELS = """
[dreams]
source = "somebody/dreams"
family = "pixart"
inpainting = "fill"

[fill]
source = "somebody/fill"
family = "sdxl"
aliases = ["filler"]
steps = 40
guidance = 9
"""


@pytest.fixture
def world(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    town.catalogue = Catalogue.parse(MODELS)
    return town


async def test_it_is_not_offered_and_who_types_it_is_told_which_model_draws(town: Town) -> None:
    choices = await town.ada.autocomplete(town.channel, "imagine", "model", "", prompt="a cat")
    assert [choice["value"] for choice in choices] == ["postcard", "dreams"]
    panel = (await town.ada.slash(town.channel, "settings")).response
    options = [option["value"] for option in rows(panel)[0][0]["options"]]
    assert "dreams" in options and "fill" not in options

    answer = (await town.imagine("a cat --model filler")).response
    assert answer.ephemeral
    assert (
        "The model “fill” paints parts of pictures and draws none from words; use dreams."
        in answer.content
    )
    assert await town.store.history(None) == []
    await town.ada.click(answer, label="Run it mended")
    assert (await town.newest()).request.model == "dreams"


async def test_what_it_paints_is_asked_of_it_and_said_in_the_details(town: Town) -> None:
    await town.imagine("a red lighthouse --ar 3:2 --n 1")
    await town.finish()
    await town.env.advance_time(1)
    # By itself this family could not start from a picture.
    found = [label for row in labels(town.last()) for label in row]
    assert "Vary (Region)" in found and "Make Square" in found and "➡️" in found
    assert "Vary (Subtle)" not in found and "Upscale (Subtle)" not in found

    await town.press("Zoom Out 2x", town.last(), town.bo)
    job = await town.finish()
    assert (job.request.kind, job.request.made_by) == (Kind.ZOOM, "fill")
    assert job.parent is not None
    assert town.last().content.startswith("**a red lighthouse --ar 3:2 --n 1** - Zoom Out 2x by")
    details = told(await town.ada.context_menu(town.channel, "Job details", town.last()))
    assert "Model `dreams` · painted by `fill` · sampler `the model's own`" in details
    assert "39 steps · guidance 9" in details
