"""Jobs to measure with: mixes of requests, arrivals at random, and the queue they are compared to.

The mixes are those a Discord server has: drafts of 4 steps, plain pictures of 20 and 30, and some
of 50. Everything here is arithmetic, the same on every machine for the same seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.request import Part, Request

FLOODER = 0
"""The member who asks for half of everything."""
MIX = {4: 0.35, 20: 0.20, 30: 0.35, 50: 0.10}
"""Steps of a server's jobs, and how many of its jobs have them."""
STEPS = (4, 8, 20, 30)
GUIDANCE = (3.0, 5.0, 7.5)
PROMPTS = ("a red boat", "a blue house by day", "a cat", "an owl at night", "a green hill")


def request(
    number: int, *, model: str, side: int, steps: int, guidance: float, count: int
) -> Request:
    """Request `number` of a mix; `side` is in pixels."""
    text = PROMPTS[number % len(PROMPTS)]
    return Request(
        text=text,
        parts=(Part(text),),
        model=model,
        width=side,
        height=side,
        seed=1000 + number,
        steps=steps,
        guidance=guidance,
        count=count,
    )


def mixed(
    many: int, *, model: str, side: int, count: int, guided: bool = True, seed: int = 1
) -> list[Request]:
    """`many` requests of `count` pictures with all steps of `STEPS` equally often, shuffled.
    Without `guided` the model takes no guidance."""
    rng = random.Random(seed)
    steps = [STEPS[number % len(STEPS)] for number in range(many)]
    rng.shuffle(steps)
    return [
        request(
            number,
            model=model,
            side=side,
            steps=each,
            guidance=GUIDANCE[number % len(GUIDANCE)] if guided else 0.0,
            count=count,
        )
        for number, each in enumerate(steps)
    ]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A job of `steps` by `owner`, at seconds after the begin."""

    at: float
    owner: int
    steps: int


def poisson(
    many: int, load: float, cost: Callable[[int], float], *, light: int = 20, seed: int = 1
) -> list[Arrival]:
    """`many` jobs at random moments, half of them the flooder's, the others' equally likely.

    `cost` is the seconds that a job of so many steps takes alone, one after the other. The span is
    stretched until the jobs' cost is exactly `load` of it: a short run of a queue depends more on
    that than on anything else.
    """
    rng = random.Random(seed)
    steps = [each for each, share in MIX.items() for _ in range(round(share * many))]
    steps = (steps + rng.choices(list(MIX), list(MIX.values()), k=many))[:many]
    rng.shuffle(steps)
    at, moments = 0.0, list[float]()
    for _ in steps:
        at += rng.expovariate(1.0)
        moments.append(at)
    stretch = sum(cost(each) for each in steps) / load / at
    return [
        Arrival(moment * stretch, FLOODER if rng.random() < 0.5 else 1 + rng.randrange(light), each)
        for moment, each in zip(moments, steps, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Served:
    """Seconds from a job's arrival to the first look at it, and to its end."""

    arrival: Arrival
    look: float
    done: float


def one_at_a_time(
    arrivals: Sequence[Arrival],
    cost: Callable[[int], float],
    look: Callable[[int], float],
) -> list[Served]:
    """First come first served. `look` is the seconds from a job's begin to its first preview."""
    served: list[Served] = []
    free = 0.0
    for one in arrivals:
        begin = max(free, one.at)
        free = begin + cost(one.steps)
        served.append(Served(one, begin + look(one.steps) - one.at, free - one.at))
    return served


def first_look(steps: int, every: int = 3) -> int:
    """The step after which a job of `steps` is first shown: a quarter of it, at most `every`."""
    return max(1, min(every, steps // 4))


def of_light(served: Sequence[Served]) -> list[Served]:
    """Without the flooder's."""
    return [one for one in served if one.arrival.owner != FLOODER]
