"""Clocks on which other programs take no time, for a queue in real time, beside the wall's."""

from __future__ import annotations

import threading
import time

import psutil


class WallClock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    def now(self) -> float:
        return time.perf_counter() - self._began

    def idle_until(self, moment: float) -> None:
        """Nothing is to be done before `moment`."""
        time.sleep(max(0.0, moment - self.now()))

    def wait(self, woken: threading.Event, moment: float) -> None:
        """Until it is `moment` or something has happened."""
        woken.wait(max(0.0, moment - self.now()))


class ProcessorClock:
    """Processor seconds that this process has computed, all threads together, and the spans in
    which it had nothing to do.

    On a machine with other work the wall's clock measures the others; this one does not, as long
    as forwards run on one thread. Threads that compute side by side count as if one after the
    other, which is no favour to Easel.
    """

    def __init__(self) -> None:
        self._began = time.process_time()

    def now(self) -> float:
        return time.process_time() - self._began

    def idle_until(self, moment: float) -> None:
        self._began -= max(0.0, moment - self.now())

    def wait(self, woken: threading.Event, moment: float) -> None:
        """Nothing comes before half the time has passed: there are two cores at most at work."""
        woken.wait(min(0.25, max(0.001, (moment - self.now()) / 2)))


Clock = WallClock | ProcessorClock


def computed() -> float:
    """Processor seconds of this process and its workers so far."""
    me = psutil.Process()
    workers = [one for one in me.children() if "generation.worker" in one.cmdline()]
    times = [process.cpu_times() for process in (me, *workers)]
    return sum(each.user + each.system for each in times)
