"""One picture that was picked from a page of /history: what is known of it, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.history_ids import Act, Key, Whose
from bot.history_page import button
from bot.layouts import Items, layout, pictures
from bot.messenger import Upload
from bot.pegs import link
from bot.views import Rows
from core.sentences import Sentence, in_language, say
from core.works import Showing, Work

SEEN_BY = {
    Showing.PUBLIC: say("Anyone may see it in the gallery."),
    Showing.SERVER: say("The members of its server may see it."),
    Showing.UNLISTED: say("Whoever has its address may see it."),
    Showing.PRIVATE: say("Its maker alone may see it."),
}

CHOICES = {
    Showing.PUBLIC: say("Anyone, in the gallery"),
    Showing.SERVER: say("The members of its server"),
    Showing.UNLISTED: say("Whoever has its address"),
    Showing.PRIVATE: say("You alone"),
}

MOST_ROWS = 5
"""Of buttons; with the picture and the text they stay far from the forty parts of a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """`text` is in the reader's language. `upload` is the picture, None where its file is missing.
    `rows` are the buttons that stand under any picture; `link` leads to the message that shows it,
    "" where there is none. What else may be done: `alike` finds others, `post` shows it here,
    `delete` deletes it; `sure` asks whether it shall. `gallery` is the address of its page there,
    "" for none; `choices` are whom it may be shown to, where the presser may say so."""

    work: Work
    whose: Whose
    text: str
    upload: Upload | None
    rows: Rows
    link: str = ""
    alike: bool = False
    post: bool = False
    delete: bool = False
    sure: Sentence | None = None
    gallery: str = ""
    choices: tuple[Showing, ...] = ()


def card(shown: Card, locale: str) -> discord.ui.LayoutView:
    items: Items = [discord.ui.TextDisplay(shown.text)]
    if shown.upload is not None:
        items.append(pictures([shown.upload]))
    if shown.sure is not None:
        items.append(discord.ui.TextDisplay(in_language(shown.sure, locale)))
        items.append(discord.ui.ActionRow(*_answers(shown, locale)))
        return layout(items)
    own = _own(shown, locale)
    rows: Sequence[Sequence[discord.ui.Button[Any]]] = [*([own] if own else []), *shown.rows]
    items += [discord.ui.ActionRow(*row) for row in rows[:MOST_ROWS]]
    if len(shown.choices) > 1:
        items.append(discord.ui.ActionRow(_seeing(shown, locale)))
    return layout(items)


def gone(text: str) -> discord.ui.LayoutView:
    """In the place of a card whose picture was deleted."""
    return layout([discord.ui.TextDisplay(text)])


def _own(shown: Card, locale: str) -> list[discord.ui.Button[Any]]:
    """What can be done with it beside what stands under any picture."""
    found: list[discord.ui.Button[Any]] = []
    for wanted, act, words in (
        (shown.alike, Act.ALIKE, say("More like this")),
        (shown.post, Act.POST, say("Show here")),
    ):
        if wanted:
            found.append(_button(shown, act, in_language(words, locale)))
    if shown.link:
        found.append(link(say("Go to its message"), shown.link, locale))
    if shown.gallery:
        found.append(link(say("Open in gallery"), shown.gallery, locale))
    if shown.delete:
        words = in_language(say("Delete"), locale)
        found.append(_button(shown, Act.ASK, words, discord.ButtonStyle.danger))
    return found


def _seeing(shown: Card, locale: str) -> discord.ui.Select[Any]:
    return discord.ui.Select(
        custom_id=Key(Act.SEE, shown.whose, shown.work.id).custom_id,
        placeholder=in_language(say("Who may see it"), locale),
        options=[
            discord.SelectOption(
                label=in_language(CHOICES[showing], locale),
                value=showing.value,
                default=showing is shown.work.showing,
            )
            for showing in shown.choices
        ],
    )


def _answers(shown: Card, locale: str) -> list[discord.ui.Button[Any]]:
    words, keep = in_language(say("Delete"), locale), in_language(say("Keep"), locale)
    return [
        _button(shown, Act.DELETE, words, discord.ButtonStyle.danger),
        _button(shown, Act.OPEN, keep),
    ]


def _button(
    shown: Card,
    act: Act,
    words: str,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> discord.ui.Button[Any]:
    return button(Key(act, shown.whose, shown.work.id), words, style)
