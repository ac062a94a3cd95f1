"""PNG files: every pixel as it was, small enough, and readable by strangers."""

from __future__ import annotations

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from generation import png

rng = np.random.default_rng(7)


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, (width, height), rng.bytes(width * height * bands))


def photo(side: int = 512) -> Image.Image:
    """Soft shapes of every size, and a camera's noise."""
    pixels = np.full((side, side, 3), 128.0)
    for cells, strength in ((4, 50), (16, 25), (64, 10)):
        coarse = rng.normal(size=(cells, cells, 3))
        for channel in range(3):
            plane = Image.fromarray(coarse[:, :, channel].astype(np.float32))
            pixels[:, :, channel] += strength * np.asarray(
                plane.resize((side, side), Image.Resampling.BICUBIC)
            )
    pixels += rng.normal(size=pixels.shape) * 2
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def stripes(side: int = 256) -> Image.Image:
    """Each row in a colour of its own: nothing is like what is above it."""
    rows = rng.integers(0, 256, (side, 1, 3), np.uint8)
    return Image.fromarray(np.repeat(rows, side, axis=1))


def read(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
        picture.load()
        return picture


def chunks_of(data: bytes) -> list[tuple[bytes, bytes]]:
    """Kinds and contents, in their order; each check sum is checked."""
    found, at = [], 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        content = data[at + 8 : at + 8 + length]
        (check,) = struct.unpack_from(">I", data, at + 8 + length)
        assert check == zlib.crc32(kind + content)
        found.append((kind, content))
        at += 12 + length
    return found


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize(
    "size", [(1, 1), (1, 70), (70, 1), (2, 31), (61, 32), (61, 33), (13, 64), (8, 97)]
)
def test_every_pixel_comes_back(mode: str, size: tuple[int, int]) -> None:
    picture = noise(*size, mode)
    back = read(png.encode(picture))
    assert (back.mode, back.size) == (mode, size)
    assert back.tobytes() == picture.tobytes()


@pytest.mark.parametrize("make", [photo, stripes, lambda: Image.new("RGB", (512, 512), "teal")])
def test_pictures_of_every_kind_come_back(make) -> None:
    picture = make()
    assert read(png.encode(picture)).tobytes() == picture.tobytes()


def filters_of(data: bytes, stride: int) -> set[int]:
    (pixels,) = [content for kind, content in chunks_of(data) if kind == b"IDAT"]
    return set(zlib.decompress(pixels)[:: 1 + stride])


def test_a_band_takes_the_filter_that_leaves_less() -> None:
    across, down = stripes(), stripes().transpose(Image.Transpose.ROTATE_90)
    assert filters_of(png.encode(across), 3 * 256) == {1}
    assert filters_of(png.encode(down), 3 * 256) == {2}
    both = Image.new("RGB", (256, 512))
    both.paste(down, (0, 0))
    both.paste(across, (0, 256))
    assert filters_of(png.encode(both), 3 * 256) == {1, 2}


@pytest.mark.parametrize(
    ("picture", "most"),
    [(photo(), 1.1), (stripes(), 4), (Image.new("RGB", (1024, 1024), "teal"), 5)],
    ids=["photo", "stripes", "one colour"],
)
def test_a_file_is_not_much_larger_than_pillows(picture: Image.Image, most: float) -> None:
    file = io.BytesIO()
    picture.save(file, "PNG")
    data = png.encode(picture)
    assert len(data) <= most * file.tell()
    assert len(data) < picture.width * picture.height * 3 / 1.5


def window_of(data: bytes) -> int:
    """The bytes within which the file repeats itself, as its pixels' header tells."""
    (pixels,) = [content for kind, content in chunks_of(data) if kind == b"IDAT"]
    return 2 ** (8 + (pixels[0] >> 4))


def test_repetitions_are_looked_for_far_off_only_in_drawings() -> None:
    assert window_of(png.encode(photo())) == 512
    checks = Image.new("RGB", (16, 16), "teal")
    checks.paste("navy", (4, 4, 12, 12))
    drawn = Image.new("RGB", (512, 512))
    for number in range(32 * 32):
        drawn.paste(checks, (number % 32 * 16, number // 32 * 16))
    assert window_of(png.encode(drawn)) == 32_768


def test_the_same_pixels_give_the_same_bytes() -> None:
    picture = photo(128)
    assert len({png.encode(picture.copy()) for _ in range(3)}) == 1


def test_texts_stand_where_they_ask_to() -> None:
    info = PngInfo()
    info.add_itxt("parameters", "a lighthouse, 灯台")
    info.add(b"tEXt", b"last\0after the pixels", after_idat=True)
    data = png.encode(noise(9, 9), info)
    assert [kind for kind, _ in chunks_of(data)] == [b"IHDR", b"iTXt", b"IDAT", b"tEXt", b"IEND"]
    back = read(data)
    assert back.text == {"parameters": "a lighthouse, 灯台", "last": "after the pixels"}


def test_an_end_that_is_missing_is_noticed() -> None:
    with pytest.raises(OSError, match="truncated"):
        read(png.encode(photo(64))[:-2000])


@pytest.mark.parametrize("mode", ["P", "CMYK", "I", "F", "1", "LA"])
def test_what_would_lose_something_is_not_written(mode: str) -> None:
    with pytest.raises(ValueError, match=f"mode {mode}"):
        png.encode(Image.new(mode, (4, 4)))


def test_encoders_beside_each_other_do_not_meet() -> None:
    pictures = [noise(64, 64 + n) for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        files = list(pool.map(png.encode, pictures))
    assert [read(one).tobytes() for one in files] == [one.tobytes() for one in pictures]
