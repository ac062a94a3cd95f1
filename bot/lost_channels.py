"""Tells of channels where the bot may not post any more: the admins once, each owner once.

Admins read it in the server's system channel. An owner who asked for direct messages finds it in
the one that brings the picture; anyone else is told, alone, at the next thing he does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import discord

from bot.faults import CHANNEL_GONE
from bot.messenger import Messenger, Post
from core.clock import Clock
from core.errors import EaselError
from core.jobs import Job
from core.ports import Notices
from core.sentences import in_language, say

log = logging.getLogger(__name__)


class LostChannels:
    """`language` gives the locale of a server by its id."""

    def __init__(
        self,
        notices: Notices,
        messenger: Messenger,
        clock: Clock,
        language: Callable[[int], str] = lambda _: "",
    ) -> None:
        self._language = language
        self._notices = notices
        self._messenger = messenger
        self._clock = clock
        self._said: set[str] | None = None

    async def owe(self, job: Job) -> None:
        """Nobody saw the job's result: its owner is to be told. Never raises."""
        try:
            await self._note(_owed(job.owner.id, job.place.channel_id))
        except EaselError as failure:
            log.warning("job %s was shown to nobody, which was not noted: %s", job.id, failure)

    async def lost(self, job: Job, error: Exception) -> None:
        """The job's channel refused a message. Never raises."""
        place = job.place
        try:
            gone = isinstance(error, discord.HTTPException) and error.code in CHANNEL_GONE
            if gone or not place.server_id or not await self._note(_lost(place.channel_id)):
                return
            await self._tell_admins(place.server_id, place.channel_id)
        except EaselError as failure:
            log.warning("channel %s is lost, which was not noted: %s", place.channel_id, failure)

    async def found(self, channel_id: int) -> None:
        """The bot posted there: should it be lost again, that is told again."""
        try:
            for key in (_lost(channel_id), _shut(channel_id)):
                if key in await self._known():
                    await self._forget(key)
        except EaselError as failure:
            log.warning("channel %s is there again, which was not noted: %s", channel_id, failure)

    async def shut(self, server_id: int, channel_id: int, text: str) -> None:
        """A channel takes no more of what Easel posts there by itself. Never raises."""
        try:
            if await self._note(_shut(channel_id)):
                await self._tell(server_id, text, nonce=f"s{channel_id}")
        except EaselError as failure:
            log.warning("channel %s is shut, which was not noted: %s", channel_id, failure)

    async def owed(self, owner_id: int) -> str:
        """What the owner was not told yet, once; empty where there is nothing."""
        begins = f"owed:{owner_id}:"
        try:
            keys = [key for key in await self._known() if key.startswith(begins)]
            for key in keys:
                await self._forget(key)
        except EaselError:
            return ""
        where = ", ".join(f"<#{key.removeprefix(begins)}>" for key in sorted(keys)[:5])
        if not keys:
            return ""
        return say(
            "Pictures of yours could not be shown in {channels}, since Discord did not let Easel "
            "post there. They are in your history, and nothing is lost.",
            channels=where,
        )

    async def _tell_admins(self, server_id: int, channel_id: int) -> None:
        text = say(
            "Easel may not post in {channel} any more, so what is made there is shown to nobody; "
            "it stays in its owners' history. Allow **View Channel**, **Send Messages**, "
            "**Attach Files**, **Embed Links** and **Read Message History** there.",
            channel=f"<#{channel_id}>",
        )
        await self._tell(server_id, text, nonce=f"l{channel_id}")

    async def _tell(self, server_id: int, text: str, nonce: str) -> None:
        post = Post(in_language(text, self._language(server_id)), owner_id=0)
        try:
            if not await self._messenger.tell_admins(server_id, post, nonce=nonce):
                log.warning("server %s has no channel to tell its admins in", server_id)
        except (discord.DiscordException, OSError, TimeoutError) as error:
            log.warning("the admins of server %s could not be told: %s", server_id, error)

    async def _known(self) -> set[str]:
        if self._said is None:
            self._said = set(await self._notices.keys())
        return self._said

    async def _note(self, key: str) -> bool:
        known = await self._known()
        if key in known:
            return False
        known.add(key)
        return await self._notices.note(key, self._clock.now())

    async def _forget(self, key: str) -> None:
        (await self._known()).discard(key)
        await self._notices.forget(key)


def _lost(channel_id: int) -> str:
    return f"lost:{channel_id}"


def _shut(channel_id: int) -> str:
    return f"shut:{channel_id}"


def _owed(owner_id: int, channel_id: int) -> str:
    return f"owed:{owner_id}:{channel_id}"
