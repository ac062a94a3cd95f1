"""Who starts themes, enters pictures and votes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.actions import Action, Button
from core.errors import BannedError, NotAdminError, NotFoundError, NotYoursError, RefusedError
from core.jury import Jury
from core.themes import Phase, Theme
from tests.builders import ADA, BO, CHANNEL, actor
from tests.core.test_curator import BOSS, MODERATOR, Gallery, gallery
from tests.core.test_studio import house
from tests.fakes.memory_themes import MemoryThemes

__all__ = ["gallery", "house"]

DAY = 86400.0


class Fair:
    """The gallery, with themes."""

    def __init__(self, gallery: Gallery) -> None:
        self.house = gallery.house
        self.themes = MemoryThemes(gallery.showcases)
        store, clock = self.house.store, self.house.clock
        steward = gallery.curator._steward
        self.jury = Jury(self.themes, gallery.showcases, store, store.rules, steward, clock)

    async def start(self, **how: Any) -> Theme:
        return await self.jury.start(BOSS, 90, "fog", **how)

    async def voting(self) -> Theme:
        """With a picture of Ada's, which is the first."""
        theme, grid = await self.start(), await self.house.grid()
        await self.jury.enter(actor(), grid.id, 1, theme.id)
        self.house.clock.advance(theme.votes_from - self.house.clock.now())
        return await self.themes.turn(theme.id, Phase.VOTING)


@pytest.fixture
def fair(gallery: Gallery) -> Fair:
    return Fair(gallery)


async def test_admins_start_a_theme_that_follows_the_servers_clocks(fair: Fair) -> None:
    await fair.house.store.rules.change_house(
        CHANNEL.server_id, lambda h: replace(h, time_zone="Asia/Tokyo"), by=BO, now=1.0
    )
    theme = await fair.start()
    assert (theme.words, theme.server_id, theme.most) == ("fog", CHANNEL.server_id, 1)
    assert (theme.votes_from + 9 * 3600) % DAY == 0
    assert theme.ends_at - theme.votes_from == 2 * DAY
    assert await fair.jury.taking(CHANNEL.server_id) == [theme]
    for who in (actor(), MODERATOR):
        with pytest.raises(NotAdminError):
            await fair.jury.start(who, 90, "fog")
    with pytest.raises(RefusedError, match="1 to 5 pictures"):
        await fair.start(most=6)


async def test_admins_call_it_off(fair: Fair) -> None:
    theme = await fair.start()
    for who in (actor(), replace(BOSS, server_id=99)):
        with pytest.raises(NotAdminError):
            await fair.jury.call_off(who, theme.id)
    assert (await fair.jury.call_off(BOSS, theme.id)).called_off
    with pytest.raises(RefusedError, match="is over"):
        await fair.jury.call_off(BOSS, theme.id)
    assert await fair.jury.taking(CHANNEL.server_id) == []


async def test_members_enter_their_own_pictures(fair: Fair) -> None:
    theme, grid = await fair.start(), await fair.house.grid()
    picked = (await fair.house.press(Button(Action.UPSCALE, grid.id, 3))).job
    entered = await fair.jury.enter(actor(), picked.id, 1, theme.id)
    assert (entered.job_id, entered.number, entered.new) == (grid.id, 3, True)
    assert not (await fair.jury.enter(actor(), grid.id, 3, theme.id)).new
    with pytest.raises(NotYoursError, match="can enter it"):
        await fair.jury.enter(BOSS, grid.id, 1, theme.id)
    with pytest.raises(RefusedError, match="already"):
        await fair.jury.enter(actor(), grid.id, 1, theme.id)
    assert [one.number for one in await fair.jury.mine(actor(), theme.id)] == [3]
    assert await fair.jury.mine(actor(BO), theme.id) == []


async def test_what_was_entered_can_be_taken_out_until_the_voting(fair: Fair) -> None:
    theme, grid = await fair.start(), await fair.house.grid()
    await fair.jury.enter(actor(), grid.id, 1, theme.id)
    assert await fair.jury.leave(actor(), grid.id, 1, theme.id)
    assert not await fair.jury.leave(actor(), grid.id, 1, theme.id)
    await fair.themes.turn(theme.id, Phase.VOTING)
    with pytest.raises(RefusedError, match="voting has begun"):
        await fair.jury.leave(actor(), grid.id, 1, theme.id)


async def test_a_picture_older_than_the_theme_is_not_for_it(fair: Fair) -> None:
    grid = await fair.house.grid()
    fair.house.clock.advance(60)
    theme = await fair.start()
    with pytest.raises(RefusedError, match="older than the theme"):
        await fair.jury.enter(actor(), grid.id, 1, theme.id)


async def test_members_vote_and_the_votes_are_counted_at_the_end(fair: Fair) -> None:
    theme = await fair.voting()
    await fair.jury.vote(actor(BO), theme.id, 1)
    with pytest.raises(RefusedError, match="is yours"):
        await fair.jury.vote(actor(), theme.id, 1)
    with pytest.raises(RefusedError, match="own server"):
        await fair.jury.vote(actor(BO, server_id=99), theme.id, 1)
    with pytest.raises(NotFoundError):
        await fair.jury.vote(actor(BO), theme.id, 2)
    with pytest.raises(RefusedError, match="when the voting is over"):
        await fair.jury.winners(theme.id)
    await fair.themes.turn(theme.id, Phase.OVER)
    ((rank, winner),) = await fair.jury.winners(theme.id)
    assert (rank, winner.votes, winner.exhibit and winner.exhibit.owner) == (1, 1, ADA)


async def test_whoever_is_shut_out_takes_no_part(fair: Fair) -> None:
    theme, grid = await fair.voting(), await fair.house.grid()
    await fair.house.store.rules.ban(CHANNEL.server_id, ADA.id, by=BO, now=1.0)
    for act in (
        fair.jury.enter(actor(), grid.id, 1, theme.id),
        fair.jury.vote(actor(), theme.id, 1),
        fair.jury.mine(actor(), theme.id),
    ):
        with pytest.raises(BannedError):
            await act
