"""The program that looks at pictures of our own: `generation.eye` starts it and asks it.

    python -m generation.looking

A line is the path of a file, as JSON; the answer is a line with its look in hexadecimal digits, or
an empty one where nothing can be made of it. It is as idle as a program can be: it works where
nobody else wants to.
"""

from __future__ import annotations

import json
import os
import sys

from PIL import Image

from generation.look import look


def answer(line: bytes) -> str:
    try:
        with Image.open(json.loads(line), formats=["PNG"]) as picture:
            return look(picture).hex()
    # Pillow raises anything at files that are cut off.
    except Exception as error:
        sys.stderr.write(f"no look: {error}\n")
        return ""


def main() -> None:
    os.nice(19)
    for line in sys.stdin.buffer:
        sys.stdout.write(answer(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
