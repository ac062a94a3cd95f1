"""Showcases: how pictures come to hang there, what is shown of them, and how they come down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from bot.ladder import CHANNEL_REST_SECONDS, NONCE_SECONDS
from bot.pegs import Act, Door, Peg, pressed
from bot.wall import RECOUNT_SECONDS, SWEEP_SECONDS
from core.actions import ButtonError
from core.errors import BusyError
from core.jobs import Job
from core.showcase import By
from tests.bot.town import Town, told
from tests.bot.world import custom_ids, labels, rows
from tests.fakes.memory_notices import MemoryNotices

POST = ("POST", "/channels/{}/messages")


class Hall(Town):
    """A town with a channel for what is best, and one for its admins."""

    def __init__(self, folder: Path, **changes: str) -> None:
        super().__init__(folder, **changes)
        self.notices = MemoryNotices()
        self.options = replace(self.options, notices=self.notices)

    async def open(self, env: simcord.env.Env) -> None:
        await super().open(env)
        self.best = self.guild.create_text_channel("best")
        self.system = self.guild.create_text_channel("admins")
        guild = self.bot.get_guild(self.guild.id)
        assert guild is not None
        guild._system_channel_id = self.system.id
        await env.settle()

    async def add(self, likes: int = 1, channel: Any = None, **options: Any) -> str:
        return await self.boss_does(
            "showcase add", channel=channel or self.best, likes=likes, **options
        )

    async def grid(self, prompt: str = "a red lighthouse", who: Any = None) -> Job:
        await self.imagine(prompt, who)
        job = await self.finish()
        await self.env.advance_time(1)
        return job

    async def picked(self, prompt: str = "a red lighthouse", number: int = 2) -> Job:
        """A picture of a grid on its own, as the last message; returns the grid's job."""
        job = await self.grid(prompt)
        await self.press(f"U{number}", self.last())
        await self.env.advance_time(3)
        return job

    async def like(self, who: Any, message: Any = None) -> None:
        await self.press("❤️", message or self.last(), who)
        await self.env.settle()

    async def press(self, label: str, message: Any, who: Any = None) -> Any:
        if label == "❤️":
            id = next(id for id in custom_ids(message) if ":like:" in id)
            return await (who or self.ada).click(message, custom_id=id)
        return await super().press(label, message, who)

    def wall(self, channel: Any = None) -> list[Any]:
        return list((channel or self.best).history())

    def restrict(self, channel: Any, *, restricted: bool = True) -> None:
        """As Discord tells of a channel for adults; SimCord knows none."""
        guild = self.bot.get_guild(self.guild.id)
        there: Any = guild.get_channel(channel.id) if guild is not None else None
        there.nsfw = restricted

    def refuse(self, method: str, path: str, status: int, code: int, **how: Any) -> None:
        self.env.inject_error(method, path, status=status, code=code, **how)


@pytest.fixture
def world(tmp_path: Path) -> Hall:
    return Hall(tmp_path)


@pytest.fixture
async def hall(world: Hall, env: simcord.env.Env) -> AsyncIterator[Hall]:
    await world.open(env)
    yield world


# By likes


async def test_enough_likes_of_others_hang_a_picture_up(hall: Hall) -> None:
    assert (await hall.add(likes=2)).startswith(f"Added: <#{hall.best.id}> · from 2 likes on.")
    job = await hall.picked()
    for who in (hall.ada, hall.bo):
        await hall.like(who)
    assert hall.wall() == []
    await hall.like(hall.cy)
    (message,) = hall.wall()
    assert message.content == f"**a red lighthouse** - {hall.owner()}"
    (file,) = message.attachments
    assert file.filename == f"{job.id}-2.png"
    assert await file.read() == await hall.blobs.get((await hall.store.image(job.id, 2)).blob)
    assert labels(message) == [["2", "Where it was made", "Take down"]]
    assert rows(message)[0][1]["url"].endswith(f"/{hall.channel.id}/{job.message_id}")


