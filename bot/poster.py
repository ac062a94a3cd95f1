"""Keeps a message of Easel's own in a channel: posts it once, changes it, takes it away.

As with deliveries, it is sent with a nonce, and one that may have arrived is looked for by the id
of one of its buttons, so that a crash neither loses nor doubles it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import discord

from bot.faults import CHANNEL_GONE, REFUSALS, Rung, Then, decide, retry_after
from bot.ladder import (
    CHANNEL_REST_SECONDS,
    NONCE_SECONDS,
    SHRINK_FACTOR,
    SHRINK_TRIES,
    TURNED_AWAY,
)
from bot.lost_channels import LostChannels
from bot.messenger import REQUEST_BYTES, Messenger, Post
from core.clock import Clock
from core.errors import SettingsError
from core.jobs import Place

log = logging.getLogger(__name__)

OLD_EDIT_SECONDS = 600.0
"""After Discord would not have a message changed that is too old."""


class LaterError(Exception):
    """`seconds` is what Discord asked for, or what the channel rests; None for the usual."""

    def __init__(self, seconds: float | None, cause: object) -> None:
        super().__init__(str(cause))
        self.seconds = seconds


class NotShownError(Exception):
    """It cannot be shown there, or somebody deleted the message, which is a wish."""


class ChannelGoneError(Exception):
    """There is no such channel any more."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A channel; `shut` is what its server's admins are told should it be shut to Easel."""

    server_id: int
    channel_id: int
    shut: str


@dataclass(frozen=True, slots=True)
class Form:
    """What of the message is allowed so far. `limit` is the largest file in bytes; `shrunk` counts
    how often that was made smaller."""

    limit: int
    with_prompt: bool = True
    shrunk: int = 0


Make = Callable[[Form], Awaitable[Post]]
"""The message within a form. Raises NotShownError."""


class Poster:
    """Each call raises LaterError, NotShownError, ChannelGoneError, or SettingsError when the bot
    itself was turned away."""

    def __init__(
        self,
        messenger: Messenger,
        clock: Clock,
        lost_channels: LostChannels | None,
        *,
        upload_bytes: int,
    ) -> None:
        self._messenger = messenger
        self._clock = clock
        self._lost_channels = lost_channels
        self._upload_bytes = upload_bytes
        self._rests: dict[int, float] = {}

    def rests_until(self, channel_id: int) -> float:
        """Until when the channel is left alone: refusals count towards a ban."""
        return self._rests.get(channel_id, 0.0)

    async def post(
        self, spot: Spot, make: Make, *, nonce: str, custom_id: str, began: float
    ) -> tuple[int, bool]:
        """The message's id, and whether it was there before. `custom_id` is that of a button of it;
        `began` is when it was first sent, maybe now."""
        place = Place(server_id=spot.server_id, channel_id=spot.channel_id)
        form = Form(self._messenger.upload_limit(place, self._upload_bytes))
        while True:
            post: Post | None = None
            try:
                if self._clock.now() - began > NONCE_SECONDS:
                    found = await self._messenger.holding(spot.channel_id, custom_id, began)
                    if found:
                        return found, True
                post = await make(form)
                message_id = await self._messenger.post(
                    spot.channel_id, post, nonce=nonce, server_id=spot.server_id
                )
                break
            except REFUSALS as error:
                form = await self._after(error, Rung.POST, spot, form, post)
        if self._lost_channels is not None:
            await self._lost_channels.found(spot.channel_id)
        return message_id, False

    async def edit(self, spot: Spot, message_id: int, make: Make) -> None:
        form = Form(REQUEST_BYTES)
        while True:
            post: Post | None = None
            try:
                post = await make(form)
                await self._messenger.edit(spot.channel_id, message_id, post)
                return
            except REFUSALS as error:
                form = await self._after(error, Rung.EDIT, spot, form, post)

    async def remove(
        self, spot: Spot, message_id: int, *, custom_id: str = "", since: float | None = None
    ) -> None:
        """`message_id` 0: one that was first sent at `since` may be there, and is looked for."""
        try:
            if not message_id and since is not None:
                message_id = await self._messenger.holding(spot.channel_id, custom_id, since)
            if message_id:
                await self._messenger.delete(spot.channel_id, message_id)
        except discord.NotFound:
            pass  # it is gone already, or its channel
        except REFUSALS as error:
            then = decide(error, Rung.EDIT)
            if then is Then.STOP:
                raise SettingsError(TURNED_AWAY) from error
            if then is Then.CHANNEL_LOST:
                await self.shut(spot)
            raise LaterError(retry_after(error), error) from error

    async def shut(self, spot: Spot) -> None:
        """Nothing can be posted there for a while; its admins are told, once."""
        now = self._clock.now()
        self._rests = {
            **{channel: until for channel, until in self._rests.items() if until > now},
            spot.channel_id: now + CHANNEL_REST_SECONDS,
        }
        if self._lost_channels is not None:
            await self._lost_channels.shut(spot.server_id, spot.channel_id, spot.shut)

    async def _after(
        self, error: Exception, rung: Rung, spot: Spot, form: Form, post: Post | None
    ) -> Form:
        """The form to try next. Raises what ends the try."""
        match decide(error, rung):
            case Then.STOP:
                raise SettingsError(TURNED_AWAY) from error
            case Then.LATER:
                raise LaterError(retry_after(error), error) from error
            case Then.CHANNEL_LOST:
                if isinstance(error, discord.HTTPException) and error.code in CHANNEL_GONE:
                    raise ChannelGoneError(str(error)) from error
                await self.shut(spot)
                raise LaterError(CHANNEL_REST_SECONDS, error) from error
            case Then.SMALLER if post is not None and form.shrunk < SHRINK_TRIES:
                largest = max((len(one.data) for one in post.uploads or ()), default=form.limit)
                limit = int(min(largest, form.limit) * SHRINK_FACTOR)
                return replace(form, limit=limit, shrunk=form.shrunk + 1)
            case Then.NO_PROMPT if form.with_prompt:
                return replace(form, with_prompt=False)
            case Then.NEXT_RUNG if rung is Rung.EDIT:
                # Such as that the message is too old to be edited so often.
                raise LaterError(OLD_EDIT_SECONDS, error) from error
            case _:
                raise NotShownError(str(error)) from error
