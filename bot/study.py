"""Takes wishes for advice: /shorten and /describe. Answers are for the person who asked alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.desk import PICTURE_GONE, Desk, actor_of
from bot.render import MESSAGE_LENGTH, escape, units
from bot.replies import Hold, Interaction, ask, in_time, locale_of, renew, tell
from bot.sheets import PROMPT, prompt_sheet, texts
from bot.suggestions import (
    ALL,
    again_id,
    block,
    details_id,
    key_of,
    line_of,
    listed,
    number_button,
    number_of,
    worth_of,
)
from core.actions import ButtonError
from core.advice import Advice, Described, Weighed
from core.describing import png_size
from core.errors import EaselError, NotFoundError, PromptError, RefusedError
from core.permutations import group_of
from core.request import Request
from core.sentences import Sentence, in_language, say, together
from core.shortening import Mark, marked

SHOWN = 500
"""Length of what is shown of a prompt with its words marked."""

_AROUND = {Mark.NONE: "", Mark.VITAL: "**", Mark.USELESS: "~~"}


Record = tuple[Request, int]
"""A request, and which of its pictures this is (0: the grid)."""

ReadRecord = Callable[[bytes], Awaitable[Record | None]]


async def no_record(data: bytes) -> Record | None:
    """Where nobody reads them."""
    return None


class Study:
    """`read_record` looks for Easel's own record in a file of anybody's."""

    def __init__(self, desk: Desk, advice: Advice, read_record: ReadRecord) -> None:
        self._desk = desk
        self._read_record = read_record
        self._advice = advice

    async def shorten(self, interaction: Interaction, line: str) -> None:
        """/shorten"""
        work = self._advice.weigh(line, actor_of(interaction))
        weighed, model = await in_time(interaction, work, Hold.PRIVATE)
        legend = say(
            "Bold words matter most to the model “{model}”; those struck out change hardly "
            "anything. A number opens that prompt, to be changed and made.",
            model=escape(model, 80),
        )
        text, view = _weighed_page(interaction, weighed, legend)
        await tell(interaction, text, view=view)

    async def describe(
        self, interaction: Interaction, image: discord.Attachment | None, link: str | None
    ) -> None:
        """/describe"""
        if (image is None) == (link is None):
            raise RefusedError(say("Give one picture, as a file or as a link."))
        address = image.url if image is not None else (link or "").strip().strip("<>")
        work = self._described(interaction, address)
        described, key = await in_time(interaction, work, Hold.PRIVATE)
        text, view = _described_page(interaction, described, key)
        await tell(interaction, text, view=view)

    async def _described(self, interaction: Interaction, address: str) -> tuple[Described, str]:
        """The prompts, and the key of the picture if it was kept."""
        studio, actor = self._desk.studio, actor_of(interaction)
        customs = await self._advice.begin(actor)
        data = await studio.pictures.fetch(address)
        if (record := await self._read_record(data)) is not None:
            request, number = record
            model = studio.catalogue.find(request.model) or studio.catalogue.default
            lines = await self._advice.of_record(request, number, model, customs, actor)
            if lines:
                note = say("The picture's own record says how it was made: by the first of these.")
                return Described(lines=tuple(lines), note=note), ""
        key = await studio.keep(data)
        return await self._looked_at(interaction, key), key

    async def _looked_at(self, interaction: Interaction, key: str) -> Described:
        blobs = self._desk.studio.blobs
        try:
            size = png_size(await blobs.get(key))
            path = await blobs.local(key)
        except NotFoundError as error:
            raise EaselError(PICTURE_GONE) from error
        return await self._advice.of_picture(str(path), size, actor_of(interaction))

    async def _again(self, interaction: Interaction, key: str) -> None:
        async def work() -> Described:
            await self._advice.begin(actor_of(interaction))
            return await self._looked_at(interaction, key)

        described = await in_time(interaction, work(), Hold.SILENT)
        text, view = _described_page(interaction, described, key)
        await renew(interaction, text, view)

    async def pressed(self, interaction: Interaction, custom_id: str) -> None:
        """A button under an answer. Raises ButtonError."""
        number, worth = number_of(custom_id), worth_of(custom_id)
        if number is not None:
            await ask(interaction, prompt_sheet(interaction, line_of(interaction, number)))
            return
        if custom_id == ALL:
            lines = listed(interaction.message.content if interaction.message else "")
            if len(lines) < 2:
                raise ButtonError
            # Asked about before it is made, with what it costs, as every set.
            await self._desk.imagine(interaction, group_of(lines.values()))
            return
        if (key := key_of(custom_id)) is not None:
            await self._again(interaction, key)
            return
        if worth is None:
            raise ButtonError
        try:
            weighed = Weighed.read(line_of(interaction, 0), worth)
        except (PromptError, ValueError) as error:
            raise ButtonError from error
        text, view = _weighed_page(interaction, weighed, _numbers(weighed), details=False)
        await renew(interaction, text, view)

    async def filled_in(self, interaction: Interaction) -> None:
        """A prompt's form: the prompt is made, whatever it is by now."""
        await self._desk.imagine(interaction, texts(interaction).get(PROMPT, ""))


