"""The pictures that members give: where they come from, and what is kept of them.

What comes in may be anybody's: a file of any kind, at an address of any kind. It is fetched by
somebody who looks where that is, and drawn anew by somebody who may not harm anything; the bytes
that came are never kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.errors import EaselError
from core.ports import Blobs

MOST_BYTES = 25 * 2**20
"""Of a file that is taken in."""

MOST_PIXELS = 50_000_000
"""Of a picture before it is made smaller."""

SIDE = 2048
"""The longer side of a picture that is kept, in pixels at most. Models draw at half of that."""


class PictureError(EaselError):
    """That picture cannot be used; nothing was charged."""


Fetch = Callable[[str], Awaitable[bytes]]
"""The file at an address that anybody may have typed. Raises PictureError."""

Redraw = Callable[[bytes], Awaitable[bytes]]
"""What a file shows, upright, at most SIDE pixels long, as a PNG with nothing else in it. The file
may be anybody's. Raises PictureError."""


class Pictures:
    """Takes pictures in. `keep` gives the key of the stored file."""

    def __init__(self, blobs: Blobs, fetch: Fetch, redraw: Redraw) -> None:
        self.fetch = fetch
        self._blobs = blobs
        self._redraw = redraw

    async def keep(self, data: bytes) -> str:
        """Raises PictureError, and DiskFullError."""
        return await self._blobs.put(await self._redraw(data), ".png")

    async def keep_from(self, address: str) -> str:
        """The same for the picture at an address."""
        return await self.keep(await self.fetch(address))
