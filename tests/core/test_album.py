"""Who may like and delete a picture."""

from __future__ import annotations

from typing import Any

import pytest

from core.actions import Action, Button
from core.album import Collector
from core.errors import BannedError, ImageNotFoundError, NotYoursError, RefusedError
from core.jobs import Job
from tests.builders import ADA, BO, CHANNEL, FakeClock, actor
from tests.core.test_studio import House, house
from tests.fakes.memory_album import MemoryAlbum

__all__ = ["house"]


@pytest.fixture
def album(house: House) -> MemoryAlbum:
    return MemoryAlbum(house.store)


@pytest.fixture
def collector(house: House, album: MemoryAlbum, clock: FakeClock) -> Collector:
    return Collector(house.store, album, clock)


async def ban(house: House) -> None:
    await house.store.rules.ban(CHANNEL.server_id, BO.id, by=ADA, now=1.0)


class TestLikes:
    async def test_pressed_twice_a_like_is_taken_back(
        self, house: House, collector: Collector
    ) -> None:
        grid = await house.grid()
        first = await collector.like(actor(), grid.id, 2)
        other = await collector.like(actor(BO), grid.id, 2)
        again = await collector.like(actor(), grid.id, 2)
        assert [(one.likes, one.count) for one in (first, other, again)] == [
            (True, 1),
            (True, 2),
            (False, 1),
        ]

    async def test_a_star_says_which_way(self, house: House, collector: Collector) -> None:
        grid = await house.grid()
        for _ in range(2):
            assert (await collector.like(actor(), grid.id, 1, likes=True)).count == 1
        for _ in range(2):
            assert (await collector.like(actor(), grid.id, 1, likes=False)).count == 0

    async def test_a_picked_picture_is_the_one_of_the_grid(
        self, house: House, collector: Collector, album: MemoryAlbum
    ) -> None:
        grid = await house.grid()
        picked = (await house.press(Button(Action.UPSCALE, grid.id, 3), BO)).job
        assert (await collector.like(actor(), picked.id, 1)).count == 1
        assert (await collector.like(actor(BO), grid.id, 3)).count == 2
        (liked,) = await album.liked(ADA.id)
        assert (liked.job_id, liked.number) == (grid.id, 3)
        await collector.delete(actor(), grid.id)
        assert (await collector.like(actor(), picked.id, 1)).count == 1

    async def test_a_private_picture_is_liked_by_its_owner_alone(
        self, house: House, collector: Collector
    ) -> None:
        grid = await house.grid("a fox --stealth")
        with pytest.raises(NotYoursError, match="private"):
            await collector.like(actor(BO), grid.id, 1)
        assert (await collector.like(actor(), grid.id, 1)).likes

    async def test_whoever_is_shut_out_likes_and_deletes_nothing(
        self, house: House, collector: Collector
    ) -> None:
        grid = await house.grid(owner=BO)
        await ban(house)
        for act in (collector.like(actor(BO), grid.id, 1), collector.delete(actor(BO), grid.id)):
            with pytest.raises(BannedError):
                await act


class TestDeletion:
    @pytest.mark.parametrize(
        "who",
        [
            {"owner": ADA},
            {"moderates": True},
            {"administers": True},
            {"operator": True, "server_id": 99},
        ],
        ids=str,
    )
    async def test_its_owner_and_those_in_charge_delete_a_picture(
        self, house: House, collector: Collector, who: dict[str, Any]
    ) -> None:
        grid = await house.grid()
        gone = await collector.delete(actor(**{"owner": BO, **who}), grid.id)
        assert gone.deleted_at == house.clock.now()
        assert await house.store.images(grid.id) == []

    @pytest.mark.parametrize("who", [{}, {"moderates": True, "server_id": 99}], ids=str)
    async def test_nobody_else_does(
        self, house: House, collector: Collector, who: dict[str, Any]
    ) -> None:
        grid = await house.grid()
        with pytest.raises(NotYoursError, match="or a moderator, can delete it"):
            await collector.delete(actor(BO, **who), grid.id)
        assert len(await house.store.images(grid.id)) == 4

    async def test_what_is_being_made_is_cancelled_instead(
        self, house: House, collector: Collector
    ) -> None:
        job: Job = (await house.imagine("a fox")).job
        with pytest.raises(RefusedError, match="cancel it instead"):
            await collector.delete(actor(), job.id)

    async def test_a_deleted_picture_is_not_liked(self, house: House, collector: Collector) -> None:
        grid = await house.grid()
        await collector.delete(actor(), grid.id)
        with pytest.raises(ImageNotFoundError, match="was deleted"):
            await collector.like(actor(), grid.id, 1)


class TestAllOfOnes:
    async def test_everything_of_the_actor_goes_and_nothing_else(
        self, house: House, collector: Collector
    ) -> None:
        mine = [await house.grid(f"a fox --seed {seed}") for seed in range(3)]
        picked = (await house.press(Button(Action.UPSCALE, mine[0].id, 3))).job
        theirs = await house.grid(owner=BO)
        gone = [job.id async for jobs in collector.clear(actor()) for job in jobs]
        assert sorted(gone) == sorted([*(job.id for job in mine), picked.id])
        assert len(await house.store.images(theirs.id)) == 4
        assert [jobs async for jobs in collector.clear(actor())] == [[]]

    async def test_many_go_in_several_transactions(
        self, house: House, collector: Collector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.album.AT_ONCE", 2)
        for seed in range(5):
            await house.grid(f"a fox --seed {seed}")
        assert [len(jobs) async for jobs in collector.clear(actor())] == [2, 2, 1]

    async def test_whoever_is_shut_out_deletes_nothing(
        self, house: House, collector: Collector
    ) -> None:
        grid = await house.grid(owner=BO)
        await ban(house)
        with pytest.raises(BannedError):
            await anext(collector.clear(actor(BO)))
        assert len(await house.store.images(grid.id)) == 4
