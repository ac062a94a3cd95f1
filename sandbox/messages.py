"""Messages: what they hold, who may see them, and how they read to the bot and to a viewer.

Bounded: `limit` messages in all, the oldest dropped first. A nonce is remembered for five minutes.
Discord's docs: "Message Object", "Create Message" (nonce and enforce_nonce).
"""

import copy
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox import components
from sandbox.clock import Clock
from sandbox.errors import known
from sandbox.shapes import Json, is_object, list_of, object_of
from sandbox.uploads import Attachment, Uploads
from sandbox.validation import COMPONENTS_V2, EPHEMERAL, LOADING, media_missing
from sandbox.world import BOT_ID, GUILD_ID, World

NONCE_WINDOW_S = 300.0
DEFAULT, REPLY, SLASH_ANSWER, MENU_ANSWER, PIN_NOTICE = 0, 19, 20, 23, 6

_NOTHING: OrderedDict[str, "Message"] = OrderedDict()
_OWN_FILE = re.compile(r"/attachments/\d+/(\d+)/")
_USER_MENTION = re.compile(r"<@!?(\d+)>")
_ROLE_MENTION = re.compile(r"<@&(\d+)>")


@dataclass
class Message:
    id: str
    channel_id: str
    author_id: str
    kind: int = DEFAULT
    content: str = ""
    embeds: list[Json] = field(default_factory=list[Json])
    components: list[Json] = field(default_factory=list[Json])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    flags: int = 0
    made_at: str = ""
    edited_at: str | None = None
    pinned: bool = False
    tts: bool = False
    nonce: str | int | None = None
    reference: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    mentions: list[str] = field(default_factory=list[str])
    mention_roles: list[str] = field(default_factory=list[str])
    mention_everyone: bool = False
    interaction: Json | None = None
    private_to: str = ""
    thread_id: str = ""

    @property
    def v2(self) -> bool:
        return bool(self.flags & COMPONENTS_V2)