async def test_no_more_likes_hang_it_up_twice_and_a_restart_does_not_either(hall: Hall) -> None:
    await hall.add()
    await hall.picked()
    await hall.like(hall.bo)
    await hall.restart()
    await hall.like(hall.cy)
    await hall.env.advance_time(SWEEP_SECONDS * 2)
    assert len(hall.wall()) == 1


async def test_likes_that_came_while_nobody_listened_count(hall: Hall) -> None:
    await hall.add()
    job = await hall.grid()
    await hall.album.like(job.id, 3, hall.bo.id, hall.clock.now(), likes=True)
    await hall.env.advance_time(SWEEP_SECONDS + 1)
    assert [m.attachments[0].filename for m in hall.wall()] == [f"{job.id}-3.png"]
    # Such as before a crash.
    await hall.album.like(job.id, 4, hall.bo.id, hall.clock.now(), likes=True)
    await hall.restart()
    assert len(hall.wall()) == 2


async def test_a_server_without_a_showcase_shows_nothing(hall: Hall) -> None:
    await hall.picked()
    await hall.like(hall.bo)
    await hall.env.advance_time(SWEEP_SECONDS + 1)
    assert hall.wall() == []
    assert "Publish" not in labels(hall.last())[-1]


async def test_whoever_does_not_want_it_is_left_out(hall: Hall) -> None:
    await hall.add()
    panel = (await hall.ada.slash(hall.channel, "settings")).response
    await hall.ada.click(panel, label="In showcases")
    assert not (await hall.wishes.of(hall.ada.id)).showcased
    await hall.picked()
    await hall.like(hall.bo)
    assert hall.wall() == []


async def test_age_rated_work_hangs_in_its_own_place(hall: Hall) -> None:
    assert "restrict that one" in await hall.add(age_rated=True)
    rated = hall.guild.create_text_channel("rated")
    await hall.env.settle()
    hall.restrict(rated)
    await hall.add()
    await hall.add(channel=rated, age_rated=True)
    tame, wild = await hall.picked("tame"), await hall.grid("wild")
    hall.showcases.age_rated.add(wild.id)
    for job in (tame, wild):
        await hall.album.like(job.id, 1, hall.bo.id, hall.clock.now(), likes=True)
    await hall.env.advance_time(SWEEP_SECONDS + 1)
    assert [m.content.split("**")[1] for m in hall.wall()] == ["tame"]
    assert [m.content.split("**")[1] for m in hall.wall(rated)] == ["wild"]


# The numbers below


async def test_the_number_of_likes_is_kept_without_a_flood(hall: Hall) -> None:
    await hall.add()
    await hall.picked()
    picture = hall.last()
    await hall.like(hall.bo, picture)
    edits = len(hall.requests("PATCH", f"/messages/{hall.wall()[0].id}"))
    for who in (hall.cy, hall.admin, hall.boss):
        await hall.like(who, picture)
    await hall.like(hall.boss, picture)
    assert labels(hall.wall()[0])[0][0] == "1"
    await hall.env.advance_time(RECOUNT_SECONDS + 1)
    (message,) = hall.wall()
    assert labels(message)[0][0] == "3"
    assert len(message.attachments) == 1
    assert len(hall.requests("PATCH", f"/messages/{message.id}")) == edits + 1


async def test_what_hangs_can_be_liked_there_and_by_a_star(hall: Hall) -> None:
    await hall.add()
    job = await hall.picked()
    await hall.like(hall.bo)
    (message,) = hall.wall()
    answer = await hall.press("❤️", message, hall.cy)
    assert answer.ephemeral
    assert told(answer) == "You like this picture. Likes: 2"
    await hall.boss.react(message, "⭐")
    await hall.env.settle()
    assert [n for n in range(1, 5) if await hall.album.likes(job.id, n, hall.boss.id)] == [2]


# By hand


