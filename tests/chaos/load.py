"""Many interactions a second, and how quickly they are answered.

    python -m tests.chaos.load --rate 50 --seconds 60

The sandbox, Easel and this generator are three processes that speak over sockets; the worker (a
fourth, without torch) is busy all the time. Interactions come at random moments, whatever becomes
of those before: most are /imagine, the others are completions, refused prompts, U, V, re-roll and
cancel. The answer times are the sandbox's own. The stalls of Easel's event loop are measured inside
it (`tests.chaos.watched`), its memory from outside.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from sandbox.client import SandboxClient, SandboxError
from tests.chaos.kill_loop import errors_logged
from tests.chaos.processes import Easel, TrialError, fake_worker, sandbox
from tests.chaos.verdict import rows

MEMBERS = 40
CHANNELS = 20
DISCORD_SECONDS = 3.0

AFTER_SECONDS = 1.0
"""What began in the window of the measurement may end a little later."""

GRIDS = 12
"""Finished grids whose buttons are pressed."""

WISHES = {
    "imagine": 60,
    "complete": 10,
    "mistake": 8,
    "U": 6,
    "V": 6,
    "reroll": 5,
    "cancel": 5,
}
MISTAKES = ("a boat --aspekt 3:2", "a boat --ar", "a boat --seed blue", "--ar 3:2")

TARGET_P99_MS, TARGET_MAX_MS, TARGET_STALL_MS = 1000, 2500, 100
TARGET_RSS_MIB, TARGET_READY_SECONDS = 120, 3.0


@dataclass
class Report:
    """What one run measured. Times of answers are milliseconds by the sandbox's clock."""

    rate: float
    seconds: float
    sent: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    stats: dict[str, Any] = field(default_factory=dict[str, Any])
    rowless: list[str] = field(default_factory=list[str])
    errors: Counter[str] = field(default_factory=Counter[str])
    ready: list[float] = field(default_factory=list[float])
    rss_mib: list[float] = field(default_factory=list[float])
    cpu: dict[str, float] = field(default_factory=dict[str, float])
    launched_late_ms: float = 0.0
    late_ms: list[float] = field(default_factory=list[float])
    slow: list[tuple[float, float, str]] = field(default_factory=list[tuple[float, float, str]])
    waiting: int = 0
    exit_code: int = 0

    @property
    def answers(self) -> dict[str, float]:
        return self.stats["answers"]

    def table(self) -> str:
        a, late = self.answers, max(self.late_ms, default=0.0)
        held = max((wall for wall, _, _ in self.slow), default=0.0)
        worked = max((cpu for _, cpu, _ in self.slow), default=0.0)
        lines = [
            "| measured | value | target | |",
            "|---|---:|---:|---|",
            _row("answer p50, ms", a["p50_ms"], None),
            _row("answer p99, ms", a["p99_ms"], TARGET_P99_MS),
            _row("slowest answer, ms", a["max_ms"], TARGET_MAX_MS),
            _row("not answered within 3 s", self.stats["unanswered"], 0),
            _row("longest callback on the event loop, ms", held, TARGET_STALL_MS),
            _row("of a callback, processor time at most, ms", worked, TARGET_STALL_MS),
            _row("latest heartbeat of the event loop, ms", late, None),
            _row("memory of the bot process at most, MiB", max(self.rss_mib), TARGET_RSS_MIB),
            _row("start to ready, new data folder, s", self.ready[0], TARGET_READY_SECONDS),
            *(
                _row("start to ready, again, s", again, TARGET_READY_SECONDS)
                for again in sorted(self.ready[1:])[:1]
            ),
            "",
            f"{sum(self.sent.values())} interactions in {self.seconds:.0f} s at {self.rate:g}/s",
            f"of these: {_counts(self.sent)}",
            f"answers: {int(a['count'])}; jobs waiting in the end: {self.waiting}",
            f"processor seconds per second: {_shares(self.cpu)}",
            f"the generator was late by at most {self.launched_late_ms:.0f} ms",
            f"Discord's statuses: {self.stats['by_status']}; codes: {self.stats['by_code']}",
        ]
        lines += [
            f"held the loop {wall:.0f} ms ({cpu:.0f} ms of processor): {name}"
            for wall, cpu, name in sorted(self.slow, reverse=True)[:8]
        ]
        lines += [f"refused by the sandbox, {n} times: {what}" for what, n in self.refused.items()]
        lines += [f"log, {n} times: {what}" for what, n in self.errors.most_common(8)]
        return "\n".join([*lines, *self.rowless[:10]])


