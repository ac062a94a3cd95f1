from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from generation.images import columns_for, encode_png, fill_grid, make_grid, write_file


def squares(count: int, size: tuple[int, int] = (10, 6)) -> list[Image.Image]:
    """Pictures in one colour each: the red channel is the number."""
    return [Image.new("RGB", size, (number, 200, 100)) for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("count", "size"),
    [
        (1, (10, 6)),
        (2, (20, 6)),
        (3, (30, 6)),
        (4, (20, 12)),
        (5, (30, 12)),
        (6, (30, 12)),
        (7, (40, 12)),
        (8, (40, 12)),
    ],
)
def test_a_grid_shows_every_picture_in_reading_order(count: int, size: tuple[int, int]):
    grid = fill_grid(squares(count))
    assert grid.size == size
    columns = columns_for(count)
    seen = [
        grid.getpixel((index % columns * 10 + 5, index // columns * 6 + 3))
        for index in range(count)
    ]
    assert seen == [(number, 200, 100) for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("side", "shown"), [((128, 128), (512, 512)), ((64, 40), (512, 320)), ((256, 256), (512, 512))]
)
def test_a_small_grid_is_enlarged_by_a_whole_factor(side: tuple[int, int], shown: tuple[int, int]):
    assert make_grid(squares(4, side)).size == shown


def test_one_picture_is_shown_as_it_was_drawn():
    (picture,) = squares(1, (128, 96))
    assert make_grid([picture]).size == (128, 96)
    assert make_grid([picture]).tobytes() == picture.tobytes()


def test_a_large_grid_keeps_its_pixels():
    pictures = squares(4, (300, 200))
    assert make_grid(pictures).tobytes() == fill_grid(pictures).tobytes()


def test_a_png_keeps_every_pixel():
    noise = Image.frombytes("RGB", (61, 47), os.urandom(61 * 47 * 3))
    with Image.open(io.BytesIO(encode_png(noise))) as read:
        assert read.convert("RGB").tobytes() == noise.tobytes()


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path):
    path = write_file(tmp_path / "1.png", b"first")
    assert path.read_bytes() == b"first"
    write_file(path, b"second")
    assert path.read_bytes() == b"second"
    with pytest.raises(FileNotFoundError):
        write_file(tmp_path / "gone" / "1.png", b"third")
    assert [file.name for file in tmp_path.iterdir()] == ["1.png"]
