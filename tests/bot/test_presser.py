"""The buttons that ask for a prompt first, likes, and what is told of a picture that was varied."""

from __future__ import annotations

from typing import Any

import pytest

from core.actions import Action, Button
from core.edits import VARY_STRONG, VARY_SUBTLE
from core.jobs import Job, State
from core.request import Kind
from tests.bot.town import Town, told
from tests.bot.world import labels, rows


async def grid(town: Town, prompt: str = "a red lighthouse", who: Any = None) -> Any:
    await town.imagine(prompt, who)
    await town.finish()
    await town.env.advance_time(1)
    return town.last()


async def picked(town: Town, prompt: str = "a red lighthouse") -> Any:
    await town.press("U2", await grid(town, prompt))
    await town.env.advance_time(3)
    return town.last()


async def with_remix(town: Town) -> None:
    await town.ada.slash(town.channel, "prefer remix")


def prefilled(result: Any) -> str:
    assert result.modal is not None
    return result.modal["components"][0]["component"]["value"]


# Subtle and strong


@pytest.mark.parametrize(
    ("label", "strength", "title"),
    [
        ("Vary (Subtle)", VARY_SUBTLE, "Variations (Subtle)"),
        ("Vary (Strong)", VARY_STRONG, "Variations (Strong)"),
    ],
)
async def test_one_picture_is_varied_a_little_or_much(
    town: Town, label: str, strength: float, title: str
) -> None:
    await town.press(label, await picked(town), town.bo)
    job = await town.finish()
    assert (job.request.kind, job.request.count) == (Kind.VARIATION, 4)
    assert job.request.source is not None
    assert job.request.source.strength == strength
    assert town.last().content == f"**a red lighthouse** - {title} by {town.owner(town.bo)} (fast)"
    assert labels(town.last())[0] == ["U1", "U2", "U3", "U4", "🔄"]


async def test_v_goes_as_far_as_its_presser_prefers(town: Town) -> None:
    message = await grid(town)
    await town.ada.slash(town.channel, "prefer variability")
    await town.press("V1", message)
    assert "Variations (Subtle) by" in town.last().content
    await town.press("V1", message, town.bo)
    assert "Variations (Strong) by" in town.last().content


# Remix


async def test_remix_opens_the_prompt_and_makes_what_it_became(town: Town) -> None:
    message = await picked(town, "a red lighthouse --ar 3:2")
    form = await town.press("Remix", message, town.bo)
    assert prefilled(form) == "a red lighthouse --ar 3:2"
    await town.bo.submit_modal(form, {"prompt": "a blue lighthouse --ar 2:3"})
    job = await town.finish()
    assert (job.request.text, job.request.aspect) == ("a blue lighthouse", (2, 3))
    assert job.owner.id == town.bo.id
    assert town.last().content.startswith("**a blue lighthouse --ar 2:3** - Remix by ")


async def test_in_remix_mode_v_asks_for_the_prompt_first(town: Town) -> None:
    message = await grid(town)
    await with_remix(town)
    form = await town.press("V3", message)
    assert prefilled(form) == "a red lighthouse"
    assert len(await town.store.history(None)) == 1
    await town.ada.submit_modal(form, {"prompt": "a green lighthouse"})
    job = await town.finish()
    assert (job.request.kind, job.request.text) == (Kind.VARIATION, "a green lighthouse")
    assert job.parent is not None
    assert job.parent.index == 3
    assert "Remix (Strong) by" in town.last().content
    used = town.messages()[0]
    styles = {item.get("label"): item["style"] for row in rows(used) for item in row}
    assert (styles["V3"], styles["V1"]) == (1, 2)


async def test_in_remix_mode_u_is_still_at_once(town: Town) -> None:
    message = await grid(town)
    await with_remix(town)
    await town.press("U1", message)
    assert "Image #1" in town.last().content


async def test_a_form_that_was_opened_before_a_restart_can_be_sent(town: Town) -> None:
    message = await grid(town)
    await with_remix(town)
    form = await town.press("V3", message)
    await town.restart()
    await town.ada.submit_modal(form, {"prompt": "a green lighthouse"})
    assert (await town.newest()).request.text == "a green lighthouse"


async def test_a_mistake_in_a_form_costs_nothing_and_keeps_the_words(town: Town) -> None:
    message = await grid(town)
    await with_remix(town)
    form = await town.press("V3", message)
    answer = await town.ada.submit_modal(form, {"prompt": "a green lighthouse --aspct 3:2"})
    text = told(answer)
    assert "press the button again" in text
    assert "Did you mean --aspect?" in text
    assert "a green lighthouse --aspct 3:2\n```" in text
    assert len(await town.store.history(None)) == 1


