"""What the client hands back: events, messages and interactions, read-only over their JSON."""

from dataclasses import dataclass, field

from sandbox.components import BUTTON, SELECTS, media_of, walk
from sandbox.shapes import Json, object_of, objects_of, text_of
from sandbox.validation import COMPONENTS_V2


@dataclass(frozen=True)
class Event:
    """Something that happened: `type` is message_create, message_update, message_delete,
    interaction, typing, commands, channels, people or gateway."""

    n: int
    type: str
    data: Json


@dataclass(frozen=True)
class Control:
    """A button or select of a message."""

    custom_id: str
    label: str
    disabled: bool
    kind: int
    raw: Json


@dataclass(frozen=True)
class Message:
    """A message as a viewer sees it; `raw` is the whole payload."""

    raw: Json

    @property
    def id(self) -> str:
        return text_of(self.raw["id"])

    @property
    def channel_id(self) -> str:
        return text_of(self.raw["channel_id"])

    @property
    def author_id(self) -> str:
        return text_of(object_of(self.raw["author"])["id"])

    @property
    def content(self) -> str:
        return text_of(self.raw["content"])

    @property
    def text(self) -> str:
        """Content, embed texts and text displays together."""
        parts = [self.content]
        for embed in self.embeds:
            parts += [text_of(embed.get("title")), text_of(embed.get("description"))]
        parts += [text_of(c.get("content")) for c in walk(self.raw["components"])]
        return "\n".join(part for part in parts if part)

    @property
    def private(self) -> bool:
        return bool(self.raw["ephemeral"])

    @property
    def loading(self) -> bool:
        """The bot "is thinking": deferred, and not yet filled."""
        return bool(self.raw["loading"])

    @property
    def attachments(self) -> list[Json]:
        return objects_of(self.raw["attachments"])

    @property
    def embeds(self) -> list[Json]:
        return objects_of(self.raw["embeds"])

    @property
    def pings(self) -> list[str]:
        """Ids of the people this message notifies."""
        return [text_of(user["id"]) for user in objects_of(self.raw["mentions"])]

    @property
    def pictures(self) -> list[str]:
        """Addresses of all pictures: attachments, embeds, galleries."""
        # With components, files show only where a component refers to them.
        listed = [] if self.raw["flags"] & COMPONENTS_V2 else self.attachments
        found = [
            text_of(a["url"]) for a in listed if text_of(a.get("content_type")).startswith("image/")
        ]
        for embed in self.embeds:
            for key in ("image", "thumbnail"):
                if url := object_of(embed.get(key)).get("url"):
                    found.append(text_of(url))
        for component in walk(self.raw["components"]):
            found += [text_of(media["url"]) for media in media_of(component)]
        return found

    @property
    def controls(self) -> list[Control]:
        """Buttons and selects, in order; link buttons are left out."""
        return [
            Control(
                text_of(c["custom_id"]),
                text_of(c.get("label")) or text_of(c.get("placeholder")),
                bool(c.get("disabled")),
                int(c["type"]),
                c,
            )
            for c in walk(self.raw["components"])
            if c.get("custom_id") and c["type"] in (BUTTON, *SELECTS)
        ]

    def button(self, label_or_id: str) -> Control | None:
        return next((c for c in self.controls if label_or_id in (c.label, c.custom_id)), None)


@dataclass(frozen=True)
class Interaction:
    """A person's act and how the bot answered it.

    `state` is waiting, answered or failed (nothing within 3 s); `how` is message, deferred,
    deferred_update, update, modal or choices; `ms` is how long the answer took.
    """

    raw: Json = field(repr=False)

    @property
    def id(self) -> str:
        return text_of(self.raw["id"])

    @property
    def state(self) -> str:
        return text_of(self.raw["state"])

    @property
    def how(self) -> str:
        return text_of(self.raw["how"])

    @property
    def ms(self) -> float | None:
        return self.raw["ms"]

    @property
    def private(self) -> bool:
        return bool(self.raw["private"])

    @property
    def answer_id(self) -> str:
        """The id of the message that answers (or that a button's message update changed)."""
        return text_of(self.raw["answer_id"])

    @property
    def modal(self) -> Json | None:
        return self.raw["modal"]

    @property
    def choices(self) -> list[Json]:
        return objects_of(self.raw["choices"])
