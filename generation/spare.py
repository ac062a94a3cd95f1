"""Work for the moments in which nobody wants the device."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

PAUSE = 2.0
"""Seconds without a task before such work is begun again that one has interrupted."""

Work = Callable[[threading.Event], bool]
"""Returns soon after the event is set. True: it is done, False: it wants to go on another time."""


class Spare:
    """What is to be done, and whether now. `wanted` is set while somebody wants the device."""

    def __init__(self, change: threading.Condition, pause: float = PAUSE) -> None:
        """`change` is what the device's thread waits for, and under which all but `do` is called
        that it calls."""
        self._change = change
        self.wanted = threading.Event()
        self._pause = pause
        self._work: Work | None = None
        self._since = 0.0
        self._interrupted = False

    def give(self, work: Work) -> None:
        """Instead of what there was, if it is not done yet."""
        with self._change:
            self._work, self._interrupted = work, False
            self._change.notify()

    def rests(self, now: float) -> None:
        """Nobody wants the device any more."""
        if self.wanted.is_set():
            self.wanted.clear()
            self._since = now

    def due_in(self, now: float) -> float | None:
        """Seconds until there is something to do, 0 for now; None: there is nothing."""
        if self._work is None or self.wanted.is_set():
            return None
        return max(0.0, self._since + self._pause - now) if self._interrupted else 0.0

    def do(self) -> None:
        """A failure is logged, and the work not tried again."""
        work = self._work
        assert work is not None
        try:
            done = work(self.wanted)
        # It is not worth the thread that makes everybody's pictures.
        except Exception:
            log.exception("work for idle moments fails")
            done = True
        self._interrupted = not done
        if done and self._work is work:
            self._work = None
