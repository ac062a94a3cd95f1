"""Every finished picture gets its look, whatever happens, and what is alike is found by it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image as Picture

from core.errors import BusyError, EngineError, ImageNotFoundError
from core.jobs import Image, Job, Owner
from core.likeness import Circle, Look
from generation import likening
from generation.eye import BuiltInEye
from generation.likening import Likening
from generation.neighbours import ProgramNeighbours
from storage.opening import Storage, open_storage
from tests.storage.build import ADA, anything, new_job, request
from tests.storage.conftest import migrated

__all__ = ["migrated"]


@dataclass
class FakeEye:
    """Sees the first byte of a file, along a line."""

    kind: str = "line"
    looked: list[str] = field(default_factory=list[str])
    blind: bool = False

    async def look(self, picture: Path, text: str) -> Look:
        if self.blind:
            raise EngineError
        self.looked.append(text)
        return Look(self.kind, picture.read_bytes()[:1])

    async def close(self) -> None: ...


@dataclass
class FakeNeighbours:
    held: dict[int, bytes] = field(default_factory=dict[int, bytes])
    asked: list[int] = field(default_factory=list[int])

    async def add(self, looks: Sequence[tuple[int, bytes]]) -> None:
        self.held.update(looks)

    async def near(self, numbers: bytes, most: int) -> Sequence[int]:
        self.asked.append(most)
        ranked = await self.rank(numbers, list(self.held.items()))
        return sorted(ranked[:most])

    async def rank(self, numbers: bytes, looks: Sequence[tuple[int, bytes]]) -> Sequence[int]:
        return [id for id, _ in sorted(looks, key=lambda one: (abs(one[1][0] - numbers[0]), one))]

    async def check(self, after: int, upto: int, ids: Sequence[int]) -> Sequence[int]:
        gone = [id for id in self.held if after < id <= upto and id not in ids]
        for id in gone:
            del self.held[id]
        return [id for id in ids if id not in self.held]

    async def count(self) -> int:
        return len(self.held)

    async def empty(self) -> None:
        self.held.clear()

    async def close(self) -> None: ...


@pytest.fixture
async def storage(tmp_path: Path, migrated: Path) -> AsyncGenerator[Storage]:
    shutil.copyfile(migrated, tmp_path / "easel.db")
    async with open_storage(tmp_path) as opened:
        yield opened


@pytest.fixture
def eye() -> FakeEye:
    return FakeEye()


@pytest.fixture
def neighbours() -> FakeNeighbours:
    return FakeNeighbours()


@pytest.fixture
def keeper(storage: Storage, eye: FakeEye, neighbours: FakeNeighbours) -> Likening:
    async def no_pause(seconds: float) -> None: ...

    return Likening(storage.looks, storage.blobs, eye, neighbours, pause=no_pause)


async def made(storage: Storage, *files: bytes, text: str = "a fox", owner: Owner = ADA) -> Job:
    new = new_job(owner, request=request(text=text))
    job = (await storage.jobs.admit(new, anything)).job
    await storage.jobs.claim(job.id, by="me", now=1.0, lease_until=9.0)
    images = [
        Image(
            job_id=job.id,
            number=number,
            blob=await storage.blobs.put(data, ".png"),
            width=8,
            height=8,
            seed=1,
        )
        for number, data in enumerate(files, 1)
    ]
    done = await storage.jobs.finish(job.id, 1, images=images, grid="", gpu_ms=5, now=2.0)
    assert done is not None
    return done


def line(*places: int) -> list[bytes]:
    return [bytes([place]) for place in places]


async def test_what_is_done_is_looked_at_and_found(
    storage: Storage, keeper: Likening, eye: FakeEye
) -> None:
    one, other = await made(storage, *line(10, 20)), await made(storage, *line(12, 90))
    for job in (one, other):
        keeper.done(job.id)
    await keeper.look_at_new()
    assert eye.looked == ["a fox"] * 4
    assert await keeper.nearest(one.id, 1, 9) == [f"{other.id}-1", f"{one.id}-2", f"{other.id}-2"]
    assert await keeper.nearest(one.id, 1, 1) == [f"{other.id}-1"]


async def test_what_was_done_while_nobody_listened_is_found_by_a_walk(
    storage: Storage, keeper: Likening, eye: FakeEye, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likening, "JOBS", 2)
    for place in range(5):
        await made(storage, *line(place))
    assert await keeper.walk() == 5
    assert await keeper.walk() == 0
    assert len(eye.looked) == 5


async def test_a_picture_asked_about_before_its_turn_is_looked_at_now(
    storage: Storage, keeper: Likening
) -> None:
    one, other = await made(storage, *line(1)), await made(storage, *line(2))
    keeper.done(other.id)
    await keeper.look_at_new()
    assert await keeper.nearest(one.id, 1, 5) == [f"{other.id}-1"]
    with pytest.raises(ImageNotFoundError):
        await keeper.nearest(one.id, 2, 5)


async def test_who_is_asked_later_looks_at_all_again(
    storage: Storage, keeper: Likening, neighbours: FakeNeighbours
) -> None:
    """Such as a model that the operator named: its looks take the place of the others."""
    job = await made(storage, *line(1, 2))
    await keeper.walk()
    model = FakeEye(kind="model-1")
    asking = Likening(storage.looks, storage.blobs, model, FakeNeighbours())
    assert await asking.walk() == 2
    assert await asking.nearest(job.id, 1, 5) == [f"{job.id}-2"]
    assert await storage.looks.count("line") == 0
    await keeper.compare()
    assert neighbours.held == {}


async def test_mine_are_found_behind_any_number_of_others(
    storage: Storage, keeper: Likening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likening, "CANDIDATES", 1)
    ben = Owner(2, "Ben")
    this = await made(storage, *line(1))
    mine = await made(storage, *line(90, 80), owner=ben)
    for _ in range(3):
        await made(storage, *line(2, 3))
    await keeper.walk()
    circle = Circle(owners=frozenset({ben.id}))
    assert await keeper.nearest(this.id, 1, 2, circle) == [f"{mine.id}-2", f"{mine.id}-1"]
    assert not set(await keeper.nearest(this.id, 1, 2)) & {f"{mine.id}-1", f"{mine.id}-2"}


class TestDeleted:
    async def test_it_is_found_no_more_from_that_moment(
        self, storage: Storage, keeper: Likening, neighbours: FakeNeighbours
    ) -> None:
        one, gone = await made(storage, *line(1)), await made(storage, *line(2))
        await keeper.walk()
        assert await keeper.nearest(one.id, 1, 5) == [f"{gone.id}-1"]
        await storage.album.delete(gone.id, 9.0)
        assert await keeper.nearest(one.id, 1, 5) == []
        with pytest.raises(ImageNotFoundError):
            await keeper.nearest(gone.id, 1, 5)

    async def test_its_look_leaves_the_copy_at_the_next_comparison(
        self,
        storage: Storage,
        keeper: Likening,
        neighbours: FakeNeighbours,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(likening, "BITE", 3)
        jobs = [await made(storage, *line(place, 100 + place)) for place in range(6)]
        await keeper.walk()
        await keeper.compare()
        assert len(neighbours.held) == 12
        for job in (jobs[0], jobs[3], jobs[5]):
            await storage.album.delete(job.id, 9.0)
        await keeper.compare()
        assert sorted(neighbours.held) == list(await storage.looks.ids("line", 0, 99))
        assert len(neighbours.held) == 6

    async def test_while_it_is_looked_at_it_gets_no_look(
        self, storage: Storage, keeper: Likening, eye: FakeEye, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = await made(storage, *line(1))
        look = eye.look

        async def slow(picture: Path, text: str) -> Look:
            seen = await look(picture, text)
            await storage.album.delete(job.id, 9.0)
            return seen

        monkeypatch.setattr(eye, "look", slow)
        await keeper.walk()
        assert await storage.looks.count("line") == 0


class TestTrouble:
    async def test_a_copy_that_was_lost_is_made_again(
        self, storage: Storage, keeper: Likening, neighbours: FakeNeighbours
    ) -> None:
        one, other = await made(storage, *line(1)), await made(storage, *line(2))
        await keeper.walk()
        await keeper.compare()
        await neighbours.empty()
        assert await keeper.nearest(one.id, 1, 5) == [f"{other.id}-1"]

    async def test_a_row_that_came_out_of_turn_is_taken_in(
        self, storage: Storage, keeper: Likening, neighbours: FakeNeighbours
    ) -> None:
        """As where two processes write to one server."""
        await made(storage, *line(1, 2, 3))
        await keeper.walk()
        await keeper.compare()
        del neighbours.held[min(neighbours.held)]
        await keeper.compare()
        assert len(neighbours.held) == 3

    async def test_who_asks_while_many_are_taken_in_is_shown_what_is_there(
        self,
        storage: Storage,
        keeper: Likening,
        neighbours: FakeNeighbours,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(likening, "BITE", 3)
        job = await made(storage, *line(1, 2, 3, 4, 5))
        await keeper.walk()
        add, held = neighbours.add, asyncio.Event()

        async def slow(looks: Sequence[tuple[int, bytes]]) -> None:
            if neighbours.held:
                await held.wait()
            await add(looks)

        monkeypatch.setattr(neighbours, "add", slow)
        taking_in = asyncio.create_task(keeper.compare())
        while len(neighbours.held) < 3:
            await asyncio.sleep(0)
        assert await keeper.nearest(job.id, 1, 9) == [f"{job.id}-2", f"{job.id}-3"]
        held.set()
        await taking_in
        assert len(await keeper.nearest(job.id, 1, 9)) == 4

    async def test_a_file_that_is_gone_does_not_hold_up_the_others(
        self, storage: Storage, keeper: Likening
    ) -> None:
        job = await made(storage, *line(1, 2))
        (path,) = [await storage.blobs.local((await storage.jobs.image(job.id, 1)).blob)]
        path.unlink()
        assert await keeper.walk() == 1

    async def test_where_nothing_can_be_looked_at_the_walk_is_left_and_goes_on_behind(
        self,
        storage: Storage,
        keeper: Likening,
        eye: FakeEye,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(likening, "JOBS", 3)
        for at in range(4):
            await made(storage, *line(*range(4 * at, 4 * at + 4)))
        eye.blind = True
        with pytest.raises(EngineError):
            await keeper.walk()
        eye.blind = False
        assert await keeper.walk() == 4
        assert await keeper.walk() == 12

    async def test_a_busy_database_loses_nothing(
        self, storage: Storage, keeper: Likening, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = await made(storage, *line(1))
        keeper.done(job.id)

        async def busy(kind: str, job_ids: Sequence[str]) -> None:
            raise BusyError

        with monkeypatch.context() as patched:
            patched.setattr(storage.looks, "unseen", busy)
            with pytest.raises(BusyError):
                await keeper.look_at_new()
        await keeper.look_at_new()
        assert await storage.looks.count("line") == 1

    async def test_it_goes_on_by_itself(
        self,
        storage: Storage,
        keeper: Likening,
        neighbours: FakeNeighbours,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(likening, "MANY", 2)
        before = await made(storage, *line(1))
        running = asyncio.create_task(keeper.run())
        while not await storage.looks.count("line"):
            await asyncio.sleep(0)
        after = await made(storage, *line(2))
        keeper.done(after.id)
        while not neighbours.held:
            await asyncio.sleep(0)
        running.cancel()
        assert await storage.looks.count("line") == len(neighbours.held) == 2
        assert await keeper.nearest(before.id, 1, 5) == [f"{after.id}-1"]


async def test_real_pictures_real_programs(storage: Storage) -> None:
    """A teal square is more like a blue one than like a red one, and reds are asked for in red."""

    def png(colour: str) -> bytes:
        file = BytesIO()
        Picture.new("RGB", (40, 30), colour).save(file, "PNG")
        return file.getvalue()

    square = await made(storage, png("teal"), png("red"), png("#10808f"), text="a square")
    asked = await made(storage, png("orange"), text="a red square of red")
    eye, neighbours = BuiltInEye(idle_seconds=0.01), ProgramNeighbours()
    keeper = Likening(storage.looks, storage.blobs, eye, neighbours)
    try:
        assert await keeper.walk() == 4
        assert (await keeper.nearest(square.id, 1, 9))[0] == f"{square.id}-3"
        assert (await keeper.nearest(asked.id, 1, 9))[0] == f"{square.id}-2"
        broken = await made(storage, b"no picture")
        with pytest.raises(EngineError, match="cannot be compared at the moment"):
            await keeper.nearest(broken.id, 1, 1)
        assert await keeper.walk() == 0
    finally:
        await keeper.close()
