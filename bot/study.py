"""Takes wishes for advice: /shorten. Each answer is for the person who asked alone."""

from __future__ import annotations

from typing import Any

import discord

from bot.desk import Desk, actor_of
from bot.render import MESSAGE_LENGTH, escape
from bot.replies import Hold, Interaction, ask, in_time, locale_of, renew, tell
from bot.sheets import texts
from bot.suggestions import (
    PROMPT,
    block,
    details_id,
    line_of,
    number_button,
    number_of,
    prompt_sheet,
    units,
    worth_of,
)
from core.actions import ButtonError
from core.advice import Advice, Weighed
from core.errors import PromptError
from core.sentences import Sentence, in_language, say, together
from core.shortening import Mark, marked

SHOWN = 500
"""Length of what is shown of a prompt with its words marked."""

_AROUND = {Mark.NONE: "", Mark.VITAL: "**", Mark.USELESS: "~~"}


class Study:
    def __init__(self, desk: Desk, advice: Advice) -> None:
        self._desk = desk
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

    async def pressed(self, interaction: Interaction, custom_id: str) -> None:
        """A button under an answer. Raises ButtonError."""
        number, worth = number_of(custom_id), worth_of(custom_id)
        if number is not None:
            await ask(interaction, prompt_sheet(interaction, line_of(interaction, number)))
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
        more: discord.ui.Button[Any] = discord.ui.Button(
            label=say("Show details"), custom_id=details_id(weighed.worth), row=1
        )
        view.add_item(more)
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
