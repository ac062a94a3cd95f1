"""Has given pictures drawn anew by a program of its own. Loads no Pillow itself."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

from core.pictures import MOST_PIXELS, SIDE, PictureError
from core.sentences import say
from generation.raw_picture import DAMAGED, HEAD_BYTES, NO_PICTURE, TOO_LARGE, RawPicture

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Each may take a gigabyte of memory for a moment."""

SECONDS = 30.0
"""The longest one picture may take, waiting for others left out."""

_ROOT = Path(__file__).resolve().parents[1]
_CHUNK = 2**16


class Redrawer:
    """What a file shows, as a PNG that holds nothing else. `command` starts the program that reads
    the file."""

    def __init__(
        self, command: tuple[str, ...] = (sys.executable, "-m", "generation.redraw")
    ) -> None:
        self._command = command
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, data: bytes) -> bytes:
        """The file may be anybody's. Raises PictureError."""
        async with self._turns:
            try:
                async with asyncio.timeout(SECONDS):
                    code, drawn = await self._run(data)
            except TimeoutError:
                raise PictureError(
                    say("That picture takes too long to read. Save it as a plain PNG or JPEG.")
                ) from None
            if code == 0:
                with suppress(ValueError):
                    return await asyncio.to_thread(lambda: RawPicture.read(drawn, SIDE).png())
        log.info("a picture of %d bytes was refused: code %s", len(data), code)
        raise PictureError(_sentence(code))

    async def _run(self, data: bytes) -> tuple[int | None, bytes]:
        """The program's exit code and all it wrote, up to what a picture can be."""
        process = await asyncio.create_subprocess_exec(
            *(*self._command, str(SIDE), str(MOST_PIXELS)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=_ROOT,
            env={"PYTHONPATH": str(_ROOT), "PATH": os.defpath},
        )
        assert process.stdin is not None
        assert process.stdout is not None
        giving = asyncio.create_task(_give(process.stdin, data))
        try:
            drawn = bytearray()
            while piece := await process.stdout.read(_CHUNK):
                drawn += piece
                if len(drawn) > HEAD_BYTES + SIDE * SIDE * 4:
                    return None, b""
            return await process.wait(), bytes(drawn)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.stdout.read()  # what is left keeps the pipe open
            await process.wait()
            await giving


async def _give(program: asyncio.StreamWriter, data: bytes) -> None:
    with suppress(ConnectionError):  # it may end before it has read everything
        program.write(data)
        await program.drain()
    program.close()


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
