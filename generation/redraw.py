"""The program that draws a given picture anew: a file on stdin, pixels on stdout.

    python -m generation.redraw SIDE PIXELS

The file may be made to break whoever reads it. So it is read by a program of its own, which lives
for this one file, has little memory and time, and can open nothing: no file, no connection, no
further program. `generation.redrawer` starts it and believes it nothing but the pixels.

Exits with one of the codes below. SIDE limits the longer side of what is drawn, PIXELS what is
read.
"""

from __future__ import annotations

import io
import os
import resource
import sys
import warnings
from importlib import import_module

from PIL import Image, ImageOps, UnidentifiedImageError

from generation.raw_picture import DAMAGED, NO_PICTURE, TOO_LARGE, RawPicture

CPU_SECONDS = 10
MEMORY_BYTES = 1 << 30
"""Address space; the largest pictures need most of it."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_READERS = ("Gif", "Jpeg", "Mpo", "Png", "Tiff", "WebP")
"""Of Pillow. A JPEG may turn out to be an MPO, and what a camera notes is written like a TIFF."""


class TooLargeError(Exception):
    """More pixels than were allowed."""


def load() -> None:
    """Loads all that reading may need, while files can still be opened."""
    Image.preinit()
    for reader in _READERS:
        import_module(f"PIL.{reader}ImagePlugin")


def limit(cpu_seconds: int = CPU_SECONDS) -> None:
    """Gives away, for good, what reading a picture does not need."""
    os.nice(5)
    for what, most in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def redraw(data: bytes, side: int, most_pixels: int) -> RawPicture:
    """The first frame, upright, made smaller where a side is longer than `side`.

    Raises TooLargeError, UnidentifiedImageError, or whatever else Pillow does with bad files.
    """
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > most_pixels:
            raise TooLargeError
        # A JPEG can be read at a part of its size to begin with.
        opened.draft("RGB", (side, side))
        opened.load()
        picture = _in_bytes(opened)
        picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        picture.info = opened.info
        picture = ImageOps.exif_transpose(picture)
    return RawPicture(picture.width, picture.height, len(picture.mode), picture.tobytes())


def _in_bytes(picture: Image.Image) -> Image.Image:
    """As RGB, or RGBA where something is transparent."""
    if picture.mode.startswith("I"):  # grey of 16 bits, which a plain conversion would cut off
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def main(side: str, most_pixels: str) -> int:
    load()
    limit()
    # Ours is the limit that counts.
    Image.MAX_IMAGE_PIXELS = None
    warnings.simplefilter("ignore")
    try:
        picture = redraw(sys.stdin.buffer.read(), int(side), int(most_pixels))
    except TooLargeError:
        return TOO_LARGE
    except UnidentifiedImageError:
        return NO_PICTURE
    except Exception:
        return DAMAGED
    sys.stdout.buffer.write(picture.head())
    sys.stdout.buffer.write(picture.pixels)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