async def test_its_owner_publishes_a_picture(hall: Hall) -> None:
    await hall.add(likes=0)
    await hall.picked()
    picture = hall.last()
    assert labels(picture)[-1] == ["❤️", "Remix", "Publish"]
    assert "Only the person who made this picture" in told(
        await hall.press("Publish", picture, hall.bo)
    )
    answer = await hall.press("Publish", picture)
    assert answer.ephemeral
    assert told(answer) == "It hangs in the showcase in a moment."
    await hall.env.settle()
    (message,) = hall.wall()
    assert message.content.endswith("\n-# published by its owner")
    assert told(await hall.press("Publish", picture)) == "That picture hangs there already."


async def test_of_several_showcases_one_is_chosen(hall: Hall) -> None:
    other = hall.guild.create_text_channel("cats")
    await hall.env.settle()
    await hall.add()
    await hall.add(channel=other, topic="cats")
    await hall.picked()
    answer = await hall.press("Publish", hall.last())
    assert told(answer) == "Into which showcase?"
    assert labels(answer.response) == [["Showcase 1", "cats"]]
    await hall.ada.click(answer.response, label="cats")
    await hall.env.settle()
    assert (len(hall.wall()), len(hall.wall(other))) == (0, 1)


async def test_moderators_feature_from_the_details(hall: Hall) -> None:
    await hall.add()
    await hall.grid()
    picture = hall.last()
    own = await hall.ada.context_menu(hall.channel, "Job details", picture)
    assert labels(own.response) == [["Publish 1", "Publish 2", "Publish 3", "Publish 4"]]
    theirs = await hall.admin.context_menu(hall.channel, "Job details", picture)
    assert labels(theirs.response) == [["Feature 1", "Feature 2", "Feature 3", "Feature 4"]]
    await hall.admin.click(theirs.response, label="Feature 3")
    await hall.env.settle()
    (message,) = hall.wall()
    assert message.content.endswith("\n-# chosen by the moderators")
    nobody = await hall.bo.context_menu(hall.channel, "Job details", picture)
    assert labels(nobody.response) == []
    featured = Door(Act.FEATURE, (await hall.newest()).id, 1).custom_id
    assert "Only a moderator" in await hall.press_id(hall.bo, featured)


# Down again


@pytest.mark.parametrize(("who", "by"), [("ada", By.OWNER), ("admin", By.MODERATOR)])
async def test_its_owner_and_moderators_take_it_down(hall: Hall, who: str, by: By) -> None:
    await hall.add()
    await hall.picked()
    await hall.like(hall.bo)
    (message,) = hall.wall()
    assert "can take it down" in told(await hall.press("Take down", message, hall.bo))
    answer = await hall.press("Take down", message, getattr(hall, who))
    assert told(answer) == "It is taken down here; the picture itself stays."
    await hall.env.settle()
    assert hall.wall() == []
    assert [one.taken_by for one in hall.showcases.hangings.values()] == [by]
    await hall.like(hall.cy, hall.last())
    await hall.env.advance_time(SWEEP_SECONDS + 1)
    assert hall.wall() == []


@pytest.mark.parametrize("how", ["menu", "cross"])
async def test_to_delete_it_there_takes_it_down_and_leaves_the_picture(
    hall: Hall, how: str
) -> None:
    await hall.add()
    job = await hall.picked()
    await hall.like(hall.bo)
    (message,) = hall.wall()
    if how == "menu":
        await hall.ada.context_menu(hall.best, "Delete", message)
    else:
        await hall.ada.react(message, "❌")
    await hall.env.settle()
    assert hall.wall() == []
    assert len(await hall.store.images(job.id)) == 4


async def test_what_is_deleted_or_made_private_comes_down(hall: Hall) -> None:
    await hall.add()
    one, other = await hall.picked("one"), await hall.picked("other")
    for job in (one, other):
        await hall.album.like(job.id, 2, hall.bo.id, hall.clock.now(), likes=True)
    await hall.env.advance_time(SWEEP_SECONDS + 1)
    assert len(hall.wall()) == 2
    await hall.album.delete(one.id, hall.clock.now())
    hall.showcases.hidden.add(other.id)
    await hall.env.advance_time(SWEEP_SECONDS + 1)
    assert hall.wall() == []
    assert [one.job_id for one in hall.showcases.hangings.values()] == [other.id]


