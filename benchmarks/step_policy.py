"""How soon members see something, by the order of the steps: one job at a time against Easel.

    python -m benchmarks.step_policy [--seeds 5] [--jobs 460] [--slots 0] [--json PATH]

A simulation in virtual time over `core.steps` and `core.step_times`, with no machine in it. Twenty
members, one of whom sends half of everything; grids of 4, 20, 30 and 50 steps in four shapes; they
come at random moments, at 0.95 and at 1.3 times what one device can do one job after the other. The
baseline is just that: first come first served, a grid at a time, shown after three steps. Steps
take `max(floor, slope * pictures)`: SDXL and FLUX fill the device with one grid, SD 1.5 does not.
Easel learns these times only as it measures them. `--slots` is how many jobs the worker has at
once, 0 for all; the rest wait in `core.schedule`. Jobs of all seeds are counted together. A second
mix, in which twenty members all have more than they get, says how equally the device is shared.
Ends with status 1 where a figure misses its target.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import deque
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fairness import jain, p95
from benchmarks.kit.figures import Result
from core.jobs import Waiting as Queued
from core.request import Lane
from core.schedule import Choice, Schedule
from core.step_times import StepTimes
from core.steps import PREVIEW_STEPS, Rules, StepPolicy, Waiting

FLOODER = 0
PICTURES = 4
STEPS, STEP_WEIGHTS = (4, 20, 30, 50), (35, 20, 35, 10)
SHAPES, SHAPE_WEIGHTS = ("1:1", "3:2", "2:3", "16:9"), (50, 20, 20, 10)


@dataclass(frozen=True, slots=True)
class Device:
    """A model on a device: seconds of a step, `max(floor, slope * rows)`, and of a decode a row."""

    name: str
    slope: float
    floor: float
    decode: float

    def step(self, rows: int) -> float:
        return max(self.floor, self.slope * rows)

    def job(self, steps: int) -> float:
        """Alone."""
        return steps * self.step(PICTURES) + PICTURES * self.decode


DEVICES = (
    Device("SDXL 1024²", 0.030, 0.025, 0.0233),
    Device("FLUX 1024²", 0.165, 0.060, 0.0233),
    Device("SD 1.5 compiled", 0.0036, 0.012, 0.0056),
    Device("SD 1.5 launch-bound", 0.002, 0.025, 0.0032),
)


@dataclass(slots=True)
class Job:
    name: str
    owner: int
    at: float
    steps: int
    shape: str
    done: int = 0
    started: float = -1.0
    since: float = 0.0
    shown: float = 0.0
    ended: float = 0.0
    used: float = 0.0


def arrivals(
    rng: random.Random, device: Device, count: float, load: float, members: int = 20
) -> list[Job]:
    """About `count` jobs at load 1; `load` is relative to one job after the other."""
    mean = sum(device.job(s) * w for s, w in zip(STEPS, STEP_WEIGHTS, strict=True)) / 100
    jobs: list[Job] = []
    at = rng.expovariate(load / mean)
    while at < count * mean:
        owner = FLOODER if rng.random() < 0.5 else rng.randrange(1, members)
        [steps], [shape] = rng.choices(STEPS, STEP_WEIGHTS), rng.choices(SHAPES, SHAPE_WEIGHTS)
        jobs.append(Job(f"{len(jobs):05}", owner, at, steps, shape))
        at += rng.expovariate(load / mean)
    return jobs


def first_come(jobs: Sequence[Job], device: Device) -> None:
    """Serves one grid at a time."""
    now = 0.0
    for job in jobs:
        now = max(now, job.at)
        job.shown = now + min(PREVIEW_STEPS, job.steps) * device.step(PICTURES)
        now += device.job(job.steps)
        job.ended = now


class Worker:
    """Serves jobs step by step, as the policy says; at most `slots` at once, or all."""

    def __init__(self, device: Device, rules: Rules | None = None, slots: int = 0) -> None:
        self.device = device
        self.policy = StepPolicy(rules)
        self.times = StepTimes()
        self.slots = slots
        self.queue = Schedule(max(1, slots))
        self.inside: dict[str, Job] = {}
        self.now = 0.0
        self.busy = 0.0
        self.forwards = 0

    def serve(self, jobs: Sequence[Job]) -> None:
        coming, by_name = deque(jobs), {job.name: job for job in jobs}
        while coming or self.inside:
            if not self.inside:
                self.now = max(self.now, coming[0].at)
            while coming and coming[0].at <= self.now:
                self.arrive(coming.popleft())
            self.let_in(by_name)
            self.forward()

    def arrive(self, job: Job) -> None:
        if not self.slots:
            self.begin(job)
            return
        cost = round(1000 * self.device.job(job.steps))
        waiting = Queued(
            id=job.name,
            owner_id=job.owner,
            server_id=1,
            lane=Lane.FAST,
            reserve_ms=cost,
            created_at=job.at,
        )
        self.queue.add(waiting, self.now)

    def let_in(self, by_name: dict[str, Job]) -> None:
        while self.slots and len(self.inside) < self.slots:
            picked = self.queue.pick(Choice(self.now))
            if picked is None:
                return
            self.queue.take(picked.id, self.now)
            self.begin(by_name[picked.id])

    def begin(self, job: Job) -> None:
        job.started = job.since = self.now
        self.inside[job.name] = job

    def call(self, job: Job) -> Waiting:
        decodes = job.done == job.steps
        key = ("decode" if decodes else "step", job.shape)
        left = self.times.seconds(("decode", job.shape), PICTURES)
        if not decodes:
            left += (job.steps - job.done) * self.times.seconds(key, PICTURES)
        return Waiting(
            key=key,
            rows=PICTURES,
            job=job.name,
            owner=str(job.owner),
            step=job.done,
            left=left,
            kind="decode" if decodes else "step",
            since=job.since,
            started=job.started,
        )

    def forward(self) -> None:
        inside = list(self.inside.values())
        calls = [self.call(job) for job in inside]
        group = self.policy.pick(calls, self.now, self.times.cap, self.times.seconds)
        rows = sum(calls[at].rows for at in group)
        first = calls[group[0]]
        decodes = first.kind == "decode"
        took = rows * self.device.decode if decodes else self.device.step(rows)
        self.now += took
        self.busy += took
        self.forwards += 1
        self.times.note(first.key, rows, took)
        self.policy.spent([(calls[at], took * calls[at].rows / rows) for at in group])
        for at in group:
            job = inside[at]
            job.used += took * calls[at].rows / rows
            self.step(job, decodes)

    def step(self, job: Job, decodes: bool) -> None:
        job.since = self.now
        if not decodes:
            job.done += 1
            if job.done == min(PREVIEW_STEPS, job.steps):
                job.shown = self.now
            return
        job.ended = self.now
        del self.inside[job.name]
        self.policy.ended(job.name)
        if self.slots:
            self.queue.ended(job.name, round(1000 * job.used), self.now)


@dataclass(frozen=True, slots=True)
class Figures:
    """95th percentiles in seconds after asking: of first previews, and of whole jobs."""

    preview: float
    draft: float
    poster: float
    light: float
    light_poster: float
    flooder: float
    seconds: float
    """Until all was done."""


def figures(jobs: Sequence[Job], seconds: float) -> Figures:
    def took(chosen: Sequence[Job]) -> float:
        return p95([job.ended - job.at for job in chosen])

    light = [job for job in jobs if job.owner != FLOODER]
    return Figures(
        preview=p95([job.shown - job.at for job in jobs]),
        draft=took([job for job in jobs if job.steps == STEPS[0]]),
        poster=took([job for job in jobs if job.steps == STEPS[-1]]),
        light=took(light),
        light_poster=took([job for job in light if job.steps == STEPS[-1]]),
        flooder=took([job for job in jobs if job.owner == FLOODER]),
        seconds=seconds,
    )


def compared(
    device: Device,
    load: float,
    seeds: Sequence[int],
    count: float,
    slots: int = 0,
    rules: Rules | None = None,
) -> tuple[Figures, Figures]:
    """The same arrivals served both ways."""
    one_by_one: list[Job] = []
    by_steps: list[Job] = []
    lasted = [0.0, 0.0]
    for seed in seeds:
        jobs = arrivals(random.Random(seed), device, count, load)
        same = [copy(job) for job in jobs]
        first_come(jobs, device)
        Worker(device, rules, slots).serve(same)
        for at, served in enumerate((jobs, same)):
            lasted[at] += max(job.ended for job in served)
        one_by_one += jobs
        by_steps += same
    return figures(one_by_one, lasted[0]), figures(by_steps, lasted[1])


def shares(device: Device, seed: int, members: int = 20, rounds: float = 10.0) -> list[float]:
    """Device seconds of members who all have something waiting all the time, while the device does
    `rounds` usual jobs for each. They ask for different steps and shapes."""
    rng = random.Random(seed)
    jobs: list[Job] = []
    for owner in range(members):
        alike = rng.choice(STEPS)
        for _ in range(int(rounds * 16)):
            steps = rng.choice((alike, *STEPS))
            [shape] = rng.choices(SHAPES, SHAPE_WEIGHTS)
            jobs.append(Job(f"{len(jobs):05}", owner, 0.0, steps, shape))
    waiting = {owner: deque(job for job in jobs if job.owner == owner) for owner in range(members)}
    worker = Worker(device)
    used = [0.0] * members
    usual = device.job(21)
    begun: list[Job] = []
    while worker.now < rounds * members * usual:
        for owner, queue in waiting.items():
            while queue and sum(job.owner == owner for job in worker.inside.values()) < 3:
                job = queue.popleft()
                begun.append(job)
                worker.begin(job)
        worker.forward()
    for job in begun:
        used[job.owner] += job.used
    return used


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: `ratio` must be at least `least`, or with `most` at most that."""

    what: str
    baseline: float
    easel: float
    ratio: float
    least: float | None = None
    most: float | None = None

    @property
    def cells(self) -> tuple[str, str, str, str]:
        return (self.what, f"{self.baseline:.2f}", f"{self.easel:.2f}", f"{self.ratio:.2f}")


