"""A picture as pixels and nothing else: what one program may safely take from another.

On the wire: the magic, width, height and channels, then the rows from the top. Knows no Pillow.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

MAGIC = b"EPX1"
_HEAD = struct.Struct(">4sIIB")
HEAD_BYTES = _HEAD.size

NO_PICTURE, DAMAGED, TOO_LARGE = 10, 11, 12
"""Exit codes of the program that reads a file, where there is no picture to send."""

_COLOUR_TYPES = {3: 2, 4: 6}
"""PNG's own numbers, by channels."""


@dataclass(frozen=True, slots=True)
class RawPicture:
    """`channels` is 3 for RGB, or 4 with the opacity; a byte each."""

    width: int
    height: int
    channels: int
    pixels: bytes

    def head(self) -> bytes:
        """What stands before the pixels on the wire."""
        return _HEAD.pack(MAGIC, self.width, self.height, self.channels)

    @classmethod
    def read(cls, data: bytes, side: int) -> Self:
        """Raises ValueError unless it is one picture of at most side x side pixels, to the byte."""
        if len(data) < HEAD_BYTES:
            raise ValueError("there is no picture")
        magic, width, height, channels = _HEAD.unpack_from(data)
        if magic != MAGIC or channels not in _COLOUR_TYPES:
            raise ValueError("that is not a picture")
        if not (1 <= width <= side and 1 <= height <= side):
            raise ValueError(f"{width} x {height} pixels were not asked for")
        if len(data) != HEAD_BYTES + width * height * channels:
            raise ValueError("the pixels do not fill the picture")
        return cls(width, height, channels, data[HEAD_BYTES:])

    def png(self) -> bytes:
        """A PNG file that holds the pixels and not a byte more than it must."""
        shape = struct.pack(
            ">IIBBBBB", self.width, self.height, 8, _COLOUR_TYPES[self.channels], 0, 0, 0
        )
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            (_chunk(b"IHDR", shape), _chunk(b"IDAT", self._deflated()), _chunk(b"IEND", b""))
        )

    def _deflated(self) -> bytes:
        packer = zlib.compressobj(6, strategy=zlib.Z_FILTERED)
        stride = self.width * self.channels
        starts = range(0, len(self.pixels), stride)
        rows = [bytes(stride), *(self.pixels[start : start + stride] for start in starts)]
        packed = [packer.compress(b"\2" + _less(row, above)) for above, row in pairwise(rows)]
        return b"".join((*packed, packer.flush()))


def _less(row: bytes, above: bytes) -> bytes:
    """Every byte of a row less the one above it, modulo 256 (PNG's filter 2), all at once: the
    rows are read as two long numbers, and no byte may borrow from its neighbour."""
    high = int.from_bytes(b"\x80" * len(row))
    left, right = int.from_bytes(row), int.from_bytes(above)
    less = ((left | high) - (right & ~high)) ^ ((left ^ right ^ high) & high)
    return less.to_bytes(len(row))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
