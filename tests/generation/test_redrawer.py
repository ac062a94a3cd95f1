"""Pictures that anybody may have sent, drawn anew by a program that may do nothing else."""

from __future__ import annotations

import asyncio
import io
import os
import struct
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin, UnidentifiedImageError

from core.pictures import MOST_PIXELS, SIDE, PictureError
from generation.raw_picture import RawPicture
from generation.redraw import TooLargeError, redraw
from generation.redrawer import Redrawer

RED, BLUE = (200, 30, 20), (20, 40, 180)


@pytest.fixture(autouse=True)
def _no_limit_but_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)


def two_colours(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    return picture.convert(mode)


def encoded(picture: Image.Image, kind: str, **how: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **how)  # type: ignore[arg-type]
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    shape = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", shape) + b"".join(chunks) + chunk(b"IEND", b"")


def drawn(data: bytes, side: int = SIDE) -> Image.Image:
    raw = redraw(data, side, MOST_PIXELS)
    return Image.open(io.BytesIO(raw.png()))


def near(one: object, other: tuple[int, ...], most: int = 60) -> bool:
    assert isinstance(one, tuple)
    return len(one) == len(other) and all(
        abs(a - b) <= most for a, b in zip(one, other, strict=True)
    )


# What is drawn


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1"])
def test_a_picture_shows_the_same_drawn_anew(kind: str, mode: str) -> None:
    picture = two_colours(mode=mode)
    if kind == "JPEG" and mode == "P":
        picture = picture.convert("RGB")
    anew = drawn(encoded(picture, kind))
    assert (anew.mode, anew.size, anew.format) == ("RGB", (60, 40), "PNG")
    seen = picture.convert("RGB")
    for where in ((10, 20), (50, 20)):
        assert near(anew.getpixel(where), seen.getpixel(where)), where  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_what_is_transparent_stays_so(kind: str) -> None:
    picture = two_colours(mode="RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 30, 40))
    anew = drawn(encoded(picture, kind))
    assert anew.mode == "RGBA"
    assert anew.getpixel((5, 5))[3] == 0  # type: ignore[index]
    assert near(anew.getpixel((50, 5)), (*BLUE, 255))


def test_grey_of_sixteen_bits_keeps_its_shades() -> None:
    picture = Image.frombytes("I;16", (2, 1), struct.pack("<HH", 0x4000, 0xC000))
    anew = drawn(encoded(picture, "PNG"))
    assert [anew.getpixel((x, 0)) for x in (0, 1)] == [(64,) * 3, (192,) * 3]


def test_print_colours_become_those_of_a_screen() -> None:
    anew = drawn(encoded(two_colours(mode="CMYK"), "JPEG"))
    assert near(anew.getpixel((5, 5)), RED)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_and_is_small_enough(orientation: int) -> None:
    picture = two_colours(800, 400)
    exif = Image.Exif()
    exif[0x0112] = orientation
    anew = drawn(encoded(picture, "JPEG", exif=exif), side=100)
    assert anew.size == ((50, 100) if orientation >= 5 else (100, 50))
    red_first = orientation in (1, 4, 5, 6)
    assert near(anew.getpixel((2, 2)), RED if red_first else BLUE)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_of_an_animation_the_first_picture_is_taken(kind: str) -> None:
    first, second = Image.new("RGB", (20, 20), RED), Image.new("RGB", (20, 20), BLUE)
    data = encoded(first, kind, save_all=True, append_images=[second] * 3, lossless=True)
    assert near(drawn(data).getpixel((9, 9)), RED)


def test_nothing_but_the_pixels_is_kept() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "where ada lives")
    exif = Image.Exif()
    exif[0x010E] = "where ada lives"
    data = encoded(two_colours(), "PNG", pnginfo=words, exif=exif, icc_profile=b"where ada lives")
    payload = b"<script>alert(1)</script>PK\x03\x04"
    anew = redraw(data + payload, SIDE, MOST_PIXELS).png()
    assert b"where ada lives" in data
    assert b"ada" not in anew
    assert payload not in anew
    kinds, at = [], 8
    while at < len(anew):
        kinds.append(anew[at + 4 : at + 8])
        at += 12 + int.from_bytes(anew[at : at + 4])
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 9), (7, 1), (31, 17)])
def test_pixels_become_a_file_and_are_the_same(width: int, height: int, channels: int) -> None:
    pixels = bytes(k * k * 37 % 256 for k in range(width * height * channels))
    raw = RawPicture(width, height, channels, pixels)
    assert RawPicture.read(raw.head() + pixels, 31) == raw
    assert Image.open(io.BytesIO(raw.png())).tobytes() == pixels


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"EPX1",
        b"ELF1" + RawPicture(1, 1, 3, b"").head()[4:] + b"abc",
        RawPicture(1, 1, 3, b"").head() + b"ab",
        RawPicture(1, 1, 3, b"").head() + b"abcd",
        RawPicture(0, 1, 3, b"").head(),
        RawPicture(1, 1, 2, b"").head() + b"ab",
        RawPicture(2**32 - 1, 2**32 - 1, 4, b"").head() + b"abc",
        RawPicture(32, 1, 3, b"").head() + bytes(96),
    ],
)
def test_a_program_that_was_taken_over_is_not_believed(data: bytes) -> None:
    with pytest.raises(ValueError):
        RawPicture.read(data, 31)


