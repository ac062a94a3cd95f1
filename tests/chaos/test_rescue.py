"""A few kills of the real worker; `python -m tests.chaos.rescue` does many."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.rescue import trial


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_killed_worker_costs_five_steps_at_most_and_no_bit(tmp_path: Path) -> None:
    result = await trial(2, 16, 20261121, tmp_path)

    assert result.good, result.table()
