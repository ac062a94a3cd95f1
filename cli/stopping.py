"""Ctrl-C and a polite stop."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress


def asked_to_stop() -> asyncio.Event:
    """Set when the program is asked to stop, from now on."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no signal handlers on the loop
            loop.add_signal_handler(number, stop.set)
    return stop
