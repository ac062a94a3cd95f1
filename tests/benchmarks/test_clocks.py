"""Stories of the clock on which other programs take no time."""

from __future__ import annotations

import threading
import time

from benchmarks.kit.clocks import ProcessorClock, WallClock


def test_an_idle_span_is_skipped_and_only_that() -> None:
    clock = ProcessorClock()
    clock.idle_until(1000.0)
    assert 1000.0 <= clock.now() < 1001.0
    clock.idle_until(10.0)
    assert 1000.0 <= clock.now() < 1001.0


def test_whoever_waits_is_woken_by_what_happens() -> None:
    woken = threading.Event()
    woken.set()
    began = time.perf_counter()
    for clock in (WallClock(), ProcessorClock()):
        clock.wait(woken, 1000.0)
        clock.wait(woken, -1.0)
    assert time.perf_counter() - began < 10
