"""The program that makes one picture of several: files on stdin, pixels on stdout.

    python -m generation.mix SIDE PIXELS

The files may be anybody's: it lives as `generation.redraw` does. First come the width and the
height of what is made, and before each file its length, all of them in eight bytes. SIDE limits
what is drawn of each, PIXELS what is read. Started by `generation.mixer`.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # others would take address space, and are not allowed

import io
import sys
import warnings

from PIL import Image, UnidentifiedImageError

from generation.mixing import mixed
from generation.raw_picture import DAMAGED, NO_PICTURE, TOO_LARGE, RawPicture
from generation.redraw import TooLargeError, limit, load, redraw

CPU_SECONDS = 25
"""Five large files take some, and so does a mixture of 2048 x 2048 pixels."""


def main(side: str, most_pixels: str) -> int:
    load()
    limit(CPU_SECONDS)
    Image.MAX_IMAGE_PIXELS = None
    warnings.simplefilter("ignore")
    given = io.BytesIO(sys.stdin.buffer.read())
    pictures: list[Image.Image] = []
    width, height = (int.from_bytes(given.read(8), "big") for _ in range(2))
    try:
        while length := given.read(8):
            data = given.read(int.from_bytes(length, "big"))
            raw = redraw(data, min(int(side), 2 * max(width, height)), int(most_pixels))
            mode = "RGBA" if raw.channels == 4 else "RGB"
            pictures.append(Image.frombytes(mode, (raw.width, raw.height), raw.pixels))
        picture = mixed(pictures, width, height)
    except TooLargeError:
        return TOO_LARGE
    except UnidentifiedImageError:
        return NO_PICTURE
    except Exception:
        return DAMAGED
    made = RawPicture(picture.width, picture.height, 3, picture.tobytes())
    sys.stdout.buffer.write(made.head())
    sys.stdout.buffer.write(made.pixels)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
