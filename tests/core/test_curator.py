"""Who brings pictures into showcases, and who takes them out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.actions import Action, Button
from core.admin import Stewardship
from core.curator import Curator
from core.errors import BannedError, NotAdminError, NotFoundError, NotYoursError, RefusedError
from core.jobs import Job
from core.showcase import By, Hanging, Showcase, Way
from core.works import Showing
from tests.builders import ADA, BO, CHANNEL, actor
from tests.core.test_studio import House, house
from tests.fakes.memory_album import MemoryAlbum
from tests.fakes.memory_showcases import MemoryShowcases

__all__ = ["house"]

BOSS = actor(BO, administers=True)
MODERATOR = actor(BO, moderates=True)


@dataclass
class Gallery:
    """The house, with showcases; `moved` counts what Discord had to be told."""

    house: House
    moved: list[int] = field(default_factory=list[int])

    def __post_init__(self) -> None:
        store = self.house.store
        self.album = MemoryAlbum(store)
        self.showcases = MemoryShowcases(store, self.album)
        steward = Stewardship(
            store.rules,
            store,
            self.house.catalogue,
            queue=self.house.studio.queue,
            clock=self.house.clock,
            moved=self.house.moved.append,
        )
        self.curator = Curator(
            self.showcases,
            store,
            self.house.wishes,
            steward,
            self.house.clock,
            lambda: self.moved.append(1),
        )

    async def add(self, likes: int = 2, **how: Any) -> Showcase:
        return await self.curator.add(BOSS, 90, likes=likes, **how)

    async def like(self, job: Job, *people: int, number: int = 1) -> int:
        for person in people:
            await self.album.like(job.id, number, person, self.house.clock.now(), likes=True)
        return await self.curator.liked(job.id, number)

    def hangs(self) -> list[tuple[str, int, Way]]:
        return [
            (one.job_id, one.number, one.way)
            for one in self.showcases.hangings.values()
            if one.taken_by is None
        ]

    async def publish(self, job: Job, showcase: Showcase, number: int = 1) -> Hanging:
        return (await self.curator.bring(actor(), job.id, number, showcase.id, Way.PUBLISHED))[0]


@pytest.fixture
def gallery(house: House) -> Gallery:
    return Gallery(house)


class TestAdmins:
    async def test_they_add_change_and_remove_showcases(self, gallery: Gallery) -> None:
        one = await gallery.add(topic="cats,dogs")
        assert (one.server_id, one.channel_id, one.topic) == (CHANNEL.server_id, 90, "cats, dogs")
        changed = await gallery.curator.change(BOSS, one.id, likes=5)
        assert changed == replace(one, likes=5)
        assert (await gallery.curator.change(BOSS, one.id, topic="")).likes == 5
        assert await gallery.curator.remove(BOSS, one.id) == replace(changed, topic="")
        assert await gallery.curator.of_server(CHANNEL.server_id) == []

    async def test_nobody_else_does(self, gallery: Gallery) -> None:
        one = await gallery.add()
        elsewhere = replace(BOSS, server_id=99)
        for who in (actor(), MODERATOR, elsewhere):
            for act in (
                gallery.curator.change(who, one.id, likes=1),
                gallery.curator.remove(who, one.id),
            ):
                with pytest.raises(NotAdminError):
                    await act
        with pytest.raises(NotAdminError):
            await gallery.curator.add(actor(), 90)

    async def test_age_rated_work_needs_a_channel_that_is_restricted(
        self, gallery: Gallery
    ) -> None:
        with pytest.raises(RefusedError, match="restrict that one in its settings"):
            await gallery.add(age_rated=True)
        assert (await gallery.add(age_rated=True, restricted=True)).age_rated

    async def test_what_makes_no_sense_is_refused(self, gallery: Gallery) -> None:
        with pytest.raises(RefusedError, match="likes"):
            await gallery.add(likes=-1)


class TestLikes:
    async def test_enough_likes_of_others_hang_a_picture_up_once(self, gallery: Gallery) -> None:
        await gallery.add(likes=2)
        grid = await gallery.house.grid()
        assert await gallery.like(grid, ADA.id, BO.id) == 0
        assert await gallery.like(grid, 77) == 1
        assert await gallery.like(grid, 78) == 0
        assert gallery.hangs() == [(grid.id, 1, Way.LIKES)]
        assert len(gallery.moved) == 1

    async def test_each_showcase_asks_for_its_own(self, gallery: Gallery) -> None:
        await gallery.add(likes=1, topic="boats")
        await gallery.add(likes=3)
        await gallery.add(likes=0)
        fox, boat = await gallery.house.grid("a fox"), await gallery.house.grid("two boats")
        assert await gallery.like(fox, 7, 8) == 0
        assert await gallery.like(boat, 7) == 1
        assert await gallery.like(boat, 8, 9) == 1

    async def test_a_server_without_a_showcase_hangs_nothing_up(self, gallery: Gallery) -> None:
        assert await gallery.like(await gallery.house.grid(), 7, 8, 9) == 0
        assert gallery.moved == []

    async def test_age_rated_work_does_not_mix(self, gallery: Gallery) -> None:
        plain = await gallery.add(likes=1)
        rated = await gallery.add(likes=1, age_rated=True, restricted=True)
        tame, wild = await gallery.house.grid(), await gallery.house.grid()
        gallery.showcases.age_rated.add(wild.id)
        for job in (tame, wild):
            assert await gallery.like(job, 7) == 1
        found = {one.job_id: one.showcase_id for one in gallery.showcases.hangings.values()}
        assert found == {tame.id: plain.id, wild.id: rated.id}

    async def test_private_pictures_and_unwilling_owners_stay_away(self, gallery: Gallery) -> None:
        await gallery.add(likes=1)
        assert await gallery.like(await gallery.house.grid("a fox --stealth"), 7) == 0
        grid = await gallery.house.grid()
        for wish in ({"showcased": False}, {"showcased": True, "showing": Showing.PRIVATE}):
            await gallery.house.wishes.change(ADA.id, lambda p, wish=wish: replace(p, **wish))
            assert await gallery.like(grid, 7) == 0
        with pytest.raises(RefusedError, match="does not want"):
            await gallery.curator.doors(MODERATOR, grid.id, 1, Way.FEATURED)

    async def test_whoever_is_shut_out_is_not_hung_up(self, gallery: Gallery) -> None:
        await gallery.add(likes=1)
        grid = await gallery.house.grid()
        await gallery.house.store.rules.ban(CHANNEL.server_id, ADA.id, by=BO, now=1.0)
        assert await gallery.like(grid, 7) == 0

    async def test_a_picture_that_is_gone_is_nothing(self, gallery: Gallery) -> None:
        await gallery.add(likes=1)
        assert await gallery.curator.liked("f" * 20, 1) == 0


class TestPublishing:
    async def test_its_owner_publishes_a_picture(self, gallery: Gallery) -> None:
        showcase, grid = await gallery.add(), await gallery.house.grid()
        assert await gallery.curator.doors(actor(), grid.id, 2, Way.PUBLISHED) == [showcase]
        found, new = await gallery.curator.bring(actor(), grid.id, 2, showcase.id, Way.PUBLISHED)
        assert (new, found.number, found.way) == (True, 2, Way.PUBLISHED)
        again, new = await gallery.curator.bring(actor(), grid.id, 2, showcase.id, Way.PUBLISHED)
        assert (again, new) == (found, False)

    async def test_a_picked_picture_is_the_one_of_the_grid(self, gallery: Gallery) -> None:
        showcase, grid = await gallery.add(), await gallery.house.grid()
        picked = (await gallery.house.press(Button(Action.UPSCALE, grid.id, 3))).job
        await gallery.publish(picked, showcase)
        assert gallery.hangs() == [(grid.id, 3, Way.PUBLISHED)]

    async def test_nobody_publishes_what_is_not_theirs(self, gallery: Gallery) -> None:
        showcase, grid = await gallery.add(), await gallery.house.grid()
        for act in (
            gallery.curator.doors(MODERATOR, grid.id, 1, Way.PUBLISHED),
            gallery.curator.bring(MODERATOR, grid.id, 1, showcase.id, Way.PUBLISHED),
        ):
            with pytest.raises(NotYoursError, match="can publish it"):
                await act

    async def test_where_there_is_no_door_the_reason_is_said(self, gallery: Gallery) -> None:
        grid = await gallery.house.grid()
        with pytest.raises(RefusedError, match="has no showcase"):
            await gallery.curator.doors(actor(), grid.id, 1, Way.PUBLISHED)
        await gallery.add(age_rated=True, restricted=True)
        with pytest.raises(RefusedError, match="age-restricted channels alone"):
            await gallery.curator.doors(actor(), grid.id, 1, Way.PUBLISHED)

    async def test_moderators_feature_and_that_is_logged(self, gallery: Gallery) -> None:
        showcase, grid = await gallery.add(), await gallery.house.grid()
        before = len(gallery.showcases.logged)
        for who in (MODERATOR, BOSS):
            await gallery.curator.bring(who, grid.id, 1, showcase.id, Way.FEATURED)
        assert gallery.hangs() == [(grid.id, 1, Way.FEATURED)]
        assert len(gallery.showcases.logged) == before + 1
        with pytest.raises(NotYoursError, match="Only a moderator"):
            await gallery.curator.bring(actor(), grid.id, 2, showcase.id, Way.FEATURED)

    async def test_whoever_is_shut_out_publishes_nothing(self, gallery: Gallery) -> None:
        showcase, grid = await gallery.add(), await gallery.house.grid()
        hanging = await gallery.publish(grid, showcase)
        await gallery.house.store.rules.ban(CHANNEL.server_id, ADA.id, by=BO, now=1.0)
        for act in (
            gallery.publish(grid, showcase, 2),
            gallery.curator.withdraw(actor(), hanging.id),
        ):
            with pytest.raises(BannedError):
                await act


class TestTakingDown:
    @pytest.mark.parametrize(
        ("who", "taken_by"),
        [(actor(), By.OWNER), (MODERATOR, By.MODERATOR), (BOSS, By.MODERATOR)],
        ids=str,
    )
    async def test_its_owner_and_those_in_charge_take_it_down(
        self, gallery: Gallery, who: Any, taken_by: By
    ) -> None:
        showcase, grid = await gallery.add(likes=1), await gallery.house.grid()
        hanging = await gallery.publish(grid, showcase)
        gone = await gallery.curator.withdraw(who, hanging.id)
        assert gone.taken_by is taken_by
        assert (await gallery.curator.hanging(hanging.id)).taken_by is taken_by
        assert await gallery.like(grid, 7, 8) == 0
        assert gallery.hangs() == []

    async def test_nobody_else_does(self, gallery: Gallery) -> None:
        showcase, grid = await gallery.add(), await gallery.house.grid()
        hanging = await gallery.publish(grid, showcase)
        for who in (actor(BO), replace(MODERATOR, server_id=99)):
            with pytest.raises(NotYoursError, match="take it down"):
                await gallery.curator.withdraw(who, hanging.id)
        with pytest.raises(NotFoundError):
            await gallery.curator.withdraw(actor(), 404)

    async def test_the_other_hand_does_not_bring_it_back(self, gallery: Gallery) -> None:
        showcase, grid = await gallery.add(), await gallery.house.grid()
        hanging = await gallery.publish(grid, showcase)
        await gallery.curator.withdraw(MODERATOR, hanging.id)
        with pytest.raises(RefusedError, match="A moderator took"):
            await gallery.publish(grid, showcase)
        await gallery.curator.bring(MODERATOR, grid.id, 1, showcase.id, Way.FEATURED)
        assert gallery.hangs() == [(grid.id, 1, Way.FEATURED)]