async def test_sending_a_form_twice_makes_one_job(town: Town) -> None:
    message = await grid(town)
    await with_remix(town)
    for says in ("(waiting, 1st", "You pressed this twice"):
        form = await town.press("V3", message)
        answer = await town.ada.submit_modal(form, {"prompt": "a green lighthouse"})
        assert says in told(answer)
    assert len(await town.store.history(None)) == 2


async def test_a_prompt_too_long_for_a_form_is_one_sentence(town: Town) -> None:
    message = await picked(town, "a red lighthouse, " * 250)
    assert "longer than the 4,000 characters" in told(await town.press("Remix", message))


async def test_remix_this_prompt_is_in_the_menu_of_a_message(town: Town) -> None:
    message = await grid(town)
    form = await town.bo.context_menu(town.channel, "Remix this prompt", message)
    assert prefilled(form) == "a red lighthouse"
    await town.bo.submit_modal(form, {"prompt": "a hat"})
    job = await town.finish()
    assert (job.request.text, job.owner.id) == ("a hat", town.bo.id)


async def test_a_private_prompt_is_remixed_by_its_owner_alone(town: Town) -> None:
    message = await grid(town, "a secret --stealth")
    answer = await town.bo.context_menu(town.channel, "Remix this prompt", message)
    assert answer.modal is None
    assert "private" in told(answer)


# Likes


async def likes(town: Town, job: Job, number: int, who: Any = None) -> bool:
    return await town.album.likes(job.id, number, (who or town.ada).id)


async def test_a_heart_is_each_members_own_and_can_be_taken_back(town: Town) -> None:
    message = await picked(town)
    first = (await town.store.history(None))[1]
    answer = await heart(town, message)
    assert answer.ephemeral
    assert told(answer) == "You like this picture. Likes: 1"
    assert await likes(town, first, 2)
    assert told(await heart(town, message, town.bo)) == "You like this picture. Likes: 2"
    assert told(await heart(town, message)) == "You like this picture no more. Likes: 1"
    assert not await likes(town, first, 2)


async def heart(town: Town, message: Any, who: Any = None) -> Any:
    job = await town.newest()
    id = Button(Action.LIKE, job.id, 1).custom_id
    return await (who or town.ada).click(message, custom_id=id)


async def test_a_star_likes_until_it_is_taken_back_after_a_restart_too(town: Town) -> None:
    message = await grid(town)
    job = await town.newest()
    await town.restart()
    await town.bo.react(message, "⭐")
    assert [await likes(town, job, number, town.bo) for number in range(1, 5)] == [True] * 4
    await town.bo.unreact(message, "⭐")
    assert not await likes(town, job, 1, town.bo)


async def test_whoever_is_shut_out_moves_nothing_by_a_reaction(town: Town) -> None:
    message = await grid(town, who=town.bo)
    job = await town.newest()
    await town.bo.react(message, "⭐")
    await town.boss_does("server ban", person=town.bo)
    await town.bo.unreact(message, "⭐")
    assert await likes(town, job, 1, town.bo)
    await town.bo.react(message, "❌")
    assert town.messages() == [message]
    assert (await town.store.get(job.id)).deleted_at is None


# Deleting


async def test_deleted_where_it_was_shown_again_its_own_message_goes_too(town: Town) -> None:
    message = await grid(town)
    job = await town.newest()
    await town.ada.slash(town.channel, "show", job=job.id)
    asked = await town.ada.context_menu(town.channel, "Delete", town.last())
    await town.ada.click(asked.response, label="Delete")
    assert job.message_id == message.id
    assert town.messages() == []


async def test_what_is_deleted_is_gone_everywhere(town: Town) -> None:
    message = await grid(town)
    job = await town.newest()
    await town.ada.slash(town.channel, "show", job=job.id)
    copy = town.last()
    asked = await town.ada.context_menu(town.channel, "Delete", message)
    await town.ada.click(asked.response, label="Delete")
    assert told(asked) == "It is deleted, and its pictures with it."
    assert (await town.store.get(job.id)).deleted_at is not None
    assert "was deleted" in told(await town.press("V1", copy))
    details = await town.ada.context_menu(town.channel, "Job details", copy)
    assert "Its pictures were deleted." in told(details)
    assert "was deleted" in told(await town.ada.slash(town.channel, "show", job=job.id))
    assert (await town.store.get(job.id)).state is State.DONE
