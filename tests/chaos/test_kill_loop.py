"""A short trial; `make chaos` runs the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.kill_loop import Plan, trial


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_nothing_is_lost_and_nothing_comes_twice_when_bot_and_worker_are_killed(
    tmp_path: Path,
) -> None:
    result = await trial(Plan(kills=10, seed=20261121, acts=300), tmp_path)

    assert result.verdict.problems() == [], result.table()
    assert result.killed["bot"] > 0
    assert result.killed["worker"] > 0
    assert result.verdict.jobs > 10


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_nor_when_discord_loses_replies_and_fails_as_well(tmp_path: Path) -> None:
    result = await trial(Plan(kills=6, seed=7, acts=300, faults=True), tmp_path)

    assert result.verdict.problems() == [], result.table()
    assert result.verdict.jobs > 5