class Messages:
    """All messages of all channels, private answers included."""

    def __init__(self, world: World, uploads: Uploads, clock: Clock, *, limit: int = 5000) -> None:
        self._world = world
        self._uploads = uploads
        self._clock = clock
        self._limit = limit
        self._all: OrderedDict[str, Message] = OrderedDict()
        self._by_channel: dict[str, OrderedDict[str, Message]] = {}
        self._nonces: OrderedDict[tuple[str, str], tuple[float, str]] = OrderedDict()
        self.touched: set[str] | None = None

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Message]:
        return iter(list(self._all.values()))

    # keeping

    def add(self, message: Message) -> None:
        self._all[message.id] = message
        self._by_channel.setdefault(message.channel_id, OrderedDict())[message.id] = message
        if not message.private_to and message.channel_id in self._world.channels:
            self._world.channels[message.channel_id].last_message = message.id
        self.touch(message)
        while len(self._all) > self._limit:
            self.remove(next(iter(self._all.values())))

    def remove(self, message: Message) -> None:
        if self._all.pop(message.id, None) is not None:
            self._by_channel[message.channel_id].pop(message.id, None)
            self._uploads.detach(message.attachments)
            self.touch(message)

    def touch(self, message: Message) -> None:
        """Notes a change for whoever keeps messages on disk, if anybody does."""
        if self.touched is not None:
            self.touched.add(message.id)

    def find(self, message_id: str) -> Message | None:
        return self._all.get(message_id)

    def get(self, channel_id: str, message_id: str, *, private: bool = False) -> Message:
        """The message, or 10008; private answers do not exist for the bot's channel routes."""
        message = self._by_channel.get(channel_id, _NOTHING).get(message_id)
        if message is None or (message.private_to and not private):
            raise known(10008)
        return message

    def in_channel(self, channel_id: str, viewer: str = "") -> list[Message]:
        """Oldest first: those open to all, and those private to the viewer."""
        every = self._by_channel.get(channel_id, _NOTHING).values()
        return [m for m in every if not m.private_to or m.private_to == viewer]

    # nonces

    def by_nonce(self, author_id: str, nonce: object) -> Message | None:
        """The message this author sent with the same nonce in the last minutes.

        When it was sent and has been deleted since, this is 10008: as on Discord, a repeat is
        not posted anew.
        """
        self._forget_old_nonces()
        found = self._nonces.get((author_id, str(nonce)))
        if found is None:
            return None
        message = self._all.get(found[1])
        if message is None:
            raise known(10008)
        return message

    def remember_nonce(self, message: Message) -> None:
        if message.nonce is not None:
            key = (message.author_id, str(message.nonce))
            self._nonces[key] = (self._clock.age_clock(), message.id)

    def _forget_old_nonces(self) -> None:
        oldest = self._clock.age_clock() - NONCE_WINDOW_S
        while self._nonces:
            key, (made, _) = next(iter(self._nonces.items()))
            if made > oldest:
                break
            del self._nonces[key]

    # mentions

    def set_mentions(self, message: Message, allowed: object, *, answer: bool) -> None:
        """Works out who is pinged. Discord's docs: "Allowed Mentions Object".

        Without the object a plain message pings all it names, an interaction's answer users only.
        """
        named = [
            u
            for u in dict.fromkeys(_USER_MENTION.findall(message.content))
            if u in self._world.users
        ]
        roles = [
            r
            for r in dict.fromkeys(_ROLE_MENTION.findall(message.content))
            if r in self._world.roles
        ]
        everyone = "@everyone" in message.content or "@here" in message.content
        reply = True
        if is_object(allowed):
            parse = list_of(allowed.get("parse"))
            users = [str(u) for u in list_of(allowed.get("users"))]
            listed = [str(r) for r in list_of(allowed.get("roles"))]
            named = [u for u in named if "users" in parse or u in users]
            roles = [r for r in roles if "roles" in parse or r in listed]
            everyone = everyone and "everyone" in parse
            reply = bool(allowed.get("replied_user", False))
        elif answer:
            roles, everyone = [], False
        if message.kind == REPLY and message.reference and reply and not answer:
            replied = self._all.get(str(message.reference.get("message_id")))
            if replied and replied.author_id not in named:
                named.append(replied.author_id)
        message.mentions, message.mention_roles = named, roles
        message.mention_everyone = everyone

    # media

    def check_media(self, message: Message, body: Json, prefix: str = "") -> None:
        """Refuses `attachment://name` in what was just sent where the message has no such file."""
        names = {attachment.filename for attachment in message.attachments}
        dot = f"{prefix}." if prefix else ""
        for index, embed in enumerate(message.embeds if "embeds" in body else []):
            for key in ("image", "thumbnail"):
                url = str(object_of(embed.get(key)).get("url") or "")
                if url.startswith("attachment://") and url[13:] not in names:
                    raise media_missing(f"{dot}embeds.{index}.{key}.url")
        for component in components.walk(message.components if "components" in body else []):
            for media in components.media_of(component):
                url = str(media.get("url") or "")
                if url.startswith("attachment://") and url[13:] not in names:
                    raise media_missing(f"{dot}components")

    def _resolve(self, message: Message, media: Json) -> Attachment | None:
        """Turns `attachment://name` (or an old address of an own file) into today's address."""
        url = str(media.get("url") or "")
        found: Attachment | None = None
        if url.startswith("attachment://"):
            found = next((a for a in message.attachments if a.filename == url[13:]), None)
        elif own := _OWN_FILE.search(url):
            found = next((a for a in message.attachments if a.id == own.group(1)), None)
        if found is not None:
            media |= {
                "url": self._uploads.url(found),
                "proxy_url": self._uploads.url(found),
                "width": found.width,
                "height": found.height,
                "content_type": found.content_type,
            }
        return found

    # payloads

    def payload(self, message: Message, *, reading_as: str = BOT_ID, depth: int = 0) -> Json:
        """The message object as Discord sends it."""
        embeds = copy.deepcopy(message.embeds)
        shown = copy.deepcopy(message.components)
        in_embeds: set[str] = set()
        for embed in embeds:
            embed.setdefault("type", "rich")
            for key in ("image", "thumbnail"):
                if not is_object(embed.get(key)):
                    continue
                attachment = self._resolve(message, embed[key])
                if attachment is not None:
                    in_embeds.add(attachment.id)
                    embed[key].pop("content_type", None)
                elif str(embed[key].get("url")).startswith("attachment://"):
                    # An edit took the file away and left the embed.
                    del embed[key]
        for component in components.walk(shown):
            for media in components.media_of(component):
                media.setdefault("id", str(component.get("id")))
                media.setdefault("proxy_url", media.get("url"))
                attachment = self._resolve(message, media)
                if attachment is not None:
                    media |= {"attachment_id": attachment.id, "loading_state": 2}
                    if component.get("type") == components.FILE:
                        component |= {"name": attachment.filename, "size": attachment.size}
                elif str(media.get("url")).startswith("attachment://"):
                    media |= {"loading_state": 3}
        author = self._world.users[message.author_id]
        payload: Json = {
            "id": message.id,
            "channel_id": message.channel_id,
            "type": message.kind,
            "author": author.payload(),
            "content": message.content,
            "timestamp": message.made_at,
            "edited_timestamp": message.edited_at,
            "tts": message.tts,
            "mention_everyone": message.mention_everyone,
            "mentions": [self._world.users[u].payload() for u in message.mentions],
            "mention_roles": list(message.mention_roles),
            # As on Discord, a file that an embed shows is not listed beside it.
            "attachments": [
                self._uploads.payload(a) for a in message.attachments if a.id not in in_embeds
            ],
            "embeds": embeds,
            "components": shown,
            "pinned": message.pinned,
            "flags": message.flags,
        }
        if message.reactions:
            payload["reactions"] = [
                reaction_payload(emoji, who, reading_as) for emoji, who in message.reactions.items()
            ]
        if message.author_id == BOT_ID:
            payload["application_id"] = BOT_ID
        if message.nonce is not None:
            payload["nonce"] = message.nonce
        if message.interaction is not None:
            payload |= self._interaction_payload(message)
        if message.reference is not None:
            payload["message_reference"] = dict(message.reference)
            if depth == 0 and message.kind in (REPLY, SLASH_ANSWER, MENU_ANSWER):
                replied = self._all.get(str(message.reference.get("message_id")))
                payload["referenced_message"] = (
                    None
                    if replied is None
                    else self.payload(replied, reading_as=reading_as, depth=1)
                )
        if message.thread_id and message.thread_id in self._world.channels:
            thread = self._world.channels[message.thread_id]
            payload["thread"] = self._world.channel_payload(thread)
        return payload

    def _interaction_payload(self, message: Message) -> Json:
        made_by = object_of(message.interaction)
        user = self._world.users[str(made_by["user_id"])]
        metadata: Json = {
            "id": made_by["id"],
            "type": made_by["type"],
            "user": user.payload(),
            "authorizing_integration_owners": made_by.get("owners") or {"0": GUILD_ID},
        }
        if made_by.get("followup"):
            metadata["original_response_message_id"] = made_by["followup"]
        if made_by.get("pressed"):
            metadata["interacted_message_id"] = made_by["pressed"]
        answer: Json = {"interaction_metadata": metadata, "webhook_id": BOT_ID}
        if made_by["type"] == 2:
            metadata["name"] = made_by.get("name")
            if made_by.get("command_type"):
                metadata["command_type"] = made_by["command_type"]
            answer["interaction"] = {
                "id": made_by["id"],
                "type": 2,
                "name": made_by.get("name"),
                "user": user.payload(),
            }
        return answer

    def event_payload(self, message: Message) -> Json:
        """The message as the gateway carries it: with server and member."""
        payload = self.payload(message)
        channel = self._world.channels.get(message.channel_id)
        if channel is not None and channel.recipient == "":
            payload["guild_id"] = GUILD_ID
            member = self._world.member_payload(self._world.users[message.author_id])
            member.pop("user")
            payload["member"] = member
            for user in payload["mentions"]:
                partial = self._world.member_payload(self._world.users[user["id"]])
                partial.pop("user")
                user["member"] = partial
        payload["channel_type"] = channel.kind if channel else 0
        return payload

    def page_payload(self, message: Message) -> Json:
        """The message as pages and tests get it: the same for every viewer, who can tell from it
        which reactions are theirs and whether they are pinged."""
        payload = self.payload(message, reading_as="")
        payload |= {
            "ephemeral": bool(message.flags & EPHEMERAL),
            "loading": bool(message.flags & LOADING),
            "private_to": message.private_to or None,
            "reactors": {emoji: list(who) for emoji, who in message.reactions.items()},
        }
        return payload


def reaction_payload(emoji: str, who: list[str], reading_as: str) -> Json:
    name, _, emoji_id = emoji.partition(":")
    return {
        "emoji": {"id": emoji_id or None, "name": name},
        "count": len(who),
        "count_details": {"normal": len(who), "burst": 0},
        "burst_colors": [],
        "me_burst": False,
        "me": reading_as in who,
    }
