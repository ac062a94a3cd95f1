"""Who somebody is that is logged in, from what Discord and the rules of servers say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.membership import Introductions, Standing
from core.sessions import Session
from core.works import ANYBODY
from tests.builders import ADA, BO, NOON
from tests.fakes.memory_membership import MemoryMembership
from tests.fakes.memory_rulebook import MemoryRulebook
from tests.fakes.memory_store import MemoryJobStore

HERE, THERE = 10, 11
MEMBER = Standing(member=True, name="Ada on the hill", role_ids=(7,))
SESSION = Session(person=ADA, begun_at=NOON, ends_at=NOON + 1, adult=True)


@pytest.fixture
def book() -> MemoryRulebook:
    return MemoryJobStore().rules


def introductions(book: MemoryRulebook, *operators: int, **here: bool) -> Introductions:
    standings = {
        (ADA.id, HERE): replace(MEMBER, **here),
        (ADA.id, THERE): Standing(administers=True),
        (BO.id, THERE): MEMBER,
    }
    return Introductions(MemoryMembership(standings), book, frozenset(operators))


async def test_who_is_not_logged_in_is_anybody(book: MemoryRulebook) -> None:
    assert await introductions(book).viewer(None) == ANYBODY


async def test_a_member_is_a_member_where_discord_says_so(book: MemoryRulebook) -> None:
    viewer = await introductions(book).viewer(SESSION)
    assert (viewer.person_id, viewer.servers, viewer.adult) == (ADA.id, {HERE}, True)
    assert not viewer.moderates
    assert not viewer.administers
    assert not viewer.operator


async def test_rights_are_those_of_each_server(book: MemoryRulebook) -> None:
    viewer = await introductions(book, moderates=True, administers=True).viewer(SESSION)
    assert (viewer.moderates, viewer.administers) == ({HERE}, {HERE})


async def test_a_servers_admin_role_administers_too(book: MemoryRulebook) -> None:
    await book.change_house(HERE, lambda house: replace(house, admin_role=7), by=BO, now=NOON)
    assert (await introductions(book).viewer(SESSION)).administers == {HERE}
    await book.change_house(HERE, lambda house: replace(house, admin_role=8), by=BO, now=NOON)
    assert not (await introductions(book).viewer(SESSION)).administers


async def test_whoever_is_banned_there_is_no_member_there(book: MemoryRulebook) -> None:
    await book.ban(HERE, ADA.id, by=BO, now=NOON)
    viewer = await introductions(book, administers=True, moderates=True).viewer(SESSION)
    assert not viewer.servers | viewer.administers | viewer.moderates


async def test_the_operator_is_who_the_settings_name(book: MemoryRulebook) -> None:
    assert (await introductions(book, ADA.id).viewer(SESSION)).operator
    assert not (await introductions(book, BO.id).viewer(SESSION)).operator


async def test_somebody_who_does_something_has_their_name_and_rights_there(
    book: MemoryRulebook,
) -> None:
    actor = await introductions(book, moderates=True).actor(SESSION, HERE, 20)
    assert (actor.owner.id, actor.owner.name) == (ADA.id, "Ada on the hill")
    assert (actor.server_id, actor.channel_id, actor.role_ids) == (HERE, 20, (7,))
    assert (actor.moderates, actor.administers, actor.operator) == (True, False, False)


async def test_elsewhere_they_are_only_themselves(book: MemoryRulebook) -> None:
    for server_id in (0, 99):
        actor = await introductions(book).actor(SESSION, server_id)
        assert (actor.owner, actor.server_id) == (ADA, server_id)
        assert not (actor.moderates or actor.administers or actor.role_ids)
