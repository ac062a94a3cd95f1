"""A few neighbours; `python -m tests.chaos.poison` has a hundred."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.poison import trial


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_job_that_kills_its_worker_is_given_up_and_its_neighbours_are_well(
    tmp_path: Path,
) -> None:
    result = await trial(6, tmp_path)

    assert result.good, result.table()
    assert result.worker_starts <= 6
