"""Sends the original pictures of a job to a person who asked for them, as direct messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import discord

from bot.ending import LOST, Shrink, copy_shown
from bot.faults import CLOSED_DM
from bot.messenger import REQUEST_BYTES, Messenger, Post, Upload
from bot.render import Renderer, escape, shown_prompt
from core.errors import EaselError, NotFoundError, RefusedError
from core.jobs import Image, Job, Outcome, State
from core.models import Catalogue
from core.ports import Blobs, JobStore, Wishes
from core.request import Kind
from core.sentences import in_language, say, together

log = logging.getLogger(__name__)

NO_PICTURES = say("That job has no pictures to send.")
CLOSED = say(
    "Discord does not let Easel write to you. Allow direct messages from members of this server in "
    "its privacy settings, then ask again."
)


class Courier:
    def __init__(
        self,
        store: JobStore,
        blobs: Blobs,
        catalogue: Catalogue,
        messenger: Messenger,
        renderer: Renderer,
        shrink: Shrink,
        wishes: Wishes,
        *,
        upload_bytes: int,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._catalogue = catalogue
        self._messenger = messenger
        self._renderer = renderer
        self._shrink = shrink
        self._wishes = wishes
        self._limit = min(upload_bytes, discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES)

    async def send(self, job: Job, person_id: int, locale: str = "") -> int:
        """Sends each picture of the job as a file of its own, with its seed; returns how many.
        Asked for again within a few minutes, nothing is sent twice. Raises RefusedError."""
        images = await self._store.images(job.id) if job.state is State.DONE else ()
        if not images:
            raise RefusedError(NO_PICTURES)
        uploads, notes = await self._uploads(job, images)
        rows = [
            f"**{escape(shown_prompt(job.request, self._catalogue), 1200)}**",
            together([say("Job {id}", id=f"`{job.id}`"), _seeds(images)], " · "),
            *dict.fromkeys(notes),
        ]
        text = in_language(together(rows, "\n"), locale)
        try:
            for number, parcel in enumerate(parcels(uploads) or [()]):
                post = Post("" if number else text, 0, tuple(parcel))
                await self._messenger.direct(person_id, post, nonce=f"o{job.id}{number}")
        except discord.HTTPException as error:
            if error.code in CLOSED_DM or error.status == 403:
                raise RefusedError(CLOSED) from error
            raise
        return len(uploads)

    async def also(self, job: Job, outcome: Outcome) -> None:
        """Sends what was delivered elsewhere to its owner too, if they wish so. One picture of a
        grid was sent with it. Never raises: the pictures are where they were asked for."""
        told_already = outcome is Outcome.DIRECT_MESSAGE or job.request.kind is Kind.UPSCALE
        if job.state is not State.DONE or told_already:
            return
        try:
            if await self.wanted_by(job.owner.id):
                await self.send(job, job.owner.id)
        except EaselError as error:
            log.info("job %s was not sent to its owner: %s", job.id, error.sentence)
        except (discord.DiscordException, OSError, TimeoutError) as error:
            log.warning("job %s was not sent to its owner: %s", job.id, error)

    async def wanted_by(self, person_id: int) -> bool:
        return (await self._wishes.of(person_id)).auto_dm

    async def _uploads(self, job: Job, images: Sequence[Image]) -> tuple[list[Upload], list[str]]:
        """The files, and a sentence where one is not the original."""
        uploads: list[Upload] = []
        notes: list[str] = []
        alt = self._renderer.alt_text(job)
        for image in images:
            try:
                path, lossless = await self._fitting(image)
            except NotFoundError:
                notes.append(LOST)
                continue
            if not lossless:
                notes.append(copy_shown(path.suffix, self._limit))
            data = await asyncio.to_thread(path.read_bytes)
            uploads.append(Upload(f"{job.id}-{image.number}{path.suffix}", data, alt))
        return uploads, notes

    async def _fitting(self, image: Image) -> tuple[Path, bool]:
        """The file, or a copy that is small enough, and whether that is lossless."""
        path = await self._blobs.local(image.blob)
        if (await asyncio.to_thread(path.stat)).st_size <= self._limit:
            return path, True
        smaller = await self._shrink(path, self._limit)
        if smaller is None:
            raise NotFoundError
        return smaller


def parcels(uploads: Sequence[Upload]) -> list[list[Upload]]:
    """The files in messages of at most ten, and of no more bytes than one request may have."""
    found: list[list[Upload]] = []
    for upload in uploads:
        last = found[-1] if found else None
        held = sum(len(one.data) for one in last or ())
        if last is None or len(last) == 10 or held + len(upload.data) > REQUEST_BYTES:
            found.append([upload])
        else:
            last.append(upload)
    return found


def _seeds(images: Sequence[Image]) -> str:
    if len(images) == 1:
        return say("seed {seeds}", seeds=f"`{images[0].seed}`")
    return say("seed {seeds}", seeds=", ".join(f"{one.number}: `{one.seed}`" for one in images))
