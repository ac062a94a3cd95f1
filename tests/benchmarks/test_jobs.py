"""Stories of the loads that Easel is measured with."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.kit.jobs import (
    FLOODER,
    MIX,
    STEPS,
    Arrival,
    first_look,
    mixed,
    of_light,
    one_at_a_time,
    poisson,
)


def cost(steps: int) -> float:
    return 0.1 + steps / 20


def test_a_mix_has_every_number_of_steps_equally_often_and_is_the_same_each_time() -> None:
    requests = mixed(16, model="m", side=64, count=4)
    assert Counter(one.steps for one in requests) == dict.fromkeys(STEPS, 4)
    assert len({one.guidance for one in requests}) == 3
    assert len({one.seed for one in requests}) == 16
    assert requests == mixed(16, model="m", side=64, count=4)
    assert {one.guidance for one in mixed(4, model="m", side=64, count=1, guided=False)} == {0.0}


@pytest.mark.parametrize("load", [0.95, 1.3])
def test_the_baseline_is_exactly_as_busy_as_was_asked_for(load: float) -> None:
    arrivals = poisson(200, load, cost)
    busy = sum(cost(one.steps) for one in arrivals)
    assert busy / arrivals[-1].at == pytest.approx(load)


def test_a_load_is_what_a_server_sees() -> None:
    arrivals = poisson(1000, 0.95, cost)
    steps = Counter(one.steps for one in arrivals)
    assert all(steps[each] == pytest.approx(1000 * share, rel=0.15) for each, share in MIX.items())
    owners = Counter(one.owner for one in arrivals)
    assert owners[FLOODER] == pytest.approx(500, rel=0.1)
    assert len(owners) == 21
    moments = [one.at for one in arrivals]
    assert moments == sorted(moments)
    assert poisson(20, 0.95, cost, seed=2) != poisson(20, 0.95, cost, seed=3)


def test_one_at_a_time_everybody_waits_for_those_before_him() -> None:
    arrivals = [
        Arrival(0.0, 1, 4),
        Arrival(0.1, FLOODER, 50),
        Arrival(0.2, 2, 4),
        Arrival(99, 3, 4),
    ]
    served = one_at_a_time(arrivals, {4: 1.0, 50: 10.0}.__getitem__, {4: 0.25, 50: 0.6}.__getitem__)
    assert [one.done for one in served] == pytest.approx([1.0, 10.9, 11.8, 1.0])
    assert [one.look for one in served] == pytest.approx([0.25, 1.5, 11.05, 0.25])
    assert [one.arrival.owner for one in of_light(served)] == [1, 2, 3]


def test_a_first_look_is_after_three_steps_and_of_a_draft_after_one() -> None:
    assert [first_look(steps) for steps in (1, 4, 8, 20, 50)] == [1, 1, 2, 3, 3]
