"""The collector must not hold up the event loop."""

from __future__ import annotations

import gc
import weakref

import pytest

from cli.pauses import keep_pauses_short


class Thing:
    def __init__(self) -> None:
        self.other: Thing | None = None


@pytest.mark.parametrize(("long_seconds", "aside"), [(-1.0, True), (60.0, False)])
def test_what_a_long_collection_found_alive_is_put_aside(long_seconds: float, aside: bool) -> None:
    end = keep_pauses_short(long_seconds)
    try:
        before = gc.get_freeze_count()
        things = [Thing() for _ in range(1000)]
        gc.collect(0)
        assert gc.get_freeze_count() <= before
        gc.collect()
        assert (gc.get_freeze_count() >= before + 900) is aside
        # It is let go as ever when nobody needs it.
        last = weakref.ref(things.pop())
        assert last() is None
    finally:
        end()
    assert gc.get_freeze_count() == 0


def test_garbage_that_goes_in_circles_is_still_found() -> None:
    end = keep_pauses_short(-1.0)
    try:
        one, other = Thing(), Thing()
        one.other, other.other = other, one
        seen = weakref.ref(one)
        del one, other
        gc.collect()
        assert seen() is None
    finally:
        end()
