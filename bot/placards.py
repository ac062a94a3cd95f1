"""The messages of what hangs in showcases: the picture as a file, its words and its buttons."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.ending import Shrink, no_shrink
from bot.messenger import Post, Upload
from bot.pegs import alt_text, buttons, words
from bot.poster import Form, NotShownError
from core.errors import NotFoundError
from core.ports import Blobs
from core.showcase import Due, Exhibit


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

    async def upload(self, exhibit: Exhibit, form: Form, name: str = "") -> Upload:
        """`name` is what the file is called, which is usually by its picture. Raises NotShownError
        for a picture that is not there, or fits in no way."""
        try:
            path = await self._blobs.local(exhibit.blob)
        except NotFoundError as error:
            raise NotShownError("its file is missing") from error
        if (await asyncio.to_thread(path.stat)).st_size > form.limit:
            smaller = await self._shrink(path, form.limit)
            if smaller is None:
                raise NotShownError("its file is too large")
            path = smaller[0]
        data = await asyncio.to_thread(path.read_bytes)
        alt = alt_text(exhibit) if form.with_prompt else ""
        name = name or f"{exhibit.job_id}-{exhibit.number}"
        return Upload(f"{name}{path.suffix}", data, alt)

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
