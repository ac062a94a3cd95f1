"""Who asks: from a cookie to a session to what the person may see."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from core.membership import Introductions
from core.sessions import Doorkeeper, Session
from core.works import ANYBODY, Viewer

KEPT_SECONDS = 10.0
"""How long it is remembered where somebody is a member: a page with forty pictures asks forty-one
times. `gallery.membership` says how this stays under a minute altogether."""

MOST_KEPT = 5000


class Visitors:
    def __init__(
        self,
        doorkeeper: Doorkeeper,
        introductions: Introductions,
        *,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self.doorkeeper = doorkeeper
        self.introductions = introductions
        self._now = now
        self._kept: OrderedDict[tuple[int, bool], tuple[float, asyncio.Task[Viewer]]] = (
            OrderedDict()
        )

    async def session(self, secret: str) -> Session | None:
        """Asked of the book each time: a session that was ended is over at once. Raises
        BusyError."""
        return await self.doorkeeper.who(secret) if secret else None

    async def viewer(self, session: Session | None) -> Viewer:
        """Raises BusyError."""
        if session is None:
            return ANYBODY
        key, now = (session.person.id, session.adult), self._now()
        until, asked = self._kept.get(key, (0.0, None))
        if asked is None or until <= now:
            asked = asyncio.create_task(self.introductions.viewer(session))
            asked.add_done_callback(lambda done: self._forget(key, done))
            self._kept[key] = (now + KEPT_SECONDS, asked)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        # Whoever asked first may leave; the others still want to know.
        return await asyncio.shield(asked)

    def _forget(self, key: tuple[int, bool], done: asyncio.Task[Viewer]) -> None:
        """What went wrong is asked anew."""
        if done.cancelled() or done.exception() is not None:
            _, asked = self._kept.get(key, (0.0, None))
            if asked is done:
                del self._kept[key]
