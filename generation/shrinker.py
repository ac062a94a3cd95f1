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
        self._made: dict[tuple[Path, int], tuple[Path, bool]] = {}
        self._turn = asyncio.Lock()

    async def __call__(self, picture: Path, limit_bytes: int) -> tuple[Path, bool] | None:
        """A copy of at most `limit_bytes`, and whether it is lossless; None when there can be
        none."""
        wanted = (picture, limit_bytes)
        async with self._turn:
            if wanted in self._made:
                return self._made[wanted]
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
            target = self._folder / f"{picture.stem}-{limit_bytes}"
            said = await self._run(picture, target, limit_bytes)
            if said is None:
                return None
            suffix, lossless = said
            self._made[wanted] = (target.with_suffix(suffix), lossless == "lossless")
            for old in list(self._made)[:-KEPT]:
                path, _ = self._made.pop(old)
                await asyncio.to_thread(path.unlink, missing_ok=True)
            return self._made[wanted]

    async def _run(self, picture: Path, target: Path, limit_bytes: int) -> list[str] | None:
        """The two words that the program answers."""
        words = (str(picture), str(target), str(limit_bytes))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "generation.shrink", *words),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PYTHONPATH": str(_ROOT)},
        )
        try:
            async with asyncio.timeout(SECONDS):
                answer, said = await process.communicate()
        except TimeoutError:
            answer, said = b"", b"it took too long"
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if process.returncode != 0:
            log.warning("no smaller copy of a picture: %s", said.decode(errors="replace")[-500:])
            return None
        return answer.decode().split()


_ROOT = Path(__file__).resolve().parents[1]
