"""What the bot's process weighs and how soon it is ready, against named baselines.

    python -m benchmarks.footprint [--rounds 5] [--json PATH]

Three parts, each beside its baseline in the same run:

- importing all that `easel run` imports, against `import discord` alone, an empty program, and the
  class of a large model's pipeline, which a bot that draws in its own process has to import;
- the process of `easel run` on the gateway of a sandbox, idle, against the worker process with the
  embedded model loaded, which is what would be carried if the two were one;
- the time from start to ready, against the time of importing alone.

Ends with status 1 where a target is missed: ready in 3 s, 120 MiB.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.kit.figures import Result
from sandbox.client import SandboxClient
from tests.chaos.processes import Easel, clean_environment, sandbox

ROOT = Path(__file__).resolve().parents[1]
TARGET_READY_SECONDS, TARGET_MIB = 3.0, 120.0
WORKER_SECONDS = 120.0
SETTLE_SECONDS = 3.0
"""The bot is weighed this long after it was ready."""

IMPORTS = {
    "an empty program": "pass",
    "import discord": "import discord",
    "all that `easel run` imports": "import cli.__main__, cli.run",
    "import a pipeline": "from diffusers import StableDiffusionXLPipeline",
}
PROBE = """
import time
began = time.perf_counter()
{imports}
took = time.perf_counter() - began
import json
status = open("/proc/self/status").read()
kib = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
print(json.dumps({{"seconds": took, "mib": kib / 1024}}))
"""


def import_cost(imports: str) -> tuple[float, float]:
    """Seconds and MiB of a Python that imports this and no more."""
    ran = subprocess.run(
        [sys.executable, "-c", PROBE.format(imports=imports)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=clean_environment(),
    )
    probe = json.loads(ran.stdout)
    return probe["seconds"], probe["mib"]


async def run_cost(folder: Path, rounds: int) -> tuple[list[float], list[float], float]:
    """Ready times, the bot's MiB each time, and the MiB of the worker once it has its model."""
    weights: list[float] = []
    async with sandbox(folder) as discord, SandboxClient(discord.url, live=False) as client:
        easel = Easel(folder, discord, client, {"EASEL_LOG": "info"})
        try:
            for number in range(rounds):
                await easel.start()
                await easel.ready()
                if number == 0:
                    await model_loaded(easel)
                await asyncio.sleep(SETTLE_SECONDS)
                weights.append(mib(easel.pid))
                if number == 0:
                    worker = max((mib(process.pid) for process in easel.note_workers()), default=0)
                await easel.stop()
        finally:
            if easel.alive:
                await easel.kill()
    return easel.ready_seconds, weights, worker


async def model_loaded(easel: Easel) -> None:
    for _ in range(int(WORKER_SECONDS / 0.2)):
        if "loaded " in easel.log.read_text():
            return
        await asyncio.sleep(0.2)
    raise SystemExit("The worker did not load its model.")


def mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kib) / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="a file to write the figures to")
    options = parser.parse_args()
    rounds = options.rounds
    print("| importing | s, median | s, best | MiB | of `import discord`: s | MiB |")
    print("|---|---:|---:|---:|---:|---:|")
    costs = {name: [import_cost(code) for _ in range(rounds)] for name, code in IMPORTS.items()}
    base = costs["import discord"]
    for name, measured in costs.items():
        median = statistics.median(seconds for seconds, _ in measured)
        weight = statistics.median(weight for _, weight in measured)
        print(
            f"| {name} | {median:.3f} | {min(measured)[0]:.3f} | {weight:.1f} "
            f"| {median / statistics.median(s for s, _ in base):.2f} "
            f"| {weight / statistics.median(w for _, w in base):.2f} |"
        )
    with tempfile.TemporaryDirectory(prefix="easel-footprint-") as folder:
        ready, weights, worker = asyncio.run(run_cost(Path(folder), rounds))
    again = ready[1:] or ready
    print("\n| `easel run` | value | target | |")
    print("|---|---:|---:|---|")
    met = [
        line("start to ready, new data folder, s", ready[0], TARGET_READY_SECONDS),
        line("start to ready, after that, median, s", statistics.median(again), 3.0),
        line("memory once ready, largest, MiB", max(weights), TARGET_MIB),
    ]
    print(f"| memory of the worker with its model, MiB | {worker:.0f} | | |")
    print(f"\nthe worker weighs {worker / max(weights):.1f} times the bot")
    pipeline = costs["import a pipeline"]
    seconds = statistics.median(seconds for seconds, _ in pipeline)
    weight = statistics.median(weight for _, weight in pipeline)
    result = Result("footprint", f"{rounds} rounds; importing a pipeline: {seconds:.1f} s")
    result.add("start to ready, s", statistics.median(again), TARGET_READY_SECONDS, floor=False)
    result.add("memory of the bot once ready, MiB", max(weights), TARGET_MIB, floor=False)
    result.add(
        "importing a pipeline ÷ the bot's start to ready", seconds / statistics.median(again)
    )
    result.add("memory of a process that imports a pipeline ÷ the bot's", weight / max(weights))
    result.add("memory of the worker with its model ÷ the bot's", worker / max(weights))
    return max(0 if all(met) else 1, result.tell(options.json))


def line(what: str, value: float, target: float) -> bool:
    met = value <= target
    print(f"| {what} | {value:.2f} | {target:g} | {'met' if met else 'MISSED'} |")
    return met


if __name__ == "__main__":
    sys.exit(main())
