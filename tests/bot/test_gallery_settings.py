"""Who may see in the gallery what is made in a channel: what servers, members and Discord say."""

from __future__ import annotations

from typing import Any

import discord

from bot.whereabouts import whereabouts
from core.departures import Departures
from core.forgetting import Forgetting, Forgotten
from core.jobs import Job
from core.works import Showing
from tests.bot.town import Town, told
from tests.builders import FakeClock
from tests.fakes.memory_notices import MemoryNotices


async def allows(town: Town, person: Any, who: str) -> str:
    return told(await person.slash(town.channel, "server gallery", who=who))


async def prefers(town: Town, who: str) -> str:
    return told(await town.ada.slash(town.channel, "prefer gallery", who=who))


async def asked_in(town: Town, channel: Any) -> Job:
    await town.ada.slash(channel, "imagine", prompt="a red lighthouse")
    return await town.newest()


async def test_a_job_knows_what_kind_of_channel_it_is_from(town: Town) -> None:
    everyone = town.guild.default_role
    plain = await asked_in(town, town.channel)
    assert (plain.place.age_rated, plain.place.closed) == (False, False)
    late = town.guild.create_text_channel("late")
    await town.env.settle()
    # SimCord marks no channel; this is the bot's own knowledge of it.
    known: Any = town.bot.get_channel(late.id)
    known.nsfw = True
    rated = await asked_in(town, late)
    assert (rated.place.age_rated, rated.place.closed) == (True, False)
    assert town.bot.user is not None
    hidden = town.guild.create_text_channel(
        "hidden",
        overwrites={
            everyone: discord.PermissionOverwrite(view_channel=False),
            town.ada: discord.PermissionOverwrite(view_channel=True),
            town.bot.user: discord.PermissionOverwrite(view_channel=True),
        },
    )
    closed = await asked_in(town, hidden)
    assert (closed.place.age_rated, closed.place.closed) == (False, True)


def test_a_channel_of_which_nothing_is_known_is_taken_to_be_closed() -> None:
    assert whereabouts(None) == (False, True)


async def test_an_admin_says_who_may_see_what_is_made_here(town: Town) -> None:
    assert "for anybody" in await allows(town, town.boss, "public")
    house = (await town.store.rules.rules(town.guild.id)).house
    assert house.gallery is Showing.PUBLIC
    assert "who made it alone" in await allows(town, town.boss, "private")


class Remembered:
    """Keeps whom it was asked to forget."""

    def __init__(self) -> None:
        self.people: list[int] = []

    async def forget(self, person_id: int, now: float) -> Forgotten:
        self.people.append(person_id)
        return Forgotten(3, 12)


async def test_a_member_has_all_of_theirs_deleted(town: Town) -> None:
    eraser, clock = Remembered(), FakeClock()
    departures = Departures(MemoryNotices(), clock)
    town.bot.keeper._forgetting = Forgetting(town.store, eraser, departures, clock)
    first = told(await town.ada.slash(town.channel, "prefer forget"))
    assert "cannot be brought back" in first
    assert eraser.people == []
    done = told(await town.ada.slash(town.channel, "prefer forget", sure="yes"))
    assert done.startswith("Deleted: 3 jobs with 12 pictures")
    assert eraser.people == [town.ada.id]


async def test_a_member_may_want_less(town: Town) -> None:
    assert "for you alone" in await prefers(town, "private")
    assert "members of their server" in await prefers(town, "server")
    assert "as each server says" in await prefers(town, "server's")
