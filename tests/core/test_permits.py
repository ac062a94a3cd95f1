"""What a member may do is what Discord would say."""

from __future__ import annotations

import pytest

from core.permits import ALL, IN_TIME_OUT, Overwrite, Right, Town, in_channel, on_server

SERVER, ARTIST, STAFF, BOSS, MUTED = 10, 11, 12, 13, 14
ADA, OWNER = 1, 2
SEES = Right.VIEW_CHANNEL | Right.READ_MESSAGE_HISTORY
TOWN = Town(
    id=SERVER,
    owner_id=OWNER,
    roles={
        SERVER: int(SEES | Right.SEND_MESSAGES),
        ARTIST: int(Right.ATTACH_FILES),
        STAFF: int(Right.MANAGE_MESSAGES),
        BOSS: int(Right.ADMINISTRATOR),
        MUTED: 0,
    },
)


def test_roles_add_up() -> None:
    assert on_server(TOWN, ADA, ()) == SEES | Right.SEND_MESSAGES
    bits = on_server(TOWN, ADA, (ARTIST, STAFF, 99))
    assert bits == SEES | Right.SEND_MESSAGES | Right.ATTACH_FILES | Right.MANAGE_MESSAGES


def test_owners_and_administrators_may_everything_everywhere() -> None:
    hidden = [Overwrite(SERVER, deny=ALL), Overwrite(BOSS, deny=ALL)]
    assert on_server(TOWN, OWNER, ()) == in_channel(TOWN, OWNER, (), hidden) == ALL
    assert on_server(TOWN, ADA, (BOSS,)) == in_channel(TOWN, ADA, (BOSS,), hidden) == ALL


def test_a_channel_changes_roles_and_then_members() -> None:
    hidden = Overwrite(SERVER, deny=int(Right.VIEW_CHANNEL))
    for_artists = Overwrite(ARTIST, allow=int(Right.VIEW_CHANNEL))
    assert in_channel(TOWN, ADA, (), [hidden, for_artists]) == 0
    assert in_channel(TOWN, ADA, (ARTIST,), [hidden, for_artists]) & Right.VIEW_CHANNEL
    not_ada = Overwrite(ADA, deny=int(Right.VIEW_CHANNEL))
    assert in_channel(TOWN, ADA, (ARTIST,), [hidden, for_artists, not_ada]) == 0
    only_ada = Overwrite(ADA, allow=int(Right.VIEW_CHANNEL))
    assert in_channel(TOWN, ADA, (), [hidden, only_ada]) & Right.VIEW_CHANNEL


@pytest.mark.parametrize("order", [(ARTIST, MUTED), (MUTED, ARTIST)])
def test_of_two_roles_the_one_that_allows_counts(order: tuple[int, int]) -> None:
    talk = int(Right.SEND_MESSAGES)
    overwrites = [Overwrite(MUTED, deny=talk), Overwrite(ARTIST, allow=talk)]
    assert in_channel(TOWN, ADA, order, overwrites) & Right.SEND_MESSAGES
    assert not in_channel(TOWN, ADA, (MUTED,), overwrites) & Right.SEND_MESSAGES


def test_who_is_timed_out_may_only_look() -> None:
    assert in_channel(TOWN, ADA, (STAFF,), [], timed_out=True) == IN_TIME_OUT