def _described_page(
    interaction: Interaction, described: Described, key: str
) -> tuple[Sentence, discord.ui.View]:
    note = described.note
    said = max(units(note), units(in_language(note, locale_of(interaction))))
    kept = block(described.lines, room=MESSAGE_LENGTH - said - 1)
    if not kept:
        raise RefusedError(say("Its prompt is too long to be shown in a message."))
    count = kept.count("\n") - 1
    view = discord.ui.View(timeout=None)
    for number in range(1, count + 1):
        view.add_item(number_button(number))
    if count > 1:
        view.add_item(_button(say("Imagine all"), ALL))
    if described.varies and key:
        view.add_item(_button(say("Describe again"), again_id(key)))
    view.stop()
    return together([kept, note], "\n"), view


def _button(label: str, custom_id: str) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, custom_id=custom_id, row=1)


def _weighed_page(
    interaction: Interaction, weighed: Weighed, below: Sentence, *, details: bool = True
) -> tuple[Sentence, discord.ui.View]:
    shown = _marked(weighed)
    said = max(units(below), units(in_language(below, locale_of(interaction))))
    room = MESSAGE_LENGTH - units(shown) - said - 2
    prompts = weighed.shorter
    kept = block(prompts, first=weighed.line, room=room)
    # A prompt that is too long to be shown with the others is left to whoever typed it.
    whole = bool(kept)
    kept = kept or block(prompts, room=room)
    count = kept.count("\n") - 1 - whole if kept else 0
    view = discord.ui.View(timeout=None)
    for number in range(1, count + 1):
        view.add_item(number_button(number))
    if details and whole:
        view.add_item(_button(say("Show details"), details_id(weighed.worth)))
    view.stop()
    return together(filter(None, [shown, below, kept]), "\n"), view


def _marked(weighed: Weighed) -> str:
    """The prompt's text in bold and struck words, at most SHOWN long."""
    pieces: list[str] = []
    room = SHOWN
    for text, mark in marked(weighed.prompt.text, weighed.words, weighed.worth):
        inner = escape(text)
        around = _AROUND[mark] if inner else ""
        before = " " if text[0].isspace() else ""
        after = " " if inner and text[-1].isspace() else ""
        piece = f"{before}{around}{inner}{around}{after}"
        room -= units(piece)
        if room < 0:
            pieces.append("…")
            break
        pieces.append(piece)
    return "".join(pieces).strip()


def _numbers(weighed: Weighed) -> Sentence:
    """What each word is worth, the weightiest first."""
    pairs = sorted(zip(weighed.words, weighed.worth, strict=True), key=lambda pair: -pair[1])
    found: list[str] = []
    room = SHOWN
    for word, worth in pairs:
        told = f"{escape(word.text, 60)} {worth:.2f}"
        room -= units(told) + 3
        if room < 0:
            found.append("…")
            break
        found.append(told)
    return say("What each word changes, beside the weightiest: {words}", words=" · ".join(found))
