"""Which part of a picture to paint anew: by numbered cells, in words, or with a mask."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.messenger import Post
from bot.plotter import Plotter
from bot.views import view_of
from core.actions import Action, Button
from core.edits import Op
from core.jobs import Job
from core.regions import cell
from core.request import Kind
from tests.bot.test_views import button_of
from tests.bot.town import Town, told
from tests.fakes.worker import png


async def asked(town: Town, who: Any = None, prompt: str = "a red lighthouse") -> Any:
    """Vary (Region) under the second picture of a grid, pressed."""
    await town.imagine(prompt)
    job = await town.finish()
    await town.env.advance_time(1)
    button = Button(Action.REGION, job.id, 2)
    assert town.bot.user is not None
    post = Post("the picture", town.bot.user.id, view=view_of([[button_of(button)]]))
    await town.bot.messenger.post(town.channel.id, post, nonce="region")
    message = list(town.channel.history())[-1]
    answer = await (who or town.ada).click(message, custom_id=button.custom_id)
    assert answer.ephemeral
    return answer


async def region_of(town: Town) -> Job:
    job = await town.newest()
    assert job.request.kind is Kind.REGION
    assert job.request.edit is not None
    assert job.request.edit.op is Op.REGION
    return job


async def test_cells_are_chosen_from_a_numbered_picture(town: Town) -> None:
    answer = await asked(town, town.bo)
    assert told(answer).startswith("Which part shall be painted anew?")
    (file,) = answer.response.attachments
    assert file.filename == "cells.png"
    await town.restart()
    await town.bo.select(answer.response, ["6", "11"])
    job = await region_of(town)
    assert job.request.edit is not None
    assert job.request.edit.parts == (cell(6), cell(11))
    assert (job.owner.id, job.parent and job.parent.index) == (town.bo.id, 2)
    assert "Variations (Region) by" in town.last().content


async def test_a_part_is_named_in_words(town: Town) -> None:
    answer = await asked(town)
    form = await town.ada.click(answer.response, label="In words or with a mask")
    assert len(form.modal["components"]) == 2
    await town.ada.submit_modal(form, {"region": "left third"})
    job = await region_of(town)
    assert job.request.edit is not None
    (part,) = job.request.edit.parts
    assert (part.left, round(part.right, 3)) == (0.0, 0.333)


async def test_a_mask_is_kept_with_the_job(town: Town) -> None:
    answer = await asked(town)
    form = await town.ada.click(answer.response, label="In words or with a mask")
    await town.ada.submit_modal(form, {"mask": ("mask.png", png(16, 16, [[1]]))})
    job = await region_of(town)
    assert job.request.edit is not None
    assert job.request.edit.mask is not None
    assert await town.blobs.get(job.request.edit.mask)


async def test_in_remix_mode_the_prompt_is_asked_for_too(town: Town) -> None:
    await town.ada.slash(town.channel, "prefer remix")
    answer = await asked(town)
    form = await town.ada.select(answer.response, ["1"])
    region, _, prompt = (row["component"] for row in form.modal["components"])
    assert (region["value"], prompt["value"]) == ("1", "a red lighthouse")
    await town.ada.submit_modal(form, {"region": "1", "prompt": "a blue boat"})
    job = await region_of(town)
    assert job.request.text == "a blue boat"
    assert "Remix (Region) by" in town.last().content


async def test_what_names_no_part_is_one_sentence_and_costs_nothing(town: Town) -> None:
    answer = await asked(town)
    form = await town.ada.click(answer.response, label="In words or with a mask")
    assert "Say which part" in told(await town.ada.submit_modal(form, {}))
    form = await town.ada.click(answer.response, label="In words or with a mask")
    assert "names no part" in told(await town.ada.submit_modal(form, {"region": "the whale"}))
    assert len(await town.store.history(None)) == 1


async def test_a_private_picture_is_not_shown_in_cells_to_others(town: Town) -> None:
    answer = await asked(town, town.bo, "a secret --stealth")
    assert "private" in told(answer)
    assert answer.response.attachments == []


@pytest.mark.slow
async def test_the_cells_are_drawn_by_another_process(tmp_path: Path) -> None:
    Image.new("RGB", (96, 64), (0, 0, 255)).save(tmp_path / "blue.png")
    upload = await Plotter(tmp_path / "charts").cells(tmp_path / "blue.png", "cells")
    assert upload is not None
    with Image.open(BytesIO(upload.data)) as drawn:
        assert drawn.size == (750, 500)
        colours = drawn.convert("RGB").getcolors(maxcolors=1 << 20) or []
    share = sum(count for count, colour in colours if colour == (0, 0, 255)) / (750 * 500)
    assert 0.7 < share < 0.97
