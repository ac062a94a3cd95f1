"""Writing: short pieces of work, in turn, several to a commit when several wait.

Syncing the disk is nearly all that a commit costs, so whatever queued up meanwhile shares the next
one, each piece in a savepoint of its own: it is still done whole or not at all, and nobody is
answered before the commit. A piece whose patience ends before its turn is given up, with nothing
done; one that began is never cut off, also when its caller is cancelled.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core.errors import BusyError, EaselError
from storage import sqlite
from storage.faults import meaning

SHARE = 64
"""Most pieces in one commit: the last must not wait long for the first."""

LEAST_WAIT = 0.1
"""Seconds a transaction waits for other processes' locks, however little patience is left."""

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[Any]]


@dataclass(eq=False, slots=True)
class _Piece:
    """`deadline` is on the monotonic clock."""

    work: Work
    deadline: float
    answer: asyncio.Future[Any]
    begun: bool = False
    outcome: Any = None
    error: Exception | None = None

    def give_up(self) -> None:
        if not self.begun and not self.answer.done():
            self.answer.set_exception(BusyError())

    def reply(self) -> None:
        if self.answer.done():
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.outcome)


@dataclass(eq=False)
class Writer:
    """`file` is the SQLite database, with one connection that writes; None on a server, which takes
    `connections` transactions at once, of one piece each: there they wait for rows, not for disks,
    and sharing would only make them hold more locks for longer."""

    engine: AsyncEngine
    file: Path | None
    connections: int = 1
    _queue: deque[_Piece] = field(default_factory=deque[_Piece])
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _active: int = 0
    _busy_ms: int = int(sqlite.BUSY_SECONDS * 1000)

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]], patience: float) -> T:
        """Answers after the commit. Raises what `work` raised, BusyError after about `patience`
        seconds, DiskFullError; nothing is done then."""
        loop = asyncio.get_running_loop()
        piece = _Piece(work, time.monotonic() + patience, loop.create_future())
        self._queue.append(piece)
        if self._active < self.connections:
            self._active += 1
            task = asyncio.create_task(self._write_queue(), name="database writer")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        timer = loop.call_later(patience, piece.give_up)
        try:
            return await piece.answer
        finally:
            timer.cancel()

    async def idle(self) -> None:
        """Waits until everything that was asked for is written or given up."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _write_queue(self) -> None:
        try:
            while self._queue:
                share = SHARE if self.file is not None else 1
                pieces = [self._queue.popleft() for _ in range(min(share, len(self._queue)))]
                await self._write_pieces([piece for piece in pieces if not piece.answer.done()])
        finally:
            # In the same breath as the look at the queue: whoever comes next starts a new task.
            self._active -= 1

    async def _write_pieces(self, pieces: list[_Piece]) -> None:
        if not pieces:
            return
        try:
            await self._commit(pieces)
        except BusyError as error:
            self._put_back(pieces, error)
            return
        except Exception as error:
            for piece in pieces:
                piece.error = error
        except BaseException:
            for piece in pieces:
                piece.answer.cancel()
            raise
        for piece in pieces:
            piece.reply()

    def _put_back(self, pieces: list[_Piece], error: BusyError) -> None:
        """Nothing was done: who has patience left goes on waiting, at the head of the queue."""
        for piece in reversed(pieces):
            piece.begun = False
            if piece.deadline - time.monotonic() > LEAST_WAIT:
                self._queue.appendleft(piece)
            else:
                piece.error = error
                piece.reply()

    async def _commit(self, pieces: list[_Piece]) -> None:
        """One transaction. Raises only where it failed as a whole, with nothing done."""
        deadline = min(piece.deadline for piece in pieces)
        for piece in pieces:
            piece.begun, piece.outcome, piece.error = True, None, None
        try:
            async with self.engine.connect() as connection:
                await self._wait_until(connection, deadline)
                async with connection.begin():
                    if len(pieces) == 1:
                        pieces[0].outcome = await pieces[0].work(connection)
                    else:
                        for piece in pieces:
                            await self._do(piece, connection)
                    # The commit may wait too, for the readers of other processes.
                    await self._wait_until(connection, deadline)
        except Exception as error:
            known = None if isinstance(error, EaselError) else meaning(error, self.file)
            if known is None:
                raise
            raise known from error

    async def _do(self, piece: _Piece, connection: AsyncConnection) -> None:
        savepoint = await connection.begin_nested()
        try:
            piece.outcome = await piece.work(connection)
        except Exception as error:
            if not isinstance(error, EaselError) and meaning(error, self.file) is not None:
                # The database is in trouble, not this piece; it may have ended the transaction.
                raise
            await savepoint.rollback()
            piece.error = error
        else:
            await savepoint.commit()

    async def _wait_until(self, connection: AsyncConnection, deadline: float) -> None:
        """Bounds the wait for locks by what is left, in half seconds to spare most calls one."""
        if self.file is None:
            return
        left = max(LEAST_WAIT, math.ceil((deadline - time.monotonic()) * 2) / 2)
        milliseconds = int(left * 1000)
        if milliseconds != self._busy_ms:
            await sqlite.set_busy_timeout(connection, milliseconds)
            self._busy_ms = milliseconds
