"""Records are read out of anybody's files by a program that can do nothing else."""

from __future__ import annotations

import io
import sys

from PIL import Image

from generation.images import encode_png
from generation.provenance import chunks
from generation.record_reader import RecordReader
from tests.generation.build import a_request


def a_picture() -> Image.Image:
    return Image.effect_noise((40, 30), 60).convert("RGB")


async def test_a_picture_of_easels_says_how_it_was_made() -> None:
    made = a_request("a {red} fox 狐", seed_typed=True)
    assert await RecordReader().read(encode_png(a_picture(), chunks(made, 3))) == (made, 3)


async def test_all_else_says_nothing() -> None:
    plain = io.BytesIO()
    a_picture().save(plain, "JPEG")
    for data in (plain.getvalue(), b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(99)):
        assert await RecordReader().read(data) is None


async def test_a_program_that_was_taken_over_is_not_believed() -> None:
    for said in ("5", "[]", '{"number": "x", "request": {}}', '{"number": 1, "request": 3}', "{"):
        reader = RecordReader((sys.executable, "-S", "-c", f"print({said!r})"))
        assert await reader.read(b"") is None
