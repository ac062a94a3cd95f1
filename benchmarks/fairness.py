"""Who waits how long when one member floods the queue: first come first served against Easel.

    python -m benchmarks.fairness [--seconds 3600] [--seed 1] [--light 20] [--load 1.3]

A simulation in virtual time over `core.schedule`, with no machine in it: one GPU, one member who
asks for half of everything in bursts, light members who ask for the rest one by one, all of it more
than the GPU can do. Jobs cost 2 to 30 GPU seconds; estimates are off by up to a third. The same
arrivals are served both ways. A second mix, in which everybody has more waiting than he will get,
says how equally GPU time is shared. Ends with status 1 when a figure misses its target.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.jobs import Waiting
from core.request import Lane
from core.schedule import Choice, Schedule

FLOODER = 1
TIMES_BETTER = 10.0
LEAST_JAIN = 0.95


@dataclass(frozen=True, slots=True)
class Arrival:
    """`cost_ms` is what the job will cost, which the schedule learns when it has ended."""

    job: Waiting
    cost_ms: int


@dataclass(slots=True)
class Outcome:
    """What became of the jobs, in seconds after their admission, and of members' GPU time."""

    completed: dict[int, list[float]] = field(default_factory=dict[int, list[float]])
    served_ms: dict[int, int] = field(default_factory=dict[int, int])
    late: int = 0
    nearest: float = 0.0
    """The largest part of its stated bound that a job waited."""


def arrival(
    rng: random.Random, owner: int, at: float, serial: int, lanes: Sequence[Lane] = (Lane.FAST,)
) -> Arrival:
    cost = min(30_000, max(2_000, round(rng.lognormvariate(8.6, 0.7))))
    job = Waiting(
        id=f"{serial:020x}",
        owner_id=owner,
        server_id=1 + owner % 3,
        lane=rng.choice(lanes),
        reserve_ms=round(cost * rng.uniform(0.67, 1.33)),
        created_at=at,
        model="a",
    )
    return Arrival(job, cost)


def mean_cost(rng: random.Random) -> float:
    return statistics.fmean(arrival(rng, 0, 0.0, 0).cost_ms for _ in range(5000))


def mix(rng: random.Random, seconds: float, light: int, load: float) -> list[Arrival]:
    """The flooder sends bursts of forty, half of all GPU time; the light members the other half."""
    jobs = load * seconds * 1000 / mean_cost(rng)
    made: list[Arrival] = []
    for _ in range(round(jobs / 2 / 40)):
        at = rng.uniform(0, seconds)
        made += [arrival(rng, FLOODER, at, 0) for _ in range(40)]
    for _ in range(round(jobs / 2)):
        made.append(arrival(rng, 2 + rng.randrange(light), rng.uniform(0, seconds), 0))
    return in_time(made)


def backlogged(rng: random.Random, seconds: float, members: int) -> list[Arrival]:
    """Everybody asks for more than there is, some for much more, in every lane but the relaxed."""
    made: list[Arrival] = []
    for owner in range(1, members + 1):
        wanted = seconds * 1000 * rng.uniform(2, 6) / members
        while wanted > 0:
            made.append(arrival(rng, owner, rng.uniform(0, 30), 0, (Lane.TURBO, Lane.FAST)))
            wanted -= made[-1].cost_ms
    return in_time(made)


def in_time(made: list[Arrival]) -> list[Arrival]:
    ordered = sorted(made, key=lambda one: one.job.created_at)
    return [
        Arrival(
            Waiting(
                id=f"{serial:020x}",
                owner_id=one.job.owner_id,
                server_id=1 if one.job.owner_id == FLOODER else one.job.server_id,
                lane=one.job.lane,
                reserve_ms=one.job.reserve_ms,
                created_at=one.job.created_at,
                model=one.job.model,
            ),
            one.cost_ms,
        )
        for serial, one in enumerate(ordered)
    ]


def first_come(arrivals: Sequence[Arrival]) -> Outcome:
    outcome, now = Outcome(), 0.0
    for one in arrivals:
        now = max(now, one.job.created_at) + one.cost_ms / 1000
        note(outcome, one, now)
    return outcome


def fair(arrivals: Sequence[Arrival], *, until: float | None = None) -> Outcome:
    """Serves everything, or what begins before `until`."""
    schedule, outcome, now = Schedule(1), Outcome(), 0.0
    costs = {one.job.id: one for one in arrivals}
    bounds: dict[str, float] = {}
    coming = deque(arrivals)
    while coming or len(schedule):
        if not len(schedule):
            now = max(now, coming[0].job.created_at)
        while coming and coming[0].job.created_at <= now:
            job = coming.popleft().job
            schedule.add(job, job.created_at)
            bounds[job.id] = schedule.begins_by(job.id) or 0.0
        if until is not None and now >= until:
            break
        job = schedule.pick(Choice(now))
        assert job is not None
        schedule.take(job.id, now)
        outcome.late += now > bounds[job.id]
        waited = (now - job.created_at) / (bounds[job.id] - job.created_at)
        outcome.nearest = max(outcome.nearest, waited)
        now += costs[job.id].cost_ms / 1000
        schedule.ended(job.id, costs[job.id].cost_ms, now)
        note(outcome, costs[job.id], now)
    return outcome


def note(outcome: Outcome, one: Arrival, now: float) -> None:
    owner = one.job.owner_id
    outcome.completed.setdefault(owner, []).append(now - one.job.created_at)
    outcome.served_ms[owner] = outcome.served_ms.get(owner, 0) + one.cost_ms


def p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def of_light_members(outcome: Outcome) -> list[float]:
    return [s for owner, times in outcome.completed.items() if owner != FLOODER for s in times]


def jain(shares: Sequence[float]) -> float:
    """1 when all are equal, 1/n when one has everything."""
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--light", type=int, default=20)
    parser.add_argument("--load", type=float, default=1.3)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    arrivals = mix(rng, args.seconds, args.light, args.load)
    fifo, ours = first_come(arrivals), fair(arrivals)
    light = p95(of_light_members(fifo)), p95(of_light_members(ours))
    flood = p95(fifo.completed[FLOODER]), p95(ours.completed[FLOODER])
    hungry = backlogged(rng, args.seconds, args.light + 1)
    equal = fair(hungry, until=args.seconds)
    unequal = first_come(hungry)
    index = jain(list(equal.served_ms.values()))
    late = ours.late + equal.late
    print(
        f"{len(arrivals):,} jobs of {args.light + 1} members in {args.seconds:,.0f} s at "
        f"{args.load:g} times what the GPU can do, seed {args.seed}"
    )
    print(f"{'p95 from asking to done, s':32}{'first come':>12}{'fair':>10}{'ratio':>8}")
    for who, (theirs, mine) in (("light members", light), ("the flooding member", flood)):
        print(f"{who:32}{theirs:12.1f}{mine:10.1f}{theirs / mine:8.1f}")
    print(f"Jain index of {len(equal.served_ms)} backlogged members: {index:.4f}")
    print(f"  (of all they asked for: {jain(list(unequal.served_ms.values())):.4f})")
    print(f"jobs that began later than stated: {late}")
    print(f"the nearest a job came to its bound: {100 * max(ours.nearest, equal.nearest):.0f}%")
    met = light[0] / light[1] >= TIMES_BETTER and index >= LEAST_JAIN and late == 0
    print("targets met" if met else "a target was missed")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
