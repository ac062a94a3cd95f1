"""How long a job may have to wait at most, as it is said when it is admitted."""

from __future__ import annotations

import pytest

from core.promise import (
    PATIENCE_SECONDS,
    RUNNING_SECONDS,
    STRETCH,
    begins_within,
    due_after,
)
from core.request import Lane


@pytest.mark.parametrize("lane", Lane)
def test_in_a_short_queue_a_lane_has_its_patience(lane: Lane):
    assert due_after(lane, load_ms=0, devices=1) == PATIENCE_SECONDS[lane]


def test_a_relaxed_job_has_more_patience_than_the_others():
    assert (
        PATIENCE_SECONDS[Lane.RELAX] > PATIENCE_SECONDS[Lane.FAST] == PATIENCE_SECONDS[Lane.TURBO]
    )


@pytest.mark.parametrize("lane", Lane)
def test_in_a_long_queue_all_wait_in_proportion_to_it(lane: Lane):
    hour = due_after(lane, load_ms=3_600_000, devices=1)
    assert hour == STRETCH * 3600
    assert due_after(lane, load_ms=3_600_000, devices=4) == hour / 4


def test_no_devices_count_as_one():
    assert due_after(Lane.FAST, 3_600_000, 0) == due_after(Lane.FAST, 3_600_000, 1)


def test_what_is_due_begins_after_all_that_was_there_before_it():
    load_seconds = 3600
    due = due_after(Lane.FAST, load_seconds * 1000, 1)
    assert begins_within(due) == pytest.approx(due + load_seconds + RUNNING_SECONDS)