async def test_a_message_that_somebody_deleted_stays_away(hall: Hall) -> None:
    await hall.add()
    await hall.picked()
    await hall.like(hall.bo)
    (message,) = hall.wall()
    where = f"/channels/{hall.best.id}/messages/{message.id}"
    hall.refuse("PATCH", where, 404, 10008)
    await hall.like(hall.cy)
    await hall.env.advance_time(RECOUNT_SECONDS + 1)
    assert [one.taken_by for one in hall.showcases.hangings.values()] == [By.NOBODY]


# When Discord does not play along


async def test_a_channel_that_is_restricted_no_more_is_told_of(hall: Hall) -> None:
    rated = hall.guild.create_text_channel("rated")
    await hall.env.settle()
    hall.restrict(rated)
    await hall.add(channel=rated, age_rated=True)
    job = await hall.picked()
    hall.showcases.age_rated.add(job.id)
    hall.restrict(rated, restricted=False)
    await hall.like(hall.bo)
    assert hall.wall(rated) == []
    (said,) = hall.system.history()
    assert "not age-restricted any more" in said.content
    hall.restrict(rated)
    await hall.env.advance_time(CHANNEL_REST_SECONDS + 1)
    assert len(hall.wall(rated)) == 1


async def test_a_post_that_arrived_unseen_is_found_again(hall: Hall) -> None:
    await hall.add()
    await hall.picked()
    await hall.like(hall.bo)
    # As a crash between the post and its note leaves it, found long after.
    ((id, hanging),) = hall.showcases.hangings.items()
    long_ago = hall.clock.now() - NONCE_SECONDS - 1
    hall.showcases.hangings[id] = replace(hanging, message_id=0, hung_at=None, began_at=long_ago)
    await hall.restart()
    assert len(hall.wall()) == 1
    assert hall.showcases.hangings[id].message_id == hall.wall()[0].id


async def test_a_channel_that_is_shut_is_told_of_once_and_waited_for(hall: Hall) -> None:
    await hall.add()
    await hall.picked()
    where = f"/channels/{hall.best.id}/messages"
    hall.refuse("POST", where, 403, 50013, times=2)
    await hall.like(hall.bo)
    assert hall.wall() == []
    (said,) = hall.system.history()
    assert said.content.startswith(f"Easel may not post in <#{hall.best.id}>, so nothing new hangs")
    await hall.env.advance_time(CHANNEL_REST_SECONDS + 1)
    assert len(list(hall.system.history())) == 1
    await hall.env.advance_time(CHANNEL_REST_SECONDS * 2)
    assert len(hall.wall()) == 1
    assert hall.notices.noted == {}


async def test_age_rated_work_comes_down_where_everybody_may_look(hall: Hall) -> None:
    rated = hall.guild.create_text_channel("rated")
    await hall.env.settle()
    hall.restrict(rated)
    await hall.add(channel=rated, age_rated=True)
    job = await hall.picked()
    hall.showcases.age_rated.add(job.id)
    await hall.like(hall.bo)
    assert len(hall.wall(rated)) == 1
    guild = hall.bot.get_guild(hall.guild.id)
    assert guild is not None
    there: Any = guild.get_channel(rated.id)
    before = copy(there)
    hall.restrict(rated, restricted=False)
    hall.bot.dispatch("guild_channel_update", before, there)
    await hall.env.settle()
    assert hall.wall(rated) == []
    assert [one.taken_by for one in hall.showcases.hangings.values()] == [By.NOBODY]


async def test_with_its_channel_a_showcase_goes(hall: Hall) -> None:
    await hall.add()
    await hall.add(channel=hall.system)
    await hall.picked()
    hall.refuse("POST", f"/channels/{hall.best.id}/messages", 404, 10003)
    await hall.like(hall.bo)
    await hall.env.settle()
    (left,) = await hall.showcases.of_server(hall.guild.id)
    assert left.channel_id == hall.system.id


