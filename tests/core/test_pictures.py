"""What is kept of a picture that a member gave."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.pictures import PictureError, Pictures
from storage.blobs import LocalBlobs
from tests.fakes.pictures import FakeNet, redraw, redrawn

FILE = b"\x89PNG\r\n\x1a\n with a message in it"


@pytest.fixture
async def blobs(tmp_path: Path) -> LocalBlobs:
    return await LocalBlobs.open(tmp_path)


async def test_a_picture_is_kept_as_it_was_drawn_anew(blobs: LocalBlobs) -> None:
    key = await Pictures(blobs, FakeNet(), redraw).keep(FILE)
    assert key.endswith(".png")
    assert await blobs.get(key) == redrawn(FILE)


async def test_one_at_an_address_is_fetched_and_kept_alike(blobs: LocalBlobs) -> None:
    net = FakeNet({"https://here/a.png": FILE})
    pictures = Pictures(blobs, net, redraw)
    assert await pictures.keep_from("https://here/a.png") == await pictures.keep(FILE)


async def test_of_a_file_that_is_no_picture_nothing_is_kept(
    blobs: LocalBlobs, tmp_path: Path
) -> None:
    net = FakeNet({"https://here/a.png": b"%PDF"})
    pictures = Pictures(blobs, net, redraw)
    for address in ("https://here/a.png", "https://here/none.png"):
        with pytest.raises(PictureError):
            await pictures.keep_from(address)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
