"""Who is a member, as Discord says it over real sockets, and for how long that is believed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from core.errors import BusyError
from core.jobs import Owner
from core.membership import Introductions
from core.sessions import Doorkeeper, Session
from core.works import Viewer
from gallery.discord import DOUBT_SECONDS, KEPT_SECONDS, DiscordRest
from gallery.errors import SilentError
from gallery.membership import DiscordMembership, NoMembership
from gallery.visitors import KEPT_SECONDS as VIEWER_SECONDS
from gallery.visitors import Visitors
from sandbox import Sandbox, SandboxClient
from sandbox.world import ADA_ID, GUILD_ID, MIRA_ID, NOAH_ID, PATRON_ROLE_ID
from tests.builders import NOON, FakeClock
from tests.fakes.memory_sessions import MemorySessions
from tests.fakes.memory_store import MemoryJobStore

MIRA, NOAH, ADA, HERE = int(MIRA_ID), int(NOAH_ID), int(ADA_ID), int(GUILD_ID)


@pytest.fixture
async def people() -> AsyncIterator[SandboxClient]:
    async with Sandbox() as sandbox, SandboxClient(sandbox.url, live=False) as client:
        yield client


@pytest.fixture
async def rest(people: SandboxClient, clock: FakeClock) -> AsyncIterator[DiscordRest]:
    async with DiscordRest("sandbox.token.not-a-secret", people.url, now=clock.now) as one:
        yield one


@pytest.fixture
def membership(rest: DiscordRest) -> DiscordMembership:
    return DiscordMembership(rest)


def session(person: int) -> Session:
    return Session(person=Owner(person, "somebody"), begun_at=NOON, ends_at=NOON + 1e6)


async def test_discord_says_who_is_what(membership: DiscordMembership) -> None:
    mira, noah, ada = [await membership.of(person, HERE) for person in (MIRA, NOAH, ADA)]
    assert (mira.member, mira.name, mira.moderates, mira.administers) == (
        True,
        "Mira",
        False,
        False,
    )
    assert noah.role_ids == (int(PATRON_ROLE_ID),)
    assert (ada.moderates, ada.administers) == (True, True)
    assert await membership.server_name(HERE) == "Easel Sandbox"
    assert set(await membership.servers(MIRA)) == {HERE}


async def test_strangers_and_other_servers_are_nothing(membership: DiscordMembership) -> None:
    assert not (await membership.of(42, HERE)).member
    assert not (await membership.of(MIRA, 42)).member
    assert await membership.servers(42) == {}
    assert await membership.server_name(42) == ""


async def test_whoever_leaves_is_out_within_a_minute(
    people: SandboxClient, membership: DiscordMembership, clock: FakeClock
) -> None:
    """Through all that is kept on the way: Discord's answers, and what is known of a visitor."""
    book = MemoryJobStore().rules
    keeper = Doorkeeper(MemorySessions(), clock)
    visitors = Visitors(keeper, Introductions(membership, book), now=clock.now)
    assert (await visitors.viewer(session(MIRA))).servers == {HERE}
    await people.person("mira", in_guild=False)
    # At the worst they looked at something just before each of the two was forgotten.
    clock.advance(KEPT_SECONDS - 0.001)
    await visitors.viewer(session(MIRA))
    clock.advance(VIEWER_SECONDS)
    assert (await visitors.viewer(session(MIRA))).servers == frozenset()
    assert KEPT_SECONDS + VIEWER_SECONDS <= 50


async def test_a_role_that_was_lost_counts_no_longer(
    people: SandboxClient, membership: DiscordMembership, clock: FakeClock
) -> None:
    assert (await membership.of(NOAH, HERE)).role_ids
    await people.person("noah", roles=[])
    clock.advance(KEPT_SECONDS)
    assert not (await membership.of(NOAH, HERE)).role_ids


async def test_discord_is_asked_once_for_many(
    people: SandboxClient, membership: DiscordMembership
) -> None:
    await asyncio.gather(*(membership.of(MIRA, HERE) for _ in range(30)))
    asked = [one["path"] for one in await people.requests("/guilds/")]
    assert sorted(asked) == [f"/guilds/{HERE}", f"/guilds/{HERE}/members/{MIRA}"]


async def test_when_discord_is_silent_everybody_is_a_stranger(
    people: SandboxClient,
    membership: DiscordMembership,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await people.inject(status=500, path="/guilds/.*", count=2)
    assert not (await membership.of(MIRA, HERE)).member
    # It is not asked again at once, and soon it is.
    assert not (await membership.of(MIRA, HERE)).member
    clock.advance(DOUBT_SECONDS)
    assert (await membership.of(MIRA, HERE)).member
    assert "Discord did not answer about /guilds/" in caplog.text
    assert "sandbox.token" not in caplog.text


async def test_an_old_answer_is_not_believed_because_there_is_no_new_one(
    people: SandboxClient, membership: DiscordMembership, clock: FakeClock
) -> None:
    assert (await membership.of(MIRA, HERE)).member
    await people.inject(status=503, path="/guilds/.*", count=None)
    clock.advance(KEPT_SECONDS)
    assert not (await membership.of(MIRA, HERE)).member


async def test_whoever_is_told_to_wait_waits(
    people: SandboxClient, rest: DiscordRest, clock: FakeClock
) -> None:
    await people.inject(status=429, path="/users/@me/guilds", retry_after=20)
    with pytest.raises(SilentError):
        await rest.get("/users/@me/guilds?limit=200")
    clock.advance(DOUBT_SECONDS)
    await people.clear_requests()
    with pytest.raises(SilentError):
        await rest.get(f"/guilds/{HERE}")
    assert await people.requests() == []
    clock.advance(20)
    assert await rest.get(f"/guilds/{HERE}")


async def test_a_bot_that_was_shut_out_of_a_server_knows_nobody_there(
    people: SandboxClient, membership: DiscordMembership
) -> None:
    await people.guild(present=False)
    assert await membership.servers(MIRA) == {}
    assert not (await membership.of(ADA, HERE)).member


async def test_a_visitor_is_looked_up_once_for_a_page_of_pictures(clock: FakeClock) -> None:
    class Slow(Introductions):
        asked = 0

        async def viewer(self, session: Session | None) -> Viewer:
            Slow.asked += 1
            await asyncio.sleep(0)
            if Slow.asked == 1:
                raise BusyError
            return Viewer(person_id=MIRA)

    introductions = Slow(NoMembership(), MemoryJobStore().rules)
    visitors = Visitors(Doorkeeper(MemorySessions(), clock), introductions, now=clock.now)

    async def all_at_once() -> list[Viewer | BaseException]:
        forty = (visitors.viewer(session(MIRA)) for _ in range(40))
        return await asyncio.gather(*forty, return_exceptions=True)

    # What went wrong is not remembered.
    assert {type(one) for one in await all_at_once()} == {BusyError}
    assert set(await all_at_once()) == {Viewer(person_id=MIRA)}
    assert Slow.asked == 2


async def test_answers_are_kept_in_bounds(
    rest: DiscordRest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    monkeypatch.setattr("gallery.discord.MOST_KEPT", 10)
    for number in range(30):
        await rest.get(f"/guilds/{number}")
    assert len(rest._kept) == 10


async def test_without_a_discord_everybody_is_a_stranger() -> None:
    nowhere = NoMembership()
    assert not (await nowhere.of(MIRA, HERE)).member
    assert await nowhere.servers(MIRA) == {}
    assert await nowhere.server_name(HERE) == ""
