"""The sandbox that stands in for Discord where there is no token."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.discord import reach_discord
from core.settings import Settings


async def test_what_takes_too_long_later_is_not_told_of_its_start(tmp_path: Path) -> None:
    settings = Settings.from_env({"EASEL_DATA": str(tmp_path), "EASEL_SANDBOX_PORT": "0"})
    with pytest.raises(TimeoutError, match="of somebody else's"):
        async with reach_discord(settings) as discord:
            assert discord.url.startswith("http://127.0.0.1:")
            raise TimeoutError("of somebody else's")
