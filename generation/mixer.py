"""Has several given pictures made one, by a program of its own. Loads no Pillow itself."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from generation.redrawer import Redrawer


class Mixer:
    """`command` starts the program that reads the files."""

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-m", "generation.mix")) -> None:
        self._redraw = Redrawer(command)

    async def __call__(self, pictures: Sequence[bytes], width: int, height: int) -> bytes:
        """A PNG of that size in pixels. The files may be anybody's. Raises PictureError."""
        shape = width.to_bytes(8, "big") + height.to_bytes(8, "big")
        files = (len(one).to_bytes(8, "big") + one for one in pictures)
        return await self._redraw(shape + b"".join(files))
