"""Pictures too large for a channel become smaller copies, that lose as little as may be."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from generation import shrinker as module
from generation.images import encode_png, read_record
from generation.provenance import chunks
from generation.shrink import FULL_COLOUR, best, shrink
from generation.shrinker import Shrinker
from tests.generation.build import a_request

pytestmark = pytest.mark.timeout(120)

REQUEST = a_request("a lighthouse, 灯台")
NOISY = Image.effect_noise((300, 200), 80).convert("RGB")
GENTLE = NOISY.resize((30, 20)).resize((300, 200), Image.Resampling.BICUBIC)


@pytest.fixture
def noisy(tmp_path: Path) -> Path:
    """A picture that compresses badly: 300 x 200 pixels, some 170 kB."""
    path = tmp_path / "ab.png"
    path.write_bytes(encode_png(NOISY, chunks(REQUEST, 2)))
    return path


def opened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        return picture


# What the copy is


def test_a_little_too_large_it_stays_lossless() -> None:
    size = len(encode_png(GENTLE))
    smaller = shrink(GENTLE, int(size * 0.9), size=size)
    assert smaller is not None
    assert (smaller.suffix, smaller.lossless) == (".webp", True)
    assert opened(smaller.data).convert("RGB").tobytes() == GENTLE.tobytes()
    assert len(smaller.data) <= size * 0.9


def test_much_too_large_no_time_is_spent_on_lossless() -> None:
    smaller = shrink(GENTLE, 60_000, size=10 * 60_000)
    assert smaller is not None
    assert (smaller.suffix, smaller.lossless) == (".jpg", False)


@pytest.mark.parametrize("limit", [100_000, 60_000, 47_000, 38_000])
def test_a_jpeg_has_the_best_quality_that_fits(limit: int) -> None:
    def size_at(quality: int) -> int:
        file = io.BytesIO()
        NOISY.save(file, "JPEG", quality=quality, subsampling=0 if quality >= FULL_COLOUR else 2)
        return file.tell()

    smaller = shrink(NOISY, limit, size=10**9)
    assert smaller is not None
    assert smaller.suffix == ".jpg"
    fitting = [size_at(quality) for quality in range(75, 98) if size_at(quality) <= limit]
    assert len(smaller.data) == fitting[-1]


def test_below_that_a_webp_and_then_fewer_pixels() -> None:
    kinds: list[tuple[str, int]] = []
    for limit in (40_000, 32_000, 12_000, 4_000):
        smaller = shrink(NOISY, limit, size=10**9)
        assert smaller is not None
        assert len(smaller.data) <= limit
        copy = opened(smaller.data)
        assert copy.width / copy.height == pytest.approx(1.5)
        kinds.append((str(copy.format), copy.width))
    widths = [width for _, width in kinds]
    assert kinds[0] == ("JPEG", 300)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 300
    assert "WEBP" in dict(kinds)


def test_at_last_there_is_none() -> None:
    assert shrink(NOISY, 100, size=10**9) is None


@pytest.mark.parametrize("most", range(9, 40))
def test_the_best_is_found_in_few_tries(most: int) -> None:
    tries: list[int] = []

    def encode(quality: int) -> bytes:
        tries.append(quality)
        return b"x" * quality

    found = best(encode, range(10, 36), most)
    assert (len(found) if found else None) == (min(most, 35) if most >= 10 else None)
    assert len(tries) <= 6


# By its own program


async def test_the_copy_fits_and_keeps_the_record(noisy: Path, tmp_path: Path) -> None:
    copy = await Shrinker(tmp_path / "small")(noisy, 60_000)
    assert copy is not None
    small, lossless = copy
    data = small.read_bytes()
    assert (small.suffix, lossless, opened(data).size) == (".jpg", False, (300, 200))
    assert len(data) <= 60_000
    assert read_record(data) == (REQUEST, 2)


async def test_a_lossless_copy_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "ef.png"
    path.write_bytes(encode_png(GENTLE, chunks(REQUEST, 0)))
    copy = await Shrinker(tmp_path / "small")(path, int(path.stat().st_size * 0.95))
    assert copy is not None
    small, lossless = copy
    assert (small.suffix, lossless) == (".webp", True)
    assert read_record(small.read_bytes()) == (REQUEST, 0)


async def test_a_second_try_finds_the_copy_and_old_ones_are_removed(
    noisy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", 1)
    shrinker = Shrinker(tmp_path / "small")
    first = await shrinker(noisy, 60_000)
    assert first is not None
    made_at = first[0].stat().st_mtime_ns
    assert await shrinker(noisy, 60_000) == first
    assert first[0].stat().st_mtime_ns == made_at
    await shrinker(noisy, 40_000)
    assert not first[0].exists()


async def test_a_file_that_is_no_picture_has_no_copy(tmp_path: Path) -> None:
    path = tmp_path / "cd.png"
    path.write_bytes(b"not a picture")
    assert await Shrinker(tmp_path / "small")(path, 1000) is None
