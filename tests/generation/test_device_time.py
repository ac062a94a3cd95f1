"""Stories of how long the device computed."""

from __future__ import annotations

import threading
import time

import torch

from generation.device_time import stopwatch_for


def busy(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_what_other_programs_compute_is_not_what_a_forward_takes() -> None:
    watch = stopwatch_for(torch.device("cpu"), time.perf_counter)
    watch.start()
    other = threading.Thread(target=busy, args=(0.2,))
    other.start()
    other.join()
    watch.stop("waited")
    watch.start()
    busy(0.02)
    watch.stop("computed")
    took = dict(watch.finished())
    assert took["waited"] < 0.1
    assert 0.02 <= took["computed"] < 0.1
    assert watch.finished() == []


def test_a_clock_of_ones_own_counts_as_it_says() -> None:
    moments = iter([1.0, 3.5, 10.0, 20.0, 21.0])
    watch = stopwatch_for(torch.device("cpu"), lambda: next(moments))
    watch.start()
    watch.stop("first")
    watch.start()
    watch.drop()
    watch.start()
    watch.stop("second")
    assert watch.finished() == [("first", 2.5), ("second", 1.0)]
