"""The calls to Discord that show a job's message, and nothing else: what to do when one fails is
decided in `bot.faults` and `bot.ladder`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, cast

import discord

from core.actions import Action, Button, ButtonError
from core.jobs import Place

REQUEST_SECONDS = 60.0
"""A call that takes longer has an unknown outcome. aiohttp's own limit is five minutes."""

SCAN_MESSAGES = 500
"""How many messages of a channel are read in search of one of ours: five requests at most."""

CLOCK_SKEW_SECONDS = 60.0
"""How far this machine's clock may be ahead of Discord's when a search begins at a time."""


REQUEST_BYTES = 25 * 2**20 - 2**16
"""Discord takes 25 MiB in one request, words and all, whatever a file may have."""

MOST_LIMITS = 1000
"""Channels whose limits are remembered, those heard of last."""


class _Original:
    """The word Discord takes for the id of an interaction's answer, which is not known after a
    crash. Not a str, because discord.py would quote its @."""

    def __str__(self) -> str:
        return "@original"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send. `alt` is read to those who cannot see it, at most 1,024 characters."""

    name: str
    data: bytes
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A job's message as it shall be.

    `uploads` None leaves the files of an edited message as they are; an empty tuple removes them.
    Only `owner_id` may be pinged by the content; 0: nobody.
    """

    content: str
    owner_id: int
    uploads: tuple[Upload, ...] | None = None
    view: discord.ui.View | discord.ui.LayoutView | None = None

    @property
    def whole(self) -> bool:
        """Whether the view holds the text as well."""
        return isinstance(self.view, discord.ui.LayoutView)

    @property
    def mentions(self) -> discord.AllowedMentions:
        if not self.owner_id:
            return discord.AllowedMentions.none()
        owner = discord.Object(self.owner_id)
        return discord.AllowedMentions(
            everyone=False, roles=False, users=[owner], replied_user=False
        )

    @property
    def files(self) -> list[discord.File]:
        """Made anew for each try: a sent file is closed."""
        return files_of(self.uploads or ())


@dataclass(frozen=True, slots=True)
class Found:
    """A message of ours that belongs to a job. `final`: it shows the job's end."""

    message_id: int
    final: bool


