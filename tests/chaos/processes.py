"""The programs of a trial: a sandbox that stays, and an Easel that is started and killed.

Only what was started here is ever signalled, by its process id. Should this program itself be
killed, Linux ends the others with it.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from sandbox.client import SandboxClient

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
PR_SET_PDEATHSIG = 1


class TrialError(Exception):
    """The trial itself could not go on; nothing is said about Easel."""


def end_with_parent() -> None:
    """In a child, before it becomes its program: SIGKILL when the parent dies (Linux only)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def clean_environment(**more: str) -> dict[str, str]:
    """This environment without anybody's settings of Easel."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("EASEL_") and name != "DISCORD_TOKEN"
    }
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **more}


async def start(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
) -> asyncio.subprocess.Process:
    """A program in a session of its own, its standard error added to `log`."""
    with log.open("ab") as errors:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=environment,
            cwd=folder,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )


async def finish(process: asyncio.subprocess.Process, within: float) -> int:
    """SIGTERM, then SIGKILL; returns the exit code."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(within):
            return await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        return await process.wait()


def is_worker(process: psutil.Process) -> bool:
    """And not one of the programs that look at pictures, or shrink them."""
    try:
        return any("worker" in word for word in process.cmdline())
    except psutil.Error:
        return False


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox that listens."""

    url: str
    token: str
    pid: int


@asynccontextmanager
async def sandbox(folder: Path, *options: str) -> AsyncGenerator[Running]:
    """`python -m sandbox` on a free port, for as long as the block."""
    process = await start(
        [sys.executable, "-m", "sandbox", "--port", "0", *options],
        clean_environment(),
        folder,
        folder / "sandbox.log",
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            line = await process.stdout.readline()
        if not line:
            raise TrialError(f"the sandbox did not start:\n{tail(folder / 'sandbox.log')}")
        ready = json.loads(line)
        yield Running(ready["url"], ready["token"], process.pid)
    finally:
        await finish(process, 5.0)


def fake_worker(marks: Path, *, step_ms: float, steps: int) -> str:
    """The command line of the worker without torch; `steps` 0: as many as the request says.

    `marks` makes it ours among all others.
    """
    how_many = f"--steps {steps}" if steps else "--steps-from-request"
    return (
        f"{sys.executable} -m tests.fakes.worker --step-ms {step_ms:g} {how_many} "
        f"--preview-every 4 --marks {marks}"
    )


@dataclass
class Easel:
    """`easel run`, started as often as wished on the same data folder.

    `launcher` is what Python runs, `-m cli` unless told otherwise. `workers` has the living ones.
    """

    folder: Path
    discord: Running
    people: SandboxClient
    settings: Mapping[str, str]
    launcher: Sequence[str] = ("-m", "cli")
    process: asyncio.subprocess.Process | None = None
    workers: dict[int, psutil.Process] = field(default_factory=dict[int, psutil.Process])
    ready_seconds: list[float] = field(default_factory=list[float])
    started_at: float = 0.0
    identified: int = 0
    up: bool = False

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def database(self) -> Path:
        return self.data / "easel.db"

    @property
    def log(self) -> Path:
        return self.folder / "easel.log"

    @property
    def marks(self) -> Path:
        return self.folder / "marks"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Starts it without waiting until it is ready."""
        assert not self.alive
        self.marks.mkdir(exist_ok=True)
        environment = clean_environment(
            DISCORD_TOKEN=self.discord.token,
            EASEL_DISCORD_URL=self.discord.url,
            EASEL_DATA=str(self.data),
            EASEL_GALLERY="off",
            **self.settings,
        )
        self.identified = await self._identified()
        self.started_at = time.monotonic()
        self.process = await start(
            [sys.executable, *self.launcher, "run"], environment, self.folder, self.log
        )

    async def ready(self) -> float:
        """Returns, once it is on the gateway, how many seconds that took."""
        async with asyncio.timeout(START_SECONDS):
            while await self._identified() == self.identified:
                if not self.alive:
                    raise TrialError(f"Easel ended by itself:\n{tail(self.log)}")
                await asyncio.sleep(0.02)
        took = time.monotonic() - self.started_at
        self.ready_seconds.append(took)
        self.up = True
        return took

    async def _identified(self) -> int:
        return int((await self.people.stats())["gateway"]["identifies"])

    def note_workers(self) -> list[psutil.Process]:
        """The workers of the living process, noted down."""
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.pid).children(recursive=True):
                self.workers[child.pid] = child
        self.workers = {pid: one for pid, one in self.workers.items() if one.is_running()}
        return list(self.workers.values())

    async def kill(self) -> None:
        """SIGKILL of the bot process."""
        assert self.process is not None
        self.up = False
        self.note_workers()
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    def kill_worker(self) -> bool:
        """SIGKILL of a worker; False if there is none at the moment."""
        for worker in filter(is_worker, self.note_workers()):
            # A zombie whose parent has not looked yet is dead already.
            if worker.status() != psutil.STATUS_ZOMBIE:
                worker.kill()
                return True
        return False

    async def stop(self, within: float = 40.0) -> int:
        """A polite stop; returns the exit code."""
        assert self.process is not None
        self.up = False
        self.note_workers()
        return await finish(self.process, within)

    async def end(self) -> None:
        """Kills what is left of it, whatever it was in the middle of."""
        if self.alive:
            await self.kill()
        for orphan in self.orphans():
            with suppress(psutil.Error):
                orphan.kill()

    def orphans(self) -> list[psutil.Process]:
        """Workers of ours that still live: those seen, and any with our marks on its command."""
        found = {pid: worker for pid, worker in self.workers.items() if _lives(worker)}
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if str(self.marks) in process.cmdline() and _lives(process):
                    found[process.pid] = process
        return list(found.values())


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def tail(log: Path, lines: int = 25) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""