async def test_rows_that_cannot_be_read_for_a_while_stop_nothing(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hall.add()
    await hall.picked()
    read = hall.showcases.due
    answers: list[Exception] = [BusyError(), RuntimeError("no such table")]

    async def due(*args: Any, **options: Any) -> Any:
        if answers:
            raise answers.pop(0)
        return await read(*args, **options)

    monkeypatch.setattr(hall.showcases, "due", due)
    await hall.like(hall.bo)
    await hall.env.advance_time(SWEEP_SECONDS * 2 + 2)
    assert answers == []
    assert len(hall.wall()) == 1


async def test_a_word_that_a_filter_stops_is_left_out(hall: Hall) -> None:
    await hall.add()
    await hall.picked("a rude word")
    hall.refuse("POST", f"/channels/{hall.best.id}/messages", 400, 200000)
    await hall.like(hall.bo)
    (message,) = hall.wall()
    assert message.content == f"**A picture** - {hall.owner()}"


# /showcase


async def test_admins_list_change_and_remove(hall: Hall) -> None:
    assert "has no showcase" in await hall.boss_does("showcase list")
    await hall.add(likes=3, topic="cats")
    line = f"<#{hall.best.id}> · topic: cats · from 3 likes on"
    assert await hall.boss_does("showcase list") == f"1. {line}"
    (choice,) = await hall.boss.autocomplete(hall.channel, "showcase change", "showcase", "")
    assert choice["name"] == "#best · cats"
    changed = await hall.boss_does("showcase change", showcase=choice["value"], topic="-", likes=0)
    assert changed == f"Changed: <#{hall.best.id}> · not by likes."
    assert "Say what shall change" in await hall.boss_does("showcase change", showcase=1)
    assert "Removed" in await hall.boss_does("showcase remove", showcase=choice["value"])
    assert "no longer there" in await hall.boss_does("showcase remove", showcase=choice["value"])


async def test_admins_of_another_server_may_not(hall: Hall) -> None:
    await hall.add()
    assert "another server" in await hall.tells(hall.rival, "showcase change", showcase=1, likes=1)


async def test_where_easel_may_not_post_nothing_is_added(hall: Hall) -> None:
    shut = discord.PermissionOverwrite(send_messages=False)
    hidden = hall.guild.create_text_channel(
        "hidden", overwrites={hall.guild.roles["@everyone"]: shut}
    )
    await hall.env.settle()
    assert f"Easel may not post in <#{hidden.id}>" in await hall.add(channel=hidden)


# The gallery


async def test_where_the_gallery_has_an_address_pictures_lead_there(
    tmp_path: Path, hall: Hall
) -> None:
    hall.settings = replace(hall.settings, gallery_url="https://gallery.example.org")
    await hall.restart()
    await hall.add()
    job = await hall.grid()
    links = [item["url"] for row in rows(hall.last()) for item in row if item.get("url")]
    assert links == [f"https://gallery.example.org/p/{job.id}-1"]
    await hall.press("U2", hall.last())
    await hall.env.advance_time(3)
    assert labels(hall.last())[-1] == ["❤️", "Remix", "Publish", "Open in gallery"]
    links = [item["url"] for row in rows(hall.last()) for item in row if item.get("url")]
    assert links == [f"https://gallery.example.org/p/{job.id}-2"]
    await hall.like(hall.bo)
    assert "Open in gallery" in labels(hall.wall()[0])[0]


@pytest.mark.parametrize(
    "button", [Peg(Act.LIKE, 12, 3), Peg(Act.TAKE_DOWN, 1, 1), Door(Act.FEATURE, "a" * 20, 4, 7)]
)
def test_an_id_holds_all_there_is_to_know(button: Any) -> None:
    assert pressed(button.custom_id) == button
    assert len(button.custom_id) <= 100


@pytest.mark.parametrize(
    "id", ["x2:like:1:1", "x1:like:x:1", "x1:publish:1:1", "x1:feature:zz:1:1"]
)
def test_an_id_that_is_none_is_refused(id: str) -> None:
    with pytest.raises(ButtonError):
        pressed(id)
