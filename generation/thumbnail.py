"""Small copies of stored pictures, made by a program of its own: the bot's process has no Pillow.

    python -m generation.thumbnail

Each line asked is `[source, target, side]` in JSON: the picture's file, the WebP to write, and how
long its longer side may be. Each is answered by a line: `made`, or `failed` and the kind of error.
Ends with its input.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

from PIL import Image

from generation.images import write_file

QUALITY, EFFORT = 82, 4
"""About 12 KB for 320 pixels; a higher effort costs three times the time for 2% of the bytes."""


def make(source: Path, target: Path, side: int) -> None:
    """Raises OSError for a file that is no picture of ours, or where it cannot be written."""
    # Only our own stored pictures come here, so no other format needs a decoder.
    with Image.open(source, formats=["PNG", "JPEG", "WEBP"]) as picture:
        if picture.format == "JPEG":
            picture.draft("RGB", (side, side))
        copy = picture.convert("RGBA" if "A" in picture.getbands() else "RGB")
    copy.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    file = io.BytesIO()
    # Nothing else goes along: what the picture was made of is asked for at the picture itself.
    copy.save(file, "WEBP", quality=QUALITY, method=EFFORT)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_file(target, file.getvalue())


def main() -> int:
    for line in sys.stdin:
        source, target, side = json.loads(line)
        try:
            make(Path(source), Path(target), side)
            answer = "made"
        except (OSError, ValueError, Image.DecompressionBombError, SyntaxError) as error:
            answer = f"failed {type(error).__name__}"
        print(answer, flush=True)  # noqa: T201 (the answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
