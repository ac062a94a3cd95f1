"""One act of a person's that the bot must answer, and how it was answered."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from sandbox.shapes import Json

HOW = {
    4: "message",
    5: "deferred",
    6: "deferred_update",
    7: "update",
    8: "choices",
    9: "modal",
}


@dataclass
class Interaction:
    """`owners`: by whose installation the app is there. `hushed`: whatever answers it is private,
    since the person may bring apps along only for themselves."""

    id: str
    token: str
    kind: int
    user_id: str
    channel_id: str
    made: float
    name: str = ""
    command_type: int = 0
    message_id: str = ""
    custom_id: str = ""
    how: str = ""
    failed: bool = False
    private: bool = False
    ms: float | None = None
    original_id: str = ""
    followups: list[str] = field(default_factory=list[str])
    modal: Json | None = None
    choices: list[Json] | None = None
    owners: Json = field(default_factory=dict[str, Any])
    hushed: bool = False
    form_of: "Interaction | None" = None
    form_taken: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    def describe(self) -> Json:
        """What the driver tells about it."""
        return {
            "id": self.id,
            "type": self.kind,
            "user_id": self.user_id,
            "channel_id": self.channel_id,
            "name": self.name or None,
            "custom_id": self.custom_id or None,
            "message_id": self.message_id or None,
            "state": "answered" if self.how else "failed" if self.failed else "waiting",
            "how": self.how or None,
            "ms": None if self.ms is None else round(self.ms, 1),
            "private": self.private,
            "answer_id": self.original_id or None,
            "followups": list(self.followups),
            "modal": self.modal,
            "choices": self.choices,
        }
