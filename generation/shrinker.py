"""Asks for smaller copies of pictures that are too large to post. Loads no Pillow itself."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

KEPT = 20
"""Copies kept for another try of the same delivery; older ones are removed."""

SECONDS = 60.0
"""The longest one copy may take."""


class Shrinker:
    """Makes copies in `folder`, one at a time: a picture is tens of megabytes while it is open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[Path] = []
        self._turn = asyncio.Lock()

    async def __call__(self, picture: Path, limit_bytes: int) -> Path | None:
        """A copy of at most `limit_bytes`, or None when there can be none."""
        target = self._folder / f"{picture.stem}-{limit_bytes}.jpg"
        async with self._turn:
            if target in self._made:
                return target
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
            if not await self._run(picture, target, limit_bytes):
                return None
            self._made.append(target)
            for old in self._made[:-KEPT]:
                await asyncio.to_thread(old.unlink, missing_ok=True)
            del self._made[:-KEPT]
        return target

    async def _run(self, picture: Path, target: Path, limit_bytes: int) -> bool:
        words = (str(picture), str(target), str(limit_bytes))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "generation.shrink", *words),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={"PYTHONPATH": str(_ROOT)},
        )
        try:
            async with asyncio.timeout(SECONDS):
                _, said = await process.communicate()
        except TimeoutError:
            said = b"it took too long"
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if process.returncode != 0:
            log.warning("no smaller copy of a picture: %s", said.decode(errors="replace")[-500:])
        return process.returncode == 0


_ROOT = Path(__file__).resolve().parents[1]
