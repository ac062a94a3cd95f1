"""A short load. What is asserted is that everybody is answered rightly, not how quickly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.load import trial


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_everybody_is_answered_while_the_worker_is_busy(tmp_path: Path) -> None:
    report = await trial(20, 10, 1, tmp_path, patience=30, starts=1)

    assert report.exit_code == 0
    assert report.rowless == [], report.table()
    assert report.stats["unanswered"] == 0, report.table()
    assert report.refused == {}, report.table()
    assert report.errors == {}, report.table()
    assert report.waiting > 10
