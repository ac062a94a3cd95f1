"""Has pictures looked at: by a program of its own, or by the operator's model. Loads no Pillow."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from core.embedder import Embedder
from core.events import Answer, Ask, Inquiry
from core.likeness import (
    BUILT_IN,
    PICTURE,
    Look,
    incomparable,
    look_of_vector,
    look_of_words,
)

SECONDS = 30.0
"""The longest one picture may take."""

IDLE_SECONDS = 60.0
"""After which the program is ended; it starts again in a fifth of a second."""

_ROOT = Path(__file__).resolve().parents[1]


class BuiltInEye:
    """`command` starts the program, which looks at one picture after the other."""

    kind = BUILT_IN

    def __init__(
        self,
        command: tuple[str, ...] = (sys.executable, "-m", "generation.looking"),
        *,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._command = command
        self._idle_seconds = idle_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._rest: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def look(self, picture: Path, text: str) -> Look:
        async with self._turn:
            if self._rest is not None:
                self._rest.cancel()
            try:
                async with asyncio.timeout(SECONDS):
                    numbers = await self._ask(picture)
            except (TimeoutError, OSError, ValueError) as error:
                await self._end()
                raise incomparable() from error
            except BaseException:
                # The answer to a question that was given up would be taken for the next one's.
                await self._end()
                raise
            self._rest = asyncio.get_running_loop().call_later(self._idle_seconds, self._retire)
        if len(numbers) != PICTURE:
            raise incomparable()
        return Look(self.kind, numbers + look_of_words(text))

    async def close(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        async with self._turn:
            await self._end()
        await asyncio.gather(*self._ending)

    async def _ask(self, picture: Path) -> bytes:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=_ROOT,
                env={"PYTHONPATH": str(_ROOT), "PATH": os.defpath, "OMP_NUM_THREADS": "1"},
                # A Ctrl-C at the shell is for Easel, which then ends its programs itself.
                start_new_session=True,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(str(picture)).encode() + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            raise BrokenPipeError
        return bytes.fromhex(line.decode())

    def _retire(self) -> None:
        task = asyncio.create_task(self._retired())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _retired(self) -> None:
        async with self._turn:
            if self._rest is not None and self._rest.when() <= asyncio.get_running_loop().time():
                await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class ModelEye:
    """Asks a worker, whose model of that name turns pictures into vectors."""

    def __init__(self, embedder: Embedder, ask: Callable[[Ask], Awaitable[Answer]]) -> None:
        self.kind = embedder.kind
        self._ask = ask

    async def look(self, picture: Path, text: str) -> Look:
        """What was asked for counts nothing here: the model sees what is there."""
        question = Ask(id=secrets.token_hex(8), inquiry=Inquiry.LOOK, picture=str(picture))
        answer = await self._ask(question)
        if not answer.numbers:
            raise incomparable()
        return Look(self.kind, look_of_vector(answer.numbers))

    async def close(self) -> None:
        """Nothing is its own."""
