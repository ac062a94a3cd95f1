"""Kills Easel again and again under load, then asks the ledger what was lost.

    python -m tests.chaos.kill_loop --kills 200 [--jobs N] [--seed S] [--faults]

One sandbox stays up. `easel run` serves it with a worker that needs no torch, while three people
press buttons under amounts that one of them sets, renews and pauses. The bot process or its worker
is killed with -9 at random points, also while it starts, and the bot is started again. In the end
everything may drain, the bot is stopped politely, and `tests.chaos.verdict` judges. Exit code 0:
nothing was lost, nothing came twice.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.client import SandboxClient
from sandbox.views import Event, Message
from tests.chaos.people import People
from tests.chaos.processes import Easel, TrialError, fake_worker, sandbox, tail
from tests.chaos.reading import owed, rows, until
from tests.chaos.verdict import Verdict, judge

CHANNELS = 4
IN_START = 0.2
"""Share of the bot's kills that hit it while it starts."""

AFTER_SUCCESS = 0.8
"""Share of the kills that come only after a job was brought to its end since the last one. Were it
less, a slow machine would meet the same job three times and rightly give it up."""

SUCCESS_SECONDS = 30.0

FAULTS = (
    {"kind": "lost", "method": "PATCH", "path": "/webhooks/", "probability": 0.04},
    {"kind": "lost", "method": "POST", "path": "/callback", "probability": 0.04},
    {"kind": "lost", "method": "POST", "path": "/messages", "probability": 0.1},
    {"kind": "error", "code": 50027, "method": "PATCH", "path": "/webhooks/", "probability": 0.05},
    {"kind": "error", "code": 10062, "method": "POST", "path": "/callback", "probability": 0.04},
    {"kind": "error", "status": 500, "path": "/(webhooks|interactions|channels)/"},
    {"kind": "reset", "path": "/(webhooks|interactions|channels)/"},
    {"kind": "latency", "latency_s": 0.4, "path": "/(webhooks|interactions|channels)/"},
)
PAUSED = "SELECT server_id FROM servers WHERE paused"
LOG_NEWS = re.compile(r"^\S+ \S+ (ERROR|CRITICAL) (.*)$|^(\w+(?:\.\w+)*(?:Error|Exception)\b.*)$")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a trial does: so many kills, then load alone until so many jobs were admitted.

    `acts` bounds what people do in all, `drain_seconds` how long nothing may go on in the end,
    `pace` divides the pauses before kills. After so many `minutes` it is judged how far it came.
    """

    kills: int
    seed: int
    jobs: int = 0
    acts: int = 0
    per_second: float = 5.0
    faults: bool = False
    real_worker: bool = False
    step_ms: float = 25.0
    steps: int = 10
    pace: float = 1.0
    minutes: float = float("inf")
    drain_seconds: float = 240.0

    @property
    def most_acts(self) -> int:
        """Jobs are about a third of what people do."""
        return self.acts or max(5000, 8 * self.jobs, 40 * self.kills)


@dataclass
class Trial:
    """What happened: kills by target, and the judge's findings."""

    plan: Plan
    killed: Counter[str] = field(default_factory=Counter[str])
    killed_at: list[float] = field(default_factory=list[float])
    verdict: Verdict = field(default_factory=Verdict)
    seconds: float = 0.0
    slowest_start: float = 0.0
    acts: int = 0
    faults_struck: int = 0
    log_news: Counter[str] = field(default_factory=Counter[str])

    def kills(self, target: str) -> None:
        self.killed[target] += 1
        self.killed_at.append(time.time())

    def table(self) -> str:
        """The result, for people."""
        v = self.verdict
        head = ("kills", "jobs", "lost", "twice", "drift", "rows without file", "given up")
        counts = (sum(self.killed.values()), v.jobs, *map(len, (v.lost, v.twice, v.drift)))
        numbers = (*counts, len(v.fileless), len(v.given_up))
        lines = [
            "| " + " | ".join(head) + " |",
            "|" + "|".join("---:" for _ in head) + "|",
            "| " + " | ".join(map(str, numbers)) + " |",
            "",
            f"kills: {_counts(self.killed)}; seed {self.plan.seed}; {self.seconds:.0f} s",
            f"slowest start {self.slowest_start:.1f} s; faults {self.faults_struck or 'off'}",
            f"acts: {self.acts}, answered: {_counts(v.answers)}",
            f"jobs: {_counts(v.by_state)}; attempts: {_counts(v.attempts)}",
            f"delivery: {_counts(v.by_outcome)}",
            f"paid by: {_counts(v.paid)}; changes of the rules: {_counts(v.deeds)}",
        ]
        lines += [f"told in private, {n} times: {what}" for what, n in v.private.most_common(12)]
        lines += [f"log, {n} times: {what}" for what, n in self.log_news.most_common(12)]
        lines += ["", *v.problems()[:40]] if not v.good else ["", "Nothing lost, nothing twice."]
        return "\n".join(lines)


