"""A smaller copy of a picture, made by a program of its own: the bot's process has no Pillow.

    python -m generation.shrink SOURCE TARGET BYTES

Writes a JPEG of at most BYTES to TARGET: the full size at falling quality first, then smaller
sizes. Exits with 1 when even the smallest does not fit.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

from generation.images import write_file

QUALITIES = (92, 85, 75)
SCALES = (1.0, 0.75, 0.5, 0.25)
"""Below a quarter of the side it would no longer be the picture."""


def shrink(picture: Image.Image, limit: int) -> bytes | None:
    """The best JPEG of at most `limit` bytes, or None."""
    for scale in SCALES:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        copy = picture if scale == 1 else picture.resize(size, Image.Resampling.LANCZOS)
        for quality in QUALITIES:
            file = io.BytesIO()
            copy.save(file, "JPEG", quality=quality, optimize=True)
            if file.tell() <= limit:
                return file.getvalue()
    return None


def main(source: str, target: str, limit: str) -> int:
    # Only our own stored pictures come here, so no other format needs a decoder.
    with Image.open(source, formats=["PNG", "JPEG", "WEBP"]) as picture:
        data = shrink(picture.convert("RGB"), int(limit))
    if data is None:
        return 1
    write_file(Path(target), data)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
