from __future__ import annotations

import pytest

from core.errors import RefusedError
from core.limiter import Limiter
from tests.builders import FakeClock


def test_each_person_may_ask_so_often_and_again_later() -> None:
    clock = FakeClock()
    limiter = Limiter(clock, most=2, seconds=60)
    limiter.ask(1)
    clock.advance(20)
    limiter.ask(1)
    limiter.ask(2)
    with pytest.raises(RefusedError, match=r"Ask again in 40 s\."):
        limiter.ask(1)
    clock.advance(40)
    limiter.ask(1)
    with pytest.raises(RefusedError, match=r"in 20 s\."):
        limiter.ask(1)


def test_whoever_asks_no_more_is_forgotten() -> None:
    clock = FakeClock()
    limiter = Limiter(clock, most=2, seconds=60)
    for person in range(100):
        limiter.ask(person)
    clock.advance(60)
    limiter.ask(1000)
    assert len(limiter._asked) == 1
