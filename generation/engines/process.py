"""One worker process: its three pipes, its end, and the words for how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Mapping, Sequence

from core.events import Alive, Answer, Command, Event, Ready, decode_event, encode

log = logging.getLogger(__name__)

LINE_LIMIT = 16 * 2**20
"""Bytes of one line of the protocol; a longer one counts as garbage."""

_LEVELS = {
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARNING": logging.WARNING,
    "ERROR": logging.ERROR,
    "CRITICAL": logging.CRITICAL,
}
_LOGGED_CHARACTERS = 2000


class WorkerProcess:
    """A started worker. Whoever starts one calls `stop` or `kill` on it, whatever happened."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.name = name
        self.pid = process.pid
        self._process = process
        self._commands = process.stdin
        self._heard_at = asyncio.get_running_loop().time()
        # Read by a task of its own, so that `next` may be given up and asked again.
        self._lines = asyncio.Queue[bytes | None](maxsize=1000)
        self._reader = asyncio.create_task(self._read(process.stdout), name=f"{name} stdout")
        self._pump = asyncio.create_task(_pump(name, process.stderr), name=f"{name} stderr")

    @classmethod
    async def start(
        cls, name: str, command: Sequence[str], environment: Mapping[str, str]
    ) -> WorkerProcess:
        """Raises OSError when the program cannot be started at all."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LINE_LIMIT,
            env=environment,
        )
        return cls(name, process)

    async def next(self) -> Event | Ready | Answer | None:
        """The next line that says more than that the worker is alive, or None at the end.

        Raises ValueError on what the protocol has not.
        """
        while (line := await self._lines.get()) is not None:
            if not isinstance(event := decode_event(line), Alive):
                return event
        return None

    @property
    def heard_at(self) -> float:
        """When it last said anything, by the loop's clock."""
        return self._heard_at

    def send(self, command: Command) -> None:
        """Does nothing when the worker is gone: its end is seen by `next`."""
        if not self._commands.is_closing():
            self._commands.write(encode(command))

    async def ended(self, *, within: float = 2.0) -> str:
        """How the worker ended, in words, once its lines have: it is killed if it lingers."""
        try:
            async with asyncio.timeout(within):
                await self._process.wait()
        except TimeoutError:
            self._signal(signal.SIGKILL)
        await self._close()
        return how_it_ended(await self._process.wait())

    async def stop(self, *, within: float) -> str:
        """SIGTERM, then the end of its commands, then SIGKILL. Returns how it ended."""
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(within):
                await self._process.wait()
        except TimeoutError:
            self._commands.close()
        return await self.ended(within=1.0)

    async def kill(self) -> str:
        self._signal(signal.SIGKILL)
        return await self.ended()

    async def _read(self, stream: asyncio.StreamReader) -> None:
        line: bytes = b""
        try:
            # A line cut short by the worker's death is an end, not garbage.
            while (line := await stream.readline()).endswith(b"\n"):
                self._heard_at = asyncio.get_running_loop().time()
                await self._lines.put(line)
        except ConnectionError:
            pass
        except ValueError:
            await self._lines.put(b"(a line longer than the limit)")
        await self._lines.put(None)

    def _signal(self, number: int) -> None:
        # The transport refuses to signal a process that it has reaped, so no other is ever hit.
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def _close(self) -> None:
        self._commands.close()
        with contextlib.suppress(ConnectionError):
            await self._commands.wait_closed()
        # A child of the worker may hold its pipes open for ever; what it says is lost to us.
        await asyncio.wait([self._pump], timeout=1.0)
        for reader in (self._reader, self._pump):
            reader.cancel()
        await asyncio.wait([self._reader, self._pump])


def how_it_ended(code: int) -> str:
    """Words for an exit code as asyncio gives it: negative for a signal."""
    if code == -signal.SIGKILL:
        return "killed by SIGKILL, as the system does when memory runs out"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
        return f"killed by signal {-code}"
    return f"exit code {code}"


async def _pump(name: str, stream: asyncio.StreamReader) -> None:
    """Logs what the worker writes, line by line; a progress bar's \\r ends a line too."""
    rest = b""
    while data := await stream.read(1 << 16):
        *lines, rest = (rest + data).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            _log_line(name, line)
        if len(rest) > _LOGGED_CHARACTERS:
            _log_line(name, rest)
            rest = b""
    _log_line(name, rest)


def _log_line(name: str, line: bytes) -> None:
    text = line.decode(errors="replace").rstrip()[:_LOGGED_CHARACTERS]
    if text:
        level, _, rest = text.partition(" ")
        known = _LEVELS.get(level)
        log.log(known or logging.INFO, "%s: %s", name, rest if known else text)


def describe_start_error(command: Sequence[str], error: OSError) -> str:
    """Why a program did not start; names the program without its folder."""
    program = os.path.basename(command[0]) if command else "(nothing)"
    return f"“{program}” cannot be started: {(error.strerror or 'unknown error').lower()}"
