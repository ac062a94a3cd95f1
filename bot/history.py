"""Finds pictures again: pages of them for the person who asked alone, and what is done with one.

Who may see which picture, `core.viewing` decides; in Discord nobody is told besides of what was
made in a channel that they may not read.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import discord

from bot.cards import Cards
from bot.desk import actor_of
from bot.ending import Endings
from bot.eraser import Eraser, deleted
from bot.history_card import gone
from bot.history_ids import Act, Key, Whose
from bot.history_page import ON_A_PAGE, Entry, Sheet, entry, going, head, line_of, page
from bot.messenger import Upload
from bot.onlooker import is_told, viewer_of
from bot.packer import MOST_PICTURES as MOST_PACKED
from bot.packer import Packer
from bot.replies import Hold, Interaction, ask, hold, in_time, lay, locale_of, relay
from bot.search import Search
from bot.sheets import COUNT, all_sheet, soon, texts
from bot.viewer import Viewer as Shower
from bot.whereabouts import server_of
from core.actions import ButtonError
from core.errors import RefusedError
from core.sentences import Sentence, in_language, say, together
from core.studio import Studio
from core.works import Work, Works, read_id

log = logging.getLogger(__name__)

Laid = tuple[discord.ui.LayoutView, tuple[Upload, ...]]
"""A message, and the files that come with it."""

LONGEST_LINE = 300
"""Characters of what is searched for; it stands in the message."""


class History:
    """Without an `eraser` nothing is deleted, and without a `packer` nothing is downloaded."""

    def __init__(
        self,
        works: Works,
        search: Search,
        studio: Studio,
        cards: Cards,
        eraser: Eraser | None,
        packer: Packer | None,
        shower: Shower,
        endings: Endings,
    ) -> None:
        self.works = works
        self.search = search
        self._studio = studio
        self._cards = cards
        self._eraser = eraser
        self._packer = packer
        self._shower = shower
        self._endings = endings

    # Pages

    async def open(
        self,
        interaction: Interaction,
        line: str,
        whose: Whose | None,
        options: Mapping[str, str | None],
    ) -> None:
        """/history. `options` are pieces of the line that were chosen by themselves. Raises
        PromptError and RefusedError."""
        if whose is Whose.HERE and not server_of(interaction):
            raise RefusedError(
                say("Easel is in no server here; leave that out to search your own.")
            )
        line = " ".join([*line.split(), *_keyed(options)])
        if len(line) > LONGEST_LINE:
            raise RefusedError(say("Search for at most {most} characters.", most=LONGEST_LINE))
        if whose is None:
            whose = self.search.meant(interaction, line)
        work = self._page(interaction, whose, line, "")
        await lay(interaction, *await in_time(interaction, work, Hold.PRIVATE))

    async def pressed(self, interaction: Interaction, key: Key) -> None:
        """A button of a page or of a card. Raises ButtonError."""
        check_private(interaction)
        match key.act:
            case Act.TURN:
                await self._turn(interaction, key)
            case Act.MANY | Act.SURE:
                await self._choosing(interaction, key)
            case Act.GONE:
                await self._delete_chosen(interaction, key)
            case Act.ALL:
                await self._ask_all(interaction)
            case Act.ZIP:
                await self._pack(interaction, key)
            case Act.ALIKE:
                work = self._page(interaction, key.whose, f"like:{key.what}", "")
                await lay(interaction, *await in_time(interaction, work, Hold.PRIVATE))
            case Act.POST:
                job_id, number = read_id(key.what)
                await self._shower.post(interaction, job_id, number)
            case Act.OPEN:
                work = self._cards.card(interaction, key.whose, key.what)
                await relay(interaction, *await in_time(interaction, work, Hold.SILENT))
            case Act.ASK:
                work = self._cards.card(interaction, key.whose, key.what, sure=True)
                await relay(interaction, *await in_time(interaction, work, Hold.SILENT))
            case Act.DELETE:
                await self._delete_one(interaction, key.what)
            case _:
                raise ButtonError

    async def chosen(self, interaction: Interaction, key: Key, values: Sequence[str]) -> None:
        """A menu of a page or of a card. Raises ButtonError."""
        check_private(interaction)
        if key.act is Act.PICK and len(values) == 1:
            work = self._cards.card(interaction, key.whose, values[0])
            await lay(interaction, *await in_time(interaction, work, Hold.PRIVATE))
        elif key.act is Act.SEE and len(values) == 1:

            async def changed() -> Laid:
                await self._cards.show_to(interaction, key.what, values[0])
                return await self._cards.card(interaction, key.whose, key.what)

            await relay(interaction, *await in_time(interaction, changed(), Hold.SILENT))
        elif key.act is Act.CHOOSE:
            sheet = self._sheet_of(interaction, key, many=True)
            sheet = replace(sheet, chosen=frozenset(values))
            await relay(interaction, page(sheet, locale_of(interaction)), None)
        else:
            raise ButtonError

    async def _turn(self, interaction: Interaction, key: Key) -> None:
        work = self._page(interaction, key.whose, line_of(interaction.message), key.what)
        await relay(interaction, *await in_time(interaction, work, Hold.SILENT))

    async def _page(
        self, interaction: Interaction, whose: Whose, line: str, after: str, note: str = ""
    ) -> Laid:
        await self._cards.check(interaction)
        locale = locale_of(interaction)
        found, after = await self.search.page(interaction, whose, line, after, ON_A_PAGE)
        shown = [work for work in found.works if is_told(interaction, work)]
        entries: list[Entry] = []
        uploads: list[Upload] = []
        limit = self._cards.limit(interaction, len(shown))
        for work in shown:
            file = await self._endings.file(work.blob, work.id, limit)
            if file is None:
                log.warning("the file of picture %s is missing or too large to show", work.id)
                continue
            own = work.owner.id == interaction.user.id
            one = entry(len(entries) + 1, work, file.name, locale, own=own)
            entries.append(one)
            uploads.append(replace(file, alt=one.alt))
        if not entries and not note:
            note = nothing(whose, line, adult=viewer_of(interaction).adult)
        sheet = Sheet(
            whose=whose,
            after=after,
            head=head(whose, line, locale),
            entries=tuple(entries),
            next=found.next,
            before=found.before,
            note=note,
            zips=self._packer is not None,
            deletes=self._eraser is not None,
        )
        return page(sheet, locale), tuple(uploads)

    # Several

    def _sheet_of(self, interaction: Interaction, key: Key, *, many: bool) -> Sheet:
        sheet = Sheet.of_message(interaction.message, key)
        zips, deletes = self._packer is not None, self._eraser is not None
        return replace(sheet, many=many, zips=zips, deletes=deletes)

    async def _choosing(self, interaction: Interaction, key: Key) -> None:
        """Turns the page that is there into one to choose from, or asks about what is chosen."""
        sheet = self._sheet_of(interaction, key, many=True)
        if not sheet.entries:
            raise ButtonError
        if key.act is Act.SURE and sheet.chosen:
            jobs = {read_id(id)[0] for id in sheet.chosen}
            pictures = await in_time(interaction, self._erases().count(jobs), Hold.SILENT)
            note = going(len(sheet.chosen), len(jobs), pictures)
            sheet = replace(sheet, sure=True, note=note)
        await relay(interaction, page(sheet, locale_of(interaction)), None)

    async def _delete_chosen(self, interaction: Interaction, key: Key) -> None:
        chosen = self._sheet_of(interaction, key, many=True).chosen
        jobs = dict.fromkeys(read_id(id)[0] for id in sorted(chosen))

        async def work() -> Laid:
            count = await self._erases().delete(actor_of(interaction), jobs)
            line = line_of(interaction.message)
            return await self._page(interaction, key.whose, line, key.what, deleted(count))

        await relay(interaction, *await in_time(interaction, work(), Hold.SILENT))

    async def _pack(self, interaction: Interaction, key: Key) -> None:
        """A zip of those that are chosen, or else of all that the line finds."""
        if self._packer is None:
            raise ButtonError
        await hold(interaction, Hold.PRIVATE)
        await self._cards.check(interaction)
        sheet = self._sheet_of(interaction, key, many=True)
        line, more, works = line_of(interaction.message), False, list[Work]()
        if sheet.chosen:
            ids = [one.id for one in sheet.entries if one.id in sheet.chosen]
            works = [await self._cards.work(interaction, id) for id in ids]
        else:
            works, more = await self.search.all(interaction, key.whose, line, MOST_PACKED)
        await self._packer.send(
            interaction,
            viewer_of(interaction),
            [work.id for work in works],
            self._cards.limit(interaction, 1),
            line=f"{line} by:me".strip() if key.whose is Whose.MINE else line,
            more=more,
        )

    async def _ask_all(self, interaction: Interaction) -> None:
        count = await soon(self.works.count(interaction.user.id))
        if not count:
            raise RefusedError(say("You have no pictures."))
        await ask(interaction, all_sheet(interaction, count))

    async def delete_all(self, interaction: Interaction, count: int) -> None:
        """The form that was opened; `count` is the number that it named. Raises RefusedError."""
        check_private(interaction)
        typed = re.sub(r"[\s.,']", "", texts(interaction).get(COUNT, ""))
        if typed != str(count):
            raise RefusedError(
                say("To delete them all, type {count}. Nothing was deleted.", count=count)
            )

        async def work() -> Laid:
            gone = await self._erases().delete_all(actor_of(interaction))
            note = say(
                "All of your pictures are deleted, of {jobs} jobs; the messages that show them "
                "follow.",
                jobs=gone,
            )
            return await self._page(interaction, Whose.MINE, "", "", note)

        await relay(interaction, *await in_time(interaction, work(), Hold.SILENT))

    # One

    async def _delete_one(self, interaction: Interaction, id: str) -> None:
        async def work() -> int:
            found = await self._cards.work(interaction, id)
            return await self._erases().delete(actor_of(interaction), [found.job_id])

        note = deleted(await in_time(interaction, work(), Hold.SILENT))
        await relay(interaction, gone(in_language(note, locale_of(interaction))))

    # Who may

    def _erases(self) -> Eraser:
        if self._eraser is None:
            raise ButtonError
        return self._eraser


def check_private(interaction: Interaction) -> None:
    """Pages and cards are written over with others, and only messages that nobody else sees may be.
    Raises ButtonError for any other message."""
    message = interaction.message
    if message is None or not message.flags.ephemeral:
        raise ButtonError


def _keyed(options: Mapping[str, str | None]) -> list[str]:
    """As they are typed in a line."""
    found: list[str] = []
    for key, value in options.items():
        value = " ".join((value or "").replace('"', " ").split())
        if value:
            found.append(f'{key}:"{value}"' if " " in value else f"{key}:{value}")
    return found


def nothing(whose: Whose, line: str, *, adult: bool) -> Sentence:
    """Said where there is no picture."""
    told = say("Nothing was found.")
    if not line and whose is Whose.MINE:
        told = say("You have no pictures yet; /imagine makes some.")
    elif whose is Whose.HERE:
        shared = say("What its maker keeps to themselves is not shown.")
        told = together([told, shared])
    if adult:
        return told
    rated = say("What was made in an age-restricted channel is found in such a channel.")
    return together([told, rated])
