"""Small copies of stored pictures: made once, by a program that may break, and gone with them."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from core.errors import NotFoundError
from core.thumbs import SIDES, NoThumbError, thumb_name
from generation.thumbnailer import Thumbnailer
from storage.blobs import LocalBlobs

LATER = 4e9


def png(width: int, height: int, colour: tuple[int, ...] = (200, 80, 40)) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
async def blobs(tmp_path: Path) -> LocalBlobs:
    return await LocalBlobs.open(tmp_path / "blobs", thumbs=tmp_path / "thumbs")


@pytest.fixture
async def thumbs(tmp_path: Path, blobs: LocalBlobs) -> AsyncIterator[Thumbnailer]:
    async with Thumbnailer(tmp_path / "thumbs", blobs) as made:
        yield made


def script(tmp_path: Path, text: str) -> tuple[str, ...]:
    path = tmp_path / "program.py"
    path.write_text(text, encoding="utf-8")
    return (sys.executable, str(path))


async def test_a_copy_is_as_long_as_asked_and_never_larger(
    thumbs: Thumbnailer, blobs: LocalBlobs
) -> None:
    wide = await blobs.put(png(1000, 500), ".png")
    small = await blobs.put(png(90, 120), ".png")
    wanted = ((wide, 320, (320, 160)), (wide, 640, (640, 320)), (small, 640, (90, 120)))
    for key, side, size in wanted:
        with Image.open(await thumbs.of(key, side)) as copy:
            assert (copy.format, copy.size) == ("WEBP", size)


async def test_what_is_seen_through_stays_so(thumbs: Thumbnailer, blobs: LocalBlobs) -> None:
    key = await blobs.put(png(64, 64, (200, 80, 40, 0)), ".png")
    with Image.open(await thumbs.of(key, 160)) as copy:
        assert copy.mode == "RGBA"
        assert copy.getpixel((5, 5))[3] == 0


async def test_it_is_made_once_however_many_ask(tmp_path: Path, blobs: LocalBlobs) -> None:
    log = tmp_path / "asked"
    command = script(
        tmp_path,
        f"import sys\nsys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "import json\nfrom pathlib import Path\nfrom generation.thumbnail import make\n"
        "for line in sys.stdin:\n"
        f"    open({str(log)!r}, 'a').write(line)\n"
        "    source, target, side = json.loads(line)\n"
        "    make(Path(source), Path(target), side)\n"
        "    print('made', flush=True)\n",
    )
    key = await blobs.put(png(200, 200), ".png")
    async with Thumbnailer(tmp_path / "thumbs", blobs, command=command) as thumbs:
        paths = await asyncio.gather(*(thumbs.of(key, 160) for _ in range(20)))
        assert len(set(paths)) == 1
        await thumbs.of(key, 160)
    async with Thumbnailer(tmp_path / "thumbs", blobs, command=command) as again:
        await again.of(key, 160)
    assert len(log.read_text().splitlines()) == 1


async def test_copies_go_with_their_picture(
    tmp_path: Path, thumbs: Thumbnailer, blobs: LocalBlobs
) -> None:
    gone, kept = [await blobs.put(png(400, 400, (n, n, n)), ".png") for n in (1, 2)]
    for key in (gone, kept):
        for side in SIDES[:2]:
            assert (await thumbs.of(key, side)).exists()
    assert await blobs.remove(gone, LATER)
    left = {path.name.partition("-")[0] for path in (tmp_path / "thumbs").rglob("*.webp")}
    assert left == {kept.partition(".")[0]}
    with pytest.raises(NotFoundError):
        await thumbs.of(gone, SIDES[0])


async def test_no_copy_outlives_a_picture_that_goes_while_it_is_made(
    tmp_path: Path, blobs: LocalBlobs
) -> None:
    key = await blobs.put(png(200, 200), ".png")
    target = tmp_path / "thumbs" / thumb_name(key, 160)
    command = script(
        tmp_path,
        "import sys, json, os\nfor line in sys.stdin:\n"
        "    source, target, side = json.loads(line)\n"
        "    os.makedirs(os.path.dirname(target), exist_ok=True)\n"
        "    os.unlink(source)\n"  # deleted at the worst moment
        "    open(target, 'w').write('a copy')\n"
        "    print('made', flush=True)\n",
    )
    async with Thumbnailer(tmp_path / "thumbs", blobs, command=command) as thumbs:
        with pytest.raises(NotFoundError):
            await thumbs.of(key, 160)
    assert not target.exists()


async def test_a_damaged_file_is_told_and_the_next_is_made(
    thumbs: Thumbnailer, blobs: LocalBlobs, caplog: pytest.LogCaptureFixture
) -> None:
    broken, fine = await blobs.put(b"no picture", ".png"), await blobs.put(png(64, 64), ".png")
    with pytest.raises(NoThumbError):
        await thumbs.of(broken, 160)
    assert "no small copy of a picture: failed UnidentifiedImageError" in caplog.text
    assert (await thumbs.of(fine, 160)).exists()


async def test_a_program_that_dies_is_started_anew(tmp_path: Path, blobs: LocalBlobs) -> None:
    command = script(tmp_path, "import sys\nsys.stdin.readline()\nsys.exit(1)\n")
    one = await blobs.put(png(64, 64), ".png")
    async with Thumbnailer(tmp_path / "thumbs", blobs, command=command) as thumbs:
        for _ in range(2):
            with pytest.raises(NoThumbError):
                await thumbs.of(one, 160)


async def test_one_that_hangs_is_ended(
    tmp_path: Path, blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generation.thumbnailer.SECONDS", 0.2)
    command = script(tmp_path, "import time\nwhile True: time.sleep(60)\n")
    key = await blobs.put(png(64, 64), ".png")
    async with Thumbnailer(tmp_path / "thumbs", blobs, command=command) as thumbs:
        with pytest.raises(NoThumbError):
            await thumbs.of(key, 160)


async def test_the_program_rests_when_nobody_asks(tmp_path: Path, blobs: LocalBlobs) -> None:
    one, two = [await blobs.put(png(64, 64, (n, n, n)), ".png") for n in (1, 2)]
    async with Thumbnailer(tmp_path / "thumbs", blobs, idle_seconds=0) as thumbs:
        await thumbs.of(one, 160)
        while thumbs._process is not None:
            await asyncio.sleep(0)
        assert (await thumbs.of(two, 160)).exists()


@pytest.mark.parametrize("key", ["../../etc/passwd", "ab" * 32, "", "/" * 64 + ".png"])
async def test_what_is_no_key_opens_nothing(thumbs: Thumbnailer, key: str) -> None:
    with pytest.raises(NotFoundError):
        await thumbs.of(key, 160)
