"""Zips that any program can open, of what one may see and no more than there may be."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core import bundle as bundles
from core.bundle import Bundle, Bundler
from core.errors import GoneError, NotFoundError, RefusedError
from core.works import Showing, Viewer, Work
from tests.builders import ADA, BO, CHANNEL, work

MEMBER = Viewer(person_id=BO.id, servers=frozenset({CHANNEL.server_id}))


@dataclass
class FakeFiles:
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    read: list[str] = field(default_factory=list[str])

    async def get(self, key: str) -> bytes:
        if key not in self.files:
            raise NotFoundError
        self.read.append(key)
        return self.files[key]

    async def size(self, key: str) -> int:
        if key not in self.files:
            raise NotFoundError
        return len(self.files[key])


@dataclass
class FakeWorks:
    works: dict[str, Work]

    async def get(self, work_id: str) -> Work:
        if work_id not in self.works:
            raise GoneError
        return self.works[work_id]


class House:
    """Five pictures of 100 bytes and more."""

    def __init__(self, size: int = 100) -> None:
        some = [work(number=number) for number in range(1, 6)]
        self.works = {one.id: one for one in some}
        self.ids = list(self.works)
        self.files = FakeFiles(
            {one.blob: bytes([one.number]) * (size + one.number) for one in some}
        )
        works: Any = FakeWorks(self.works)
        self.bundler = Bundler(works, self.files)

    async def bundle(self, viewer: Viewer = MEMBER, **changes: Any) -> Bundle:
        return await self.bundler.of(viewer, self.ids, **changes)

    def change(self, number: int, **changes: Any) -> None:
        id = self.ids[number - 1]
        self.works[id] = replace(self.works[id], **changes)


@pytest.fixture
def house() -> House:
    return House()


async def opened(bundle: Bundle) -> zipfile.ZipFile:
    data = await bundle.whole()
    assert len(data) == bundle.length
    file = zipfile.ZipFile(io.BytesIO(data))
    assert file.testzip() is None
    return file


def numbers(bundle: Bundle) -> list[int]:
    return [int(entry.name.removesuffix(".png").rpartition("-")[2]) for entry in bundle.entries]


async def test_a_zip_holds_the_very_files_under_their_ids(house: House) -> None:
    file = await opened(await house.bundle())
    assert file.namelist() == [f"{id}.png" for id in house.ids]
    for one in house.works.values():
        assert file.read(f"{one.id}.png") == house.files.files[one.blob]
        info = file.getinfo(f"{one.id}.png")
        made = datetime.fromtimestamp(one.created_at, UTC)
        assert info.date_time == (*made.timetuple()[:5], made.second // 2 * 2)
        assert info.external_attr >> 16 == 0o100644


async def test_it_unpacks_into_a_folder(house: House, tmp_path: Path) -> None:
    house.files.files[house.works[house.ids[0]].blob] = bytes(range(256)) * 5000
    (await opened(await house.bundle())).extractall(tmp_path)
    assert (tmp_path / f"{house.ids[0]}.png").read_bytes() == bytes(range(256)) * 5000
    assert len(list(tmp_path.iterdir())) == 5


async def test_it_comes_in_pieces_and_a_picture_at_a_time() -> None:
    house = House(size=3 * bundles.PIECE)
    stream = (await house.bundle()).stream()
    await anext(stream)
    first = await anext(stream)
    assert len(first) == bundles.PIECE
    assert len(house.files.read) == 1
    await stream.aclose()


async def test_what_one_may_not_see_is_not_in_it(house: House) -> None:
    house.change(1, showing=Showing.PRIVATE)
    house.change(2, age_rated=True)
    house.change(3, showing=Showing.UNLISTED)
    assert numbers(await house.bundle()) == [3, 4, 5]
    assert numbers(await house.bundle(replace(MEMBER, adult=True))) == [2, 3, 4, 5]
    assert numbers(await house.bundle(Viewer(person_id=ADA.id))) == [1, 2, 3, 4, 5]
    assert numbers(await house.bundle(Viewer())) == [3]


async def test_what_is_gone_is_not_in_it_and_each_comes_once(house: House) -> None:
    del house.works[house.ids[0]]
    del house.files.files[house.works[house.ids[1]].blob]
    bundle = await house.bundler.of(MEMBER, [*house.ids, house.ids[4], "no work"])
    assert numbers(bundle) == [3, 4, 5]
    with pytest.raises(RefusedError, match="no pictures"):
        await house.bundler.of(MEMBER, [house.ids[0]])


async def test_there_is_an_end_to_it(house: House) -> None:
    few = await house.bundle(most=2)
    assert (numbers(few), few.left_out) == ([1, 2], 3)
    whole = await house.bundle()
    assert whole.left_out == 0
    exact = await house.bundle(most_bytes=whole.length)
    assert exact.left_out == 0
    small = await house.bundle(most_bytes=whole.length - 1)
    assert (small.left_out, len(small.entries)) == (1, 4)


async def test_parts_hold_all_of_it_and_none_is_too_large(house: House) -> None:
    house.files.files[house.works[house.ids[2]].blob] = bytes(5000)
    whole = await house.bundle()
    parts, too_large = whole.parts(700)
    assert [len(part.entries) for part in parts] == [2, 2]
    assert [entry.name for entry in too_large] == [f"{house.ids[2]}.png"]
    for part in parts:
        assert part.length <= 700
        assert len((await opened(part)).namelist()) == 2
    assert whole.parts(10) == ([], list(whole.entries))


async def test_a_file_deleted_in_the_middle_ends_it(house: House) -> None:
    bundle = await house.bundle()
    del house.files.files[house.works[house.ids[3]].blob]
    with pytest.raises(NotFoundError):
        await bundle.whole()


async def test_no_name_leads_out_of_its_folder() -> None:
    house = House()
    odd = replace(work(), job_id="../../etc/pässwd\n", blob="../x.p/ng")
    house.works, house.ids = {odd.id: odd}, [odd.id]
    house.files.files[odd.blob] = b"data"
    works: Any = FakeWorks(house.works)
    bundle = await Bundler(works, house.files).of(MEMBER, house.ids)
    (entry,) = bundle.entries
    assert entry.name == "______etc_p_sswd_-1.p_ng"
    assert (await opened(bundle)).namelist() == [entry.name]
    # Years that a zip cannot write.
    for at in (0.0, 9e9):
        old = replace(bundle, entries=(replace(entry, at=at),))
        assert (await opened(old)).namelist() == [entry.name]
