"""REST routes of channels: messages, reactions, pins, typing, threads.

The bot is the only caller. Permissions are checked here: 50001 where it cannot see the channel,
50013 where it lacks the right.
"""

import urllib.parse

from aiohttp import web

from sandbox import permissions as may
from sandbox.channel import THREAD
from sandbox.clock import Clock, timestamp
from sandbox.errors import ApiError, invalid, known
from sandbox.events import Events
from sandbox.gateway import (
    DIRECT_REACTIONS,
    DIRECT_TYPING,
    GUILD_REACTIONS,
    GUILD_TYPING,
    GUILDS,
    Gateway,
)
from sandbox.messages import REPLY, Message, Messages, reaction_payload
from sandbox.posting import Posting
from sandbox.rest_core import Answer, Call, Rest
from sandbox.shapes import Json, is_object, list_of, whole
from sandbox.validation import EPHEMERAL
from sandbox.world import BOT_ID, DIRECT, GUILD_ID, Channel, World

PINS, REACTIONS = 250, 20


class ChannelRoutes:
    def __init__(
        self,
        world: World,
        messages: Messages,
        posting: Posting,
        gateway: Gateway,
        events: Events,
        clock: Clock,
    ) -> None:
        self._world = world
        self._messages = messages
        self._posting = posting
        self._gateway = gateway
        self._events = events
        self._clock = clock

    def add_to(self, app: web.Application, rest: Rest) -> None:
        channel = "/channels/{channel_id}"
        message = channel + "/messages/{message_id}"
        reaction = message + "/reactions/{emoji}"
        for method, path, route, bucket in (
            ("GET", channel, self.channel, "other"),
            ("PATCH", channel, self.edit_channel, "other"),
            ("POST", channel + "/typing", self.typing, "typing"),
            ("GET", channel + "/messages/pins", self.pins, "message_read"),
            ("GET", channel + "/pins", self.old_pins, "message_read"),
            ("PUT", channel + "/messages/pins/{message_id}", self.pin, "other"),
            ("DELETE", channel + "/messages/pins/{message_id}", self.unpin, "other"),
            ("PUT", channel + "/pins/{message_id}", self.pin, "other"),
            ("DELETE", channel + "/pins/{message_id}", self.unpin, "other"),
            ("GET", channel + "/messages", self.history, "message_read"),
            ("POST", channel + "/messages", self.create, "message_create"),
            ("POST", channel + "/messages/bulk-delete", self.bulk_delete, "other"),
            ("GET", message, self.read, "message_read"),
            ("PATCH", message, self.edit, "message_edit"),
            ("DELETE", message, self.delete, "message_delete"),
            ("GET", reaction, self.reactors, "other"),
            ("PUT", reaction + "/@me", self.react, "reaction"),
            ("DELETE", reaction + "/@me", self.unreact, "reaction"),
            ("DELETE", reaction + "/{user_id}", self.unreact, "reaction"),
            ("DELETE", message + "/reactions", self.clear_reactions, "reaction"),
            ("POST", message + "/threads", self.start_thread, "other"),
            ("POST", channel + "/threads", self.start_thread, "other"),
            ("PUT", channel + "/thread-members/@me", self.join_thread, "other"),
        ):
            rest.add(app, method, path, route, bucket=bucket)

    def _seen(self, call: Call, right: int = 0) -> Channel:
        channel = self._world.channel(call.part("channel_id"))
        self._world.require(BOT_ID, channel, right)
        return channel

    def _message(self, call: Call, right: int = 0) -> Message:
        channel = self._seen(call, right)
        return self._messages.get(channel.id, call.part("message_id"))

    # channels

    def channel(self, call: Call) -> Answer:
        return self._world.channel_payload(self._seen(call))

    def edit_channel(self, call: Call) -> Answer:
        channel = self._seen(call)
        own_thread = channel.is_thread and channel.owner == BOT_ID
        if not own_thread:
            right = may.MANAGE_THREADS if channel.is_thread else may.MANAGE_CHANNELS
            self._world.require(BOT_ID, channel, right)
        for key in ("name", "topic"):
            if isinstance(call.body.get(key), str):
                setattr(channel, key, call.body[key])
        if channel.is_thread:
            channel.archived = bool(call.body.get("archived", channel.archived))
            channel.locked = bool(call.body.get("locked", channel.locked))
        payload = self._world.channel_payload(channel)
        kind = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
        self._gateway.dispatch(kind, payload, GUILDS)
        self._events.publish("channels", {})
        return payload

    def typing(self, call: Call) -> Answer:
        channel = self._seen(call, may.SEND_MESSAGES)
        data: Json = {"channel_id": channel.id, "user_id": BOT_ID}
        self._events.publish("typing", data)
        intent = DIRECT_TYPING if channel.kind == DIRECT else GUILD_TYPING
        self._gateway.dispatch(
            "TYPING_START", {**data, "timestamp": int(self._clock.wall())}, intent
        )
        return None

    # messages

    def history(self, call: Call) -> Answer:
        """before, after or around; limit 1 to 100; newest first."""
        channel = self._seen(call)
        limit = whole(call.query.get("limit", "50"), -1)
        if not 1 <= limit <= 100:
            raise invalid("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        if not self._world.can(BOT_ID, channel, may.READ_MESSAGE_HISTORY):
            return []
        every = self._messages.in_channel(channel.id)
        if around := call.query.get("around"):
            before = [m for m in every if int(m.id) < int(around)][-(limit // 2) :]
            after = [m for m in every if int(m.id) >= int(around)][: limit - len(before)]
            chosen = before + after
        elif after_id := call.query.get("after"):
            chosen = [m for m in every if int(m.id) > int(after_id)][:limit]
        elif before_id := call.query.get("before"):
            chosen = [m for m in every if int(m.id) < int(before_id)][-limit:]
        else:
            chosen = every[-limit:]
        return [self._messages.payload(message) for message in reversed(chosen)]

    def read(self, call: Call) -> Answer:
        return self._messages.payload(self._message(call, may.READ_MESSAGE_HISTORY))

    def create(self, call: Call) -> Answer:
        channel = self._world.channel(call.part("channel_id"))
        right = may.SEND_MESSAGES_IN_THREADS if channel.is_thread else may.SEND_MESSAGES
        self._world.require(BOT_ID, channel, right)
        if channel.kind == DIRECT:
            recipient = self._world.users[channel.recipient]
            if not recipient.dms_open:
                raise known(50007)
            shared = recipient.in_guild and self._world.guild_present
            if not shared and not recipient.installed:
                raise known(50278)
        body = call.body
        if call.files or body.get("attachments"):
            self._world.require(BOT_ID, channel, may.ATTACH_FILES)
        if body.get("embeds"):
            self._world.require(BOT_ID, channel, may.EMBED_LINKS)
        if whole(body.get("flags")) & EPHEMERAL:
            raise invalid("flags", "MESSAGE_FLAGS_INVALID", "Only interactions may be ephemeral.")
        if body.get("enforce_nonce") and body.get("nonce") is not None:
            earlier = self._messages.by_nonce(BOT_ID, body["nonce"])
            if earlier is not None:
                return self._messages.payload(earlier)
        if channel.is_thread and channel.archived:
            if channel.locked:
                raise known(50083)
            channel.archived = False
        reference, kind = self._reference(channel, body)
        message = self._posting.create(
            channel.id, BOT_ID, body, call.files, kind=kind, reference=reference
        )
        return self._messages.payload(message)

    def _reference(self, channel: Channel, body: Json) -> tuple[Json | None, int]:
        """The message replied to. Discord's docs: "Message Reference Structure"."""
        wanted = body.get("message_reference")
        if not is_object(wanted) or not wanted.get("message_id"):
            return None, 0
        if not self._world.can(BOT_ID, channel, may.READ_MESSAGE_HISTORY):
            raise known(160002)
        message_id = str(wanted["message_id"])
        try:
            self._messages.get(channel.id, message_id)
        except ApiError:
            if wanted.get("fail_if_not_exists", True):
                raise invalid(
                    "message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message"
                ) from None
            return None, 0
        reference: Json = {"type": 0, "channel_id": channel.id, "message_id": message_id}
        if channel.kind != DIRECT:
            reference["guild_id"] = GUILD_ID
        return reference, REPLY

    def edit(self, call: Call) -> Answer:
        message = self._message(call)
        channel = self._world.channel(message.channel_id)
        if message.author_id != BOT_ID:
            raise known(50005)
        if channel.is_thread and channel.archived:
            raise known(50083)
        if call.files:
            self._world.require(BOT_ID, channel, may.ATTACH_FILES)
        if call.body.get("embeds"):
            self._world.require(BOT_ID, channel, may.EMBED_LINKS)
        return self._messages.payload(self._posting.edit(message, call.body, call.files))

    def delete(self, call: Call) -> Answer:
        message = self._message(call)
        if message.author_id != BOT_ID:
            channel = self._world.channel(message.channel_id)
            if channel.kind == DIRECT:
                raise known(50024)
            self._world.require(BOT_ID, channel, may.MANAGE_MESSAGES)
        self._posting.delete(message)
        return None

    def bulk_delete(self, call: Call) -> Answer:
        channel = self._seen(call, may.MANAGE_MESSAGES)
        for message_id in list_of(call.body.get("messages")):
            message = self._messages.find(str(message_id))
            if message is not None and message.channel_id == channel.id:
                self._posting.delete(message)
        return None

    # pins

    def pins(self, call: Call) -> Answer:
        pinned = self._pinned(self._seen(call, may.READ_MESSAGE_HISTORY))
        items = [{"pinned_at": m.made_at, "message": self._messages.payload(m)} for m in pinned]
        return {"items": items, "has_more": False}

    def old_pins(self, call: Call) -> Answer:
        pinned = self._pinned(self._seen(call, may.READ_MESSAGE_HISTORY))
        return [self._messages.payload(message) for message in pinned]

    def _pinned(self, channel: Channel) -> list[Message]:
        return [m for m in reversed(self._messages.in_channel(channel.id)) if m.pinned]

    def pin(self, call: Call) -> Answer:
        return self._set_pinned(call, True)

    def unpin(self, call: Call) -> Answer:
        return self._set_pinned(call, False)

    def _set_pinned(self, call: Call, pinned: bool) -> Answer:
        message = self._message(call)
        channel = self._world.channel(message.channel_id)
        if not self._world.can(BOT_ID, channel, may.MANAGE_MESSAGES):
            self._world.require(BOT_ID, channel, may.PIN_MESSAGES)
        if pinned and len(self._pinned(channel)) >= PINS:
            raise known(30003)
        message.pinned = pinned
        self._posting.changed(message)
        return None

    # reactions

    def react(self, call: Call) -> Answer:
        message = self._message(call, may.READ_MESSAGE_HISTORY)
        emoji = _emoji(call)
        channel = self._world.channel(message.channel_id)
        if emoji not in message.reactions:
            self._world.require(BOT_ID, channel, may.ADD_REACTIONS)
            if len(message.reactions) >= REACTIONS:
                raise known(30010)
        self.set_reaction(message, emoji, BOT_ID, on=True)
        return None

    def unreact(self, call: Call) -> Answer:
        message = self._message(call, may.READ_MESSAGE_HISTORY)
        user_id = call.request.match_info.get("user_id", BOT_ID)
        if user_id != BOT_ID:
            channel = self._world.channel(message.channel_id)
            self._world.require(BOT_ID, channel, may.MANAGE_MESSAGES)
        self.set_reaction(message, _emoji(call), user_id, on=False)
        return None

    def clear_reactions(self, call: Call) -> Answer:
        message = self._message(call, may.MANAGE_MESSAGES)
        message.reactions.clear()
        self._posting.changed(message)
        return None

    def reactors(self, call: Call) -> Answer:
        message = self._message(call, may.READ_MESSAGE_HISTORY)
        who = message.reactions.get(_emoji(call), [])
        return [self._world.users[user_id].payload() for user_id in who]

    def set_reaction(self, message: Message, emoji: str, user_id: str, *, on: bool) -> None:
        """Adds or takes back a reaction; the same path for the bot and for people."""
        who = message.reactions.setdefault(emoji, [])
        if on == (user_id in who):
            if not who:
                del message.reactions[emoji]
            return
        who.append(user_id) if on else who.remove(user_id)
        if not who:
            del message.reactions[emoji]
        channel = self._world.channel(message.channel_id)
        data: Json = {
            "user_id": user_id,
            "channel_id": message.channel_id,
            "message_id": message.id,
            "message_author_id": message.author_id,
            "emoji": reaction_payload(emoji, [], "")["emoji"],
            "burst": False,
            "type": 0,
        }
        if channel.kind != DIRECT:
            data["guild_id"] = GUILD_ID
            if on:
                user = self._world.users[user_id]
                data["member"] = self._world.member_payload(user)
        if not message.private_to and not channel.abroad:
            self._gateway.dispatch(
                "MESSAGE_REACTION_ADD" if on else "MESSAGE_REACTION_REMOVE",
                data,
                DIRECT_REACTIONS if channel.kind == DIRECT else GUILD_REACTIONS,
            )
        self._posting.changed(message)

    # threads

    def start_thread(self, call: Call) -> Answer:
        parent = self._seen(call, may.CREATE_PUBLIC_THREADS)
        if parent.kind != 0:
            raise known(50024)
        name = call.body.get("name")
        if not isinstance(name, str) or not 1 <= len(name) <= 100:
            raise invalid("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
        message_id = call.request.match_info.get("message_id", "")
        if message_id:
            message = self._messages.get(parent.id, message_id)
            if message.thread_id:
                raise ApiError(400, 160004, "A thread has already been created for this message")
            message.thread_id = message.id
        # A thread started from a message has the message's id.
        thread = Channel(
            message_id or self._clock.snowflake(),
            THREAD,
            name,
            parent=parent.id,
            owner=BOT_ID,
            made_at=timestamp(),
        )
        self._world.channels[thread.id] = thread
        payload = self._world.channel_payload(thread)
        self._gateway.dispatch("THREAD_CREATE", {**payload, "newly_created": True}, GUILDS)
        self._events.publish("channels", {})
        if message_id:
            self._posting.changed(self._messages.get(parent.id, message_id))
        call.status = 201
        return payload

    def join_thread(self, call: Call) -> Answer:
        self._seen(call)
        return None


def _emoji(call: Call) -> str:
    emoji = urllib.parse.unquote(call.part("emoji"))
    if not emoji or len(emoji) > 100:
        raise known(10014)
    return emoji
