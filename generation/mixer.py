"""Has several given pictures made one, by a program of its own. Loads no Pillow itself."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from generation.redrawer import Redrawer


async def mix(pictures: Sequence[bytes], width: int, height: int) -> bytes:
    """A PNG of that size in pixels. The files may be anybody's. Raises PictureError."""
    program = (sys.executable, "-m", "generation.mix", str(width), str(height))
    return await Redrawer(program)(b"".join(len(one).to_bytes(8, "big") + one for one in pictures))
