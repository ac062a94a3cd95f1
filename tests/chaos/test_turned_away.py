"""Discord closes the connection for good: one sentence for the operator, and no storm of starts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sandbox.client import SandboxClient
from tests.chaos.processes import Easel, fake_worker, sandbox
from tests.chaos.reading import rows


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_the_program_ends_with_a_sentence_and_keeps_its_jobs(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as discord, SandboxClient(discord.url) as people:
        worker = fake_worker(tmp_path / "marks", step_ms=200, steps=1000)
        easel = Easel(tmp_path, discord, people, {"EASEL_WORKER_COMMAND": worker})
        endings: dict[int, tuple[int, str]] = {}
        try:
            for code in (4004, 4013, 4014):
                await easel.start()
                await easel.ready()
                await people.slash("mira", "studio", "imagine", prompt=f"the house of {code}")
                said = len(easel.log.read_bytes())
                await people.gateway("drop", code=code)
                assert easel.process is not None
                exit_code = await asyncio.wait_for(easel.process.wait(), 30)
                endings[code] = exit_code, easel.log.read_bytes()[said:].decode()
        finally:
            await easel.end()
        states = [row["state"] for row in rows(easel.database, "SELECT state FROM jobs")]
        identified = (await people.stats())["gateway"]["identifies"]

    assert {code: exit for code, (exit, _) in endings.items()} == dict.fromkeys(endings, 3)
    for (_, said), wanted in zip(
        endings.values(), ("DISCORD_TOKEN", "Update Easel", "privileged"), strict=True
    ):
        assert wanted in said.splitlines()[-1]
        assert "Traceback" not in said
    assert states == ["queued"] * 3
    assert identified == 3
