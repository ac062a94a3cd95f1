"""Every button under one picture, pressed: what it opens, and what it asks for."""

from __future__ import annotations

from typing import Any

import pytest

from core.request import Kind
from tests.bot.town import Town
from tests.bot.world import custom_ids, labels


async def picked(town: Town, prompt: str = "a red lighthouse --ar 3:2") -> Any:
    await town.imagine(prompt)
    await town.finish()
    await town.env.advance_time(1)
    await town.press("U2", town.last())
    await town.env.advance_time(3)
    return town.last()


async def click(town: Town, message: Any, part: str) -> Any:
    id = next(id for id in custom_ids(message) if f":{part}:" in id or id.endswith(f":{part}"))
    return await town.bo.click(message, custom_id=id)


@pytest.mark.parametrize(
    ("part", "kind", "count", "title"),
    [
        ("US", Kind.ENLARGE, 1, "Upscaled (Subtle)"),
        ("UC", Kind.ENLARGE, 1, "Upscaled (Creative)"),
        ("VS", Kind.VARIATION, 4, "Variations (Subtle)"),
        ("VT", Kind.VARIATION, 4, "Variations (Strong)"),
        ("20", Kind.ZOOM, 4, "Zoom Out 2x"),
        ("15", Kind.ZOOM, 4, "Zoom Out 1.5x"),
        ("square", Kind.SQUARE, 4, "Made Square"),
        ("left", Kind.PAN, 4, "Pan Left"),
        ("right", Kind.PAN, 4, "Pan Right"),
        ("up", Kind.PAN, 4, "Pan Up"),
        ("down", Kind.PAN, 4, "Pan Down"),
    ],
)
async def test_a_press_asks_for_it_and_its_message_says_what_it_is(
    town: Town, part: str, kind: Kind, count: int, title: str
) -> None:
    message = await picked(town)
    await click(town, message, part)
    job = await town.finish()
    assert (job.request.kind, job.request.count, job.owner.id) == (kind, count, town.bo.id)
    assert job.parent is not None
    assert town.last().content.endswith(f" - {title} by {town.owner(town.bo)} (fast)")
    first = labels(town.last())[0][0]
    assert first == ("Upscale (Subtle)" if count == 1 else "U1")


async def test_custom_zoom_opens_the_prompt_with_how_far_and_what_shape(town: Town) -> None:
    message = await picked(town)
    form = await click(town, message, "custom")
    line = form.modal["components"][0]["component"]["value"]
    assert line == "a red lighthouse --ar 3:2 --zoom 2"
    await town.bo.submit_modal(form, {"prompt": "a red lighthouse --ar 1:1 --zoom 1.5"})
    job = await town.finish()
    assert (job.request.kind, job.request.aspect) == (Kind.ZOOM, (1, 1))


async def test_in_remix_mode_a_pan_asks_for_the_prompt(town: Town) -> None:
    await town.bo.slash(town.channel, "prefer remix")
    message = await picked(town)
    form = await click(town, message, "left")
    await town.bo.submit_modal(form, {"prompt": "a blue boat"})
    job = await town.finish()
    assert (job.request.kind, job.request.text) == (Kind.PAN, "a blue boat")


async def test_region_asks_which_part_under_the_picture_itself(town: Town) -> None:
    message = await picked(town)
    answer = await click(town, message, "region")
    assert answer.ephemeral
    await town.bo.select(answer.response, ["1", "2"])
    assert (await town.newest()).request.kind is Kind.REGION


async def test_a_draft_is_enhanced_from_its_grid_and_from_one_picture(town: Town) -> None:
    await town.imagine("a red lighthouse --draft")
    await town.finish()
    await town.env.advance_time(1)
    sketch = town.last()
    assert labels(sketch)[2] == ["E1", "E2", "E3", "E4"]
    await town.bo.click(sketch, label="E3")
    job = await town.finish()
    assert (job.request.kind, job.request.draft, job.request.count) == (Kind.ENHANCE, False, 1)
    assert "Enhanced by" in town.last().content
    await town.env.advance_time(1)
    await town.press("U1", sketch)
    assert "Enhance" in [label for row in labels(town.last()) for label in row]
