"""Asks for small copies of stored pictures. Loads no Pillow itself."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import Self

from core.ports import Blobs
from core.thumbs import NoThumbError, thumb_name

log = logging.getLogger(__name__)

SECONDS = 30.0
"""The longest one copy may take; a program that takes longer is ended."""

IDLE_SECONDS = 60.0
"""How long the program is kept for the next question: its start takes longer than a copy."""

_ROOT = Path(__file__).resolve().parents[1]


class Thumbnailer:
    """The Thumbs port. Makes copies in `folder`, one at a time, and each once however many ask.
    `command` starts the program that makes them. Use as an async context manager."""

    def __init__(
        self,
        folder: Path,
        blobs: Blobs,
        *,
        command: tuple[str, ...] = (sys.executable, "-m", "generation.thumbnail"),
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._folder = folder
        self._blobs = blobs
        self._command = command
        self._idle_seconds = idle_seconds
        self._making: dict[Path, asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._making.values():
            task.cancel()
        await asyncio.gather(*self._making.values(), *self._ending, return_exceptions=True)
        await self._end()

    async def of(self, key: str, side: int) -> Path:
        # Asked first, so that no copy outlives its picture.
        source = await self._blobs.local(key)
        target = self._folder / thumb_name(key, side)
        if not await asyncio.to_thread(target.is_file):
            task = self._making.get(target)
            if task is None:
                task = asyncio.create_task(self._make(key, source, target, side))
                self._making[target] = task
                task.add_done_callback(lambda _: self._making.pop(target, None))
            # Whoever asked first may leave; the others still want it.
            await asyncio.shield(task)
        return target

    async def _make(self, key: str, source: Path, target: Path, side: int) -> None:
        async with self._turn:
            said = await self._ask(source, target, side)
        try:
            await self._blobs.local(key)
        except BaseException:
            # The picture was deleted meanwhile, and its copies before this one was there.
            await asyncio.to_thread(target.unlink, missing_ok=True)
            raise
        if said != "made":
            log.warning("no small copy of a picture: %s", said or "the program ended")
            raise NoThumbError

    async def _ask(self, source: Path, target: Path, side: int) -> str:
        """The program's answer; "" where it gave none."""
        if self._idle is not None:
            self._idle.cancel()
        process = await self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        answer = b""
        try:
            async with asyncio.timeout(SECONDS):
                process.stdin.write(json.dumps([str(source), str(target), side]).encode() + b"\n")
                await process.stdin.drain()
                answer = await process.stdout.readline()
        except (TimeoutError, ConnectionError):
            pass
        finally:
            # Also when this task is cancelled: the next question must not get this one's answer.
            if not answer.endswith(b"\n"):
                await self._end()
        self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._rest)
        return answer.decode(errors="replace").strip()

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=_ROOT,
                env={"PYTHONPATH": str(_ROOT)},
            )
        return self._process

    def _rest(self) -> None:
        async def rest() -> None:
            async with self._turn:
                await self._end()

        task = asyncio.create_task(rest())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
