"""Removes the messages that show what was deleted, one after the other and in its own time.

Which ones are owed is noted (`core.departures`), so a restart leaves none, and whoever deletes
outside of Discord need only note them. Discord slows down whoever deletes many; nobody waits for
it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

import discord

from bot.bell import Bell
from bot.messenger import Messenger
from core.clock import Clock
from core.departures import Departures, key_of, message_of
from core.errors import EaselError
from core.jobs import Job
from core.ports import Notices

log = logging.getLogger(__name__)

LOOK_SECONDS = 30.0
"""How often is looked for what others noted, and for what Discord would not delete."""


class Clearing:
    """Without `notices`, what is owed is forgotten at a restart."""

    def __init__(self, messenger: Messenger, notices: Notices | None, clock: Clock) -> None:
        self._messenger = messenger
        self._notices = notices
        self._departures = Departures(notices, clock) if notices is not None else None
        self._owed: dict[str, tuple[int, int]] = {}
        self._bell = Bell()

    async def owe(self, jobs: Iterable[Job]) -> None:
        """The messages of jobs that were deleted are to go. Never raises: the pictures are gone."""
        jobs = list(jobs)
        if self._departures is not None:
            await self._departures.owe(jobs)
        self._owe(map(key_of, jobs))
        self._bell.ring()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._look()
            for key, (channel_id, message_id) in list(self._owed.items()):
                if await self._remove(channel_id, message_id):
                    del self._owed[key]
                    await self._forget(key)
            looks = self._notices is not None or self._owed
            await self._bell.wait(LOOK_SECONDS if looks else None)

    def _owe(self, keys: Iterable[str]) -> None:
        for key in keys:
            if message := message_of(key):
                self._owed[key] = message

    async def _look(self) -> None:
        """What was noted before a restart, or by others."""
        if self._notices is None:
            return
        try:
            self._owe(await self._notices.keys())
        except EaselError as error:
            log.warning("which messages are to go is not known yet: %s", error)

    async def _remove(self, channel_id: int, message_id: int) -> bool:
        """False: it is to be tried again."""
        try:
            await self._messenger.delete(channel_id, message_id)
        except discord.HTTPException as error:
            if error.status >= 500 or error.status == 429:
                return False
            if error.status != 404:
                log.info("message %s of a deleted picture stays: %s", message_id, error)
        except (discord.DiscordException, OSError, TimeoutError) as error:
            log.warning("message %s could not be deleted yet: %s", message_id, error)
            return False
        return True

    async def _forget(self, key: str) -> None:
        if self._notices is None:
            return
        try:
            await self._notices.forget(key)
        except EaselError as error:
            # It is found gone the next time.
            log.warning("that %s is done was not noted: %s", key, error)
