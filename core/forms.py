"""What a button asks for before it is done, and what was filled in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FormKind(StrEnum):
    """REMIX: the prompt, to be edited. ZOOM: the same, with --zoom and --ar in it. REGION: which
    part to paint anew, and the prompt where remix mode is on."""

    NONE = "none"
    REMIX = "remix"
    ZOOM = "zoom"
    REGION = "region"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What somebody filled in. `prompt` is the whole line as it shall be, None where it was not
    asked for. `region` names parts of the picture, by numbers of cells or in words; `mask` is a
    file in which the part is white."""

    prompt: str | None = None
    region: str = ""
    mask: bytes | None = None
