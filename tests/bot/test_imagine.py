"""From /imagine to a grid, as the members see it."""

from __future__ import annotations

from typing import Any

import pytest

from core.jobs import Job, Outcome, State
from tests.bot.world import EDIT_EVERY_SECONDS, World, custom_ids, labels
from tests.fakes.pictures import redrawn
from tests.fakes.worker import png

PICTURE = png(8, 8, [[1]])


async def test_a_member_imagines_and_gets_a_grid(easel: World) -> None:
    answer = await easel.imagine("a red lighthouse --ar 3:2")

    waiting = answer.response
    assert waiting.content == (
        f"**a red lighthouse --ar 3:2** - {easel.owner()} (waiting, 1st, about 5 s)"
    )
    assert labels(waiting) == [["Cancel"]]

    job = await easel.start()
    assert job.message_id == waiting.id
    assert easel.last().content.endswith(f"{easel.owner()} (0%)")

    await easel.finish(job)
    final = easel.last()
    assert final.id == waiting.id
    assert final.content == f"**a red lighthouse --ar 3:2** - {easel.owner()} (fast)"
    assert labels(final) == [["U1", "U2", "U3", "U4", "🔄"], ["V1", "V2", "V3", "V4"]]
    (file,) = final.attachments
    assert file.filename == f"{job.id}.png"
    assert file.description == "a red lighthouse"

    done = await easel.store.get(job.id)
    assert done.state is State.DONE
    assert done.outcome is Outcome.EDITED_BY_TOKEN


async def test_the_member_watches_it_sharpen(easel: World) -> None:
    await easel.imagine()
    job = await easel.start()
    await easel.step(job, 3, preview=True)
    assert easel.last().content.endswith("(0%)")  # too soon after the last edit

    await easel.env.advance_time(EDIT_EVERY_SECONDS + 1)
    first = easel.last()
    assert first.content.endswith("(15%)")
    assert [file.filename for file in first.attachments] == [f"{job.id}-preview.png"]
    assert labels(first) == [["Cancel"]]

    await easel.step(job, 9)
    await easel.env.advance_time(EDIT_EVERY_SECONDS + 1)
    second = easel.last()
    assert second.content.endswith("(45%)")
    assert [file.id for file in second.attachments] == [file.id for file in first.attachments]

    await easel.step(job, 12, preview=True)
    await easel.env.advance_time(EDIT_EVERY_SECONDS + 1)
    third = easel.last()
    assert third.content.endswith("(60%)")
    assert len(third.attachments) == 1
    assert third.attachments[0].id != first.attachments[0].id

    await easel.finish(job)
    final = easel.last()
    assert [file.filename for file in final.attachments] == [f"{job.id}.png"]


async def test_a_late_preview_never_covers_the_result(easel: World) -> None:
    await easel.imagine()
    job = await easel.start()
    await easel.finish(job)
    await easel.step(job, 19, preview=True)
    await easel.env.advance_time(EDIT_EVERY_SECONDS + 1)
    assert easel.last().content.endswith("(fast)")


async def test_those_who_wait_see_their_place_move_up(easel: World) -> None:
    first = await easel.imagine("one")
    second = await easel.imagine("two", easel.bo)
    assert "(waiting, 2nd, " in second.response.content
    (job,) = [job for job in await easel.store.history(None) if job.request.text == "one"]
    await easel.env.advance_time(11)
    await easel.start(job)
    await easel.env.advance_time(11)
    assert "(waiting, 1st, " in second.response.content
    assert "(0%)" in first.response.content
    edits = easel.requests("PATCH", "/messages/@original")
    assert len(edits) == 2  # nothing is written that is shown already


async def _crowd(easel: World, count: int) -> Any:
    """So many ask, one after the other; the last one's message."""
    for number in range(count):
        asked = await easel.imagine(str(number))
        await easel.env.advance_time(0.1)
    return asked


async def _job(easel: World, text: str) -> Job:
    (job,) = [job for job in await easel.store.history(None) if job.request.text == text]
    return job


async def test_those_far_back_see_it_when_half_of_the_others_are_through(easel: World) -> None:
    last = await _crowd(easel, 14)
    assert "(waiting, 14th, " in last.response.content
    said: list[str] = []
    for number in range(8):
        await easel.finish(await easel.start(await _job(easel, str(number))))
        await easel.env.advance_time(11)
        said.append(last.response.content.split(", ")[1])
    assert said == ["14th"] * 7 + ["6th"]


async def test_after_a_second_start_all_that_wait_see_their_place_again(easel: World) -> None:
    last = await _crowd(easel, 9)
    first = await _job(easel, "0")
    await easel.store.cancel(first.id, easel.clock.now())
    await easel.restart()
    easel.board.changed(first.id)
    await easel.env.advance_time(11)
    assert "(waiting, 8th, " in last.response.content


