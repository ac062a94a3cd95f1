"""Holds Easel or its worker in the middle of a job and lets it go on when the job is another's.

    python -m tests.chaos.zombie [--rounds 100] [--seed S]

`easel run` serves a sandbox, and a second process stands by on the same data folder. In each round
somebody asks for a grid; while it is made, one of these is held with SIGSTOP: the worker, the bot,
or both. The lease passes on and the job is finished by another worker; then SIGCONT lets the held
ones go on, with a result that comes too late. In the end the judge looks at rows, files, ledger and
channel. Exit code 0: no late result was taken, and every job was delivered once.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from cli.assemble import open_easel
from core.settings import Settings
from sandbox.client import SandboxClient
from tests.chaos.people import Act
from tests.chaos.processes import (
    Easel,
    TrialError,
    clean_environment,
    fake_worker,
    finish,
    is_worker,
    sandbox,
    start,
    tail,
)
from tests.chaos.reading import rows, until
from tests.chaos.verdict import Verdict, judge

HELD = ("worker", "bot", "bot and worker")
LEASE_SECONDS = 2.0
GRACE_SECONDS = 20.0
ROUND_SECONDS = 60.0
DROPPED = ("the lease passed on", "the lease was lost")


@dataclass
class Zombies:
    """What happened: rounds by what was held, and the judge's findings."""

    held: Counter[str] = field(default_factory=Counter[str])
    missed: int = 0
    locked: int = 0
    dropped: int = 0
    taken: list[str] = field(default_factory=list[str])
    verdict: Verdict = field(default_factory=Verdict)
    rescue_seconds: list[float] = field(default_factory=list[float])
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return self.verdict.good and not self.taken

    def table(self) -> str:
        v = self.verdict
        head = ("zombies", "late results taken", "lost", "twice", "drift", "rows without file")
        numbers = (self.held.total(), len(self.taken), *map(len, (v.lost, v.twice, v.drift)))
        lines = [
            "| " + " | ".join(head) + " |",
            "|" + "|".join("---:" for _ in head) + "|",
            "| " + " | ".join(map(str, (*numbers, len(v.fileless)))) + " |",
            "",
            f"held: {dict(self.held)}; ended before they were held: {self.missed}",
            f"held while they held the database, so that nobody took the job: {self.locked}",
            f"ends that came too late and were dropped: {self.dropped}",
            f"held to running elsewhere: longest {max(self.rescue_seconds, default=0):.1f} s",
            f"{self.seconds:.0f} s in all",
        ]
        return "\n".join(lines + self.taken + v.problems()[:40])


async def trial(rounds: int, seed: int, folder: Path) -> Zombies:
    """Runs a whole trial in a folder of its own."""
    began, rng, result = time.monotonic(), random.Random(seed), Zombies()
    async with sandbox(folder) as discord, SandboxClient(discord.url) as client:
        worker = fake_worker(folder / "marks", step_ms=30, steps=12) + " --beat-every 0.3"
        settings = {
            "EASEL_WORKER_COMMAND": worker,
            "EASEL_LEASE_SECONDS": f"{LEASE_SECONDS:g}",
            "EASEL_EDIT_EVERY_SECONDS": "0.5",
        }
        easel = Easel(folder, discord, client, settings)
        acts: list[Act] = []
        try:
            await easel.start()
            await easel.ready()
            # One that is held while it starts is another matter, and has its own limit.
            await until(
                lambda: "is ready on" in easel.log.read_text(errors="replace"), ROUND_SECONDS
            )
            async with _standing_by(folder, easel.data, settings) as gate:
                while result.held.total() < rounds:
                    await _round(easel, client, gate, rng, result, acts)
            easel.note_workers()
            if (code := await easel.stop()) != 0:
                result.verdict.broken.append(f"the polite stop ended with exit code {code}")
        finally:
            await easel.end()
        broken = result.verdict.broken
        result.verdict = await judge(easel.data, client, ["studio"], acts, [])
        result.verdict.broken += broken
    logged = easel.log.read_text(errors="replace")
    result.dropped = sum(logged.count(words) for words in DROPPED)
    result.seconds = time.monotonic() - began
    return result


