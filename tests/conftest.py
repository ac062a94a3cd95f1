"""What every test may ask for: time that stands still, and an event loop that must not."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.builders import FakeClock

STALL_SECONDS = 0.1
THREAD = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)

# Examples are not timed: other work on the machine must not fail a test.
settings.register_profile("easel", deadline=None, print_blob=True)
settings.load_profile("easel")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def no_stalls(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails the test when one callback holds the event loop for longer than STALL_SECONDS.

    A callback that was merely put aside, because other programs wanted the processor, did not.
    """
    stalls: list[str] = []
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        begun, before = time.perf_counter(), resource.getrusage(THREAD)
        run(handle)
        took, after = time.perf_counter() - begun, resource.getrusage(THREAD)
        computed = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        put_aside = after.ru_nivcsw > before.ru_nivcsw
        if took > STALL_SECONDS and (computed > STALL_SECONDS or not put_aside):
            stalls.append(f"{handle!r} took {took:.3f} s")

    monkeypatch.setattr(asyncio.Handle, "_run", timed)
    yield
    assert not stalls, "the event loop stalled: " + "; ".join(stalls)
