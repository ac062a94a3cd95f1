"""Finds looks that are near one: asks a program of its own that holds them. Loads no numpy."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.likeness import incomparable
from generation import near_wire as wire
from generation.near_wire import COUNT, HEAD, NEAR, RANGE, Op

SECONDS = 30.0
"""The longest one answer may take."""

_ROOT = Path(__file__).resolve().parents[1]


class ProgramNeighbours:
    """`command` starts the program, at the first question and after each time that it ended."""

    def __init__(
        self, command: tuple[str, ...] = (sys.executable, "-m", "generation.nearest")
    ) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._questions: set[asyncio.Task[list[int]]] = set()

    async def add(self, looks: Sequence[tuple[int, bytes]]) -> None:
        if looks:
            await self._ask(Op.ADD, wire.looks(looks))

    async def near(self, numbers: bytes, most: int) -> Sequence[int]:
        return await self._ask(Op.NEAR, NEAR.pack(most) + numbers)

    async def rank(self, numbers: bytes, looks: Sequence[tuple[int, bytes]]) -> Sequence[int]:
        return await self._ask(Op.RANK, wire.looks([(0, numbers), *looks]))

    async def check(self, after: int, upto: int, ids: Sequence[int]) -> Sequence[int]:
        return await self._ask(Op.CHECK, RANGE.pack(after, upto) + wire.numbers(ids))

    async def count(self) -> int:
        (count,) = await self._ask(Op.COUNT, b"")
        return count

    async def empty(self) -> None:
        await self._ask(Op.EMPTY, b"")

    async def close(self) -> None:
        async with self._turn:
            await self._end()

    async def _ask(self, op: Op, data: bytes) -> list[int]:
        # Who asked may leave; the answer is read all the same, and is not the next one's. To start
        # again would mean to take in everything again.
        question = asyncio.create_task(self._asked(op, data))
        self._questions.add(question)
        question.add_done_callback(self._answered)
        return await asyncio.shield(question)

    def _answered(self, question: asyncio.Task[list[int]]) -> None:
        self._questions.discard(question)
        if not question.cancelled():
            question.exception()

    async def _asked(self, op: Op, data: bytes) -> list[int]:
        async with self._turn:
            try:
                async with asyncio.timeout(SECONDS):
                    return await self._answer(op, data)
            except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
                await self._end()
                raise incomparable() from error
            except BaseException:
                await self._end()
                raise

    async def _answer(self, op: Op, data: bytes) -> list[int]:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=_ROOT,
                env={"PYTHONPATH": str(_ROOT), "PATH": os.defpath, "OMP_NUM_THREADS": "2"},
                # A Ctrl-C at the shell is for Easel, which then ends its programs itself.
                start_new_session=True,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(HEAD.pack(op, len(data)) + data)
        await process.stdin.drain()
        (count,) = COUNT.unpack(await process.stdout.readexactly(COUNT.size))
        return wire.read_numbers(await process.stdout.readexactly(8 * count))

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
