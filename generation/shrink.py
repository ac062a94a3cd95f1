"""A smaller copy of a picture, made by a program of its own: the bot's process has no Pillow.

    python -m generation.shrink SOURCE TARGET BYTES

Writes a file of at most BYTES to TARGET with a suffix of its own, and says the suffix and whether
anything was lost. The first that fits: a lossless WebP, if the file is not too far over; the best
JPEG; the best WebP; the same of smaller sizes. The record of how the picture was made goes along.
Exits with 1 when even the smallest does not fit.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from generation.images import write_file
from generation.provenance import exif

LOSSLESS_FROM = 1.4
"""How often the limit a PNG may be so that it is worth a second of CPU for 4 megapixels: a lossless
WebP has 0.7 to 0.85 of the bytes of a photograph."""

WEBP_SIDE = 16383
"""Pixels; a WebP has no more."""

JPEG_QUALITIES = range(75, 98)
WEBP_QUALITIES = range(50, 91)
FULL_COLOUR = 90
"""JPEGs of this quality keep the colour of every pixel; below, of every four."""

SCALES = (1.0, 0.75, 0.5, 0.25)
"""Below a quarter of the side it would no longer be the picture."""


@dataclass(frozen=True, slots=True)
class Smaller:
    data: bytes
    suffix: str
    lossless: bool = False


def shrink(picture: Image.Image, limit: int, *, size: int, record: bytes = b"") -> Smaller | None:
    """The best copy of at most `limit` bytes, or None. `size` is that of the file so far, `record`
    the EXIF to write."""

    def written(copy: Image.Image, kind: str, **options: Any) -> bytes:
        file = io.BytesIO()
        copy.save(file, kind, exif=record, **options)
        return file.getvalue()

    if size <= LOSSLESS_FROM * limit and max(picture.size) <= WEBP_SIDE:
        data = written(picture, "WEBP", lossless=True, method=1, quality=20)
        if len(data) <= limit:
            return Smaller(data, ".webp", lossless=True)
    for scale in SCALES:
        sides = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        copy = picture if scale == 1 else picture.resize(sides, Image.Resampling.LANCZOS)

        def as_jpeg(quality: int, copy: Image.Image = copy) -> bytes:
            subsampling = 0 if quality >= FULL_COLOUR else 2
            return written(copy, "JPEG", quality=quality, subsampling=subsampling)

        def as_webp(quality: int, copy: Image.Image = copy) -> bytes:
            return written(copy, "WEBP", quality=quality, method=2)

        if (data := best(as_jpeg, JPEG_QUALITIES, limit)) is not None:
            return Smaller(data, ".jpg")
        if max(sides) <= WEBP_SIDE and (data := best(as_webp, WEBP_QUALITIES, limit)) is not None:
            return Smaller(data, ".webp")
    return None


def best(encode: Callable[[int], bytes], qualities: range, limit: int) -> bytes | None:
    """The file of the highest quality that fits, in as few tries as halving takes."""
    found: bytes | None = None
    at = len(qualities) - 1  # the highest first: it mostly fits
    while qualities:
        data = encode(qualities[at])
        if len(data) <= limit:
            found, qualities = data, qualities[at + 1 :]
        else:
            qualities = qualities[:at]
        at = len(qualities) // 2
    return found


def main(source: str, target: str, limit: str) -> int:
    path = Path(source)
    # Only our own stored pictures come here, so no other format needs a decoder.
    with Image.open(path, formats=["PNG", "JPEG", "WEBP"]) as picture:
        smaller = shrink(
            picture.convert("RGB"),
            int(limit),
            size=path.stat().st_size,
            record=exif(picture.info),
        )
    if smaller is None:
        return 1
    write_file(Path(target).with_suffix(smaller.suffix), smaller.data)
    print(smaller.suffix, "lossless" if smaller.lossless else "lossy")  # noqa: T201 (the answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
