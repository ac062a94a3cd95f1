"""A job that kills every worker it meets, between good ones of other people.

    python -m tests.chaos.poison [--good 100]

`easel run` serves a sandbox with a worker that needs no torch. Half of the good jobs are asked for
before the poisonous one and half after it. Exit code 0: it was given up after three attempts, its
owner was told and nothing was charged, and every good job was finished and delivered once.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.client import SandboxClient
from tests.chaos.people import Act
from tests.chaos.processes import Easel, TrialError, fake_worker, sandbox, tail
from tests.chaos.reading import owed, rows, until
from tests.chaos.verdict import GIVEN_UP, Verdict, judge

CHANNELS = 4
DRAIN_SECONDS = 300.0
POISON = "w0w a bomb [kill]"


@dataclass
class Poisoned:
    """What happened. `told_seconds` is from the asking to the owner's message."""

    good_jobs: int = 0
    done: int = 0
    attempts: int = 0
    cost_ms: int | None = None
    told: str = ""
    told_seconds: float = 0.0
    worker_starts: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return (
            self.verdict.good
            and self.done == self.good_jobs
            and (self.attempts, self.cost_ms) == (GIVEN_UP, 0)
            and "nothing was charged" in self.told
        )

    def table(self) -> str:
        head = ("good jobs", "finished", "attempts of the poison", "charged", "worker starts")
        numbers = (self.good_jobs, self.done, self.attempts, self.cost_ms, self.worker_starts)
        lines = ["| " + " | ".join(head) + " |", "|" + "---:|" * len(head)]
        lines += ["| " + " | ".join(map(str, numbers)) + " |", ""]
        lines += [f"told after {self.told_seconds:.1f} s: {self.told}", f"{self.seconds:.0f} s"]
        return "\n".join(lines + self.verdict.problems()[:40])


async def trial(good: int, folder: Path) -> Poisoned:
    """Runs a whole trial in a folder of its own."""
    began, result = time.monotonic(), Poisoned(good_jobs=good)
    async with sandbox(folder) as discord, SandboxClient(discord.url) as client:
        channels = ["studio"]
        for number in range(1, CHANNELS):
            channels.append(str((await client.channel(name=f"poison-{number}"))["id"]))
        settings = {
            "EASEL_WORKER_COMMAND": fake_worker(folder / "marks", step_ms=5, steps=8),
            "EASEL_MAX_WAITING_PER_MEMBER": "1000",
        }
        easel = Easel(folder, discord, client, settings)
        acts: list[Act] = []

        async def ask(person: str, prompt: str) -> str:
            channel = channels[len(acts) % CHANNELS]
            made = await client.slash(person, channel, "imagine", prompt=prompt)
            acts.append(Act(made.id, person, "imagine"))
            return made.id

        try:
            await easel.start()
            await easel.ready()
            for number in range(1, good + 1):
                if number == good // 2 + 1:
                    poison = await ask("noah", POISON)
                await ask("mira" if number % 2 else "ada", f"w{number}w a boat")
            with suppress(TimeoutError):
                await until(lambda: not owed(easel.database), DRAIN_SECONDS)
            easel.note_workers()
            if (code := await easel.stop()) != 0:
                result.verdict.broken.append(f"the polite stop ended with exit code {code}")
        finally:
            await easel.end()
        jobs = {row["interaction_id"]: row for row in _jobs(easel)}
        bad = jobs.pop(poison)
        broken = result.verdict.broken
        # The judge lets a job fail only for kills it knows of; these were the job's own.
        deaths = [(bad["created_at"] + bad["finished_at"]) / 2] * GIVEN_UP
        result.verdict = await judge(easel.data, client, channels, acts, deaths)
        result.verdict.broken += broken
        result.told = await _told(client, str(bad["message_id"]))
    result.done = sum(job["state"] == "done" for job in jobs.values())
    result.attempts, result.cost_ms = bad["attempts"], bad["cost_ms"]
    result.told_seconds = (bad["delivered_at"] or 0) - bad["created_at"]
    result.worker_starts = easel.log.read_text(errors="replace").count("is ready on")
    result.seconds = time.monotonic() - began
    return result


def _jobs(easel: Easel) -> list[dict[str, Any]]:
    found = rows(easel.database, "SELECT * FROM jobs")
    if any(job["finished_at"] is None for job in found):
        raise TrialError(f"jobs are left waiting:\n{tail(easel.log)}")
    return found


async def _told(client: SandboxClient, message_id: str) -> str:
    message = await client.message(message_id)
    return " ".join(message.content.split())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.chaos.poison")
    parser.add_argument("--good", type=int, default=100)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="easel-poison-"))
    try:
        result = asyncio.run(trial(options.good, folder))
    except TrialError as error:
        sys.stdout.write(f"The trial could not go on: {error}\n")
        return 2
    sys.stdout.write(result.table() + "\n")
    if result.good:
        shutil.rmtree(folder)
        return 0
    sys.stdout.write(f"All of it is kept in {folder}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
