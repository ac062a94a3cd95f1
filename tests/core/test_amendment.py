"""What an admin says of one limit changes that limit, and nothing else of the line."""

from __future__ import annotations

from typing import Any

import pytest

from core.allowance import ALL_MODELS, NO_LIMIT, Allowance, Amount, Unit
from core.amendment import EVERYTHING, Amendment, Limit
from core.errors import RefusedError
from core.periods import Period
from core.request import Lane

TEN_A_DAY = Amount(Unit.PICTURES, Period.DAY, 10)
HOUR_A_WEEK = Amount(Unit.GPU_SECONDS, Period.WEEK, 3600)
LINE = Allowance(
    amounts=(HOUR_A_WEEK, TEN_A_DAY),
    max_running=2,
    max_steps=40,
    models=frozenset({"postcard"}),
    private=False,
)


def said(line: Allowance = LINE, **words: Any) -> Allowance:
    return Amendment(**words)(line)


def test_one_limit_is_set_and_the_others_stay():
    changed = said(max_waiting=5)
    assert changed.max_waiting == 5
    assert said(changed, clear=Limit.WAITING) == LINE


def test_minutes_are_kept_as_seconds():
    assert said(gpu_minutes=2.5, per=Period.HOUR).of(Unit.GPU_SECONDS) == (
        Amount(Unit.GPU_SECONDS, Period.HOUR, 150),
        HOUR_A_WEEK,
    )


def test_an_amount_without_a_period_changes_the_one_there_is():
    assert said(gpu_minutes=30).of(Unit.GPU_SECONDS) == (
        Amount(Unit.GPU_SECONDS, Period.WEEK, 1800),
    )


@pytest.mark.parametrize("there", [(), (TEN_A_DAY, Amount(Unit.PICTURES, Period.WEEK, 50))])
def test_an_amount_without_a_period_is_a_days_where_that_is_not_clear(there: tuple[Amount, ...]):
    changed = said(Allowance(amounts=there), pictures=7)
    assert Amount(Unit.PICTURES, Period.DAY, 7) in changed.of(Unit.PICTURES)


def test_models_are_names_with_commas_between():
    assert said(models=" sdxl, postcard ,").models == frozenset({"sdxl", "postcard"})


def test_lanes_and_yes_and_no_are_taken_as_they_are():
    changed = said(lanes=frozenset({Lane.RELAX}), private=True, relax_after=False)
    assert (changed.lanes, changed.private, changed.relax_after) == (
        frozenset({Lane.RELAX}),
        True,
        False,
    )


def test_a_line_is_cleared_whole():
    assert said(clear=EVERYTHING).is_empty


def test_one_amount_is_cleared_in_one_period_or_in_all():
    both = said(pictures=50, per=Period.WEEK)
    assert said(both, clear=Limit.PICTURES, per=Period.DAY).of(Unit.PICTURES) == (
        Amount(Unit.PICTURES, Period.WEEK, 50),
    )
    assert said(both, clear=Limit.PICTURES).amounts == (HOUR_A_WEEK,)


def test_what_is_cleared_can_be_set_in_the_same_breath():
    assert said(clear=EVERYTHING, max_steps=20) == Allowance(max_steps=20)


@pytest.mark.parametrize(
    ("limit", "field", "value"),
    [
        (Limit.RUNNING, "max_running", NO_LIMIT),
        (Limit.STEPS, "max_steps", NO_LIMIT),
        (Limit.MODELS, "models", ALL_MODELS),
        (Limit.LANES, "lanes", frozenset(Lane)),
        (Limit.PRIVATE, "private", True),
        (Limit.RELAX, "relax_after", True),
    ],
)
def test_no_limit_is_said_and_not_only_left_unsaid(limit: Limit, field: str, value: object):
    assert getattr(said(unlimited=limit), field) == value


def test_no_limit_of_pictures_takes_the_place_of_all_their_amounts():
    changed = said(unlimited=Limit.PICTURES)
    assert changed.of(Unit.PICTURES) == (Amount(Unit.PICTURES, Period.MONTH, NO_LIMIT),)
    assert changed.of(Unit.GPU_SECONDS) == (HOUR_A_WEEK,)


def test_nothing_said_is_refused():
    with pytest.raises(RefusedError, match="Say which limit to set"):
        said()


def test_a_period_alone_is_refused():
    with pytest.raises(RefusedError, match="how many GPU minutes or pictures"):
        said(per=Period.DAY, max_running=1)
