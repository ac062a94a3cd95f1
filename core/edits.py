"""What is done to a picture beside starting from it: it is enlarged, a part of it is painted anew,
or more is painted around it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

VARY_SUBTLE, VARY_STRONG = 0.35, 0.75
"""How far a picture is moved from by Vary (Subtle) and (Strong), as image-to-image strength."""

ENLARGE_SUBTLE, ENLARGE_CREATIVE = 0.2, 0.4
"""The same for what refines an enlarged picture."""

PAINTED_ANEW = 1.0
"""The same inside a region: nothing of it stays."""

EXTENDED = 0.8
"""The same around a picture that is painted on, where its own colours are gone on with first."""

PAINTED_WITH_HEAD = 0.99
"""The same for a model that was taught to paint what a mask shows. It is not all: that of Stable
Diffusion XL paints less sharply from noise alone, as its makers say on its page."""

ENHANCED = 0.5
"""The same for a draft that is made whole: what it shows stays, how it is drawn does not."""


class Op(StrEnum):
    ENLARGE = "enlarge"
    REGION = "region"
    EXTEND = "extend"


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, in fractions of its width and height, counted from its top left."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)


WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Painter:
    """The inpainting model that paints for the request's own, and how it does; `sampler` as in a
    request."""

    model: str
    steps: int
    guidance: float
    sampler: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is done to a request's source picture.

    ENLARGE: it is drawn larger, to the request's size; `creative` invents detail, otherwise all is
    kept. REGION: `parts` of it, and where `mask` (the key of a stored picture) is white, are
    painted anew, and the rest is kept. EXTEND: it lies in the box `keep` of the finished picture,
    and the rest is painted around it; where `keep` goes beyond the finished picture, it is cut.
    `passes` is how many times over all of it is denoised at each step (`core.windows`). `painter`
    is None where the request's own model paints. `upscaler` enlarges it before it is refined, ""
    for none.
    """

    op: Op
    creative: bool = False
    mask: str | None = None
    parts: tuple[Box, ...] = ()
    keep: Box | None = None
    passes: float = 1.0
    painter: Painter | None = None
    upscaler: str = ""

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of `dataclasses.asdict`; raises KeyError, TypeError or ValueError."""
        keep, painter = values.get("keep"), values.get("painter")
        read: dict[str, Any] = {
            **values,
            "op": Op(values["op"]),
            "parts": tuple(Box(**part) for part in values.get("parts", ())),
            "keep": Box(**keep) if keep else None,
            "passes": float(values.get("passes", 1.0)),
            "painter": Painter(**painter) if painter else None,
            "upscaler": str(values.get("upscaler", "")),
        }
        return cls(**read)
