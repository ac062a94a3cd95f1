"""What a job will cost, from what jobs did cost."""

from __future__ import annotations

import random

import pytest

from core.estimates import FIXED_MS, UNKNOWN_MS_PER_WORK, Estimates, Measured
from tests.builders import request


def ran(*costs: tuple[float, int], model: str = "m") -> list[Measured]:
    return [Measured(model=model, work=work, cost_ms=cost) for work, cost in costs]


def test_a_model_that_never_ran_is_guessed() -> None:
    assert Estimates().cost_ms("m", 10) == FIXED_MS + 10 * UNKNOWN_MS_PER_WORK
    assert not Estimates().knows("m")


def test_one_run_is_enough_to_tell_the_same_again() -> None:
    estimates = Estimates(ran((20, 1000)))
    assert estimates.cost_ms("m", 20) == pytest.approx(1000, rel=0.02)
    assert estimates.knows("m")


def test_a_fixed_part_and_a_part_by_work_are_told_apart() -> None:
    rng = random.Random(1)
    works = [rng.uniform(0.5, 120) for _ in range(60)]
    noisy = [(work, round((900 + 50 * work) * rng.uniform(0.9, 1.1))) for work in works]
    estimates = Estimates(ran(*noisy))
    for work in (1, 10, 100):
        assert estimates.cost_ms("m", work) == pytest.approx(900 + 50 * work, rel=0.08)


def test_sketches_are_told_as_well_as_posters() -> None:
    estimates = Estimates(ran(*[(1, 500), (100, 30_000)] * 10))
    assert estimates.cost_ms("m", 1) == pytest.approx(500, rel=0.1)
    assert estimates.cost_ms("m", 100) == pytest.approx(30_000, rel=0.1)


def test_models_are_learned_apart() -> None:
    estimates = Estimates([*ran((10, 1000)), *ran((10, 9000), model="xl")])
    assert estimates.cost_ms("m", 10) < 1100 < 8000 < estimates.cost_ms("xl", 10)


def test_one_run_on_a_busy_machine_changes_little() -> None:
    steady = [(10.0, 1000)] * 20
    upset = Estimates(ran(*steady, (10, 60_000)))
    assert upset.cost_ms("m", 10) == pytest.approx(1000, rel=0.1)


def test_a_faster_machine_is_noticed() -> None:
    estimates = Estimates(ran(*[(10.0, 10_000)] * 50, *[(10.0, 1000)] * 30))
    assert estimates.cost_ms("m", 10) == pytest.approx(1000, rel=0.15)


def test_nothing_is_ever_free_or_negative() -> None:
    estimates = Estimates(ran((1, 9000), (100, 100), (1, 9000), (100, 100)))
    assert all(estimates.cost_ms("m", work) > 0 for work in (0.1, 1, 10, 1000))
    assert Estimates(ran((0, 500), (5, 0))).knows("m") is False


def test_what_is_known_is_kept_when_a_model_rests() -> None:
    old, new = Estimates(ran((10, 1000))), Estimates(ran((10, 9000), model="xl"))
    both = old.updated(new)
    assert both.knows("m")
    assert both.knows("xl")


def test_a_request_is_priced_by_its_work() -> None:
    asked = request(steps=20, width=1000, height=1000, count=2)
    assert Estimates().of(asked) == FIXED_MS + 40 * UNKNOWN_MS_PER_WORK
