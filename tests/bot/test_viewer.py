"""/info, /show, the menu of a message and its reactions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import pytest

from bot.removal import Removal
from core.complaints import MOST_IN_AN_HOUR
from core.jobs import Job, State
from tests.bot.town import Town, told
from tests.bot.world import labels


async def grid(town: Town, prompt: str = "a red lighthouse", who: Any = None) -> Job:
    await town.imagine(prompt, who)
    job = await town.finish()
    await town.env.advance_time(1)
    return job


async def menu(town: Town, name: str, message: Any = None, who: Any = None) -> Any:
    message = message or town.messages()[0]
    return await (who or town.ada).context_menu(town.channel, name, message)


def letters(town: Town, who: Any = None) -> list[Any]:
    """The direct messages of somebody."""
    return list((who or town.ada).user.dm_channel.history())


# /info


async def test_info_tells_of_jobs_lane_and_what_is_left(town: Town) -> None:
    await town.boss_does("quota set", pictures=100, per="day")
    await town.imagine("a red one")
    await town.start()
    await town.imagine("a blue one")
    answer = await town.ada.slash(town.channel, "info")
    assert answer.ephemeral
    text = answer.response.content
    assert f"<@{town.ada.id}> · user ID `{town.ada.id}`" in text
    assert "Your prompts here: model `postcard` · lane: fast · visibility: public" in text
    assert "**92 pictures** left of 100 pictures per day, 8 pictures held" in text
    assert "Jobs: 1 running, 1 waiting\n1. **a red one** · being made now" in text
    assert "2. **a blue one** · 1st, about 5 s" in text


async def test_info_knows_the_suffix(town: Town) -> None:
    await town.ada.slash(town.channel, "prefer suffix", text="--relax --stealth")
    text = (await town.ada.slash(town.channel, "info")).response.content
    assert "lane: relaxed · visibility: stealth" in text


async def test_info_of_a_picture_has_its_facts_and_its_family(town: Town) -> None:
    job = await grid(town, "a red lighthouse --seed 7")
    await town.press("V2", town.last())
    varied = await town.finish()
    answer = await town.ada.slash(town.channel, "info", image=varied.id)
    assert answer.ephemeral
    text = answer.response.content
    assert text.startswith("```\n/imagine prompt:a red lighthouse --seed ")
    assert f"Job `{varied.id}` · by <@{town.ada.id}>, <t:" in text
    assert "Model `postcard`" in text
    assert "128 × 128 pixels · seed 1: `" in text
    assert "0.9 s of GPU time" in text
    assert f"Made from picture 2 of job `{job.id}`" in text
    (file,) = answer.response.attachments
    assert file.filename == "family.png"
    assert file.description == town.plotter.trees[-1].alt
    assert [card.title for card in town.plotter.trees[-1].cards] == ["Imagined", "Variations of 2"]
    assert all(Path(card.path).exists() for card in town.plotter.trees[-1].cards)


async def test_info_of_one_picture_by_its_files_name(town: Town) -> None:
    job = await grid(town, "a red lighthouse --seed 7")
    text = told(await town.ada.slash(town.channel, "info", image=f"{job.id}-3.png"))
    assert f"seed 3: `{job.request.image_seed(2)}`" in text


async def test_info_of_a_link(town: Town) -> None:
    await grid(town)
    message = town.last()
    link = f"https://discord.com/channels/{town.guild.id}/{town.channel.id}/{message.id}"
    text = told(await town.bo.slash(town.channel, "info", image=link))
    assert "Model `postcard`" in text
    assert "that picture" not in text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("what?", "Name a picture by its job's id"),
        ("f" * 20, "not in Easel's history"),
        ("https://discord.com/channels/1/2/3", "leads elsewhere"),
        ("https://discord.com/channels/{server}/2/3", "may not read that channel"),
        ("https://discord.com/channels/{server}/{channel}/3", "That message is gone"),
    ],
)
async def test_a_name_that_leads_nowhere_is_one_sentence(town: Town, typed: str, says: str) -> None:
    typed = typed.format(server=town.guild.id, channel=town.channel.id)
    assert says in told(await town.ada.slash(town.channel, "info", image=typed))


async def test_a_link_into_a_hidden_channel_tells_nothing(town: Town) -> None:
    shut, open_ = (discord.PermissionOverwrite(view_channel=seen) for seen in (False, True))
    overwrites = {town.guild.roles["@everyone"]: shut, town.boss: open_}
    overwrites[town.env.bot.user] = open_
    hidden = town.guild.create_text_channel("hidden", overwrites=overwrites)
    await town.env.settle()
    await town.boss.slash(hidden, "imagine", prompt="a secret plan")
    await town.finish()
    (message,) = hidden.history()
    link = f"https://discord.com/channels/{town.guild.id}/{hidden.id}/{message.id}"
    text = told(await town.ada.slash(town.channel, "info", image=link))
    assert "may not read that channel" in text


async def test_a_private_picture_is_told_of_to_its_owner_alone(town: Town) -> None:
    job = await grid(town, "a secret --stealth")
    assert "private" in told(await town.bo.slash(town.channel, "info", image=job.id))
    assert "a secret" in told(await town.ada.slash(town.channel, "info", image=job.id))


async def test_own_jobs_are_offered_while_typing(town: Town) -> None:
    job = await grid(town, "a red lighthouse")
    await grid(town, "a blue boat")
    await grid(town, "of bo", town.bo)
    found = await town.ada.autocomplete(town.channel, "show", "job", "")
    assert [choice["name"] for choice in found] == ["a blue boat", "a red lighthouse"]
    found = await town.ada.autocomplete(town.channel, "info", "image", "RED")
    assert [choice["value"] for choice in found] == [job.id]


# /show


async def test_show_posts_ones_own_job_again_with_buttons_that_work(town: Town) -> None:
    job = await grid(town)
    elsewhere = town.guild.create_text_channel("elsewhere")
    await town.env.settle()
    await town.restart()
    await town.ada.slash(elsewhere, "show", job=job.id)
    (message,) = elsewhere.history()
    assert message.content == f"**a red lighthouse** - {town.owner()} (fast)"
    (file,) = message.attachments
    assert await file.read() == await town.blobs.get(job.grid)
    assert file.description == "a red lighthouse"
    assert len(labels(message)) == 2
    await town.bo.click(message, label="U1")
    assert list(elsewhere.history())[-1].content.endswith(f"Image #1 {town.owner(town.bo)}")


async def test_show_is_for_ones_own_finished_jobs(town: Town) -> None:
    job = await grid(town)
    assert "somebody else's" in told(await town.bo.slash(town.channel, "show", job=job.id))
    await town.imagine("not yet")
    waiting = await town.newest()
    assert "still waited for" in told(await town.ada.slash(town.channel, "show", job=waiting.id))


# The menu of a message


async def test_job_details_of_a_message(town: Town) -> None:
    job = await grid(town)
    answer = await menu(town, "Job details", who=town.bo)
    assert answer.ephemeral
    assert f"Job `{job.id}`" in told(answer)


async def test_admins_save_a_style_from_the_details(town: Town) -> None:
    await grid(town, "grainy film, soft light")
    assert labels((await menu(town, "Job details")).response) == []
    details = await menu(town, "Job details", who=town.boss)
    form = await town.boss.click(details.response, label="Save style")
    name, words = (row["component"] for row in form.modal["components"])
    assert (name["custom_id"], words["value"]) == ("name", "grainy film, soft light")
    await town.restart()
    answer = await town.boss.submit_modal(form, {"name": "film", "words": "grainy film"})
    assert told(answer) == "Saved. It is used as `--style film`."
    await town.imagine("a cat --style film")
    style = (await town.newest()).request.style
    assert style is not None
    assert style.text == "grainy film"


async def test_a_message_without_a_picture_has_no_details(town: Town) -> None:
    message = await town.bo.send(town.channel, "hello")
    for name in ("Job details", "DM results", "Report", "Delete"):
        answer = await menu(town, name, message)
        assert told(answer) == "That message shows no picture of Easel's."


async def test_dm_results_sends_each_original_with_its_seed(town: Town) -> None:
    job = await grid(town, "a red lighthouse --seed 7")
    answer = await menu(town, "DM results", who=town.bo)
    assert answer.ephemeral
    assert told(answer).startswith("4 pictures are on their way")
    (letter,) = letters(town, town.bo)
    assert letter.content.startswith("**a red lighthouse --seed 7**\nJob `" + job.id)
    images = await town.store.images(job.id)
    assert [file.filename for file in letter.attachments] == [
        f"{job.id}-{n}.png" for n in range(1, 5)
    ]
    for image, file in zip(images, letter.attachments, strict=True):
        assert f"{image.number}: `{image.seed}`" in letter.content
        assert await file.read() == await town.blobs.get(image.blob)
        assert file.description == "a red lighthouse"


async def test_a_closed_door_is_said_with_the_way_out(town: Town) -> None:
    await grid(town)
    town.env.inject_error("POST", "/channels/*/messages", status=403, code=50007)
    assert "privacy settings" in told(await menu(town, "DM results"))


async def test_nothing_is_sent_of_a_job_without_pictures(town: Town) -> None:
    await town.imagine()
    assert told(await menu(town, "DM results")) == "That job has no pictures to send."


async def test_a_report_reaches_the_log_and_the_moderators(town: Town) -> None:
    staff = town.guild.create_text_channel("staff")
    town.env.backend.get_guild(town.guild.id).public_updates_channel_id = staff.id
    await town.env.settle()
    await town.restart()
    job = await grid(town)
    opened = await menu(town, "Report", who=town.bo)
    assert opened.modal is not None
    answer = await town.bo.submit_modal(opened, {"reason": "it is *spam*"})
    assert answer.ephemeral
    assert told(answer) == "Thank you. The admins of this server have your report."
    log = told(await town.boss.slash(town.channel, "quota audit"))
    assert f"reported a picture of <@{town.ada.id}>, job `{job.id}`: it is \\*spam\\*" in log
    (posted,) = staff.history()
    assert str(town.messages()[0].id) in posted.content
    assert "it is \\*spam\\*" in posted.content


async def test_a_report_that_was_begun_before_a_restart_arrives(town: Town) -> None:
    await grid(town)
    opened = await menu(town, "Report", who=town.bo)
    await town.restart()
    answer = await town.bo.submit_modal(opened, {"reason": "spam"})
    assert told(answer).startswith("Thank you.")


async def test_reports_cannot_flood(town: Town) -> None:
    await grid(town)
    for _ in range(MOST_IN_AN_HOUR):
        await town.bo.submit_modal(await menu(town, "Report", who=town.bo), {"reason": "spam"})
    opened = await menu(town, "Report", who=town.bo)
    assert "within an hour" in told(await town.bo.submit_modal(opened, {"reason": "spam"}))


# Delete, of the menu


async def test_delete_asks_first_and_says_what_goes(town: Town) -> None:
    job = await grid(town)
    asked = await menu(town, "Delete")
    assert asked.ephemeral
    assert told(asked) == (
        "Delete these 4 pictures? They are gone for everybody then, with their likes; what was "
        "picked out of them or made from them stays."
    )
    assert labels(asked.response) == [["Delete", "Keep"]]
    await town.ada.click(asked.response, label="Keep")
    assert (told(asked), labels(asked.response)) == ("Nothing was deleted.", [])
    assert len(await town.store.images(job.id)) == 4
    assert len(town.messages()) == 1


async def test_delete_is_answered_after_a_restart_too(town: Town) -> None:
    job = await grid(town)
    asked = await menu(town, "Delete")
    await town.restart()
    await town.ada.click(asked.response, label="Delete")
    assert told(asked) == "It is deleted, and its pictures with it."
    assert (await town.store.images(job.id), town.messages()) == ([], [])


async def test_delete_is_for_the_owner_and_for_moderators(town: Town) -> None:
    job = await grid(town)
    await grid(town, "another")
    first, second = town.messages()
    assert "Only the person who made it" in told(await menu(town, "Delete", first, town.bo))
    forged = Removal(job.id, town.channel.id, first.id)
    assert "Only the person who made it" in await town.press_id(town.bo, forged.custom_id)
    assert first.id in {message.id for message in town.messages()}
    for message, who in ((first, town.ada), (second, town.admin)):
        asked = await menu(town, "Delete", message, who)
        await who.click(asked.response, label="Delete")
        assert told(asked).startswith("It is deleted, and its pictures")
    assert not {first.id, second.id} & {message.id for message in town.messages()}
    assert (await town.store.get(job.id)).state is State.DONE


async def test_what_was_picked_out_or_failed_is_asked_about_in_other_words(town: Town) -> None:
    grid_ = await grid(town)
    await town.press("U2", town.last())
    assert "The grid that it was picked out of stays." in told(
        await menu(town, "Delete", town.last())
    )
    await town.imagine("one --n 1")
    await town.finish()
    assert told(await menu(town, "Delete", town.last())).startswith("Delete this picture? It is")
    await town.imagine("never")
    await town.fail(await town.newest(), "That model cannot.")
    asked = await menu(town, "Delete", town.last())
    assert told(asked) == "Delete this message? Nothing else goes with it."
    await town.ada.click(asked.response, label="Delete")
    assert told(asked) == "It is deleted here; it stays in its owner's history."
    assert len(await town.store.images(grid_.id)) == 4


@pytest.mark.parametrize("id", ["d1:yes:abc:1:2", "d2:yes:" + "a" * 20 + ":1:2", "d1:maybe"])
async def test_an_answer_of_another_version_deletes_nothing(town: Town, id: str) -> None:
    await grid(town)
    assert "another version" in await town.press_id(town.ada, id)
    assert len(await town.store.images((await town.newest()).id)) == 4


async def test_delete_stops_a_job_that_waits(town: Town) -> None:
    await town.imagine()
    assert told(await menu(town, "Delete")) == "Stopped. Nothing was charged that was not used."
    assert (await town.newest()).state is State.CANCELLED


# Reactions


async def test_an_envelope_brings_the_originals_after_a_restart_too(town: Town) -> None:
    await grid(town)
    await town.restart()
    await town.bo.react(town.last(), "✉️")
    (letter,) = letters(town, town.bo)
    assert len(letter.attachments) == 4
    assert letters(town) == []


async def test_an_envelope_opens_no_private_picture(town: Town) -> None:
    await grid(town, "a secret --stealth")
    await town.bo.react(town.last(), "✉️")
    assert letters(town, town.bo) == []


async def test_a_cross_cancels_what_waits_and_deletes_what_is_done(town: Town) -> None:
    await town.imagine()
    await town.bo.react(town.last(), "❌")
    assert (await town.newest()).state is State.QUEUED
    await town.ada.react(town.last(), "❌")
    assert (await town.newest()).state is State.CANCELLED
    await grid(town, "another")
    await town.admin.react(town.last(), "❌")
    (left,) = town.messages()
    assert left.content.endswith("(stopped)")


async def test_other_reactions_and_other_messages_are_left_alone(town: Town) -> None:
    await grid(town)
    hello = await town.ada.send(town.channel, "hello")
    await town.ada.react(town.messages()[0], "😀")
    await town.ada.react(hello, "❌")
    assert town.requests("DELETE", f"/messages/{hello.id}") == []
    assert len(town.messages()) == 2
