"""Pictures from nowhere: a net that holds what it is given, and a pen that draws nothing."""

from __future__ import annotations

from collections.abc import Mapping

from core.pictures import PictureError, Pictures
from core.ports import Blobs

PNG = b"\x89PNG\r\n\x1a\n"
_ANEW = PNG + b"anew: "
_PICTURES = (PNG, b"\xff\xd8\xff", b"RIFF", b"GIF8")


class FakeNet:
    """`files` by their address; what was asked for is in `asked`."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files = dict(files or {})
        self.asked: list[str] = []

    async def __call__(self, address: str) -> bytes:
        self.asked.append(address)
        if address not in self.files:
            raise PictureError("There is no picture at that address.")
        return self.files[address]


async def redraw(data: bytes) -> bytes:
    if not data.startswith(_PICTURES):
        raise PictureError("That file is not a picture Easel can read.")
    return redrawn(data)


def redrawn(data: bytes) -> bytes:
    """What is kept of a picture: never the bytes that came. Drawing it again changes nothing."""
    return data if data.startswith(_ANEW) else _ANEW + data[::-1]


def drawn_as(kept: bytes) -> bytes:
    """The bytes that came, of what is kept."""
    return kept.removeprefix(_ANEW)[::-1]


def some_pictures(blobs: Blobs, net: FakeNet | None = None) -> Pictures:
    return Pictures(blobs, net or FakeNet(), redraw)
