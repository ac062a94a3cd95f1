"""The buttons under a picture: they work for everybody who may see it, and after any time."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import BusyError
from core.jobs import Outcome, State
from core.request import Kind
from tests.bot.world import World, custom_ids, labels, rows


async def grid(easel: World, prompt: str = "a red lighthouse") -> object:
    await easel.imagine(prompt)
    await easel.finish()
    await easel.env.advance_time(1)  # what the queue looked like is used again for half a second
    return easel.last()


def style(message: object, label: str) -> int:
    return next(
        item["style"] for row in rows(message) for item in row if item.get("label") == label
    )


async def test_u_posts_the_stored_picture_at_once(easel: World) -> None:
    message = await grid(easel)
    answer = await easel.press("U2", message, easel.bo)

    single = easel.last()
    assert single.id == answer.response.id
    assert single.content == f"**a red lighthouse** - Image #2 {easel.owner(easel.bo)}"
    (file,) = single.attachments
    job = await easel.newest()
    image = await easel.store.image((await easel.store.history(None))[1].id, 2)
    assert await file.read() == await easel.blobs.get(image.blob)
    assert job.cost_ms == 0
    assert job.outcome is Outcome.EDITED_BY_TOKEN
    assert labels(single) == [
        [
            "Upscale (Subtle)",
            "Upscale (Creative)",
            "Vary (Subtle)",
            "Vary (Strong)",
            "Vary (Region)",
        ],
        ["Zoom Out 2x", "Zoom Out 1.5x", "Custom Zoom"],
        ["⬅️", "➡️", "⬆️", "⬇️"],
        ["❤️", "Remix"],
    ]


async def test_a_second_member_presses_v_and_gets_variations(easel: World) -> None:
    message = await grid(easel)
    answer = await easel.press("V2", message, easel.bo)

    waiting = answer.response
    owner = easel.owner(easel.bo)
    assert waiting.content == (
        f"**a red lighthouse** - Variations (Strong) by {owner} (waiting, 1st, about 5 s)"
    )
    job = await easel.newest()
    assert (job.owner.id, job.place.reply_to) == (easel.bo.id, message.id)
    assert (job.request.kind, job.request.count) == (Kind.VARIATION, 4)

    await easel.finish(job)
    final = easel.last()
    assert final.content == f"**a red lighthouse** - Variations (Strong) by {owner} (fast)"
    assert len(labels(final)) == 2


async def test_reroll_makes_the_grid_again(easel: World) -> None:
    message = await grid(easel)
    before = await easel.newest()
    await easel.press("reroll", message)
    job = await easel.finish()
    assert job.request.seed != before.request.seed
    assert easel.last().content == f"**a red lighthouse** - {easel.owner()} (fast)"


async def test_vary_under_a_single_picture_makes_a_grid(easel: World) -> None:
    await easel.press("U3", await grid(easel))
    await easel.press("Vary (Subtle)", easel.last())
    job = await easel.finish()
    assert (job.request.kind, job.request.count) == (Kind.VARIATION, 4)


async def test_a_pressed_button_shows_it_and_works_again(easel: World) -> None:
    message = await grid(easel)
    assert style(message, "U1") == style(message, "U2") == 2
    await easel.press("U2", message)
    used = easel.messages()[0]
    assert (style(used, "U2"), style(used, "U1")) == (1, 2)
    assert used.content == message.content
    assert [file.id for file in used.attachments] == [file.id for file in message.attachments]

    await easel.env.advance_time(3)
    await easel.press("U2", used)
    assert len(easel.messages()) == 3


async def test_a_mark_that_fails_is_nobodys_trouble(easel: World) -> None:
    message = await grid(easel)
    easel.env.inject_error("PATCH", "/channels/*/messages/*", status=500, times=None)
    answer = await easel.press("U1", message)
    assert answer.response.content.endswith(f"Image #1 {easel.owner()}")


async def test_a_double_click_makes_one_job(easel: World) -> None:
    message = await grid(easel)
    await easel.press("V1", message)
    second = await easel.press("V1", message)
    assert second.response.ephemeral
    assert "twice" in second.response.content
    assert len(await easel.store.history(None)) == 2


async def test_two_members_pressing_make_two_jobs(easel: World) -> None:
    message = await grid(easel)
    await easel.press("V1", message)
    await easel.press("V1", message, easel.bo)
    assert len(await easel.store.history(None)) == 3


async def test_buttons_work_after_a_restart(easel: World) -> None:
    message = await grid(easel)
    await easel.restart()
    await easel.press("U4", message, easel.bo)
    assert easel.last().content.endswith(f"Image #4 {easel.owner(easel.bo)}")
    await easel.press("V4", message, easel.bo)
    await easel.finish()
    assert "Variations (Strong) by" in easel.last().content


async def test_buttons_work_after_a_year(easel: World) -> None:
    message = await grid(easel)
    easel.env.backend.advance_clock(365 * 86400)
    await easel.restart()
    await easel.press("U1", message)
    assert easel.last().content.endswith(f"Image #1 {easel.owner()}")


async def test_a_job_that_is_gone_is_one_sentence(easel: World) -> None:
    message = await grid(easel)
    easel.store._jobs.clear()
    answer = await easel.press("U1", message)
    assert answer.response.ephemeral
    assert answer.response.content == "That job is not in Easel's history any more."


@pytest.mark.parametrize("custom_id", ["e1:zoom:00000000000000000001:0", "e9:whatever", "m7:x"])
async def test_a_button_of_another_version_gets_an_answer(easel: World, custom_id: str) -> None:
    message = await grid(easel)
    stored = easel.env.backend.get_message(message.channel.id, message.id)
    stored.components[0]["components"][0]["custom_id"] = custom_id
    answer = await easel.ada.click(message, custom_id=custom_id)
    assert answer.response.ephemeral
    assert "another version of Easel" in answer.response.content


# Cancel


async def test_the_owner_cancels_while_it_waits(easel: World) -> None:
    shown = await easel.imagine()
    answer = await easel.press("cancel", shown.response)
    assert answer.response.ephemeral
    message = easel.messages()[0]
    assert message.content == f"**a red lighthouse** - {easel.owner()} (stopped)"
    assert labels(message) == [["🔄"]]
    job = await easel.newest()
    assert (job.state, sum(line.gpu_ms for line in await easel.store.ledger(job.id))) == (
        State.CANCELLED,
        0,
    )


async def test_the_owner_cancels_while_it_runs(easel: World) -> None:
    shown = await easel.imagine()
    job = await easel.start()
    answer = await easel.press("cancel", easel.messages()[0])
    assert "stops at its next step" in answer.response.content
    assert (await easel.store.get(job.id)).cancel_requested
    await easel.stop(job)
    assert shown.response.content.endswith("(stopped)")


async def test_a_stranger_may_not_cancel(easel: World) -> None:
    shown = await easel.imagine()
    answer = await easel.press("cancel", shown.response, easel.bo)
    assert answer.response.ephemeral
    assert "Only the person who started this job" in answer.response.content
    assert (await easel.newest()).state is State.QUEUED


async def test_a_moderator_may_cancel(easel: World) -> None:
    shown = await easel.imagine()
    await easel.press("cancel", shown.response, easel.admin)
    assert (await easel.newest()).state is State.CANCELLED


async def test_cancelling_what_has_ended_says_so(easel: World) -> None:
    shown = await easel.imagine()
    before = shown.response.message
    await easel.finish()
    stored = easel.env.backend.get_message(before.channel.id, before.id)
    (cancel,) = custom_ids(before)
    stored.components[0]["components"][0]["custom_id"] = cancel
    answer = await easel.ada.click(before, custom_id=cancel)
    assert answer.response.content == "That job had ended already."


async def test_a_stopped_job_can_be_made_again(easel: World) -> None:
    shown = await easel.imagine()
    await easel.press("cancel", shown.response)
    await easel.press("reroll", easel.messages()[0])
    await easel.finish()
    assert easel.last().content.endswith("(fast)")


# When things go wrong behind the button


async def test_a_private_picture_is_its_owners(easel: World) -> None:
    message = await grid(easel, "a secret --stealth")
    assert message.content.endswith("(fast, stealth)")
    answer = await easel.press("U1", message, easel.bo)
    assert "private to the person who made it" in answer.response.content


async def test_a_bug_of_ours_is_one_sentence_with_a_reference(
    easel: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    message = await grid(easel)

    async def broken(*args: object, **more: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(easel.bot.desk.studio, "press", broken)
    answer = await easel.press("V1", message)
    assert answer.response.ephemeral
    assert "secret detail" not in answer.response.content
    reference = answer.response.content.split("`")[1]
    assert f"reference {reference}" in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_slow_work_is_answered_in_time_all_the_same(
    easel: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = easel.bot.desk.studio
    admit = studio.make

    async def slow(*args: object, **more: object) -> object:
        await asyncio.sleep(0.1)
        return await admit(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(studio, "make", slow)
    monkeypatch.setattr("bot.replies.HOLD_SECONDS", 0.01)
    answer = await easel.imagine()
    assert easel.requests("POST", "/callback")[0].json == {"type": 5}
    assert "(waiting, 1st" in answer.response.content
    await easel.finish()
    assert easel.last().content.endswith("(fast)")


async def test_slow_work_that_is_refused_leaves_nothing_public(
    easel: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*args: object, **more: object) -> None:
        await asyncio.sleep(0.1)
        raise BusyError

    monkeypatch.setattr(easel.bot.desk.studio, "make", slow)
    monkeypatch.setattr("bot.replies.HOLD_SECONDS", 0.01)
    await easel.imagine()
    assert easel.messages() == []
    calls = [(r.method, (r.json or {})) for r in easel.env.http_requests[-3:]]
    assert [method for method, _ in calls] == ["POST", "DELETE", "POST"]
    assert calls[0][1] == {"type": 5}
    # Discord makes a new private message of this; SimCord still looks for the deleted one.
    assert calls[2][1]["flags"] == 64
    assert "Try again in a moment" in calls[2][1]["content"]


async def test_the_same_event_twice_is_one_job(easel: World) -> None:
    await easel.imagine()
    event = next(
        payload
        for kind, name, payload in easel.env.backend.transcript
        if name == "INTERACTION_CREATE"
    )
    easel.env.backend.emit("INTERACTION_CREATE", event)
    await easel.env.settle()
    assert len(await easel.store.history(None)) == 1
    assert len(easel.messages()) == 1
    await easel.finish()
    assert easel.last().content.endswith("(fast)")


async def test_a_job_stands_even_when_its_message_cannot_be_noted(
    easel: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(job_id: str, message_id: int) -> None:
        raise BusyError

    monkeypatch.setattr(easel.store, "shown_at", busy)
    answer = await easel.imagine()
    assert answer.followups == []
    await easel.finish()
    assert answer.response.content.endswith("(fast)")


async def test_a_button_is_marked_once(easel: World) -> None:
    message = await grid(easel)
    await easel.press("U2", message)
    await easel.press("U2", easel.messages()[0], easel.bo)
    assert len(easel.requests("PATCH", f"/messages/{message.id}")) == 1
