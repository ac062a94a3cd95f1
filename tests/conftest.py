"""What every test may ask for: time that stands still, and an event loop that must not."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.builders import FakeClock

STALL_SECONDS = 0.1
THREAD = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)

# Examples are not timed: other work on the machine must not fail a test.
settings.register_profile("easel", deadline=None, print_blob=True)
settings.load_profile("easel")

TOGETHER = (
    "tests/generation/postcard/test_train.py",
    "tests/generation/pipelines/test_program.py",
    "tests/end_to_end/",
)
"""Whose tests are of one process: they share what takes long to make, or want all cores. By their
places, since the groups that pytest-xdist 3.8 writes into the names of tests are lost on pytest
9.2."""


class Together(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


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