def lines(load: float, first: Figures, ours: Figures) -> list[Line]:
    rows: list[Line] = []

    def sooner(what: str, name: str, least: float | None = None) -> None:
        before, now = getattr(first, name), getattr(ours, name)
        rows.append(Line(what, before, now, before / now, least))

    steady = load < 1
    sooner("first preview p95, s", "preview", 50 if steady else None)
    sooner("4 steps p95, s", "draft", 12 if steady else None)
    sooner("light members p95, s", "light", None if steady else 10)
    sooner("the flooding member p95, s", "flooder")
    sooner("50 steps of light members p95, s", "light_poster")
    worse = ours.poster / first.poster
    most = 1.5 if steady else None
    rows.append(
        Line("50 steps p95, s (Easel ÷ baseline)", first.poster, ours.poster, worse, most=most)
    )
    sooner("until all was done, s", "seconds", 0.999)
    return rows


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=float, default=460)
    parser.add_argument("--slots", type=int, default=0)
    parser.add_argument("--json", type=Path, help="a file to write the figures to")
    options = parser.parse_args(arguments)
    at_once = f"{options.slots} jobs at once" if options.slots else "all jobs at once"
    seeds = f"seeds 0 to {options.seeds - 1}"
    result = Result(
        "step_policy",
        f"In virtual time, with no machine in it: {options.jobs:g} jobs at load 1, {seeds}, "
        f"{at_once}; against one grid after the other, first come first served",
    )
    for device in DEVICES:
        for load in (0.95, 1.3):
            both = compared(device, load, range(options.seeds), options.jobs, options.slots)
            found = lines(load, *both)
            title = f"{device.name}, load {load:g}"
            result.show(
                title, (title, "first come", "Easel", "ratio"), [one.cells for one in found]
            )
            for one in found:
                floor = one.most is None
                promise = one.least if floor else one.most
                if promise is not None:
                    what = f"{title}: {one.what}".removesuffix(", s")
                    result.add(what, one.ratio, promise, floor=floor)
    index = min(jain(shares(DEVICES[0], seed)) for seed in range(options.seeds))
    result.add("Jain index of twenty members' device seconds, the least of the seeds", index, 0.95)
    return result.tell(options.json)


if __name__ == "__main__":
    sys.exit(main())