async def trial(plan: Plan, folder: Path) -> Trial:
    """Runs a whole trial in a folder of its own."""
    began, rng = time.monotonic(), random.Random(plan.seed)
    result = Trial(plan)
    # All that was ever said must be there when it is judged.
    kept = ("--messages", str(2 * plan.most_acts), "--attachment-bytes", str(4 << 30))
    async with sandbox(folder, *kept) as discord, SandboxClient(discord.url) as client:
        channels = ["studio"]
        for number in range(1, CHANNELS):
            made = await client.channel(name=f"chaos-{number}")
            channels.append(str(made["id"]))
        settings = {"EASEL_EDIT_EVERY_SECONDS": "0.5"}
        if not plan.real_worker:
            settings["EASEL_WORKER_COMMAND"] = fake_worker(
                folder / "marks", step_ms=plan.step_ms, steps=plan.steps
            )
        easel = Easel(folder, discord, client, settings)
        people = People(
            client,
            channels,
            random.Random(rng.random()),
            plan.per_second,
            plan.most_acts,
            is_up=lambda: easel.up,
            is_paused=lambda: bool(rows(easel.database, PAUSED)),
        )
        try:
            await _storm(plan, rng, easel, people, result)
            await people.end_the_pause()
            await _drain(plan, easel)
            easel.note_workers()
            code = await easel.stop()
            if code != 0:
                result.verdict.broken.append(f"the polite stop ended with exit code {code}")
            orphans = await _gone(easel)
        finally:
            await easel.end()
        broken = result.verdict.broken
        result.verdict = await judge(easel.data, client, channels, people.acts, result.killed_at)
        result.verdict.broken += broken + orphans
        result.acts = len(people.acts)
        result.slowest_start = max(easel.ready_seconds)
    result.log_news = errors_logged(easel.log)
    result.seconds = time.monotonic() - began
    return result


async def _storm(
    plan: Plan, rng: random.Random, easel: Easel, people: People, result: Trial
) -> None:
    await easel.start()
    await easel.ready()
    await people.found_the_rules()
    if plan.faults:
        for fault in FAULTS:
            await people.client.inject(**{"probability": 0.02, "count": None, **fault})
    living = asyncio.create_task(people.live())
    try:
        # The first kills shall find work.
        with suppress(TimeoutError):
            await until(lambda: _jobs(easel) > 0, SUCCESS_SECONDS)
        ends_at = time.monotonic() + 60 * plan.minutes
        while sum(result.killed.values()) < plan.kills and time.monotonic() < ends_at:
            await _kill_one(rng, easel, result)
            done = sum(result.killed.values())
            if done % 20 == 0:
                await _progress(easel, people, result)
            if living.done():
                await living
        moved_at, jobs = time.monotonic(), await _admitted(easel)
        while jobs < plan.jobs and not living.done() and time.monotonic() < ends_at:
            await asyncio.sleep(5)
            if (now := await _admitted(easel)) > jobs:
                moved_at = time.monotonic()
            elif time.monotonic() - moved_at > plan.drain_seconds:
                break
            if now // 250 > jobs // 250:
                await _progress(easel, people, result)
            jobs = now
        if jobs < plan.jobs and time.monotonic() < ends_at:
            result.verdict.broken.append(f"{jobs} jobs were admitted, not {plan.jobs}")
    finally:
        living.cancel()
        with suppress(asyncio.CancelledError):
            await living
    result.faults_struck = sum(int(fault["hits"]) for fault in await people.client.faults())
    await people.client.clear_faults()


async def _kill_one(rng: random.Random, easel: Easel, result: Trial) -> None:
    """One kill at a random point; the bot is ready again afterwards."""
    if rng.random() < AFTER_SUCCESS:
        with suppress(TimeoutError):
            await easel.people.wait_for(_shows_an_end, SUCCESS_SECONDS, since=easel.people.mark())
    if result.plan.faults and rng.random() < 0.2:
        await easel.people.gateway("drop")
    if rng.random() < 0.5:
        await asyncio.sleep(rng.uniform(0.0, 1.2) / result.plan.pace)
        if easel.kill_worker():
            result.kills("worker")
        return
    await asyncio.sleep(rng.uniform(0.0, 2.5) / result.plan.pace)
    if not easel.alive:
        raise TrialError(f"Easel ended by itself:\n{tail(easel.log)}")
    await easel.kill()
    result.kills("bot")
    await easel.start()
    while rng.random() < IN_START and sum(result.killed.values()) < result.plan.kills:
        await asyncio.sleep(rng.uniform(0.0, 2.5) / result.plan.pace)
        await easel.kill()
        result.kills("bot")
        await easel.start()
    await easel.ready()


