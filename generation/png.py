"""Lossless PNG files at a small part of the usual cost.

Pillow's own writer spends over a second of CPU on a grid of 2048 x 2048 pixels: it tries five
filters for each row and searches long for repetitions, which pictures hardly have. Here each band
of rows takes one of the two filters that cost one subtraction, chosen by a sample of its rows, and
igzip deflates it: `benchmarks/output_path.py` has the ratio and the sizes.
"""

# pyright: basic
from __future__ import annotations

import struct

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

Bytes = NDArray[np.uint8]

BAND = 32
"""Rows filtered and packed at a time: few enough to stay in the processor's cache."""

SAMPLED = 8
"""One row of so many is looked at to choose the filter of its band."""

FLAT = 0.6
"""Where this share of bytes equals those above them, a picture is a drawing, no photograph."""

_LEVEL, _MEMORY = 1, 9
_NEAR, _FAR = 9, 15
"""Bytes, as powers of two, within which repetitions are looked for. In a photograph those further
off are chance: leaving them alone takes a quarter less time and a tenth less room."""

_SUB, _UP = 1, 2
"""PNG's own numbers of the filters: a byte less the one a pixel before it, or above it."""

_CHANNELS = {"L": 1, "RGB": 3, "RGBA": 4}
_COLOUR_TYPES = {1: 0, 3: 2, 4: 6}


def encode(picture: Image.Image, info: PngInfo | None = None) -> bytes:
    """A file with every pixel as it is, and the texts of `info` where they ask to stand.

    The same pixels give the same bytes on one machine; igzip is free to choose others on a
    processor of another kind. Raises ValueError for pixels that are not bytes of grey or RGB, with
    or without opacity: turning them into such would lose something.
    """
    channels = _CHANNELS.get(picture.mode)
    if channels is None:
        raise ValueError(f"no PNG is written of a picture in mode {picture.mode}")
    shape = (picture.width, picture.height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    early: list[bytes] = []
    late: list[bytes] = []
    for kind, data, *after in info.chunks if info is not None else ():
        (late if any(after) else early).extend(_chunk(kind, [data]))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            *_chunk(b"IHDR", [struct.pack(">IIBBBBB", *shape)]),
            *early,
            *_chunk(b"IDAT", _packed(picture, channels)),
            *late,
            *_chunk(b"IEND", []),
        )
    )


def _packed(picture: Image.Image, channels: int) -> list[bytes]:
    """The rows, filtered and deflated."""
    width, height = picture.size
    stride = width * channels
    window = _FAR if _is_flat(picture) else _NEAR
    packer = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, window, _MEMORY)
    band = np.empty((min(BAND, height), 1 + stride), np.uint8)
    before = np.zeros(stride, np.uint8)
    packed: list[bytes] = []
    for top in range(0, height, BAND):
        # Band by band, so that no second copy of all the pixels is ever held.
        part = picture.crop((0, top, width, min(top + BAND, height)))
        rows = np.frombuffer(part.tobytes(), np.uint8).reshape(part.height, stride)
        filtered = band[: len(rows)]
        less = filtered[:, 1:]
        if _is_flatter_sideways(rows, channels):
            filtered[:, 0] = _SUB
            less[:, :channels] = rows[:, :channels]
            np.subtract(rows[:, channels:], rows[:, :-channels], out=less[:, channels:])
        else:
            filtered[:, 0] = _UP
            np.subtract(rows[0], before, out=less[0])
            np.subtract(rows[1:], rows[:-1], out=less[1:])
        before = rows[-1]
        packed.append(packer.compress(filtered))
    packed.append(packer.flush())
    return packed


def _is_flat(picture: Image.Image) -> bool:
    """Looks at two rows of each band."""
    same = seen = 0
    for top in range(0, picture.height - 1, BAND):
        data = np.frombuffer(picture.crop((0, top, picture.width, top + 2)).tobytes(), np.uint8)
        above, below = data.reshape(2, -1)
        same, seen = same + int(np.count_nonzero(above == below)), seen + len(above)
    return same > FLAT * seen


def _is_flatter_sideways(rows: Bytes, channels: int) -> bool:
    """Whether bytes differ clearly less from those a pixel before them than from those above."""
    some, above = rows[1::SAMPLED], rows[:-1:SAMPLED]
    sideways = _sum(some[:, channels:] - some[:, :-channels])
    return sideways < 0.9 * _sum(some - above)


def _sum(differences: Bytes) -> int:
    """Modulo 256, as a filter leaves them: 255 is as good as 1."""
    return int(np.minimum(differences, np.negative(differences)).sum(dtype=np.uint64))


def _chunk(kind: bytes, pieces: list[bytes]) -> list[bytes]:
    check = 0
    for piece in (kind, *pieces):
        check = isal_zlib.crc32(piece, check)
    length = sum(map(len, pieces))
    return [struct.pack(">I", length), kind, *pieces, struct.pack(">I", check)]
