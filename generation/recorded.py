"""The program that looks for Easel's record in a given picture: a file on stdin, JSON on stdout.

    python -m generation.recorded

It lives as `generation.redraw` does, for one file and with nothing to open; started by
`generation.record_reader`. Exits with NO_PICTURE where there is no record.
"""

from __future__ import annotations

import sys
import warnings

from PIL import Image

from generation.provenance import read_record, record
from generation.raw_picture import NO_PICTURE
from generation.redraw import limit, load


def main() -> int:
    load()
    limit()
    # No pixel is decoded.
    Image.MAX_IMAGE_PIXELS = None
    warnings.simplefilter("ignore")
    found = read_record(sys.stdin.buffer.read())
    if found is None:
        return NO_PICTURE
    sys.stdout.buffer.write(record(*found).encode())
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