# What is refused

BOMB = png(7000, 7000, chunk(b"IDAT", zlib.compress(bytes(50_000_000), 9)))
"""Right in every way but that it ends after a third of it: 50 kB that want 150 MB."""


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", UnidentifiedImageError),
        (b"a picture, honestly", UnidentifiedImageError),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", UnidentifiedImageError),
        (b"%PDF-1.7\n", UnidentifiedImageError),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", UnidentifiedImageError),
        (encoded(two_colours(), "BMP"), UnidentifiedImageError),
        (encoded(two_colours(), "TIFF"), UnidentifiedImageError),
        (b"\x89PNG\r\n\x1a\n", UnidentifiedImageError),
        (b"\xff\xd8\xff\xe0 and no more", OSError),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", UnidentifiedImageError),
        (b"GIF89a", UnidentifiedImageError),
        (encoded(two_colours(), "PNG")[:90], OSError),
        (encoded(two_colours(), "JPEG")[:-300], OSError),
        (encoded(two_colours(), "WEBP")[:40], OSError),
        (png(50_000, 50_000), TooLargeError),
        (png(2**31 - 1, 2**31 - 1), TooLargeError),
        (png(0, 7), Exception),
        (png(9, 9, chunk(b"IDAT", b"not packed at all")), OSError),
        (png(9, 9, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000), 9))), ValueError),
    ],
    ids=range(19),
)
def test_a_bad_file_is_refused(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        redraw(data, SIDE, MOST_PIXELS)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a picture, honestly", "not a picture Easel can read. Send a PNG, JPEG, WebP or GIF"),
        (png(50_000, 50_000), "more than 50 megapixels"),
        (BOMB, "damaged and cannot be read"),
    ],
)
async def test_a_member_reads_one_sentence(data: bytes, said: str) -> None:
    with pytest.raises(PictureError) as caught:
        await Redrawer()(data)
    assert said in caught.value.sentence


async def test_a_picture_goes_through_the_program_and_comes_out_small() -> None:
    file = encoded(two_colours(3000, 1500), "JPEG")
    anew = Image.open(io.BytesIO(await Redrawer()(file)))
    assert (anew.size, anew.format) == ((SIDE, SIDE // 2), "PNG")
    assert near(anew.getpixel((9, 9)), RED)


PROGRAM = """
import socket, sys
from generation import redraw
redraw.load()
redraw.limit()
def tried(what):
    try:
        what()
    except OSError:
        return
    sys.exit(f"it could")
tried(lambda: open("/etc/passwd"))
tried(lambda: open("mine", "w"))
tried(socket.socket)
tried(lambda: __import__("os").pipe())
try:
    bytearray(2 << 30)
except MemoryError:
    sys.exit(7)
"""


async def test_the_program_can_open_nothing_and_has_little_memory() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM),
        env={"PYTHONPATH": os.getcwd(), "PATH": os.defpath},
        cwd=os.getcwd(),
    )
    assert await process.wait() == 7


READS = """
import os, sys
from generation import {name}
class Given:
    @property
    def buffer(self):
        return self
    def read(self):
        try:
            open("/etc/passwd")
        except OSError:
            os._exit(7)
        os._exit(1)
sys.stdin = Given()
{name}.main(*{words})
"""


@pytest.mark.parametrize(
    ("name", "words"), [("redraw", ("9", "9")), ("mix", ("9", "9")), ("recorded", ())]
)
async def test_each_program_has_given_that_away_before_it_reads(
    name: str, words: tuple[str, ...]
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", READS.format(name=name, words=words)),
        env={"PYTHONPATH": os.getcwd(), "PATH": os.defpath},
        cwd=os.getcwd(),
    )
    assert await process.wait() == 7


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "import os; os.close(0); os._exit(0)",
        "print('hello')",
        "import sys; sys.stdout.buffer.write(b'EPX1' + bytes(20_000_000))",
        "while True: print('x' * 1000)",
    ],
    ids=["dies", "says nothing", "says something else", "says too much", "never ends"],
)
async def test_the_bot_outlives_a_program_that_was_broken(program: str) -> None:
    with pytest.raises(PictureError, match="could not be read"):
        await Redrawer((sys.executable, "-S", "-c", program))(bytes(2_000_000))


async def test_a_program_that_hangs_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("generation.confined.SECONDS", 0.3)
    hang = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(99)"
    redrawer = Redrawer((sys.executable, "-S", "-c", hang, str(tmp_path / "pid")))
    with pytest.raises(PictureError, match="too long to read"):
        await redrawer(b"a file")
    started = tmp_path / "pid"
    if started.exists():
        with pytest.raises(ProcessLookupError):
            os.kill(int(started.read_text()), 0)