def _row(what: str, value: float, target: float | None) -> str:
    verdict = "" if target is None else "met" if value <= target else "MISSED"
    wanted = "" if target is None else f"{target:g}"
    return f"| {what} | {value:.4g} | {wanted} | {verdict} |"


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{key} {n}" for key, n in counter.most_common())


def _shares(cpu: dict[str, float]) -> str:
    return ", ".join(f"{name} {share:.2f}" for name, share in cpu.items())


class Crowd:
    """Members who act. `grids` are messages with finished grids and their button ids."""

    def __init__(
        self, client: SandboxClient, members: list[str], channels: list[str], rng: random.Random
    ) -> None:
        self.client = client
        self.members = members
        self.channels = channels
        self.rng = rng
        self.grids: list[tuple[str, list[str]]] = []
        self.asked: list[str] = []
        self.pressed: list[str] = []

    async def act(self, report: Report) -> None:
        wish = self.rng.choices(list(WISHES), list(WISHES.values()))[0]
        if wish == "cancel" and not self.asked:
            wish = "imagine"
        report.sent[wish] += 1
        try:
            await self._act(wish, self.rng.choice(self.members), self.rng.choice(self.channels))
        except SandboxError as error:
            report.refused[str(error)] += 1

    async def _act(self, wish: str, person: str, channel: str) -> None:
        client, rng = self.client, self.rng
        match wish:
            case "imagine":
                prompt = f"number {rng.random():.6f} --steps 20 --ar {rng.choice(('1:1', '3:2'))}"
                made = await client.slash(person, channel, "imagine", prompt=prompt, wait=False)
                self.asked.append(made.id)
            case "complete":
                await client.autocomplete(person, channel, "imagine", "model", "post", prompt="x")
            case "mistake":
                prompt = rng.choice(MISTAKES)
                await client.slash(person, channel, "imagine", prompt=prompt, wait=False)
            case "cancel":
                asked = self.asked.pop(rng.randrange(len(self.asked)))
                self.asked.append(asked)
                answer = (await client.interaction(asked)).answer_id
                if answer and (message := await client.message(answer)).button("Cancel"):
                    owner = str(message.raw["interaction_metadata"]["user"]["id"])
                    await client.press(owner, message.id, label="Cancel", wait=False)
            case _:
                message_id, ids = rng.choice(self.grids)
                chosen = rng.choice([id for id in ids if id.startswith(f"e1:{wish}:")])
                made = await client.press(person, message_id, custom_id=chosen, wait=False)
                self.pressed.append(made.id)

    async def warm_up(self) -> None:
        """Makes the grids that will be pressed."""
        for number in range(GRIDS):
            channel = self.channels[number % len(self.channels)]
            await self.client.slash(
                self.members[0], channel, "imagine", prompt=f"grid {number} --steps 1"
            )
        async with asyncio.timeout(60):
            while len(self.grids) < GRIDS:
                await asyncio.sleep(0.2)
                self.grids = [
                    (message.id, [control.custom_id for control in message.controls])
                    for channel in self.channels
                    for message in await self.client.messages(channel)
                    if message.button("U1")
                ]


async def trial(
    rate: float,
    seconds: float,
    seed: int,
    folder: Path,
    *,
    patience: float = DISCORD_SECONDS,
    starts: int = 3,
) -> Report:
    """One whole run in a folder of its own. `patience` is how long Discord waits for an answer.
    Easel is started so often, for the time that it takes; the last one is under load."""
    report, rng = Report(rate, seconds), random.Random(seed)
    loop_report = folder / "loop.json"
    async with sandbox(folder) as discord, SandboxClient(discord.url, live=False) as client:
        easel = Easel(
            folder,
            discord,
            client,
            {
                "EASEL_WORKER_COMMAND": fake_worker(folder / "marks", step_ms=100, steps=0),
                "EASEL_MAX_WAITING_PER_MEMBER": "100000",
                "LOOP_REPORT": str(loop_report),
            },
            launcher=("-m", "tests.chaos.watched"),
        )
        channels = [str((await client.channel(name=f"c{n}"))["id"]) for n in range(CHANNELS)]
        members = [str((await client.person(name=f"m{n}"))["id"]) for n in range(MEMBERS)]
        crowd = Crowd(client, members, channels, rng)
        await client.config(answer_within_s=patience)
        try:
            for _ in range(starts - 1):
                await easel.start()
                await easel.ready()
                await easel.stop()
            await easel.start()
            await easel.ready()
            report.ready = easel.ready_seconds
            await crowd.warm_up()
            window = await _storm(report, crowd, easel, discord.pid)
            await _quiet(report, crowd, patience)
            report.exit_code = await easel.stop()
        finally:
            await easel.end()
        await _check(report, easel, crowd)
    _loop(report, loop_report, window)
    report.errors = errors_logged(easel.log)
    return report


