"""What a button does, and the id that carries it.

An id holds all there is to know of a button: format, action, job, picture. Nothing else is kept, so
a button works after a restart and after a year. `PATTERN` is wide on purpose: an id from a newer or
older Easel is still recognised as ours and gets an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from core.errors import EaselError
from core.sentences import say

FORMAT = "e1"
PATTERN = r"e\d+:.{1,95}"


class Action(StrEnum):
    UPSCALE = "U"
    VARY = "V"
    REROLL = "reroll"
    CANCEL = "cancel"

    @property
    def on_one_picture(self) -> bool:
        return self in (Action.UPSCALE, Action.VARY)


class ButtonError(EaselError):
    """This button is from another version of Easel; use /imagine again."""


@dataclass(frozen=True, slots=True)
class Button:
    """`index` counts pictures from 1; 0 where the action is on the whole job."""

    action: Action
    job_id: str
    index: int = 0

    @property
    def custom_id(self) -> str:
        return f"{FORMAT}:{self.action}:{self.job_id}:{self.index}"

    @classmethod
    def from_custom_id(cls, custom_id: str) -> Button:
        """Raises ButtonError."""
        match = re.fullmatch(rf"{FORMAT}:([A-Za-z]+):([0-9a-f]{{8,32}}):(\d)", custom_id)
        if match is None or match[1] not in set(Action):
            raise ButtonError
        return cls(Action(match[1]), match[2], int(match[3]))

    @classmethod
    def from_label(cls, job_id: str, label: str) -> Button:
        """`U1`..`U8`, `V1`..`V8`, `reroll`, `cancel`, in any case. Raises ButtonError."""
        match = re.fullmatch(r"([UV])([1-8])", label.strip(), re.IGNORECASE)
        if match:
            return cls(Action(match[1].upper()), job_id, int(match[2]))
        if label.strip().lower() in (Action.REROLL, Action.CANCEL):
            return cls(Action(label.strip().lower()), job_id)
        raise ButtonError(
            say("There is no button “{label}”. Try U1, V1, reroll or cancel.", label=label)
        )
