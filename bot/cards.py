"""Shows one picture that was picked: the facts of it, and what its presser may do with it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import discord

from bot.desk import actor_of
from bot.ending import Endings
from bot.facts import facts
from bot.history_card import SEEN_BY, Card, card
from bot.history_ids import Whose
from bot.history_page import going
from bot.messenger import REQUEST_BYTES, Messenger, Upload
from bot.onlooker import is_told, viewer_of
from bot.pegs import gallery_address
from bot.render import jump
from bot.replies import Interaction, locale_of
from bot.whereabouts import server_of
from core.archive import Archive
from core.errors import (
    BannedError,
    ImageNotFoundError,
    NotFoundError,
    NotYoursError,
    RefusedError,
)
from core.jobs import Place
from core.models import Catalogue
from core.ports import JobStore, Rulebook
from core.request import Visibility
from core.sentences import in_language, say, together
from core.viewing import choices, may_change, may_moderate, may_view, owns
from core.works import Showing, Viewer, Work, Works

LOOK_SECONDS = 2.0
"""The longest that is waited for to learn whether a picture's message is still there."""

SHUT = say("That picture is not for you to see, or it is not there.")


class Cards:
    """`alike`: there is something that finds pictures that look alike. `deletes`: something that
    deletes them. `gallery_url` is "" where the gallery has no address for people."""

    def __init__(
        self,
        works: Works,
        store: JobStore,
        catalogue: Catalogue,
        archive: Archive,
        endings: Endings,
        messenger: Messenger,
        book: Rulebook | None,
        *,
        gallery_url: str,
        upload_bytes: int,
        alike: bool,
        deletes: bool,
    ) -> None:
        self._works = works
        self._store = store
        self._catalogue = catalogue
        self._archive = archive
        self._endings = endings
        self._messenger = messenger
        self._book = book
        self._gallery_url = gallery_url
        self._upload_bytes = upload_bytes
        self._alike = alike
        self._deletes = deletes

    async def card(
        self, interaction: Interaction, whose: Whose, id: str, *, sure: bool = False
    ) -> tuple[discord.ui.LayoutView, tuple[Upload, ...]]:
        """A message with the picture; `sure`: that asks whether it shall be deleted. Raises what
        `work` raises."""
        work = await self.work(interaction, id)
        viewer, locale, actor = (
            viewer_of(interaction),
            locale_of(interaction),
            actor_of(interaction),
        )
        job = await self._archive.job(actor, work.job_id)
        images = await self._archive.images(job)
        own = owns(viewer, work)
        seen_by = SEEN_BY[work.showing]
        if own and work.showing is Showing.PRIVATE:
            seen_by = say("You alone may see it.")
        rows = [facts(job, images, self._catalogue, work.number), seen_by]
        if work.likes:
            rows.append(say("Likes: {count}", count=work.likes))
        upload = await self._endings.file(work.blob, work.id, self.limit(interaction, 1))
        if upload is not None:
            upload = replace(upload, alt=self._endings.alt_text(job))
        shown = Card(
            work=work,
            whose=whose,
            text=in_language(together(rows, "\n"), locale),
            upload=upload,
            rows=self._endings.rows_of(job, work.number, locale),
            link="" if sure else await self._link(interaction, work),
            alike=self._alike,
            post=own and job.request.visibility is not Visibility.STEALTH,
            delete=self._deletes and (own or may_moderate(viewer, work.server_id)),
            sure=going(1, 1, len(images)) if sure else None,
            gallery=self._address(work),
            choices=await self._choices(viewer, work),
        )
        return card(shown, locale), (upload,) if upload is not None else ()

    async def show_to(self, interaction: Interaction, id: str, value: str) -> None:
        """The menu of who may see a picture. Raises NotYoursError, and RefusedError for more than
        its server allows."""
        work = await self.work(interaction, id)
        allowed = await self._choices(viewer_of(interaction), work)
        if not allowed:
            raise NotYoursError(say("Only the person who made this picture can say who sees it."))
        if value not in allowed:
            raise RefusedError(say("This server does not show pictures to so many."))
        await self._works.show(work.id, Showing(value))

    async def _choices(self, viewer: Viewer, work: Work) -> tuple[Showing, ...]:
        """Whom it may be shown to, by who may say so; none for everybody else."""
        if self._book is None or not may_change(viewer, work):
            return ()
        house = (await self._book.rules(work.server_id)).house
        return choices(work.server_id, house.gallery)

    def _address(self, work: Work) -> str:
        """Of its page in the gallery, where that has an address for people."""
        return gallery_address(self._gallery_url, work.id) if self._gallery_url else ""

    async def check(self, interaction: Interaction) -> None:
        actor = actor_of(interaction)
        if await self._store.is_banned(actor.server_id, actor.owner.id):
            raise BannedError

    async def work(self, interaction: Interaction, id: str) -> Work:
        """Raises NotFoundError, NotYoursError and BannedError."""
        await self.check(interaction)
        try:
            work = await self._works.get(id)
        except ImageNotFoundError as error:
            raise NotFoundError(SHUT) from error
        if not may_view(viewer_of(interaction), work) or not is_told(interaction, work):
            raise NotYoursError(SHUT)
        return work

    def limit(self, interaction: Interaction, count: int) -> int:
        """Bytes that each file may have."""
        place = Place(server_id=server_of(interaction), channel_id=interaction.channel_id or 0)
        limit = self._messenger.upload_limit(place, self._upload_bytes)
        return min(limit, REQUEST_BYTES // max(1, count))

    async def _link(self, interaction: Interaction, work: Work) -> str:
        """To the message that shows it; "" where there is none any more."""
        if not work.message_id or not work.channel_id:
            return ""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                there = await self._messenger.is_there(work.channel_id, work.message_id)
        except TimeoutError:
            there = True
        return jump(work.server_id, work.channel_id, work.message_id) if there else ""