async def _storm(
    report: Report, crowd: Crowd, easel: Easel, sandbox_pid: int
) -> tuple[float, float]:
    """Acts at random moments, `rate` a second; returns the window on the monotonic clock."""
    easel.note_workers()
    watched = {
        "bot": psutil.Process(easel.pid),
        "sandbox": psutil.Process(sandbox_pid),
        "generator": psutil.Process(),
    }
    before = {name: _cpu_seconds(process) for name, process in watched.items()}
    await crowd.client.clear_requests()
    began = time.monotonic()
    sampler = asyncio.create_task(_sample(report, watched["bot"]))
    async with asyncio.TaskGroup() as group:
        at = began
        while (at := at + crowd.rng.expovariate(report.rate)) < began + report.seconds:
            await asyncio.sleep(max(0.0, at - time.monotonic()))
            report.launched_late_ms = max(report.launched_late_ms, (time.monotonic() - at) * 1000)
            group.create_task(crowd.act(report))
    ended = time.monotonic()
    report.cpu = {
        name: (_cpu_seconds(process) - before[name]) / (ended - began)
        for name, process in watched.items()
    }
    sampler.cancel()
    return began, ended


async def _quiet(report: Report, crowd: Crowd, patience: float) -> None:
    """Until the last interaction is answered, or was not in time, and nobody is "thinking"."""
    client = crowd.client
    async with asyncio.timeout(patience + 30):
        while not _settled(await client.stats()):
            await asyncio.sleep(0.1)
        report.stats = await client.stats()
        for interaction_id in [*crowd.asked, *crowd.pressed]:
            interaction = await client.interaction(interaction_id)
            if interaction.how == "deferred":
                while await _thinks(client, interaction.answer_id):
                    await asyncio.sleep(0.1)


async def _thinks(client: SandboxClient, message_id: str) -> bool:
    try:
        return (await client.message(message_id)).loading
    except SandboxError:
        return False


def _settled(stats: dict[str, Any]) -> bool:
    return stats["interactions"] <= stats["answers"]["count"] + stats["unanswered"]


async def _sample(report: Report, bot: psutil.Process) -> None:
    while True:
        report.rss_mib.append(bot.memory_info().rss / 2**20)
        await asyncio.sleep(0.25)


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def _check(report: Report, easel: Easel, crowd: Crowd) -> None:
    """Whoever was told that he waits has a row."""
    database = easel.data / "easel.db"
    admitted = {row["interaction_id"] for row in rows(database, "SELECT interaction_id FROM jobs")}
    (row,) = rows(database, "SELECT count(*) AS n FROM jobs WHERE state = 'queued'")
    report.waiting = int(row["n"])
    for interaction_id in [*crowd.asked, *crowd.pressed]:
        interaction = await crowd.client.interaction(interaction_id)
        if interaction.state != "answered":
            report.rowless.append(f"not answered: {interaction.raw}")
        elif not interaction.private and interaction_id not in admitted:
            # A public "thinking" is taken back where the job was refused after all.
            with suppress(SandboxError):
                shown = await crowd.client.message(interaction.answer_id)
                report.rowless.append(f"answered without a row: {shown.content}")


def _loop(report: Report, file: Path, window: tuple[float, float]) -> None:
    seen, (began, ended) = json.loads(file.read_text()), window
    ended += AFTER_SECONDS
    report.late_ms = [late * 1000 for at, late in seen["late"] if began <= at <= ended]
    report.slow = [
        (wall * 1000, cpu * 1000, name)
        for at, wall, cpu, name in seen["slow"]
        if began <= at <= ended
    ]


async def _main(options: argparse.Namespace) -> int:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    folder = Path(tempfile.mkdtemp(prefix="easel-load-"))
    try:
        report = await trial(options.rate, options.seconds, options.seed, folder)
    except TrialError as error:
        sys.stdout.write(f"The trial could not go on: {error}\n")
        return 2
    except asyncio.CancelledError:
        sys.stdout.write("Ended from outside; nothing is measured.\n")
        return 130
    sys.stdout.write(report.table() + "\n")
    if "MISSED" in report.table() or report.rowless:
        sys.stdout.write(f"All of it is kept in {folder}\n")
        return 1
    shutil.rmtree(folder)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.chaos.load")
    parser.add_argument("--rate", type=float, default=50.0, help="interactions per second (50)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (60)")
    parser.add_argument("--seed", type=int, default=1)
    return asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
