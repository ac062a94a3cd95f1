"""The whole bot against a Discord that refuses: what the member ends up seeing."""

from __future__ import annotations

from dataclasses import replace

import discord
import pytest

from bot.ladder import TOKEN_MARGIN_SECONDS
from core.errors import SettingsError
from core.jobs import Outcome, State
from tests.bot.world import World, labels

ORIGINAL = "/webhooks/*/*/messages/@original"


async def test_a_token_that_dies_in_the_middle_is_not_tried_again(easel: World) -> None:
    shown = await easel.imagine()
    easel.env.inject_error("PATCH", ORIGINAL, status=401, code=50027, times=None)
    job = await easel.finish()
    assert job.token_dead
    assert job.outcome is Outcome.EDITED_BY_BOT
    assert shown.response.content.endswith("(fast)")
    assert len(easel.requests("PATCH", "/messages/@original")) == 1
    assert len(easel.messages()) == 1


async def test_a_job_that_outlives_its_token_is_edited_by_the_bot(easel: World) -> None:
    shown = await easel.imagine()
    job = await easel.start()
    await easel.env.advance_time(15 * 60 - TOKEN_MARGIN_SECONDS)
    before = len(easel.requests("PATCH", "/messages/@original"))
    job = await easel.finish(job)
    assert job.outcome is Outcome.EDITED_BY_BOT
    assert len(easel.requests("PATCH", "/messages/@original")) == before
    assert shown.response.content.endswith("(fast)")


async def test_an_answer_that_came_too_late_is_posted_when_done(easel: World) -> None:
    easel.env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)
    await easel.imagine()
    assert easel.messages() == []
    job = await easel.finish()
    assert job.outcome is Outcome.POSTED
    (posted,) = easel.messages()
    assert posted.content == f"**a red lighthouse** - {easel.owner()} (fast)"
    assert len(posted.attachments) == 1
    assert len(labels(posted)) == 2
    (request,) = easel.requests("POST", f"/channels/{easel.channel.id}/messages")
    assert request.json["nonce"] == f"j{job.id}"
    assert request.json["enforce_nonce"] is True
    assert request.json["allowed_mentions"] == {"parse": [], "users": [easel.ada.id]}


async def test_an_answer_that_nobody_confirmed_is_found_by_the_ladder(easel: World) -> None:
    easel.env.inject_error("POST", "/interactions/*/*/callback", status=500)
    await easel.imagine()
    job = await easel.finish()
    # This simulation refuses before it acts, so there is no answer to edit.
    assert job.outcome is Outcome.POSTED
    assert len(easel.messages()) == 1


async def test_a_derived_job_is_posted_in_reply_to_the_pressed_message(easel: World) -> None:
    await easel.imagine()
    await easel.finish()
    grid = easel.last()
    easel.env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)
    await easel.press("V1", grid)
    await easel.finish()
    posted = easel.last()
    assert posted.reference is not None
    assert posted.reference.message_id == grid.id


async def test_a_member_who_deletes_the_message_is_obeyed(easel: World) -> None:
    await easel.imagine()
    message = easel.last()
    await message.delete()
    job = await easel.finish()
    assert job.outcome is Outcome.HISTORY_ONLY
    assert easel.messages() == []


async def test_a_lost_permission_leaves_the_picture_in_the_history(easel: World) -> None:
    await easel.imagine()
    easel.env.inject_error("PATCH", ORIGINAL, status=404, code=10015, times=None)
    easel.env.inject_error("PATCH", "/channels/*/messages/*", status=403, code=50013, times=None)
    job = await easel.finish()
    assert (job.state, job.outcome) == (State.DONE, Outcome.HISTORY_ONLY)


async def test_a_channel_that_is_deleted_stops_what_waits_for_it(easel: World) -> None:
    other = easel.guild.create_text_channel("short-lived")
    await easel.ada.slash(other, "imagine", prompt="never")
    kept = await easel.imagine("kept")
    easel.env.backend.delete_channel(other.id)
    await easel.env.settle()
    jobs = {job.request.text: job for job in await easel.store.history(None)}
    assert jobs["never"].state is State.CANCELLED
    assert jobs["kept"].state is State.QUEUED
    assert kept.response is not None


async def test_being_removed_from_a_server_stops_its_waiting_jobs(easel: World) -> None:
    await easel.imagine("never")
    guild = easel.bot.get_guild(easel.guild.id)
    assert guild is not None
    await easel.bot.on_guild_remove(guild)
    assert (await easel.newest()).state is State.CANCELLED


async def test_a_too_large_grid_is_a_sentence_with_its_buttons(easel: World) -> None:
    await easel.imagine()
    await easel.finish(bytes_=11 * 2**20)
    final = easel.last()
    assert "too large to post here" in final.content
    assert final.attachments == []
    assert labels(final)[0] == ["U1", "U2", "U3", "U4", "🔄"]
    await easel.press("U1", final)
    assert len(easel.last().attachments) == 1


async def test_a_filtered_prompt_is_answered_and_delivered_without_its_words(
    easel: World,
) -> None:
    easel.env.inject_error("POST", "/interactions/*/*/callback", status=400, code=200000)
    easel.env.inject_error("PATCH", ORIGINAL, status=400, code=200000, times=3)
    answer = await easel.imagine("a forbidden word")
    assert answer.response.content.startswith(f"**A picture** - {easel.owner()} (waiting")
    await easel.finish()  # its place, its 0 % and the result are refused with the words
    assert "forbidden" not in easel.last().content
    assert len(easel.last().attachments) == 1


async def test_what_was_done_while_the_bot_was_away_is_delivered_after_the_start(
    easel: World,
) -> None:
    shown = await easel.imagine()
    await easel.finish(quiet=True)
    await easel.restart()
    assert shown.response.content.endswith("(fast)")
    assert len(easel.messages()) == 1
    await easel.restart()
    assert len(easel.requests("PATCH", "/messages/@original")) == 2  # 0 %, and the result


async def test_killed_between_post_and_note_it_is_found_again(easel: World) -> None:
    easel.env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)
    await easel.imagine()
    job = await easel.finish()
    assert len(easel.messages()) == 1
    # As if the process had been killed before the delivery was written down.
    easel.store._jobs[job.id] = replace(job, delivered_at=None, outcome=None, message_id=0)
    easel.env.backend.advance_clock(600)
    await easel.restart()
    again = await easel.store.get(job.id)
    assert (again.outcome, again.message_id) == (Outcome.POSTED, easel.messages()[0].id)
    assert len(easel.messages()) == 1


async def test_commands_are_sent_only_when_they_changed(easel: World) -> None:
    assert len(easel.requests("PUT", "/commands")) == 1
    await easel.restart()
    assert len(easel.requests("PUT", "/commands")) == 1
    assert len(easel.requests("GET", "/commands")) == 2


async def test_a_server_that_is_not_the_bots_is_one_sentence(easel: World) -> None:
    from bot.commands import register

    easel.env.inject_error("GET", "/applications/*/guilds/*/commands", status=403, code=50001)
    with easel.env._bot_scope(), pytest.raises(SettingsError, match="EASEL_SERVER_ID"):
        await register(easel.bot.tree, 4711)


async def test_no_privileged_intent_is_asked_for(easel: World) -> None:
    reactions = discord.Intents(guild_reactions=True, dm_reactions=True)
    assert easel.bot.intents == discord.Intents(guilds=True) | reactions
    assert easel.bot.allowed_mentions is not None
    assert easel.bot.allowed_mentions.to_dict() == {"parse": []}