class Messenger:
    """Raises what discord.py raises, and TimeoutError."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._limits: dict[int, int] = {}

    async def edit_by_token(self, token: str, post: Post) -> int:
        """Edits the answer to an interaction; returns the message's id. Idempotent."""
        application_id = self._client.application_id
        assert application_id is not None, "not logged in"
        webhook = discord.Webhook.partial(application_id, token, client=self._client)
        async with asyncio.timeout(REQUEST_SECONDS):
            message = await webhook.edit_message(cast("int", _Original()), **_changes(post))
        return message.id

    async def edit(self, channel_id: int, message_id: int, post: Post) -> int:
        """Edits the bot's own message. Idempotent."""
        channel = self._client.get_partial_messageable(channel_id)
        async with asyncio.timeout(REQUEST_SECONDS):
            await channel.get_partial_message(message_id).edit(**_changes(post))
        return message_id

    async def post(
        self, channel_id: int, post: Post, *, nonce: str, reply_to: int = 0, server_id: int = 0
    ) -> int:
        """Posts once per nonce, as long as Discord remembers it: a few minutes."""
        channel = self._client.get_partial_messageable(channel_id, guild_id=server_id or None)
        return await self._send(channel, post, nonce, reply_to)

    async def tell_admins(self, server_id: int, post: Post, *, nonce: str) -> bool:
        """Posts in the server's system channel; False where there is none we know of."""
        guild = self._client.get_guild(server_id)
        channel = guild.system_channel if guild is not None else None
        if channel is None:
            return False
        await self._send(channel, post, nonce, 0)
        return True

    async def tell_moderators(self, server_id: int, post: Post, *, nonce: str) -> bool:
        """Posts in the channel that Discord itself uses for a server's moderators; False where
        there is none, or none that the bot may write in."""
        guild = self._client.get_guild(server_id)
        channel = guild.public_updates_channel if guild is not None else None
        if channel is None:
            return False
        try:
            await self._send(channel, post, nonce, 0)
        except discord.HTTPException:
            return False
        return True

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Deletes the bot's own message."""
        channel = self._client.get_partial_messageable(channel_id)
        async with asyncio.timeout(REQUEST_SECONDS):
            await channel.get_partial_message(message_id).delete()

    async def is_there(self, channel_id: int, message_id: int) -> bool:
        """Whether a message can still be read; where nobody knows, it is taken to be there."""
        channel = self._client.get_partial_messageable(channel_id)
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                await channel.fetch_message(message_id)
        except (discord.NotFound, discord.Forbidden):
            return False
        except (discord.DiscordException, OSError, TimeoutError):
            return True
        return True

    async def direct(self, user_id: int, post: Post, *, nonce: str) -> int:
        """Writes to a person who asked for it."""
        async with asyncio.timeout(REQUEST_SECONDS):
            channel = await self._client.create_dm(discord.Object(user_id))
        return await self._send(channel, post, nonce, 0)

    async def find(self, channel_id: int, job_id: str, since: float) -> Found | None:
        """The job's message among the channel's since then: the final one before another."""
        channel = self._client.get_partial_messageable(channel_id)
        after = datetime.fromtimestamp(since - CLOCK_SKEW_SECONDS, UTC)
        found: Found | None = None
        me = self._client.user
        async with asyncio.timeout(REQUEST_SECONDS):
            async for message in channel.history(after=after, limit=SCAN_MESSAGES):
                if me is None or message.author.id != me.id:
                    continue
                actions = {b.action for b in buttons_of(message) if b.job_id == job_id}
                if actions and Action.CANCEL not in actions:
                    return Found(message.id, final=True)
                if actions:
                    found = Found(message.id, final=False)
        return found

    async def holding(self, channel_id: int, custom_id: str, since: float) -> int:
        """The id of our message with that button, among the channel's since then; 0 for none."""
        channel = self._client.get_partial_messageable(channel_id)
        after = datetime.fromtimestamp(since - CLOCK_SKEW_SECONDS, UTC)
        me = self._client.user
        async with asyncio.timeout(REQUEST_SECONDS):
            async for message in channel.history(after=after, limit=SCAN_MESSAGES):
                if me is not None and message.author.id == me.id and custom_id in ids_of(message):
                    return message.id
        return 0

    def learn(self, interaction: discord.Interaction[Any]) -> None:
        """An interaction tells what its channel takes; elsewhere that is not said."""
        channel_id = interaction.channel_id or 0
        self._limits.pop(channel_id, None)
        self._limits[channel_id] = interaction.filesize_limit
        if len(self._limits) > MOST_LIMITS:
            del self._limits[next(iter(self._limits))]

    def upload_limit(self, place: Place, configured: int) -> int:
        """Bytes that the file of a message may have there. A server's own limit grows with its
        boosts; where the bot is no member, it is what the last interaction said."""
        guild = self._client.get_guild(place.server_id) if place.server_id else None
        if guild is not None:
            theirs = guild.filesize_limit
        else:
            usual = discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
            theirs = self._limits.get(place.channel_id, usual)
        return min(theirs, configured, REQUEST_BYTES)

    async def _send(
        self, channel: discord.abc.Messageable, post: Post, nonce: str, reply_to: int
    ) -> int:
        options: dict[str, Any] = {}
        if reply_to:
            options["reference"] = discord.MessageReference(
                message_id=reply_to,
                channel_id=cast("Any", channel).id,
                fail_if_not_exists=False,
            )
        if post.view is not None:
            options["view"] = post.view
        async with asyncio.timeout(REQUEST_SECONDS):
            message = await channel.send(
                None if post.whole else post.content,
                files=post.files,
                nonce=nonce,
                allowed_mentions=post.mentions,
                suppress_embeds=not post.whole,
                **options,
            )
        return message.id


def files_of(uploads: Sequence[Upload]) -> list[discord.File]:
    return [
        discord.File(BytesIO(upload.data), upload.name, description=upload.alt or None)
        for upload in uploads
    ]


def _changes(post: Post) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "content": None if post.whole else post.content,
        "view": post.view,
        "allowed_mentions": post.mentions,
    }
    if post.uploads is not None:
        changes["attachments"] = post.files
    return changes


def ids_of(message: discord.Message) -> Iterator[str]:
    """The ids of all that can be pressed under a message."""
    for row in message.components:
        for component in getattr(row, "children", ()):
            custom_id = getattr(component, "custom_id", None)
            if custom_id is not None:
                yield custom_id


def buttons_of(message: discord.Message) -> Iterator[Button]:
    """The buttons of ours under a message."""
    for custom_id in ids_of(message):
        try:
            yield Button.from_custom_id(custom_id)
        except ButtonError:
            continue
