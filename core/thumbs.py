"""Small copies of pictures, for pages that show many."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from core.errors import NotFoundError

SIDES = (160, 320, 640, 1280)
"""How long the longer side of a copy may be, in pixels. A picture is never enlarged."""

SUFFIX = ".webp"


class NoThumbError(NotFoundError):
    """No small copy could be made of that picture."""


class Thumbs(Protocol):
    async def of(self, key: str, side: int) -> Path:
        """A copy of the stored picture, made once; `side` is one of SIDES. It goes when the picture
        goes. Raises NotFoundError where there is no such picture, NoThumbError."""
        ...


def enough(width: int, height: int, side: int) -> int:
    """The side that is worth asking for: a larger one would give the same copy once more."""
    return next((one for one in SIDES if one >= max(width, height) or one == side), side)


def thumb_names(key: str) -> tuple[str, ...]:
    """The files of all copies of a stored picture, within the folder of copies."""
    return tuple(thumb_name(key, side) for side in SIDES)


def thumb_name(key: str, side: int) -> str:
    return f"{key[:2]}/{key.partition('.')[0]}-{side}{SUFFIX}"