async def test_a_waiting_message_that_cannot_be_edited_is_left_alone(easel: World) -> None:
    await easel.imagine("one")
    second = await easel.imagine("two", easel.bo)
    await second.response.message.delete()
    (one,) = [job for job in await easel.store.history(None) if job.request.text == "one"]
    await easel.env.advance_time(11)
    await easel.start(one)
    await easel.env.advance_time(11)
    tries = len(easel.requests("PATCH", "/messages/@original"))
    await easel.imagine("three", easel.admin)
    await easel.env.advance_time(60)
    refused = [
        request
        for request in easel.requests("PATCH", "/messages/@original")[tries:]
        if "**two**" in request.json["content"]
    ]
    assert refused == []


async def test_eight_pictures_have_their_buttons_in_four_rows(easel: World) -> None:
    await easel.imagine("gulls --n 8")
    await easel.finish()
    assert labels(easel.last()) == [
        ["U1", "U2", "U3", "U4", "🔄"],
        ["U5", "U6", "U7", "U8"],
        ["V1", "V2", "V3", "V4"],
        ["V5", "V6", "V7", "V8"],
    ]


async def test_a_picture_can_be_the_start(easel: World) -> None:
    await easel.imagine("as a stamp", image=("mine.png", PICTURE))
    job = await easel.newest()
    assert job.request.source is not None
    assert await easel.blobs.get(job.request.source.blob) == redrawn(PICTURE)


async def test_the_models_are_offered_while_typing(easel: World) -> None:
    async def offered(typed: str) -> list[str]:
        choices = await easel.ada.autocomplete(
            easel.channel, "imagine", "model", typed, prompt="a cat"
        )
        return [choice["value"] for choice in choices]

    assert await offered("") == ["postcard", "sd15", "sdxl", "flux"]
    assert await offered("diffusion X") == ["sdxl"]
    assert await offered("nothing like it") == []
    await easel.imagine("a cat", model="sdxl")
    assert (await easel.newest()).request.model == "sdxl"


@pytest.mark.parametrize(
    "prompt",
    [
        "@everyone look <@&1> <@5>",
        "**bold** `code` ||spoiler|| [x](https://example.org)",
        "\u202egnirts desrever\u202c",
        "word " * 1100,
        "🎨" * 1900,
    ],
)
async def test_any_words_are_shown_safely_from_first_to_last(easel: World, prompt: str) -> None:
    answer = await easel.imagine(prompt)
    assert not answer.response.ephemeral
    await easel.finish()
    owner = str(easel.ada.id)
    for request in easel.env.http_requests:
        body = request.json
        if isinstance(body, dict):
            body = body.get("data", body)
        if not isinstance(body, dict) or "content" not in body:
            continue
        assert len(body["content"]) <= 2000
        assert "\u202e" not in body["content"]
        assert "@everyone" not in body["content"]
        assert body["allowed_mentions"]["parse"] == []
        assert {str(user) for user in body["allowed_mentions"]["users"]} <= {owner}
    assert easel.last().content.endswith(f"{easel.owner()} (fast)")


async def test_a_failed_job_says_so_and_what_it_cost(easel: World) -> None:
    await easel.imagine()
    await easel.fail(await easel.newest(), "The model could not be loaded.")
    content = easel.last().content
    assert content.endswith("(failed)\nThe model could not be loaded. Nothing was charged.")
    assert labels(easel.last()) == [["🔄"]]


async def test_help_is_for_the_one_who_asks(easel: World) -> None:
    answer = await easel.ada.slash(easel.channel, "help")
    assert answer.response.ephemeral
    assert "/imagine" in answer.response.content


async def test_it_works_in_a_direct_message_with_the_bot(easel: World) -> None:
    eve = easel.env.create_user("eve")
    answer = await eve.slash("imagine", prompt="a cat")
    assert "(waiting, 1st" in answer.response.content
    job = await easel.finish()
    assert job.place.server_id == 0
    assert answer.response.content.endswith(f"<@{eve.id}> (fast)")


async def test_a_full_queue_is_one_sentence(easel: World) -> None:
    for number in range(100):
        await easel.studio_admit(f"picture {number}")
    answer = await easel.imagine("one more")
    assert answer.response.ephemeral
    assert "the limit here is 100" in answer.response.content


async def test_a_channel_where_the_bot_may_not_post_is_refused_before_anything_is_charged(
    easel: World,
) -> None:
    import discord

    silent = easel.guild.create_text_channel(
        "silent",
        overwrites={
            easel.guild.default_role: discord.PermissionOverwrite(
                attach_files=False, embed_links=False
            )
        },
    )
    answer = await easel.ada.slash(silent, "imagine", prompt="a cat")
    assert answer.response.ephemeral
    assert "it lacks Attach Files and Embed Links" in answer.response.content
    assert await easel.store.history(None) == []


async def test_the_buttons_of_a_grid_name_their_job(easel: World) -> None:
    await easel.imagine()
    job = await easel.finish()
    assert all(f":{job.id}:" in id for id in custom_ids(easel.last()))
