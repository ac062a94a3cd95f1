"""`easel`, with its event loop watched: `python -m tests.chaos.watched run`.

What is seen goes as JSON into the file named by LOOP_REPORT when the program ends: `late`, pairs of
a monotonic time and by how many seconds a heartbeat of 10 ms came late; and `slow`, callbacks that
held the loop: time, seconds of wall clock, seconds of processor, name. Only what is longer than
20 ms is noted.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from asyncio import events
from pathlib import Path
from typing import Any

from cli.__main__ import main

BEAT_SECONDS = 0.01
NOTED_SECONDS = 0.02

late: list[tuple[float, float]] = []
slow: list[tuple[float, float, float, str]] = []


def watch_callbacks() -> None:
    """Times every callback of every loop from now on."""
    run = events.Handle._run

    def timed(self: events.Handle) -> Any:
        wall, cpu = time.monotonic(), time.thread_time()
        callback = getattr(self, "_callback", None)
        try:
            return run(self)
        finally:
            took = time.monotonic() - wall
            if took > NOTED_SECONDS:
                slow.append((wall, took, time.thread_time() - cpu, _name(callback)))

    setattr(events.Handle, "_run", timed)  # noqa: B010 (not meant to be replaced)


def _name(callback: Any) -> str:
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        coroutine = owner.get_coro()
        return str(getattr(coroutine, "__qualname__", coroutine))
    return str(getattr(callback, "__qualname__", callback))


class WatchedLoop(asyncio.SelectorEventLoop):
    """An event loop with a pulse."""

    def run_forever(self) -> None:
        self._beat_at = self.time()
        self.call_soon(self._beat)
        super().run_forever()

    def _beat(self) -> None:
        now = self.time()
        if now - self._beat_at > NOTED_SECONDS:
            late.append((now, now - self._beat_at))
        self._beat_at = now + BEAT_SECONDS
        self.call_at(self._beat_at, self._beat)


class Policy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return WatchedLoop()


def watched() -> int:
    watch_callbacks()
    asyncio.set_event_loop_policy(Policy())
    try:
        return main()
    finally:
        Path(os.environ["LOOP_REPORT"]).write_text(json.dumps({"late": late, "slow": slow}))


if __name__ == "__main__":
    sys.exit(watched())
