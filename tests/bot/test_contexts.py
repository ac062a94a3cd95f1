"""Where Easel is used: channels, threads, posts of a forum, direct messages; with and without the
rights it needs, by several people at once, and through buttons that nobody knows."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.buttons import BUTTONS
from bot.commands import COMMANDS
from bot.view_commands import MENUS
from core.actions import Action, Button
from core.jobs import Outcome
from core.request import Kind
from tests.bot.test_walk import LATE, Press, a_month_later, finished, id_of, shown
from tests.bot.town import Town, told
from tests.bot.world import labels

GRID = [["U1", "U2", "U3", "U4", "🔄"], ["V1", "V2", "V3", "V4"]]


async def thread_of(town: Town, channel: Any) -> Any:
    there: Any = town.bot.get_channel(channel.id)
    if isinstance(there, discord.ForumChannel):
        await there.create_thread(name="lighthouses", content="Only lighthouses here")
    else:
        await there.create_thread(name="lighthouses", type=discord.ChannelType.public_thread)
    await town.env.settle()
    (thread,) = channel.threads
    return thread


@pytest.fixture(params=["thread", "forum post"])
async def thread(town: Town, request: pytest.FixtureRequest) -> Any:
    channel = town.channel
    if request.param == "forum post":
        channel = town.guild.create_forum_channel("forum")
    return await thread_of(town, channel)


# Threads and posts of a forum


async def test_pictures_are_made_pressed_and_delivered_late_in_a_thread(
    town: Town, thread: Any
) -> None:
    await town.ada.slash(thread, "imagine", prompt="a red lighthouse")
    await town.env.advance_time(LATE)
    job = await town.finish()
    assert (job.place.channel_id, job.outcome) == (thread.id, Outcome.EDITED_BY_BOT)
    grid = list(thread.history())[-1]
    assert labels(grid) == GRID
    await town.bo.click(grid, label="V2")
    job = await town.finish()
    assert (job.place.channel_id, job.owner.id) == (thread.id, town.bo.id)
    assert "Variations (Strong) by" in list(thread.history())[-1].content
    assert all("Variations" not in message.content for message in town.messages())


async def test_the_limits_of_a_channel_hold_in_its_threads(town: Town) -> None:
    thread = await thread_of(town, town.channel)
    await town.boss_does("quota set", channel=town.channel, pictures=4, per="day")
    await town.ada.slash(thread, "imagine", prompt="a red lighthouse")
    await town.finish()
    refused = await town.ada.slash(thread, "imagine", prompt="a red lighthouse")
    assert refused.ephemeral
    assert "4 pictures per day" in told(refused)


async def test_a_thread_that_easel_may_not_write_in_is_refused_with_one_sentence(
    town: Town,
) -> None:
    silent = discord.PermissionOverwrite(send_messages_in_threads=False)
    channel = town.guild.create_text_channel("silent", overwrites={town.guild.default_role: silent})
    thread = await thread_of(town, channel)
    refused = await town.boss.slash(thread, "imagine", prompt="a red lighthouse")
    assert refused.ephemeral
    assert "it lacks Send Messages in Threads." in told(refused)
    assert await town.store.history(None) == []


# Direct messages


async def test_every_kind_of_button_works_in_a_direct_message(town: Town) -> None:
    eve = town.env.create_user("eve")
    grid = (await eve.slash("imagine", prompt="a red lighthouse --ar 3:2")).response
    await town.finish()
    await a_month_later(town)
    await eve.click(grid.message, label="U2")
    await town.env.settle()
    picked = await town.newest()
    assert (picked.request.kind, picked.place.server_id) == (Kind.UPSCALE, 0)
    for action, kind in ((Action.ENLARGE_SUBTLE, Kind.ENLARGE), (Action.SQUARE, Kind.SQUARE)):
        answer = await press_id(town, eve, grid, Button(action, picked.id, 1).custom_id)
        job = await town.finish()
        assert (job.request.kind, job.owner.id) == (kind, eve.id)
        assert answer.response.content.startswith("**a red lighthouse")
    settings = await eve.slash("settings")
    assert "**Your settings**" in told(settings)


async def press_id(town: Town, who: Any, near: Any, custom_id: str) -> Any:
    """Presses a button that is posted where that message is."""
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="x", custom_id=custom_id))
    view.stop()
    channel = await town.bot.fetch_channel(near.message.channel.id)
    message = await channel.send("copied", view=view)  # type: ignore[union-attr]
    return await who.click(message, custom_id=custom_id)


def test_nothing_is_offered_where_the_bot_could_not_deliver_later() -> None:
    """Where an app is installed by a person alone, its answers can be edited for 15 minutes and not
    later; so it is not offered there."""
    for command in (*COMMANDS, *MENUS):
        assert command.allowed_installs is not None, command.name
        assert (command.allowed_installs.guild, command.allowed_installs.user) == (True, False)
        assert command.allowed_contexts is not None, command.name
        assert not command.allowed_contexts.private_channel


# Several people


async def test_a_double_click_is_one_job_and_two_people_pay_for_one_each(town: Town) -> None:
    picture = await shown(town, Press(""), Action.ENLARGE_CREATIVE)
    id = id_of(picture, Action.ENLARGE_CREATIVE)
    before = len(await town.store.history(None))
    await town.ada.click(picture, custom_id=id)
    again = await town.ada.click(picture, custom_id=id)
    assert again.ephemeral
    assert told(again) == "You pressed this twice; one is being made."
    await town.bo.click(picture, custom_id=id)
    jobs = (await town.store.history(None))[: -before or None]
    assert sorted(job.owner.id for job in jobs) == sorted([town.ada.id, town.bo.id])
    for job in jobs:
        assert (await town.finish(job)).cost_ms == 900


# What cannot be done


async def test_what_one_may_not_press_is_one_polite_private_sentence(town: Town) -> None:
    message = await finished(town, "a red lighthouse")
    await town.boss_does("server ban", person=town.bo)
    for label in ("U1", "V1"):
        answer = await town.bo.click(message, label=label)
        assert answer.ephemeral
        assert told(answer) == "The admins of this server have taken away your use of Easel."
    assert len(await town.store.history(None)) == 1


@pytest.mark.parametrize("kind", BUTTONS, ids=lambda kind: kind.__name__)
async def test_a_button_or_menu_of_another_version_gets_an_answer(town: Town, kind: Any) -> None:
    letter = kind.__discord_ui_compiled_template__.pattern[0]
    custom_id = f"{letter}9:what:no:version:knows"
    assert kind.__discord_ui_compiled_template__.fullmatch(custom_id)
    if letter.isupper():
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=custom_id, options=[discord.SelectOption(label="1")]
        )
        view = discord.ui.View(timeout=None)
        view.add_item(menu)
        view.stop()
        there: Any = town.bot.get_channel(town.channel.id)
        answer = await town.bo.select(await there.send("copied", view=view), ["1"])
        assert answer.ephemeral
        said = told(answer)
    else:
        said = await town.press_id(town.bo, custom_id)
    assert "another version of Easel" in said or "no longer" in said
