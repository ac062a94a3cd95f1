"""What Discord says to the bot's token, asked once in a while; see `DiscordRest.get`."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Self

import aiohttp

from gallery.errors import SilentError

log = logging.getLogger(__name__)

DISCORD = "https://discord.com"

KEPT_SECONDS = 40.0
"""How old an answer may be, from the moment it was asked for. With what a request may take, and
what is kept of a visitor (`gallery.visitors`), this stays under a minute."""

DOUBT_SECONDS = 5.0
"""How long an answer that did not come is not asked for again."""

REQUEST_SECONDS = 5.0
MOST_KEPT = 20_000

AT_ONCE = 8
"""Requests under way at a time; Discord takes fifty in a second, and the bot needs most of them."""


@dataclass(slots=True)
class _Kept:
    answer: asyncio.Task[Any]
    until: float


class DiscordRest:
    """Use as an async context manager. `url` is empty for Discord itself."""

    def __init__(self, token: str, url: str = "", *, now: Callable[[], float] = monotonic) -> None:
        self._base = f"{url.rstrip('/') or DISCORD}/api/v10"
        self._token = token
        self._now = now
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._http: aiohttp.ClientSession | None = None
        self._quiet_until = 0.0

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            headers={"Authorization": f"Bot {self._token}"},
            timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        for kept in self._kept.values():
            kept.answer.cancel()
        if self._http is not None:
            await self._http.close()

    async def get(self, path: str) -> Any:
        """What Discord answers at a path such as `/channels/1`, at most a minute old; None for what
        is not there, or not shown to the bot. Raises SilentError."""
        now = self._now()
        kept = self._kept.get(path)
        if kept is None or kept.until <= now:
            task = asyncio.create_task(self._ask(path))
            kept = self._kept[path] = _Kept(task, now + KEPT_SECONDS)
            task.add_done_callback(lambda done: self._doubt(path, done))
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(path)
        # Whoever asked first may leave; the others still want the answer.
        return await asyncio.shield(kept.answer)

    def _doubt(self, path: str, done: asyncio.Task[Any]) -> None:
        if done.cancelled() or done.exception() is None:
            return
        kept = self._kept.get(path)
        if kept is not None and kept.answer is done:
            kept.until = min(kept.until, self._now() + DOUBT_SECONDS)

    async def _ask(self, path: str) -> Any:
        assert self._http is not None
        if self._now() < self._quiet_until:
            raise SilentError
        try:
            async with self._turns, self._http.get(self._base + path) as answer:
                if answer.status in (403, 404):
                    return None
                if answer.status == 429:
                    pause = float(answer.headers.get("Retry-After", "1"))
                    self._quiet_until = self._now() + min(60.0, max(1.0, pause))
                answer.raise_for_status()
                return await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # The path is made of ids; the token stands in none of it.
            log.warning("Discord did not answer about %s: %s", path, type(error).__name__)
            raise SilentError from error
