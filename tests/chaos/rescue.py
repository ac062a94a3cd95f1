"""Kills the real worker at random points of a grid and looks at what is made again.

    python -m tests.chaos.rescue [--rounds 20] [--steps 25] [--seed S]

Each round the worker, with torch and the embedded model, is killed with -9 in the middle of a grid,
and its successor is given the same task to go on with. Told is how many of the steps that were done
are done again, and whether the pictures are, byte for byte, those of a grid nobody disturbed. Exit
code 0: never more than five steps, and never another byte.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from core.events import Failed, Finished, ImageReady, Progress, Task
from core.request import Part, Request
from core.settings import Settings
from generation.engines.subprocess import SubprocessEngine
from tests.chaos.processes import TrialError

PROMISED = 5
"""Steps that may be done again."""

PROMPTS = ("a red lighthouse at dusk", "two green hills", "a boat at night", "a small house")
SAMPLERS = (None, "EulerAncestralDiscreteScheduler", "DDPMScheduler", "UniPCMultistepScheduler")


@dataclass
class Rescues:
    """What happened: steps done again, a number a round; seconds from the kill to the next step."""

    repeated: list[int] = field(default_factory=list[int])
    seconds: list[float] = field(default_factory=list[float])
    other_pictures: list[str] = field(default_factory=list[str])
    too_late: int = 0

    @property
    def good(self) -> bool:
        return bool(self.repeated) and max(self.repeated) <= PROMISED and not self.other_pictures

    def table(self) -> str:
        head = ("kills", "steps repeated, most", "mean", "other pictures", "s to go on", "longest")
        numbers = (
            f"{len(self.repeated)}",
            f"{max(self.repeated, default=0)}",
            f"{statistics.mean(self.repeated or [0]):.1f}",
            f"{len(self.other_pictures)}",
            f"{statistics.median(self.seconds or [0]):.1f}",
            f"{max(self.seconds, default=0):.1f}",
        )
        lines = ["| " + " | ".join(head) + " |", "|" + "---:|" * len(head)]
        lines += ["| " + " | ".join(numbers) + " |"]
        lines += [f"too late to kill: {self.too_late}"] if self.too_late else []
        return "\n".join(lines + self.other_pictures)


async def trial(rounds: int, steps: int, seed: int, folder: Path) -> Rescues:
    """Runs the rounds in a folder of its own."""
    rng, result = random.Random(seed), Rescues()
    settings = Settings.from_env({"EASEL_DEVICE": "cpu", "EASEL_MODELS": str(folder / "none")})
    engine = SubprocessEngine.from_settings(settings)
    async with engine.running():
        for number in range(rounds):
            await _round(engine, _task(rng, folder, number, steps), rng, result)
            _say(f"round {number + 1}: repeated {result.repeated[-1:]}")
    return result


def _task(rng: random.Random, folder: Path, number: int, steps: int) -> Task:
    text = rng.choice(PROMPTS)
    request = Request(
        text=text,
        parts=(Part(text),),
        model="postcard",
        width=128,
        height=128,
        seed=rng.randrange(2**32),
        steps=steps,
        guidance=3.0,
        sampler=rng.choice(SAMPLERS),
        count=rng.choice((1, 4)),
    )
    spool = folder / f"spool-{number}"
    spool.mkdir()
    kept = str(folder / "checkpoints" / f"{number}.safetensors")
    return Task(job_id=f"j{number}", request=request, spool=str(spool), checkpoint=kept)


async def _round(engine: SubprocessEngine, task: Task, rng: random.Random, result: Rescues) -> None:
    at, pause = rng.randrange(1, task.request.steps), rng.uniform(0, 0.1)
    reached = 0
    async for event in engine.run(task):
        if isinstance(event, Progress):
            reached = event.step
            if reached == at:
                await asyncio.sleep(pause)
                _kill_worker()
        if isinstance(event, Finished):
            result.too_late += 1
            return
        if isinstance(event, Failed) and reached < at:
            raise TrialError(event.sentence)
    killed_at, first = time.monotonic(), 0
    rescued: list[bytes] = []
    async for event in engine.run(replace(task, resume=True)):
        if isinstance(event, Progress) and not first:
            first = event.step
            result.seconds.append(time.monotonic() - killed_at)
        if isinstance(event, Failed):
            raise TrialError(event.sentence)
        if isinstance(event, ImageReady):
            rescued.append(Path(event.path).read_bytes())
    # The first step told is the checkpoint's, or 1 where there was none yet.
    result.repeated.append(reached - first if first > 1 else reached)
    whole = [
        Path(event.path).read_bytes()
        async for event in engine.run(replace(task, checkpoint=None))
        if isinstance(event, ImageReady)
    ]
    if rescued != whole:
        result.other_pictures.append(f"{task.request.sampler}, killed after step {reached}")


def _kill_worker() -> None:
    for child in psutil.Process().children():
        if any("generation.worker" in word for word in child.cmdline()):
            os.kill(child.pid, signal.SIGKILL)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.chaos.rescue")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    _say(f"{options.rounds} kills of the real worker, seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="easel-rescue-") as folder:
        try:
            work = trial(options.rounds, options.steps, options.seed, Path(folder))
            result = asyncio.run(work)
        except TrialError as error:
            _say(f"The trial could not go on: {error}")
            return 2
    _say(result.table())
    return 0 if result.good else 1


if __name__ == "__main__":
    sys.exit(main())
