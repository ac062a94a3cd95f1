"""A few zombies; `python -m tests.chaos.zombie` does a hundred."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.zombie import HELD, trial


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_held_worker_or_bot_loses_its_job_and_its_late_result_is_refused(
    tmp_path: Path,
) -> None:
    result = await trial(3, 20261121, tmp_path)

    assert result.good, result.table()
    assert set(result.held) == set(HELD)
    assert result.dropped >= 2
