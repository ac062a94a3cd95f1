"""The last message of a job: the picture, or why there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import discord

from bot.layouts import MOST_PICTURES, gallery
from bot.messenger import REQUEST_BYTES, Post, Upload
from bot.render import Renderer
from bot.signposts import with_more
from bot.views import OFFERED, Rows, ended_rows, picture_rows, view_of
from core.actions import Action
from core.allowance import Presentation
from core.errors import NotFoundError
from core.jobs import Job, Parent, State
from core.ports import Blobs, JobStore, Rulebook
from core.sentences import say

Shrink = Callable[[Path, int], Awaitable[tuple[Path, bool] | None]]
"""Writes the picture again in at most so many bytes, and tells whether the copy is lossless; None
where there can be none."""

LOST = say("The picture's file is missing on this machine; tell the operator.")
TOO_LARGE = say("The picture is too large to post here; its single pictures may fit: press U.")
WORDS_REFUSED = say("The words are left out: a filter of this server does not let them through.")
NOT_THERE = say("It could not be shown where you asked for it: Easel may not post there any more.")
ABROAD = say(
    "Where you asked for it Easel can only answer, for 15 minutes at most, and Discord did not "
    "take this any more; so it comes here."
)
REFUSED = say("Discord does not let this picture be posted here. It stays in your history.")


More = Callable[[Job], Awaitable[Sequence[discord.ui.Button[Any]]]]
"""More buttons for the message of a job that ended."""


async def no_more(job: Job) -> Sequence[discord.ui.Button[Any]]:
    return ()


async def no_shrink(path: Path, limit: int) -> tuple[Path, bool] | None:
    """Where nothing can re-encode a picture."""
    return None


def copy_shown(suffix: str, limit: int) -> str:
    """Told where a member sees less than was made."""
    return say(
        "Shown as a {kind}, as files here may have {size} MiB; Easel keeps the lossless picture.",
        kind={".jpg": "JPEG", ".webp": "WebP"}[suffix],
        size=f"{limit / 2**20:.3g}",
    )


@dataclass(frozen=True, slots=True)
class Form:
    """What of the message is allowed so far. `limit` is the largest file in bytes."""

    limit: int
    with_prompt: bool = True
    with_picture: bool = True
    note: str = ""


class Endings:
    """`book` says how each server wants its pictures shown; without one, all in one picture.
    `offered` are the buttons that there may be."""

    def __init__(
        self,
        store: JobStore,
        blobs: Blobs,
        renderer: Renderer,
        shrink: Shrink = no_shrink,
        book: Rulebook | None = None,
        *,
        offered: frozenset[Action] = OFFERED,
        more: More = no_more,
    ) -> None:
        self._store = store
        self._more = more
        self._blobs = blobs
        self._renderer = renderer
        self._shrink = shrink
        self._book = book
        self._offered = offered

    async def post(self, job: Job, form: Form) -> Post:
        """The message that shows how the job ended, within what `form` allows."""
        rows = ended_rows(
            job,
            model=self._renderer.model_of(job),
            offered=self._offered,
            locale=self._renderer.language_of(job),
        )
        rows = with_more(rows, await self._more(job))
        if await self._in_gallery(job, form) and (pictures := await self._pictures(job, form)):
            uploads, note = pictures
            text = self._renderer.ended(job, with_prompt=form.with_prompt, note=form.note or note)
            return Post("", job.owner.id, uploads, gallery(text, uploads, rows))
        uploads: tuple[Upload, ...] = ()
        note = form.note
        if job.state is State.DONE and form.with_picture:
            upload, problem = await self._picture(job, form)
            uploads, note = (upload,) if upload else (), note or problem
        content = self._renderer.ended(job, with_prompt=form.with_prompt, note=note)
        return Post(content, job.owner.id, uploads, view_of(rows))

    async def alone(self, job: Job, number: int, form: Form) -> Post:
        """One picture of a job that is done, as if it had been picked out. Raises
        ImageNotFoundError."""
        image = await self._store.image(job.id, number)
        parent = Parent(job.id, number)
        picked = replace(job, request=job.request.upscale(image.blob, number - 1), parent=parent)
        if job.request.count == 1:
            picked = job
        upload, note = await self._fitting(image.blob, f"{job.id}-{number}", job, form)
        content = self._renderer.ended(picked, note=note)
        rows = self.rows_of(job, number, self._renderer.language_of(job))
        return Post(content, job.owner.id, (upload,) if upload else (), view_of(rows))

    async def file(self, key: str, name: str, limit: int) -> Upload | None:
        """A stored picture as a file of at most `limit` bytes; None where there can be none."""
        path = await self._local(key)
        if path is not None and (await asyncio.to_thread(path.stat)).st_size > limit:
            smaller = await self._shrink(path, limit)
            path = smaller[0] if smaller is not None else None
        if path is None:
            return None
        return Upload(f"{name}{path.suffix}", await asyncio.to_thread(path.read_bytes))

    def alt_text(self, job: Job) -> str:
        return self._renderer.alt_text(job)

    def rows_of(self, job: Job, number: int, locale: str) -> Rows:
        """The buttons under one picture of a job, in the language of `locale`."""
        model = self._renderer.model_of(job)
        return picture_rows(job, number, model=model, offered=self._offered, locale=locale)

    async def _in_gallery(self, job: Job, form: Form) -> bool:
        """Whether the pictures are shown each as its own."""
        if not form.with_picture or job.state is not State.DONE or self._book is None:
            return False
        if not 1 < job.request.count <= MOST_PICTURES or not job.place.server_id:
            return False
        house = (await self._book.rules(job.place.server_id)).house
        return house.presentation is Presentation.GALLERY

    async def _pictures(self, job: Job, form: Form) -> tuple[tuple[Upload, ...], str] | None:
        """A file for each picture, and a sentence where they are not the originals; None where one
        is missing or cannot be made small enough, and the grid must do."""
        images = await self._store.images(job.id)
        limit = min(form.limit, REQUEST_BYTES // max(1, len(images)))
        found: list[Upload] = []
        note = ""
        for image in images:
            try:
                path, lossless = await self._blobs.local(image.blob), True
            except NotFoundError:
                return None
            if (await asyncio.to_thread(path.stat)).st_size > limit:
                smaller = await self._shrink(path, limit)
                if smaller is None:
                    return None
                path, lossless = smaller
            note = note or ("" if lossless else copy_shown(path.suffix, limit))
            data = await asyncio.to_thread(path.read_bytes)
            alt = self._renderer.alt_text(job) if form.with_prompt else ""
            found.append(Upload(f"{job.id}-{image.number}{path.suffix}", data, alt))
        return (tuple(found), note) if found else None

    async def size(self, job: Job) -> int:
        """Bytes of the stored picture, 0 where there is none."""
        path = await self._path(job)
        return (await asyncio.to_thread(path.stat)).st_size if path else 0

    async def _picture(self, job: Job, form: Form) -> tuple[Upload | None, str]:
        """The file to show, and a sentence about it where one is due."""
        images = () if job.grid else await self._store.images(job.id)
        key = job.grid or (images[0].blob if images else "")
        return await self._fitting(key, job.id, job, form)

    async def _fitting(
        self, key: str, name: str, job: Job, form: Form
    ) -> tuple[Upload | None, str]:
        path, lossless = await self._local(key), True
        if path is None:
            return None, LOST
        if (await asyncio.to_thread(path.stat)).st_size > form.limit:
            smaller = await self._shrink(path, form.limit)
            if smaller is None:
                return None, TOO_LARGE
            path, lossless = smaller
        data = await asyncio.to_thread(path.read_bytes)
        alt = self._renderer.alt_text(job) if form.with_prompt else ""
        upload = Upload(f"{name}{path.suffix}", data, alt)
        return upload, "" if lossless else copy_shown(path.suffix, form.limit)

    async def _path(self, job: Job) -> Path | None:
        """The grid; for a single picture, that picture."""
        images = () if job.grid else await self._store.images(job.id)
        return await self._local(job.grid or (images[0].blob if images else ""))

    async def _local(self, key: str) -> Path | None:
        try:
            return await self._blobs.local(key) if key else None
        except NotFoundError:
            return None
