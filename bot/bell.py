"""A bell: wakes one sleeper now, or lets it sleep until a time is up."""

from __future__ import annotations

import asyncio


class Bell:
    """Rung while nobody listens, it still wakes the next who does."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float | None = None) -> bool:
        """Until rung, at most `seconds`. True if it was rung."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True
