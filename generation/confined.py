"""Programs of their own that read files of anybody's. Loads no Pillow itself."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from core.pictures import MOST_PIXELS, SIDE
from generation.raw_picture import HEAD_BYTES

AT_ONCE = 2
"""Each may take a gigabyte of memory for a moment."""

SECONDS = 30.0
"""The longest one may take, waiting for others left out."""

_ROOT = Path(__file__).resolve().parents[1]
_CHUNK = 2**16


class Confined:
    """`command` starts the program, which gives away for good what it does not need. Its last words
    are SIDE and MOST_PIXELS."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._command = command
        self._turns = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def answered(self, data: bytes) -> AsyncGenerator[tuple[int | None, bytes]]:
        """The program's exit code and all it wrote, up to what a picture can be; None where it
        wrote more. Its turn lasts as long as the context. Raises TimeoutError."""
        async with self._turns:
            async with asyncio.timeout(SECONDS):
                answer = await self._run(data)
            yield answer

    async def _run(self, data: bytes) -> tuple[int | None, bytes]:
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
            written = bytearray()
            while piece := await process.stdout.read(_CHUNK):
                written += piece
                if len(written) > HEAD_BYTES + SIDE * SIDE * 4:
                    return None, b""
            return await process.wait(), bytes(written)
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
