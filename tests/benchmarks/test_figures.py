"""Stories of the numbers that measurements tell."""

from __future__ import annotations

import math
from pathlib import Path

from benchmarks.kit.figures import Figure, Result, middle, number, p95, percentile, table


def test_of_a_hundred_waits_the_ninety_fifth_is_told_not_one_between_two() -> None:
    assert p95(range(1, 101)) == 95
    assert p95([3.0]) == 3.0
    assert percentile([5, 1, 3], 0.5) == 3
    assert percentile(range(1, 101), 0.07) == 7
    assert math.isnan(p95([]))


def test_one_disturbed_round_does_not_move_the_ratio() -> None:
    assert middle([2.0, 2.0, 90.0], [1.0, 1.0, 1.0]) == 2.0


def test_a_promise_is_kept_from_its_own_side() -> None:
    assert Figure("speed", 1.4, 1.35).kept
    assert not Figure("speed", 1.3, 1.35).kept
    assert Figure("wait", 1.3, 1.5, floor=False).kept
    assert not Figure("wait", 1.6, 1.5, floor=False).kept
    assert Figure("shown only", 0.1).kept
    assert Figure("shown only", 0.1).verdict == ""
    assert Figure("speed", 1.3, 1, aim=1.35).bound == "≥ 1 (aim 1.35)"


def test_a_figure_that_could_not_be_measured_keeps_no_promise() -> None:
    assert not Figure("speed", math.nan, 1).kept
    assert not Figure("wait", math.nan, 1, floor=False).kept


def test_numbers_are_short_and_readable() -> None:
    shown = [
        number(value) for value in (1234567.0, 99.96, 1.0, 0.01234, 0.000012345, 0.0, math.nan)
    ]
    assert shown == ["1,234,567", "100", "1", "0.0123", "0.0000123", "0", "–"]


def test_a_table_is_markdown() -> None:
    assert (
        table(("what", "s"), [["a grid", 1.5]]) == "| what | s |\n| --- | ---: |\n| a grid | 1.5 |"
    )


def test_what_a_script_found_is_read_back_whole(tmp_path: Path) -> None:
    result = Result("throughput", "tiny, 2 threads")
    result.add("times bare", 1.4, 1.0, aim=1.35)
    result.show("Rows", ("rows", "ms"), [["1", 2.0]])
    assert result.tell(tmp_path / "found.json") == 0
    read = Result.read(tmp_path / "found.json")
    assert read.figures == [Figure("times bare", 1.4, 1.0, 1.35)]
    assert read.tables == ["Rows\n\n| rows | ms |\n| --- | ---: |\n| 1 | 2 |"]
    assert "CPU cores" in read.machine and read.at > 0


def test_a_broken_promise_is_the_scripts_status() -> None:
    result = Result("throughput", "")
    result.add("times bare", 0.9, 1.0)
    assert result.tell(None) == 1
