"""Looks of pictures are kept beside them and go with them."""

from __future__ import annotations

from collections.abc import Sequence

from core.likeness import Look, Unseen
from core.request import Kind
from storage.opening import Storage
from tests.storage.build import new_job, request
from tests.storage.test_jobs_contract import finished


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
