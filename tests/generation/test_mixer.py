"""Several pictures made one, by a program that can do nothing else."""

from __future__ import annotations

import asyncio
import io
import sys
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from core.pictures import PictureError
from generation.confined import AT_ONCE
from generation.mixer import Mixer
from generation.mixing import mixed


def a_picture(ground: str, box: tuple[int, int, int, int], size: int = 128) -> Image.Image:
    picture = Image.new("RGB", (size, size), ground)
    ImageDraw.Draw(picture).rectangle(box, "black", "white", 3)
    return picture


LEFT = a_picture("navy", (16, 30, 48, 90))
RIGHT = a_picture("gold", (80, 30, 112, 90))


def far(one: Image.Image, other: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).rms)


def contrast(picture: Image.Image, box: tuple[int, int, int, int]) -> float:
    return float(np.asarray(picture.crop(box).convert("L"), dtype=float).std())


def test_what_stands_out_in_either_stands_out_in_both_more_than_in_their_mean() -> None:
    made, mean = mixed([LEFT, RIGHT], 128, 128), Image.blend(LEFT, RIGHT, 0.5)
    for box in ((10, 24, 54, 96), (74, 24, 118, 96)):
        assert contrast(made, box) > 1.2 * contrast(mean, box)


def test_it_is_closer_to_each_than_they_are_to_each_other() -> None:
    made = mixed([LEFT, RIGHT], 128, 128)
    assert far(made, LEFT) < far(LEFT, RIGHT)
    assert far(made, RIGHT) < far(LEFT, RIGHT)


def test_of_one_picture_twice_it_is_that_picture() -> None:
    assert far(mixed([LEFT, LEFT], 128, 128), LEFT) < 6


async def test_files_of_any_size_and_kind_become_one_png() -> None:
    files: list[bytes] = []
    for picture, kind in ((LEFT, "PNG"), (RIGHT.resize((300, 90)), "JPEG")):
        file = io.BytesIO()
        picture.save(file, kind)
        files.append(file.getvalue())
    made = Image.open(io.BytesIO(await Mixer()(files, 96, 64)))
    assert (made.format, made.size) == ("PNG", (96, 64))
    with pytest.raises(PictureError):
        await Mixer()([files[0], b"no picture"], 96, 64)


async def test_however_many_blends_are_wanted_few_are_made_at_once(tmp_path: Path) -> None:
    note = (
        "import os, sys, time; file = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND);"
        "os.write(file, b'+'); time.sleep(0.3); os.write(file, b'-'); sys.exit(9)"
    )
    notes = tmp_path / "notes"
    notes.touch()
    mixer = Mixer((sys.executable, "-S", "-c", note, str(notes)))
    wanted = [mixer([b"a file"], 8, 8) for _ in range(2 * AT_ONCE + 1)]
    ended = await asyncio.gather(*wanted, return_exceptions=True)
    assert all(isinstance(one, PictureError) for one in ended)
    written = notes.read_text()
    assert written.count("+") == written.count("-") == len(wanted)
    assert max(accumulate(1 if one == "+" else -1 for one in written)) == AT_ONCE
