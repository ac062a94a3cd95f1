"""The Discord that Easel is on: the real one, or a sandbox of our own when there is no token."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import SettingsError
from core.settings import Settings

SANDBOX_START_SECONDS = 20.0

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Discord:
    """Where to log in. `url` is empty for Discord itself. `client_id` and `client_secret` are what
    it knows the gallery by, empty where people cannot log in there."""

    token: str
    url: str = ""
    client_id: str = ""
    client_secret: str = ""

    def __repr__(self) -> str:
        return f"Discord(url={self.url!r})"

    @classmethod
    def of(cls, settings: Settings) -> Discord:
        return cls(
            settings.discord_token,
            settings.discord_url.rstrip("/"),
            settings.discord_client_id,
            settings.discord_client_secret,
        )


@asynccontextmanager
async def reach_discord(settings: Settings) -> AsyncGenerator[Discord]:
    """Raises SettingsError where the sandbox cannot start."""
    if settings.discord_token:
        yield Discord.of(settings)
        return
    print("No DISCORD_TOKEN is set: Easel opens its sandbox, a small Discord on this machine.")
    state = settings.data.absolute() / "sandbox"
    # A session of its own: Ctrl-C is for Easel, which then ends the sandbox itself.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--port", str(settings.sandbox_port)),
        *("--state", str(state), "--exit-with-stdin"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        try:
            async with asyncio.timeout(SANDBOX_START_SECONDS):
                line = await process.stdout.readline()
        except TimeoutError as error:
            raise SettingsError("The sandbox did not start in time; try again.") from error
        if not line:
            raise SettingsError(
                f"The sandbox could not start on port {settings.sandbox_port}; if something else "
                "uses that port, set EASEL_SANDBOX_PORT to another."
            )
        ready = json.loads(line)
        print(f"Open {ready['url']} and type /imagine. Ctrl-C stops.", flush=True)
        yield Discord(ready["token"], ready["url"], ready["client_id"], ready["client_secret"])
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
