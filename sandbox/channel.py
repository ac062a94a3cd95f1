"""A channel: of the server, of another one where the bot is not, or of direct messages."""

from dataclasses import dataclass, field
from typing import Literal

from sandbox.shapes import Json

TEXT, DIRECT, THREAD, PRIVATE_THREAD = 0, 1, 11, 12
IN_GUILD, WITH_BOT, PRIVATE = 0, 1, 2

GUILD_ID = "1100000000000000001"
ELSEWHERE_ID = "1100000000000000002"
JOINED_AT = "2026-01-05T09:00:00.000000+00:00"


@dataclass
class Overwrite:
    """A channel's exception for a role or a person. Discord's docs: "Overwrite Object"."""

    id: str
    kind: Literal["role", "member"]
    allow: int = 0
    deny: int = 0

    def payload(self) -> Json:
        return {
            "id": self.id,
            "type": 0 if self.kind == "role" else 1,
            "allow": str(self.allow),
            "deny": str(self.deny),
        }


@dataclass
class Channel:
    """`abroad`: the bot is not there. It is in another server then, or direct messages between
    `people`; `recipient` is whom the bot's own direct messages are with."""

    id: str
    kind: int
    name: str
    topic: str = ""
    position: int = 0
    nsfw: bool = False
    overwrites: dict[str, Overwrite] = field(default_factory=dict[str, Overwrite])
    recipient: str = ""
    parent: str = ""
    owner: str = ""
    archived: bool = False
    locked: bool = False
    made_at: str = JOINED_AT
    last_message: str | None = None
    abroad: bool = False
    people: list[str] = field(default_factory=list[str])

    @property
    def is_thread(self) -> bool:
        return self.kind in (THREAD, PRIVATE_THREAD)

    @property
    def guild_id(self) -> str:
        """Of its server; "" for direct messages."""
        if self.kind == DIRECT:
            return ""
        return ELSEWHERE_ID if self.abroad else GUILD_ID

    @property
    def context(self) -> int:
        """Where an interaction comes from. Discord's docs: "Interaction Context Types"."""
        if self.kind == DIRECT:
            return PRIVATE if self.abroad else WITH_BOT
        return IN_GUILD
