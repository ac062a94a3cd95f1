"""Which forward is next? Each story is a worker's parked calls, and who gets the device."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import pytest

from core.steps import PREVIEW_STEPS, StepPolicy, Waiting


def call(job: str, owner: str = "ada", **about: Any) -> Waiting:
    """A call of a job in the middle of its steps."""
    usual: dict[str, Any] = {"key": "k", "rows": 4, "step": 10, "left": 1.0}
    return Waiting(job=job, owner=owner, **usual | about)


def upto(rows: int) -> Callable[[Hashable], int]:
    return lambda key: rows


def names(policy: StepPolicy, calls: list[Waiting], now: float = 0.0, cap: int = 4) -> list[str]:
    return [calls[at].job for at in policy.pick(calls, now, upto(cap))]


def test_nothing_is_picked_when_nothing_waits() -> None:
    assert StepPolicy().pick([], 0.0, upto(8)) == []


def test_what_shows_a_newcomer_something_goes_first() -> None:
    calls = [call("old", left=0.1), call("new", "bo", step=0, left=5.0)]
    assert names(StepPolicy(), calls) == ["new"]


def test_of_newcomers_the_one_nearest_to_its_preview() -> None:
    calls = [call("a", step=0), call("b", "bo", step=PREVIEW_STEPS - 1), call("c", "cy", step=1)]
    assert names(StepPolicy(), calls) == ["b"]


def test_then_who_has_had_least() -> None:
    policy = StepPolicy()
    calls = [call("a", left=0.1), call("b", "bo")]
    policy.spent([(calls[0], 9.0), (calls[1], 1.0)])
    assert names(policy, calls) == ["b"]
    assert policy.used("ada") == 9.0


def test_then_what_has_least_left() -> None:
    calls = [call("poster", left=5.0), call("draft", left=0.5)]
    assert names(StepPolicy(), calls) == ["draft"]


def test_the_first_decides_the_key_and_others_of_it_fill_the_forward() -> None:
    calls = [
        call("a", left=4.0),
        call("b", left=3.0, rows=8),
        call("c", left=2.0, key="other"),
        call("d", left=1.0),
        call("e", left=5.0),
    ]
    assert names(StepPolicy(), calls, cap=12) == ["d", "b"]
    assert names(StepPolicy(), calls, cap=8) == ["d", "a"]
    assert names(StepPolicy(), calls, cap=2) == ["d"]


def test_a_call_of_nothing_or_of_no_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="a: 0 rows at weight"):
        call("a", rows=0)
    for weight in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="rows at weight"):
            call("a", weight=weight)
