"""A line keeps what it says, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from core.allowance import Allowance, Amount, Grant, Subject, Unit
from core.periods import Period
from core.request import Lane
from tests.builders import NOON

TEN_A_DAY = Amount(Unit.PICTURES, Period.DAY, 10)
MINUTE_A_DAY = Amount(Unit.GPU_SECONDS, Period.DAY, 60)


def test_a_line_comes_back_from_its_record() -> None:
    full = Allowance(
        amounts=(TEN_A_DAY, MINUTE_A_DAY),
        max_running=1,
        max_waiting=2,
        max_megapixels=1.5,
        max_steps=30,
        max_batch=4,
        models=frozenset({"sdxl"}),
        lanes=frozenset({Lane.RELAX}),
        private=False,
        relax_after=True,
    )
    assert Allowance.from_json(full.to_json()) == full
    assert Allowance.from_json({}) == Allowance()
    assert Allowance().is_empty
    assert Allowance().to_json() == {}


def test_an_amount_takes_the_place_of_the_one_of_its_unit_and_period() -> None:
    once = Allowance().with_amount(TEN_A_DAY).with_amount(MINUTE_A_DAY)
    more = once.with_amount(replace(TEN_A_DAY, limit=20))
    assert set(more.amounts) == {replace(TEN_A_DAY, limit=20), MINUTE_A_DAY}
    assert more.without(Unit.GPU_SECONDS, Period.DAY).of(Unit.GPU_SECONDS) == ()


def test_a_grant_holds_until_its_end() -> None:
    extra = Grant(id=1, subject=Subject.member(1), unit=Unit.PICTURES, amount=5, granted_at=NOON)
    assert extra.holds_at(NOON + 10**9)
    assert replace(extra, expires_at=NOON + 60).holds_at(NOON + 59)
    assert not replace(extra, expires_at=NOON + 60).holds_at(NOON + 60)
