"""Has given pictures drawn anew by a program of its own. Loads no Pillow itself."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress

from core.pictures import MOST_PIXELS, SIDE, PictureError
from core.sentences import say
from generation.confined import Confined
from generation.raw_picture import DAMAGED, NO_PICTURE, TOO_LARGE, RawPicture

log = logging.getLogger(__name__)


class Redrawer:
    """What a file shows, as a PNG that holds nothing else. `command` starts the program that reads
    the file."""

    def __init__(
        self, command: tuple[str, ...] = (sys.executable, "-m", "generation.redraw")
    ) -> None:
        self._program = Confined(command)

    async def __call__(self, data: bytes) -> bytes:
        """The file may be anybody's. Raises PictureError."""
        try:
            async with self._program.answered(data) as (code, drawn):
                if code == 0:
                    with suppress(ValueError):
                        return await asyncio.to_thread(lambda: RawPicture.read(drawn, SIDE).png())
        except TimeoutError:
            raise PictureError(
                say("That picture takes too long to read. Save it as a plain PNG or JPEG.")
            ) from None
        log.info("a picture of %d bytes was refused: code %s", len(data), code)
        raise PictureError(_sentence(code))


def _sentence(code: int | None) -> str:
    if code == NO_PICTURE:
        return say("That file is not a picture Easel can read. Send a PNG, JPEG, WebP or GIF.")
    if code == TOO_LARGE:
        return say(
            "That picture has more than {most} megapixels. Send a smaller one.",
            most=MOST_PIXELS // 1_000_000,
        )
    if code == DAMAGED:
        return say("That picture is damaged and cannot be read. Save it anew and send that.")
    return say("That picture could not be read. Save it as a plain PNG or JPEG and send that.")
