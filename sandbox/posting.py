"""Creating, editing and deleting messages: the one path for the bot and for people.

Checks the form, keeps the files, works out mentions, stores the message and tells the gateway and
the live streams. Permissions are the routes' business. Discord's docs: "Create Message",
"Edit Message".
"""

from sandbox import components
from sandbox.clock import Clock, timestamp
from sandbox.errors import Problems, known
from sandbox.events import Events
from sandbox.gateway import DIRECT_MESSAGES, GUILD_MESSAGES, Gateway
from sandbox.messages import Message, Messages
from sandbox.shapes import Json, is_list, is_object, objects_of, whole
from sandbox.uploads import Attachment, Upload, Uploads
from sandbox.validation import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    MAY_SEND_FLAGS,
    SUPPRESS_EMBEDS,
    check_body,
)
from sandbox.world import GUILD_ID, World


class Posting:
    """Puts messages into the world."""

    def __init__(
        self,
        world: World,
        messages: Messages,
        uploads: Uploads,
        gateway: Gateway,
        events: Events,
        clock: Clock,
    ) -> None:
        self._world = world
        self._messages = messages
        self._uploads = uploads
        self._gateway = gateway
        self._events = events
        self._clock = clock

    def create(
        self,
        channel_id: str,
        author_id: str,
        body: Json,
        files: list[Upload],
        *,
        prefix: str = "",
        kind: int = 0,
        private_to: str = "",
        interaction: Json | None = None,
        reference: Json | None = None,
        loading: bool = False,
    ) -> Message:
        """Posts a message; `private_to` makes it an ephemeral answer."""
        check_body(body, files, prefix=prefix)
        self._uploads.check(files)
        message = Message(
            id=self._clock.snowflake(),
            channel_id=channel_id,
            author_id=author_id,
            kind=kind,
            made_at=timestamp(),
            flags=whole(body.get("flags")) & MAY_SEND_FLAGS & ~EPHEMERAL,
            tts=bool(body.get("tts")),
            nonce=body.get("nonce"),
            reference=reference,
            interaction=interaction,
            private_to=private_to,
        )
        if private_to:
            message.flags |= EPHEMERAL
        if loading:
            message.flags |= LOADING
        self._fill(message, body, files, prefix=prefix, new=True)
        self._messages.set_mentions(
            message, body.get("allowed_mentions"), answer=interaction is not None
        )
        self._messages.add(message)
        self._messages.remember_nonce(message)
        self._tell("MESSAGE_CREATE", "message_create", message)
        return message

    def edit(
        self, message: Message, body: Json, files: list[Upload], *, prefix: str = ""
    ) -> Message:
        """Changes what the body names; what it does not name stays."""
        kept = frozenset(a.id for a in message.attachments)
        check_body(body, files, prefix=prefix, had_v2=message.v2, kept=kept)
        self._uploads.check(files)
        self._fill(message, body, files, prefix=prefix, new=False)
        if "content" in body:
            self._messages.set_mentions(
                message,
                body.get("allowed_mentions"),
                answer=message.interaction is not None,
            )
        if message.flags & LOADING:
            # Filling a deferred answer does not count as editing it.
            message.flags &= ~LOADING
        else:
            message.edited_at = timestamp()
        self._messages.touch(message)
        self._tell("MESSAGE_UPDATE", "message_update", message)
        return message

    def delete(self, message: Message) -> None:
        self._messages.remove(message)
        data: Json = {"id": message.id, "channel_id": message.channel_id}
        direct = self._direct(message)
        if not direct:
            data["guild_id"] = GUILD_ID
        if self._is_heard(message):
            intent = DIRECT_MESSAGES if direct else GUILD_MESSAGES
            self._gateway.dispatch("MESSAGE_DELETE", data, intent)
        self._events.publish("message_delete", data, private_to=message.private_to)

    def changed(self, message: Message) -> None:
        """Tells pages (not the bot) that something about a message changed, such as a pin."""
        self._messages.touch(message)
        self._publish("message_update", message)

    # parts

    def _fill(
        self, message: Message, body: Json, files: list[Upload], *, prefix: str, new: bool
    ) -> None:
        before = (
            message.content,
            message.embeds,
            message.components,
            message.attachments,
            message.flags,
        )
        added: list[Attachment] = []
        try:
            if "content" in body:
                message.content = (body.get("content") or "").strip()
            if "embeds" in body or is_object(body.get("embed")):
                message.embeds = objects_of(body.get("embeds")) or objects_of([body.get("embed")])
            if "components" in body:
                message.components = objects_of(body.get("components"))
                components.complete(message.components)
            if not new and "flags" in body:
                chosen = whole(body["flags"])
                message.flags = message.flags & ~SUPPRESS_EMBEDS | chosen & (
                    SUPPRESS_EMBEDS | COMPONENTS_V2
                )
            added = self._attach(message, body, files)
            dropped = [a for a in before[3] if a not in message.attachments]
            self._messages.check_media(message, body, prefix)
            self._check_whole(message, prefix, loading=new and bool(message.flags & LOADING))
        except Exception:
            self._uploads.detach(added)
            (
                message.content,
                message.embeds,
                message.components,
                message.attachments,
                message.flags,
            ) = before
            raise
        self._uploads.detach(dropped)

    def _check_whole(self, message: Message, prefix: str, *, loading: bool) -> None:
        if message.v2 and (message.content or message.embeds):
            problems = Problems()
            dot = f"{prefix}." if prefix else ""
            for key in ("content", "embeds"):
                if getattr(message, key):
                    problems.add(
                        f"{dot}{key}",
                        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                        f"The '{key}' field cannot be used when using "
                        "MessageFlags.IS_COMPONENTS_V2",
                    )
            problems.raise_if_any()
        has_something = (
            message.content or message.embeds or message.components or message.attachments
        )
        if not has_something and not loading:
            raise known(50006)

    def _attach(self, message: Message, body: Json, files: list[Upload]) -> list[Attachment]:
        """Keeps the listed old files, adds the uploaded ones, in the order listed."""
        by_index = {file.index or str(n): file for n, file in enumerate(files)}
        old = {attachment.id: attachment for attachment in message.attachments}
        private = bool(message.private_to)
        added: list[Attachment] = []
        result: list[Attachment] = []
        if is_list(body.get("attachments")):
            for descriptor in objects_of(body["attachments"]):
                key = str(descriptor.get("id"))
                if key in old:
                    if "description" in descriptor:
                        old[key].description = descriptor["description"]
                    result.append(old[key])
                elif key in by_index:
                    kept = self._uploads.keep(
                        by_index.pop(key),
                        message.channel_id,
                        description=descriptor.get("description"),
                        filename=descriptor.get("filename"),
                        ephemeral=private,
                    )
                    added.append(kept)
                    result.append(kept)
        else:
            result = list(message.attachments)
        for file in by_index.values():
            kept = self._uploads.keep(file, message.channel_id, ephemeral=private)
            added.append(kept)
            result.append(kept)
        message.attachments = result
        return added

    def _direct(self, message: Message) -> bool:
        channel = self._world.channels.get(message.channel_id)
        return channel is not None and channel.recipient != ""

    def _is_heard(self, message: Message) -> bool:
        """Whether the bot is told of it: where it is not itself, it hears of nothing."""
        channel = self._world.channels.get(message.channel_id)
        return not message.private_to and not (channel is not None and channel.abroad)

    def _tell(self, gateway_kind: str, kind: str, message: Message) -> None:
        if self._is_heard(message):
            self._gateway.dispatch_message(
                gateway_kind, self._messages.event_payload(message), direct=self._direct(message)
            )
        self._publish(kind, message)

    def _publish(self, kind: str, message: Message) -> None:
        if self._events.watched:
            self._events.publish(
                kind, self._messages.page_payload(message), private_to=message.private_to
            )
