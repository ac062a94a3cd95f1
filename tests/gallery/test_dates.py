"""Days as people write them."""

from __future__ import annotations

from gallery.pages.dates import day, stamp


def test_a_day_is_written_as_its_language_does() -> None:
    assert day(1_800_000_000, "en") == "15 January 2027"
    assert day(1_800_000_000, "zh") == "2027年1月15日"


def test_machines_read_the_moment() -> None:
    assert stamp(1_800_000_000.7) == "2027-01-15T08:00:00Z"
