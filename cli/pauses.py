"""Keeps the collector of circular garbage from holding up the event loop.

A full collection walks through all objects there are, and while 100,000 jobs wait there are many,
hardly any of them garbage. So whatever a long collection has found alive is put aside and not
walked through again: the next one meets only what was made since. An object that was put aside is
freed all the same when nobody refers to it any more, as a job is when it leaves the queue; only a
circle of such objects never is. Therefore it is done after long collections alone, of which there
are few: with a short queue nothing is put aside.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

LONG_SECONDS = 0.01
"""Processor time. The event loop can be held up by several times as much on a busy machine."""


def keep_pauses_short(long_seconds: float = LONG_SECONDS) -> Callable[[], None]:
    """Watches the collector from now on; what is there already is put aside. Returns what ends the
    watch and takes everything back."""
    began = 0.0

    def watch(phase: str, info: dict[str, Any]) -> None:
        nonlocal began
        if info["generation"] < 2:
            return
        if phase == "start":
            began = time.thread_time()
        elif time.thread_time() - began > long_seconds:
            gc.freeze()

    def end() -> None:
        gc.callbacks.remove(watch)
        gc.unfreeze()

    gc.collect()
    gc.freeze()
    gc.callbacks.append(watch)
    return end
