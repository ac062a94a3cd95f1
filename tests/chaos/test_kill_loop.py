"""Fifty kills; `make chaos` runs the long trial."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.kill_loop import Plan, trial


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_nothing_is_lost_and_nothing_comes_twice_when_bot_and_worker_are_killed(
    tmp_path: Path,
) -> None:
    result = await trial(Plan(kills=34, seed=20261121), tmp_path)

    assert result.verdict.problems() == [], result.table()
    assert result.killed["bot"] > 5
    assert result.killed["worker"] > 5
    assert result.verdict.jobs > 40
    assert result.verdict.paid["the amounts"] > 20
    assert result.verdict.deeds["line"] >= 2


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_nor_when_discord_loses_replies_and_fails_as_well(tmp_path: Path) -> None:
    result = await trial(Plan(kills=16, seed=7, faults=True), tmp_path)

    assert result.verdict.problems() == [], result.table()
    assert result.verdict.jobs > 10
