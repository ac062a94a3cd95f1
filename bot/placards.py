"""The messages of what hangs in showcases: the picture as a file, its words and its buttons."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.ending import Shrink, no_shrink
from bot.messenger import Post, Upload
from bot.pegs import alt_text, buttons, words
from core.errors import NotFoundError
from core.ports import Blobs
from core.showcase import Due, Exhibit


class NotShownError(Exception):
    """It cannot hang there, or somebody deleted its message: it is taken down."""


@dataclass(frozen=True, slots=True)
class Form:
    """What of the message is allowed so far. `limit` is the largest file in bytes; `shrunk` counts
    how often that was made smaller."""

    limit: int
    with_prompt: bool = True
    shrunk: int = 0


class Placards:
    def __init__(
        self,
        blobs: Blobs,
        shrink: Shrink = no_shrink,
        language: Callable[[int], str] = lambda server_id: "",
        gallery_url: str = "",
    ) -> None:
        self._blobs = blobs
        self._shrink = shrink
        self._language = language
        self._gallery_url = gallery_url

    async def upload(self, exhibit: Exhibit, form: Form) -> Upload:
        """Raises NotShownError for a picture that is not there, or fits in no way."""
        path = await self._path(exhibit)
        if (await asyncio.to_thread(path.stat)).st_size > form.limit:
            smaller = await self._shrink(path, form.limit)
            if smaller is None:
                raise NotShownError("its file is too large")
            path = smaller[0]
        data = await asyncio.to_thread(path.read_bytes)
        alt = alt_text(exhibit) if form.with_prompt else ""
        return Upload(f"{exhibit.job_id}-{exhibit.number}{path.suffix}", data, alt)

    async def size(self, exhibit: Exhibit, form: Form) -> int:
        """Bytes that were sent at most. Raises NotShownError."""
        path = await self._path(exhibit)
        return min((await asyncio.to_thread(path.stat)).st_size, form.limit)

    def message(self, due: Due, form: Form, upload: Upload | None) -> Post:
        """`upload` None leaves the picture as it is."""
        assert due.exhibit is not None
        locale = self._language(due.showcase.server_id)
        return Post(
            words(due.hanging, due.exhibit, locale, with_prompt=form.with_prompt),
            0,
            None if upload is None else (upload,),
            buttons(due.hanging, due.exhibit, self._gallery_url, locale),
        )

    async def _path(self, exhibit: Exhibit) -> Path:
        try:
            return await self._blobs.local(exhibit.blob)
        except NotFoundError as error:
            raise NotShownError("its file is missing") from error
