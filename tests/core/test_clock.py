"""The clocks: the world's and the tests'."""

from __future__ import annotations

import time

from core.clock import SystemClock
from tests.builders import NOON, FakeClock


def test_the_systems_clock_tells_unix_seconds() -> None:
    before = time.time()
    assert before <= SystemClock().now() <= time.time()


def test_a_fake_clock_moves_only_when_told(clock: FakeClock) -> None:
    assert clock.now() == clock.now() == NOON
    clock.advance(1.5)
    assert clock.now() == NOON + 1.5
