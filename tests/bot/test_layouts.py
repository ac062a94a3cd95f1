"""Grids as pictures beside each other, where a server's admins want them so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import simcord

from core.jobs import Outcome
from tests.bot.town import Town, told
from tests.bot.world import labels


@pytest.fixture
async def town(world: Town, env: simcord.env.Env) -> AsyncIterator[Town]:
    await world.open(env)
    await world.boss_does("server presentation", how="gallery")
    yield world


def parts(message: Any) -> list[dict[str, Any]]:
    return [c if isinstance(c, dict) else c.to_dict() for c in message.components]


def rows_of(message: Any) -> list[list[str]]:
    """The buttons, below the text and the pictures."""
    return labels(message)[2:]


async def shown(town: Town, prompt: str = "a red lighthouse") -> Any:
    await town.imagine(prompt)
    await town.finish()
    await town.env.advance_time(1)
    return town.last()


async def test_a_grid_is_its_pictures_beside_each_other_with_the_same_buttons(town: Town) -> None:
    message = await shown(town)
    job = await town.newest()
    assert (message.content, message.flags.components_v2) == ("", True)
    text, gallery, *_ = parts(message)
    assert text["content"] == f"**a red lighthouse** - {town.owner()} (fast)"
    assert [item["description"] for item in gallery["items"]] == ["a red lighthouse"] * 4
    assert rows_of(message) == [["U1", "U2", "U3", "U4", "🔄"], ["V1", "V2", "V3", "V4"]]
    for number, file in enumerate(message.attachments, 1):
        image = await town.store.image(job.id, number)
        assert await file.read() == await town.blobs.get(image.blob)
    assert job.outcome is Outcome.EDITED_BY_TOKEN


async def test_a_pressed_button_shows_it_and_the_pictures_stay(town: Town) -> None:
    message = await shown(town)
    files = [file.filename for file in message.attachments]
    await town.bo.click(message, label="U2")
    assert town.last().content.endswith(f"Image #2 {town.owner(town.bo)}")
    used = town.messages()[0]
    styles = {
        b["label"]: b["style"]
        for row in parts(used)[2:]
        for b in row["components"]
        if b.get("label")
    }
    assert (styles["U2"], styles["U1"]) == (1, 2)
    assert [file.filename for file in used.attachments] == files
    assert len(parts(used)[1]["items"]) == 4


async def test_it_works_after_a_restart_and_for_details_and_reactions(town: Town) -> None:
    message = await shown(town)
    job = await town.newest()
    await town.restart()
    details = await town.bo.context_menu(town.channel, "Job details", message)
    assert f"Job `{job.id}`" in told(details)
    await town.bo.react(message, "✉️")
    (letter,) = town.bo.user.dm_channel.history()
    assert len(letter.attachments) == 4
    await town.bo.click(message, label="V4")
    await town.finish()
    assert parts(town.last())[0]["content"].startswith("**a red lighthouse** - Variations")


async def test_a_post_whose_outcome_is_unknown_is_found_again(town: Town) -> None:
    await town.imagine()
    town.env.inject_error(
        "PATCH", "/webhooks/*/*/messages/@original", status=404, code=10015, times=None
    )
    town.env.inject_error("PATCH", "/channels/*/messages/*", status=400, code=0, times=1)
    job = await town.finish()
    assert job.outcome is Outcome.POSTED
    (text, *_), _ = parts(town.last()), None
    assert text["content"].endswith("(fast)")
    found = await town.bot.messenger.find(town.channel.id, job.id, job.created_at)
    assert found is not None
    assert (found.message_id, found.final) == (town.last().id, True)


async def test_one_picture_and_what_failed_are_shown_as_ever(town: Town) -> None:
    await town.imagine("one --n 1")
    await town.finish()
    assert town.last().content.startswith("**one --n 1** - ")
    await town.imagine("another")
    await town.fail(await town.newest(), "That model cannot.")
    assert "failed" in town.last().content


async def test_only_admins_choose_and_a_grid_comes_back(town: Town) -> None:
    refused = await town.tells(town.rival, "server presentation", how="grid")
    assert "one picture" in refused  # on a server of their own
    assert parts(await shown(town))[0]["type"] == 10
    assert await town.boss_does("server presentation", how="grid") == (
        "Finished grids are shown here as one picture."
    )
    assert (await shown(town)).content.endswith("(fast)")
