"""A theme on the real database, with kill -9 at each of its turns: every message is there once."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.client import SandboxClient
from sandbox.views import Message
from sandbox.world import SHOWCASE_ID
from tests.chaos.hanging import PATIENCE, picture, press
from tests.chaos.processes import Easel, fake_worker, sandbox
from tests.chaos.reading import rows

ADMIN, ONE, OTHER, FAN = "ada", "mira", "noah", "ada"


async def killed(easel: Easel, after: float) -> None:
    """And started again; so many seconds later it is in the middle of what is to be done."""
    await asyncio.sleep(after)
    await easel.kill()
    await easel.start()
    await easel.ready()


def has_come(easel: Easel, what: str) -> None:
    """As if this time of the theme had come."""
    with closing(sqlite3.connect(easel.database, timeout=20)) as database:
        database.execute(f"UPDATE themes SET {what} = ?", (time.time(),))
        database.commit()


async def shown(client: SandboxClient, words: str) -> Message:
    return await client.wait_message("showcase", lambda one: words in one.text, timeout=PATIENCE)


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_theme_goes_its_way_whatever_is_killed(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as discord, SandboxClient(discord.url) as client:
        settings = {"EASEL_WORKER_COMMAND": fake_worker(tmp_path / "marks", step_ms=2, steps=4)}
        easel = Easel(tmp_path, discord, client, settings)
        try:
            await easel.start()
            await easel.ready()
            await client.slash(ADMIN, "studio", "theme start", words="fog", channel=SHOWCASE_ID)
            await killed(easel, 0.05)
            await shown(client, "Pictures made for it")
            for person in (ONE, OTHER):
                await press(client, person, await picture(client, person), "z1:enter:")
            has_come(easel, "votes_from")
            await killed(easel, 0.3)
            page = await shown(client, "each member has one vote")
            assert len(page.pictures) == 2
            await press(client, FAN, page, "z1:vote:1:2:")
            await killed(easel, 0.0)
            has_come(easel, "ends_at")
            await killed(easel, 0.3)
            result = await shown(client, "The winners:")
            assert "🥇" in result.text and "1 vote" in result.text
            await client.wait_edit(page.id, lambda now: "is over" in now.text, PATIENCE)
            assert len(await client.messages("showcase", limit=500)) == 3
            (theme,) = rows(easel.database, "SELECT * FROM themes")
            assert (theme["phase"], theme["called_off"]) == ("over", 0)
        finally:
            await easel.end()
