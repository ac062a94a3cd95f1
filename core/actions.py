"""What a button does, and the id that carries it.

An id holds all there is to know of a button: format, action, job, picture, and what else the action
needs. Nothing else is kept, so a button works after a restart and after a year. `PATTERN` is wide
on purpose: an id from a newer or older Easel is still recognised as ours and gets an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from core.errors import EaselError
from core.forms import FormKind
from core.sentences import say

FORMAT = "e1"
PATTERN = r"e\d+:.{1,95}"

CUSTOM = "custom"
"""How far to zoom out is asked in a form."""


class Action(StrEnum):
    """`UPSCALE` shows one stored picture on its own; `ENLARGE_…` draw it larger."""

    UPSCALE = "U"
    VARY = "V"
    REROLL = "reroll"
    CANCEL = "cancel"
    VARY_SUBTLE = "VS"
    VARY_STRONG = "VT"
    ENLARGE_SUBTLE = "US"
    ENLARGE_CREATIVE = "UC"
    REGION = "region"
    ZOOM = "zoom"
    SQUARE = "square"
    PAN = "pan"
    ENHANCE = "enhance"
    LIKE = "like"
    REMIX = "remix"
    PUBLISH = "publish"

    @property
    def on_one_picture(self) -> bool:
        """Whether it is about a picture of the job, and not about the whole job. Either can be
        enhanced."""
        return self not in _OF_ALL and self is not Action.ENHANCE

    @property
    def extras(self) -> tuple[str, ...]:
        """What else its id has to say, one of these; none for most."""
        return _EXTRAS.get(self, ())

    @property
    def makes_pictures(self) -> bool:
        """Whether pressing it is asking for a job."""
        return self not in (Action.CANCEL, Action.LIKE, Action.PUBLISH)


_EXTRAS = {
    Action.ZOOM: ("20", "15", CUSTOM),
    Action.PAN: ("left", "right", "up", "down"),
}

_REMIXED = frozenset(
    {
        Action.VARY,
        Action.VARY_SUBTLE,
        Action.VARY_STRONG,
        Action.REROLL,
        Action.ZOOM,
        Action.SQUARE,
        Action.PAN,
    }
)
"""In remix mode these ask for the prompt first."""


class ButtonError(EaselError):
    """This button is from another version of Easel; use /imagine again."""


@dataclass(frozen=True, slots=True)
class Button:
    """`index` counts pictures from 1; 0 where the action is on the whole job. `extra` is one of the
    action's `extras`."""

    action: Action
    job_id: str
    index: int = 0
    extra: str = ""

    @property
    def custom_id(self) -> str:
        end = f":{self.extra}" if self.extra else ""
        return f"{FORMAT}:{self.action}:{self.job_id}:{self.index}{end}"

    def form(self, *, remix: bool = False) -> FormKind:
        """What is asked for before it is done. `remix`: the presser's remix mode is on."""
        if self.action is Action.REGION:
            return FormKind.REGION
        if (self.action, self.extra) == (Action.ZOOM, CUSTOM):
            return FormKind.ZOOM
        asked = self.action is Action.REMIX or (remix and self.action in _REMIXED)
        return FormKind.REMIX if asked else FormKind.NONE

    @property
    def label(self) -> str:
        """What stands on it."""
        words = _LABELS.get((self.action, self.extra))
        return words if words is not None else f"{self.action}{self.index}"

    @classmethod
    def from_custom_id(cls, custom_id: str) -> Button:
        """Raises ButtonError."""
        match = re.fullmatch(
            rf"{FORMAT}:([A-Za-z]+):([0-9a-f]{{8,32}}):(\d)(?::([a-z0-9]{{1,16}}))?", custom_id
        )
        if match is None or match[1] not in set(Action):
            raise ButtonError
        action, extra = Action(match[1]), match[4] or ""
        if extra not in (action.extras or ("",)):
            raise ButtonError
        return cls(action, match[2], int(match[3]), extra)

    @classmethod
    def from_label(cls, job_id: str, label: str) -> Button:
        """The words that stand on a button, with the number of a picture where they have none:
        `Vary (Strong) 2`, `pan left`, `U1`; or shorter, `VT2`, `zoom 2x`, `square`, `region`. Case,
        hyphens and brackets do not count. Without a number the first picture is meant, and all of
        them by `enhance`. Raises ButtonError."""
        match = re.fullmatch(r"(.+?)([1-8])?", _squeezed(label))
        name, number = (match[1], int(match[2] or 0)) if match else ("", 0)
        if number and name in _LETTERS:
            return cls(_LETTERS[name], job_id, number)
        action, extra = _WORDS.get(name, (None, ""))
        if action is None or (number and action in _OF_ALL):
            raise ButtonError(
                say(
                    "There is no button “{label}”. Try U1, V1, VS1, VT1, US1, UC1, zoom 2x, "
                    "pan left, square, region, enhance, remix, reroll or cancel, or the words that "
                    "stand on the button.",
                    label=label,
                )
            )
        return cls(action, job_id, number or (1 if action.on_one_picture else 0), extra)


_OF_ALL = frozenset({Action.REROLL, Action.CANCEL, Action.REMIX})
"""These are never about one picture."""


_LABELS = {
    (Action.REROLL, ""): say("Re-roll"),
    (Action.CANCEL, ""): say("Cancel"),
    (Action.VARY_SUBTLE, ""): say("Vary (Subtle)"),
    (Action.VARY_STRONG, ""): say("Vary (Strong)"),
    (Action.ENLARGE_SUBTLE, ""): say("Upscale (Subtle)"),
    (Action.ENLARGE_CREATIVE, ""): say("Upscale (Creative)"),
    (Action.REGION, ""): say("Vary (Region)"),
    (Action.ZOOM, "20"): say("Zoom Out 2x"),
    (Action.ZOOM, "15"): say("Zoom Out 1.5x"),
    (Action.ZOOM, CUSTOM): say("Custom Zoom"),
    (Action.SQUARE, ""): say("Make Square"),
    (Action.PAN, "left"): say("Pan Left"),
    (Action.PAN, "right"): say("Pan Right"),
    (Action.PAN, "up"): say("Pan Up"),
    (Action.PAN, "down"): say("Pan Down"),
    (Action.ENHANCE, ""): say("Enhance"),
    (Action.LIKE, ""): say("Like"),
    (Action.REMIX, ""): say("Remix"),
    (Action.PUBLISH, ""): say("Publish"),
}


def _squeezed(label: str) -> str:
    return re.sub(r"[\s()-]", "", label.lower())


_LETTERS = {
    "u": Action.UPSCALE,
    "v": Action.VARY,
    "e": Action.ENHANCE,
    "us": Action.ENLARGE_SUBTLE,
    "uc": Action.ENLARGE_CREATIVE,
    "vs": Action.VARY_SUBTLE,
    "vt": Action.VARY_STRONG,
}
"""These are nothing without a number."""

_WORDS = {
    **{_squeezed(label): kind for kind, label in _LABELS.items() if kind[0] is not Action.LIKE},
    "zoom2x": (Action.ZOOM, "20"),
    "zoom1.5x": (Action.ZOOM, "15"),
    "zoomcustom": (Action.ZOOM, CUSTOM),
    "square": (Action.SQUARE, ""),
    "region": (Action.REGION, ""),
}
"""What makes a picture or stops it; a shell likes and publishes nothing."""
