"""What every test may ask for: time that stands still, and an event loop that must not."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import settings

from tests.builders import FakeClock

STALL_SECONDS = 0.1

# Examples are not timed: other work on the machine must not fail a test.
settings.register_profile("easel", deadline=None, print_blob=True)
settings.load_profile("easel")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class _Stalls(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith("Executing") and "took" in message:
            self.seen.append(message)


@pytest.fixture
async def no_stalls() -> AsyncIterator[None]:
    """Fails the test when one callback holds the event loop for longer than STALL_SECONDS.

    Where more programs want to run than there are processors, each takes longer by as much.
    """
    loop = asyncio.get_running_loop()
    stalls = _Stalls()
    logger = logging.getLogger("asyncio")
    before = loop.get_debug(), loop.slow_callback_duration
    loop.set_debug(True)
    loop.slow_callback_duration = STALL_SECONDS * max(1, os.getloadavg()[0] / (os.cpu_count() or 1))
    logger.addHandler(stalls)
    try:
        yield
        # The callback that ends the test is timed once it gives way.
        await asyncio.sleep(0)
    finally:
        logger.removeHandler(stalls)
        loop.set_debug(before[0])
        loop.slow_callback_duration = before[1]
    assert not stalls.seen, "the event loop stalled: " + "; ".join(stalls.seen)