def _shows_an_end(event: Event) -> bool:
    return event.type == "message_update" and any(
        control.custom_id.startswith("e1:reroll:") for control in Message(event.data).controls
    )


def _jobs(easel: Easel) -> int:
    (row,) = rows(easel.database, "SELECT count(*) AS n FROM jobs")
    return int(row["n"])


async def _admitted(easel: Easel) -> int:
    return await asyncio.to_thread(_jobs, easel)


async def _progress(easel: Easel, people: People, result: Trial) -> None:
    jobs, waiting = await _admitted(easel), await asyncio.to_thread(owed, easel.database)
    _say(
        f"{time.strftime('%H:%M:%S')} {sum(result.killed.values())} kills "
        f"({_counts(result.killed)}), {jobs} jobs, {waiting} of them open, {len(people.acts)} acts"
    )


async def _drain(plan: Plan, easel: Easel) -> None:
    """Until every job is delivered, or nothing goes on any more: then the judge will say so."""
    moved_at, left = time.monotonic(), await asyncio.to_thread(owed, easel.database)
    while left and time.monotonic() - moved_at < plan.drain_seconds:
        await asyncio.sleep(0.5)
        now = await asyncio.to_thread(owed, easel.database)
        if now < left:
            moved_at, left = time.monotonic(), now
    # What jobs that ended have left is looked for every five seconds.
    checkpoints = easel.data / "checkpoints"
    for _ in range(40):
        if not checkpoints.is_dir() or not any(checkpoints.iterdir()):
            break
        await asyncio.sleep(0.5)


async def _gone(easel: Easel) -> list[str]:
    """Workers that live on although their bot is gone, after a moment of grace."""
    for _ in range(20):
        if not (left := easel.orphans()):
            return []
        await asyncio.sleep(0.25)
    return [f"a worker lives on without its bot: {process.pid}" for process in left]


def errors_logged(log: Path) -> Counter[str]:
    """The distinct errors of all lives, without ids and numbers."""
    news: Counter[str] = Counter()
    with log.open(errors="replace") as lines:
        for line in lines:
            if match := LOG_NEWS.match(line.rstrip("\n")):
                text = re.sub(r"\b[0-9a-f]{8,}\b|\d+", "…", match[2] or match[3])
                news[text[:160]] += 1
    return news


def _counts(counter: Counter[str] | Counter[int]) -> str:
    return ", ".join(f"{key} {n}" for key, n in sorted(counter.items(), key=lambda i: str(i[0])))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def _main(options: argparse.Namespace) -> int:
    task = asyncio.current_task()
    assert task is not None
    # Ended from outside, it still ends what it started.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    plan = Plan(
        kills=options.kills,
        seed=options.seed,
        jobs=options.jobs,
        acts=options.acts,
        per_second=options.rate,
        faults=options.faults,
        real_worker=options.real_worker,
        step_ms=options.step_ms,
        pace=options.pace,
        minutes=options.minutes,
    )
    folder = Path(tempfile.mkdtemp(prefix="easel-chaos-"))
    _say(f"{plan.kills} kills, seed {plan.seed}, in {folder}")
    try:
        result = await trial(plan, folder)
    except TrialError as error:
        _say(f"The trial could not go on: {error}")
        return 2
    except asyncio.CancelledError:
        _say("Ended from outside; nothing is judged.")
        return 130
    _say(result.table())
    if result.verdict.good:
        shutil.rmtree(folder)
        return 0
    _say(f"All of it is kept in {folder}")
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.chaos.kill_loop")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=0, help="at least this many jobs (0)")
    parser.add_argument("--acts", type=int, default=0, help="at most this many acts (enough)")
    parser.add_argument("--rate", type=float, default=5.0, help="acts per second in all (5)")
    parser.add_argument("--step-ms", type=float, default=25.0, help="of ten that a job has (25)")
    parser.add_argument("--pace", type=float, default=1.0, help="times as quick with kills (1)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="judge then (never)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument(
        "--real-worker", action="store_true", help="with torch and the embedded model; --rate .5"
    )
    parser.add_argument("--faults", action="store_true", help="Discord misbehaves as well")
    return asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
