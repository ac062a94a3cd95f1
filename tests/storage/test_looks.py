"""Looks of pictures are kept beside them and go with them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.likeness import Circle, Look, Unseen
from core.request import Kind
from core.works import Showing
from storage.opening import Storage
from tests.storage.build import ADA, BEN, ON_DISCORD, new_job, request
from tests.storage.conftest import DATABASES, opened
from tests.storage.test_jobs_contract import finished


@pytest.fixture(params=DATABASES)
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Storage]:
    async with opened(request, tmp_path) as database:
        yield database


def look(*numbers: int, kind: str = "k") -> Look:
    return Look(kind, bytes(numbers))


async def seen(storage: Storage, *numbers: Look) -> Sequence[Unseen]:
    """A finished job whose first pictures have these looks."""
    job = await finished(storage.jobs)
    unseen = await storage.looks.unseen("k", [job.id])
    await storage.looks.keep(list(zip(unseen, numbers, strict=False)))
    return unseen


async def test_pictures_without_a_look_are_found_with_their_words(storage: Storage) -> None:
    job = await finished(storage.jobs, new_job(request=request(text="a red fox --ar 3:2")))
    unseen = await storage.looks.unseen("k", [job.id, "none"])
    assert [(one.job_id, one.number) for one in unseen] == [(job.id, n) for n in (1, 2, 3, 4)]
    assert unseen[0].text == "a red fox --ar 3:2"
    await storage.looks.keep([(unseen[1], look(1, 2))])
    assert [one.number for one in await storage.looks.unseen("k", [job.id])] == [1, 3, 4]
    # Another kind of look is no look of this kind.
    assert len(await storage.looks.unseen("other", [job.id])) == 4


async def test_a_picture_picked_out_of_a_grid_is_none_of_its_own(storage: Storage) -> None:
    job = await finished(storage.jobs, new_job(request=request(kind=Kind.UPSCALE)))
    assert await storage.looks.unseen("k", [job.id]) == []


async def test_a_new_look_takes_the_place_of_the_old_one_under_a_new_number(
    storage: Storage,
) -> None:
    (one, *_) = await seen(storage, look(1, 2))
    old = await storage.looks.of("k", one.job_id, 1)
    await storage.looks.keep([(one, look(3, 4, 5, kind="other"))])
    assert old is not None and old.numbers == bytes([1, 2])
    assert await storage.looks.of("k", one.job_id, 1) is None
    new = await storage.looks.of("other", one.job_id, 1)
    assert new is not None and new.id > old.id
    assert (new.work_id, new.numbers) == (f"{one.job_id}-1", bytes([3, 4, 5]))
    assert (await storage.looks.count("k"), await storage.looks.count("other")) == (0, 1)


async def test_looks_are_read_in_bites_by_their_numbers(storage: Storage) -> None:
    (one, *_) = await seen(storage, look(1), look(2), look(3, kind="other"), look(4))
    first = await storage.looks.after("k", 0, 2)
    assert [numbers for _, numbers in first] == [b"\x01", b"\x02"]
    rest = await storage.looks.after("k", first[-1][0], 2)
    assert [numbers for _, numbers in rest] == [b"\x04"]
    ids = [id for id, _ in (*first, *rest)]
    assert await storage.looks.ids("k", 0, 9) == ids
    assert await storage.looks.ids("k", ids[0], 1) == ids[1:2]
    some = await storage.looks.some("k", [ids[2], 10**9])
    assert [(row.job_id, row.number) for row in some] == [(one.job_id, 4)]


async def test_jobs_with_pictures_are_walked_through_in_their_order(storage: Storage) -> None:
    jobs = sorted([(await finished(storage.jobs)).id for _ in range(3)])
    assert await storage.looks.page("", 2) == jobs[:2]
    assert await storage.looks.page(jobs[1], 2) == jobs[2:]
    assert await storage.looks.page(jobs[2], 2) == []


async def test_a_look_goes_with_its_picture_and_its_number_never_comes_back(
    storage: Storage,
) -> None:
    await seen(storage, look(1))
    (gone, *_) = await seen(storage, look(2), look(3))
    last = (await storage.looks.ids("k", 0, 9))[-1]
    await storage.album.delete(gone.job_id, 9.0)
    assert await storage.looks.count("k") == 1
    # Somebody who looked at it while it was deleted comes too late.
    await storage.looks.keep([(gone, look(2))])
    assert await storage.looks.of("k", gone.job_id, 1) is None
    await seen(storage, look(4))
    assert (await storage.looks.ids("k", 0, 9))[-1] > last


class TestCircles:
    """Of whom, or of which servers, something is asked."""

    async def house(self, storage: Storage) -> dict[str, Sequence[int]]:
        """The numbers of looks: of Ada's and Ben's works on one server, and of Ben's elsewhere."""
        found: dict[str, Sequence[int]] = {}
        for name, owner, server in (("ada", ADA, 7), ("ben", BEN, 7), ("far", BEN, 8)):
            place = replace(ON_DISCORD, server_id=server)
            job = await finished(storage.jobs, new_job(owner, place))
            unseen = await storage.looks.unseen("k", [job.id])
            await storage.looks.keep([(one, look(n)) for n, one in enumerate(unseen)])
            kept = [await storage.looks.of("k", job.id, one.number) for one in unseen]
            found[name] = [one.id for one in kept if one is not None]
        return found

    async def inside(self, storage: Storage, circle: Circle) -> list[int]:
        every = await storage.looks.ids("k", 0, 99)
        return sorted(row.id for row in await storage.looks.some("k", every, circle))

    async def newest(self, storage: Storage, circle: Circle, limit: int = 99) -> list[int]:
        return sorted(row.id for row in await storage.looks.newest("k", circle, limit))

    async def test_a_persons_and_a_servers_are_told_from_the_others(self, storage: Storage) -> None:
        ids = await self.house(storage)
        for circle, names in (
            (Circle(owners=frozenset({ADA.id})), ["ada"]),
            (Circle(owners=frozenset({BEN.id})), ["ben", "far"]),
            (Circle(servers=frozenset({7})), ["ada", "ben"]),
            (Circle(servers=frozenset({7, 8})), ["ada", "ben", "far"]),
            (Circle(), []),
        ):
            wanted = [id for name in names for id in ids[name]]
            assert await self.inside(storage, circle) == wanted
            assert await self.newest(storage, circle) == wanted

    async def test_public_ones_are_inside_but_not_read_one_by_one(self, storage: Storage) -> None:
        ids = await self.house(storage)
        far = await storage.looks.some("k", ids["far"][:1])
        await storage.works.show(far[0].work_id, Showing.PUBLIC)
        circle = Circle(servers=frozenset({7}), public=True)
        assert await self.inside(storage, circle) == [*ids["ada"], *ids["ben"], ids["far"][0]]
        assert await self.newest(storage, circle) == [*ids["ada"], *ids["ben"]]

    async def test_the_newest_of_each_are_read(self, storage: Storage) -> None:
        ids = await self.house(storage)
        both = Circle(servers=frozenset({7, 8}))
        assert await self.newest(storage, both, 4) == [*ids["ben"][:2], *ids["far"][:2]]