async def _round(
    easel: Easel,
    client: SandboxClient,
    gate: Path,
    rng: random.Random,
    result: Zombies,
    acts: list[Act],
) -> None:
    what = HELD[(result.held.total() + result.locked) % len(HELD)]
    prompt = f"w{len(acts)}w a red lighthouse"
    made = await client.slash("mira", "studio", "imagine", prompt=prompt, wait=False)
    acts.append(Act(made.id, "mira", "imagine"))
    job = await _when(easel, made.id, lambda job: job["state"] == "running")
    # Somewhere in the middle of it.
    await asyncio.sleep(rng.uniform(0.0, 0.25))
    processes = [] if what == "worker" else [psutil.Process(easel.pid)]
    if what != "bot":
        processes += _workers(easel)
    held_at = time.monotonic()
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        if (await _when(easel, made.id, lambda _: True))["state"] != "running":
            result.missed += 1
            return
        if what != "worker":
            gate.touch()
        try:
            await _when(easel, made.id, lambda now: now["fence"] > job["fence"], GRACE_SECONDS)
        except TrialError:
            # Held in the middle of a write, it holds SQLite's lock: nobody can take the job then.
            if "try again in a moment" not in (easel.folder / "second.log").read_text().lower():
                raise
            result.locked += 1
            return
        result.rescue_seconds.append(time.monotonic() - held_at)
        kept = await _when(easel, made.id, lambda now: now["state"] == "done")
    except sqlite3.OperationalError:
        # The same, for whoever only reads.
        result.locked += 1
        return
    finally:
        gate.unlink(missing_ok=True)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)
    result.held[what] += 1
    ended = await _when(easel, made.id, lambda now: now["delivered_at"] is not None)
    for name in ("fence", "attempts", "cost_ms", "grid", "finished_at"):
        if ended[name] != kept[name]:
            result.taken.append(f"{name} was {kept[name]} and became {ended[name]}: {what} held")


async def _when(
    easel: Easel, interaction_id: str, true: Any, within: float = ROUND_SECONDS
) -> dict[str, Any]:
    """The job's row as soon as `true` holds of it."""
    query = f"SELECT * FROM jobs WHERE interaction_id = '{int(interaction_id)}'"
    try:
        async with asyncio.timeout(within):
            while True:
                found = await asyncio.to_thread(rows, easel.database, query)
                if found and true(found[0]):
                    return found[0]
                # Often, since what is held a moment later may be over already.
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise TrialError(f"a job stands still: {found}\n{tail(easel.log)}") from None


def _workers(easel: Easel) -> list[psutil.Process]:
    """The living workers of the bot, and not of the one that stands by."""
    return [
        child
        for child in psutil.Process(easel.pid).children()
        if is_worker(child) and child.status() != psutil.STATUS_ZOMBIE
    ]


@asynccontextmanager
async def _standing_by(folder: Path, data: Path, settings: dict[str, str]) -> AsyncGenerator[Path]:
    """A second process on the data folder, which takes jobs while the file exists."""
    gate = folder / "gate"
    process = await start(
        [sys.executable, "-m", "tests.chaos.zombie", "--stand-by", str(gate)],
        clean_environment(EASEL_DATA=str(data), **settings),
        folder,
        folder / "second.log",
    )
    try:
        yield gate
        if process.returncode is not None:
            raise TrialError(f"the second process ended:\n{tail(folder / 'second.log')}")
    finally:
        await finish(process, 10.0)


async def stand_by(gate: Path) -> None:
    """Takes over what is free, while the gate is open, until SIGTERM."""
    settings = Settings.from_env(os.environ)
    async with open_easel(settings, accepts=lambda _: gate.exists()) as easel:
        task = asyncio.ensure_future(easel.dispatcher.run())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        with suppress(asyncio.CancelledError):
            await task


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.chaos.zombie")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--stand-by", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stand_by:
        asyncio.run(stand_by(options.stand_by))
        return 0
    folder = Path(tempfile.mkdtemp(prefix="easel-zombie-"))
    sys.stdout.write(f"{options.rounds} zombies, seed {options.seed}, in {folder}\n")
    try:
        result = asyncio.run(trial(options.rounds, options.seed, folder))
    except TrialError as error:
        sys.stdout.write(f"The trial could not go on: {error}\n")
        return 2
    sys.stdout.write(result.table() + "\n")
    if result.good:
        shutil.rmtree(folder)
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
