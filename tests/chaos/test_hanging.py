"""A few kills; `python -m tests.chaos.hanging` does many."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.hanging import trial


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_what_is_liked_hangs_once_whatever_is_killed(tmp_path: Path) -> None:
    result = await trial(3, 20261121, tmp_path)

    assert result.good, result.table()
