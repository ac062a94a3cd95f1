"""Pictures too large for a channel become smaller copies."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from generation import shrinker as module
from generation.shrinker import Shrinker

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def noisy(tmp_path: Path) -> Path:
    """A picture that compresses badly: 600 x 400 pixels, about 700 kB."""
    path = tmp_path / "ab.png"
    Image.effect_noise((600, 400), 80).convert("RGB").save(path)
    return path


async def test_the_copy_fits_and_keeps_its_size_while_it_can(noisy: Path, tmp_path: Path) -> None:
    small = await Shrinker(tmp_path / "small")(noisy, 200_000)
    assert small is not None
    assert small.stat().st_size <= 200_000
    with Image.open(small) as picture:
        assert (picture.format, picture.size) == ("JPEG", (600, 400))


async def test_then_it_becomes_smaller_in_shape_and_at_last_there_is_none(
    noisy: Path, tmp_path: Path
) -> None:
    shrink = Shrinker(tmp_path / "small")
    small = await shrink(noisy, 30_000)
    assert small is not None
    with Image.open(small) as picture:
        assert picture.width < 600
        assert picture.width / picture.height == pytest.approx(1.5)
    assert await shrink(noisy, 100) is None


async def test_a_second_try_finds_the_copy_and_old_ones_are_removed(
    noisy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", 1)
    shrink = Shrinker(tmp_path / "small")
    first = await shrink(noisy, 200_000)
    assert first is not None
    made_at = first.stat().st_mtime_ns
    assert await shrink(noisy, 200_000) == first
    assert first.stat().st_mtime_ns == made_at
    await shrink(noisy, 150_000)
    assert not first.exists()


async def test_a_file_that_is_no_picture_has_no_copy(tmp_path: Path) -> None:
    path = tmp_path / "cd.png"
    path.write_bytes(b"not a picture")
    assert await Shrinker(tmp_path / "small")(path, 1000) is None
