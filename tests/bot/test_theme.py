"""A theme from its start to its winners."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot.ballots import Act, Ballot, Ticket, pressed
from bot.fair import SWEEP_SECONDS
from bot.ladder import CHANNEL_REST_SECONDS
from core.actions import ButtonError
from core.jobs import Job
from core.themes import Phase, Theme
from tests.bot.test_showcase import Hall
from tests.bot.town import told
from tests.bot.world import custom_ids, labels


class Square(Hall):
    """A hall with a theme in its channel for what is best."""

    async def begin(self, words: str = "fog and lamps", **options: Any) -> Theme:
        answer = await self.boss_does(
            "theme start", words=words, channel=self.best, **{"voting_days": 1, **options}
        )
        assert answer.startswith(f"Started: **{words}** · <#{self.best.id}> · pictures until <t:")
        await self.env.settle()
        return (await self.themes.open_in(self.guild.id))[-1]

    async def theme(self, theme: Theme) -> Theme:
        return await self.themes.get(theme.id)

    async def enter(self, who: Any, prompt: str, number: int = 2) -> Job:
        await self.imagine(prompt, who)
        job = await self.finish()
        await self.env.advance_time(1)
        await who.slash(self.channel, "theme enter", picture=f"{job.id}-{number}")
        return job

    async def let_pass(self, theme: Theme, *times: str) -> None:
        """As if these times of the theme had come; days would be long to wait for."""
        now = self.clock.now()
        row = self.themes._all[theme.id]
        self.themes._all[theme.id] = replace(row, **dict.fromkeys(times, now))
        await self.env.advance_time(SWEEP_SECONDS + 1)

    async def voting(self) -> tuple[Theme, dict[str, Any]]:
        """With a picture of Ada's and one of Bo's; the places of both."""
        theme = await self.begin()
        jobs = {"ada": await self.enter(self.ada, "a lamp"), "bo": await self.enter(self.bo, "fog")}
        await self.let_pass(theme, "votes_from")
        places = {one.job_id: one.place for one in await self.themes.entries(theme.id)}
        return theme, {name: places[job.id] for name, job in jobs.items()}

    async def vote(self, who: Any, place: int, message: Any = None) -> str:
        message = message or self.wall()[-1]
        id = next(id for id in ids(message) if id.startswith(f"z1:vote:1:{place}:"))
        return told(await who.click(message, custom_id=id))


def ids(message: Any) -> list[str]:
    return custom_ids(message)


@pytest.fixture
def world(tmp_path: Path) -> Square:
    return Square(tmp_path)


@pytest.fixture
async def square(world: Square, env: simcord.env.Env) -> AsyncIterator[Square]:
    await world.open(env)
    yield world


def said(message: Any) -> str:
    """All words of a message made of components."""
    found: list[str] = []
    for component in message.components:
        plain = component if isinstance(component, dict) else component.to_dict()
        if plain.get("content"):
            found.append(plain["content"])
    return "\n".join(found)


async def test_a_theme_is_announced_entered_voted_on_and_won(square: Square) -> None:
    theme = await square.begin()
    (announced,) = square.wall()
    assert said(announced).startswith("**Theme: fog and lamps**\nPictures made for it are entered")
    await square.picked("a lamp")
    picture = square.last()
    assert labels(picture)[-1] == ["❤️", "Remix", "Enter theme"]
    assert "can enter it" in told(await square.press("Enter theme", picture, square.bo))
    answer = await square.press("Enter theme", picture)
    assert told(answer).startswith("It takes part: fog and lamps. The voting begins <t:")
    await square.enter(square.bo, "thick fog")
    await square.let_pass(theme, "votes_from")
    _, page = square.wall()
    assert "each member has one vote" in said(page)
    assert labels(page) == [["1", "2"], ["My pictures"]] or labels(page)[-2:] == [
        ["1", "2"],
        ["My pictures"],
    ]
    assert [file.filename for file in page.attachments] == ["picture-1.png", "picture-2.png"]
    assert square.owner() not in said(page)
    entries = await square.themes.entries(theme.id)
    bos = next(one.place for one in entries if one.exhibit and one.exhibit.text == "thick fog")
    assert (await square.vote(square.cy, bos)).startswith(f"Your vote is for picture {bos}.")
    await square.vote(square.admin, bos)
    assert "is yours" in await square.vote(square.bo, bos)
    await square.vote(square.bo, 3 - bos)
    await square.let_pass(theme, "ends_at")
    result = square.wall()[-1]
    assert said(result) == (
        "**Theme: fog and lamps**\nThe winners:\n"
        f"🥇 · {square.owner(square.bo)} · 2 votes · thick fog\n"
        f"🥈 · {square.owner()} · 1 vote · a lamp"
    )
    assert len(result.attachments) == 2
    assert "The voting is over" in said(square.wall()[1])
    assert await square.themes.unsettled() == []
    mine = told(await square.bo.click(result, label="My pictures"))
    assert mine.startswith(f"Picture {bos}, ") and mine.endswith(": 2 votes")


async def test_over_restarts_nothing_is_lost_or_told_twice(square: Square) -> None:
    theme = await square.begin()
    await square.restart()
    await square.enter(square.ada, "a lamp")
    await square.enter(square.bo, "fog")
    await square.restart()
    await square.let_pass(theme, "votes_from")
    await square.restart()
    await square.vote(square.cy, 1)
    await square.restart()
    await square.vote(square.cy, 2)
    await square.let_pass(theme, "ends_at")
    await square.restart()
    await square.env.advance_time(SWEEP_SECONDS * 2)
    assert len(square.wall()) == 3
    assert sorted(one.votes for one in await square.themes.entries(theme.id)) == [0, 1]


async def test_a_post_that_arrived_unseen_is_not_repeated(square: Square) -> None:
    theme = await square.begin()
    sheets = square.themes._sheets[theme.id]
    sheets["start"] = replace(sheets["start"], message_id=0, posted_at=None, began_at=0.0)
    began = square.clock.now() - 200
    sheets["start"] = replace(sheets["start"], began_at=began)
    await square.restart()
    (message,) = square.wall()
    assert (await square.themes.sheets(theme.id))["start"].message_id == message.id


async def test_what_is_deleted_during_the_voting_is_shown_no_more(square: Square) -> None:
    theme, places = await square.voting()
    page = square.wall()[-1]
    entries = {one.place: one for one in await square.themes.entries(theme.id)}
    await square.album.delete(entries[places["ada"]].job_id, square.clock.now())
    await square.env.advance_time(SWEEP_SECONDS + 1)
    after = square.wall()[-1]
    assert after.id == page.id
    assert [file.filename for file in after.attachments] == [f"picture-{places['bo']}.png"]
    assert str(places["ada"]) not in [name for row in labels(after) for name in row]
    await square.let_pass(theme, "ends_at")
    assert "by <@" in said(square.wall()[-1])


async def test_what_was_entered_can_be_taken_out(square: Square) -> None:
    theme = await square.begin()
    await square.picked()
    answer = await square.press("Enter theme", square.last())
    assert told(await square.ada.click(answer.response, label="Take it out")) == "It is taken out."
    assert await square.themes.entries(theme.id) == []
    await square.let_pass(theme, "votes_from")
    assert (await square.theme(theme)).phase is Phase.OVER
    assert said(square.wall()[-1]).endswith("Nobody entered a picture.")


async def test_by_command_a_picture_is_named_with_its_number(square: Square) -> None:
    await square.begin()
    job = await square.grid()
    answer = told(await square.ada.slash(square.channel, "theme enter", picture=job.id))
    assert answer.startswith("That job has 4 pictures; name one by its number too")
    answer = told(await square.ada.slash(square.channel, "theme enter", picture=f"{job.id}-4"))
    assert answer.startswith("It takes part")
    own = await square.ada.autocomplete(square.channel, "theme enter", "picture", "")
    assert [choice["value"] for choice in own] == [job.id]


async def test_of_several_themes_one_is_chosen(square: Square) -> None:
    await square.begin("fog")
    other = await square.begin("lamps")
    await square.picked()
    answer = await square.press("Enter theme", square.last())
    assert told(answer) == "For which theme?"
    await square.ada.click(answer.response, label="lamps")
    assert len(await square.themes.entries(other.id)) == 1
    found = await square.ada.autocomplete(square.channel, "theme enter", "theme", "la")
    assert [choice["name"] for choice in found] == ["lamps"]


async def test_admins_alone_start_and_stop(square: Square) -> None:
    only = "Only an admin of this server can do that."
    assert await square.tells(square.bo, "theme start", words="mine") == only
    assert "no theme now" in await square.tells(square.bo, "theme list")
    theme = await square.begin()
    assert await square.tells(square.bo, "theme stop", theme=theme.id) == only
    assert (await square.tells(square.bo, "theme list")).startswith("1. **fog and lamps** · <#")
    assert await square.boss_does("theme stop", theme=theme.id) == "Called off: fog and lamps."
    await square.env.settle()
    assert said(square.wall()[-1]).endswith("It is called off; there is no result.")
    assert "That day is over" in await square.boss_does(
        "theme start", words="old", until="2020-01-01"
    )


async def test_a_shut_channel_is_told_of_once_and_the_theme_goes_on(square: Square) -> None:
    where = f"/channels/{square.best.id}/messages"
    square.refuse("POST", where, 403, 50013, times=1)
    theme = await square.begin()
    (said_,) = square.system.history()
    assert said_.content.startswith(f"Easel may not post in <#{square.best.id}>, so the theme")
    await square.env.advance_time(CHANNEL_REST_SECONDS + SWEEP_SECONDS)
    assert len(square.wall()) == 1
    square.refuse("POST", where, 404, 10003, times=1)
    await square.enter(square.ada, "a lamp")
    await square.enter(square.bo, "fog")
    await square.let_pass(theme, "votes_from")
    assert (await square.theme(theme)).called_off
    assert await square.themes.unsettled() == []


async def test_what_it_is_about_is_told_to_who_asks(square: Square) -> None:
    await square.begin()
    (message,) = square.wall()
    assert "Nobody votes for their own" in told(await square.bo.click(message, label="How it goes"))
    mine = told(await square.bo.click(message, label="My pictures"))
    assert mine == "No picture of yours takes part in this theme."


@pytest.mark.parametrize(
    "button",
    [Ballot(Act.VOTE, 12, 3, "page2"), Ballot(Act.HOW, 1), Ticket(Act.LEAVE, "a" * 20, 4, 7)],
)
def test_an_id_holds_all_there_is_to_know(button: Any) -> None:
    assert pressed(button.custom_id) == button
    assert len(button.custom_id) <= 100


@pytest.mark.parametrize("id", ["z2:how:1:0:start", "z1:vote:x:1:page1", "z1:enter:zz:1:1"])
def test_an_id_that_is_none_is_refused(id: str) -> None:
    with pytest.raises(ButtonError):
        pressed(id)
