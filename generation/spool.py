"""The spool: where the pieces of jobs lie while they are made."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path


class Spool:
    """A folder for each process, and in it one for each attempt of a job."""

    def __init__(self, folder: Path, instance: str, is_dead: Callable[[str], bool]) -> None:
        self._folder = folder
        self._instance = instance
        self._is_dead = is_dead

    @asynccontextmanager
    async def open(self, attempt: str) -> AsyncGenerator[Path]:
        """A folder that is gone, with all in it, when the attempt is over."""
        folder = self._folder / self._instance / attempt
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        try:
            yield folder
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def sweep(self) -> None:
        """Removes what processes that are gone have left."""
        await asyncio.to_thread(self._sweep)

    def _sweep(self) -> None:
        if not self._folder.is_dir():
            return
        for folder in self._folder.iterdir():
            if folder.name != self._instance and self._is_dead(folder.name):
                shutil.rmtree(folder, ignore_errors=True)
