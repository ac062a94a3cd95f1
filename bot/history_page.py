"""A page of /history: pictures beside each other, a menu to pick from them, and buttons below.

What was searched for stands in the message, which Discord sends back with every press; so a page
turns after a restart, and nothing of it is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Self

import discord

from bot.fences import FENCE, as_it_was, fenced
from bot.history_ids import Act, Key, Whose
from bot.layouts import Items, layout
from bot.render import ALT_TEXT_LENGTH, clean, cut
from core.sentences import Sentence, in_language, say, together
from core.works import Work

ON_A_PAGE = 9
"""Three rows of three; Discord shows at most ten."""

TITLES = {
    Whose.MINE: say("**Your pictures**"),
    Whose.HERE: say("**Pictures of this server**"),
    Whose.LIKED: say("**Pictures that you like**"),
}

_BLOCK = re.compile(rf"{FENCE}\n(.*)\n{FENCE}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture of the page: the work's id, its line in the menu with a small one below, and the
    name of its file."""

    id: str
    label: str
    small: str
    file: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a page shows. `after` is its own cursor, `next` and `before` those of its neighbours, ""
    for none. `head` is the text above, in the reader's language; `note` stands below the pictures.
    `many`: several can be chosen, and `chosen` are. `sure`: whether they shall go is asked. `zips`
    and `deletes`: what can be done with them here."""

    whose: Whose
    after: str
    head: str
    entries: tuple[Entry, ...] = ()
    next: str = ""
    before: str = ""
    note: str = ""
    many: bool = False
    chosen: frozenset[str] = frozenset()
    sure: bool = False
    zips: bool = False
    deletes: bool = False

    @classmethod
    def of_message(cls, message: discord.Message | None, key: Key) -> Self:
        """The page that a message shows, as far as it is needed to choose from it."""
        view = discord.ui.LayoutView.from_message(message, timeout=None) if message else None
        items = list(view.walk_children()) if view is not None else []
        texts = [item.content for item in items if isinstance(item, discord.ui.TextDisplay)]
        alts = [
            (media.description or "")
            for item in items
            if isinstance(item, discord.ui.MediaGallery)
            for media in item.items
        ]
        options = [
            option
            for item in items
            if isinstance(item, discord.ui.Select)
            for option in item.options
        ]
        files = [file.filename for file in message.attachments] if message else []
        entries = tuple(
            Entry(option.value, option.label, option.description or "", file, alt)
            for option, file, alt in zip(options, files, alts, strict=False)
        )
        chosen = frozenset(option.value for option in options if option.default)
        return cls(
            whose=key.whose,
            after=key.what,
            head=texts[0] if texts else "",
            entries=entries,
            many=True,
            chosen=chosen,
        )


def head(whose: Whose, line: str, locale: str) -> str:
    """The text above the pictures: whose they are, and what was searched for."""
    title = in_language(TITLES[whose], locale)
    return f"{title}\n{fenced(line)}" if line else title


def line_of(message: discord.Message | None) -> str:
    """What was searched for, from the text of such a message."""
    if message is None:
        return ""
    for component in message.components:
        if isinstance(component, discord.TextDisplay):
            found = _BLOCK.search(component.content)
            return as_it_was(found[1]) if found else ""
    return ""


def entry(number: int, work: Work, file: str, locale: str, *, own: bool) -> Entry:
    text = words_of(work)
    label = f"{number}. {text or in_language(say('A picture'), locale)}"
    words: list[str] = [work.model, f"{work.width} × {work.height}"]
    if not own:
        words.insert(0, clean(work.owner.name))
    if work.likes:
        words.append(f"❤ {work.likes}")
    return Entry(
        id=work.id,
        label=cut(label, 100),
        small=cut(" · ".join(words), 100),
        file=file,
        alt=cut(f"{number}: {text}", ALT_TEXT_LENGTH),
    )


def words_of(work: Work) -> str:
    """Its prompt without the flags, on one line."""
    return clean(f" {work.text}".partition(" --")[0])


def page(sheet: Sheet, locale: str) -> discord.ui.LayoutView:
    """The whole message."""
    items: Items = [discord.ui.TextDisplay(sheet.head)]
    if sheet.entries:
        items.append(
            discord.ui.MediaGallery(
                *(
                    discord.MediaGalleryItem(f"attachment://{one.file}", description=one.alt)
                    for one in sheet.entries
                )
            )
        )
    if sheet.entries and not sheet.sure:
        items.append(discord.ui.ActionRow(_menu(sheet, locale)))
    elif sheet.sure:
        items.append(discord.ui.ActionRow(_menu(sheet, locale, disabled=True)))
    if sheet.note:
        items.append(discord.ui.TextDisplay(in_language(sheet.note, locale)))
    buttons = _several(sheet) if sheet.many else _turning(sheet)
    for one in buttons:
        one.label = in_language(one.label or "", locale)
    if buttons:
        items.append(discord.ui.ActionRow(*buttons))
    return layout(items)


def button(
    key: Key, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> discord.ui.Button[Any]:
    return discord.ui.Button(style=style, label=label, custom_id=key.custom_id)


def going(chosen: int, jobs: int, pictures: int) -> Sentence:
    """What is deleted with the chosen pictures, and what is not."""
    goes = say("Delete these {count} pictures?", count=chosen)
    if chosen == 1:
        goes = say("Delete this picture?")
    if pictures > chosen:
        whole = say(
            "A grid is deleted as a whole: {pictures} pictures of {jobs} jobs.",
            pictures=pictures,
            jobs=jobs,
        )
        if jobs == 1:
            whole = say(
                "A grid is deleted as a whole: all of its {pictures} pictures.", pictures=pictures
            )
        goes = together([goes, whole])
    return together(
        [
            goes,
            say(
                "They are gone for everybody then, with their likes and the messages that show "
                "them. What was picked out of them or made from them stays, and so does what they "
                "cost."
            ),
        ]
    )


def _menu(sheet: Sheet, locale: str, *, disabled: bool = False) -> discord.ui.Select[Any]:
    act = Act.CHOOSE if sheet.many else Act.PICK
    words = say("Choose pictures") if sheet.many else say("Pick a picture")
    return discord.ui.Select(
        custom_id=Key(act, sheet.whose, sheet.after).custom_id,
        placeholder=in_language(words, locale),
        min_values=0 if sheet.many else 1,
        max_values=len(sheet.entries) if sheet.many else 1,
        options=[
            discord.SelectOption(
                label=one.label,
                value=one.id,
                description=one.small or None,
                default=sheet.many and one.id in sheet.chosen,
            )
            for one in sheet.entries
        ],
        disabled=disabled,
    )


def _turning(sheet: Sheet) -> list[discord.ui.Button[Any]]:
    """Below a page that is looked at."""
    key = Key(Act.TURN, sheet.whose, sheet.after)
    found: list[discord.ui.Button[Any]] = []
    if sheet.before:
        found.append(button(replace(key, what=sheet.before), say("Back")))
    if sheet.next:
        found.append(button(replace(key, what=sheet.next), say("Next")))
    if sheet.entries and (sheet.zips or (sheet.deletes and sheet.whose is Whose.MINE)):
        found.append(button(replace(key, act=Act.MANY), say("Choose several")))
    if not sheet.entries and sheet.after:
        found.append(button(replace(key, what=""), say("First page")))
    return found


def _several(sheet: Sheet) -> list[discord.ui.Button[Any]]:
    """Below a page from which several are chosen. What is deleted are one's own."""
    key = Key(Act.TURN, sheet.whose, sheet.after)
    danger = discord.ButtonStyle.danger
    if sheet.sure:
        return [
            button(replace(key, act=Act.GONE), say("Delete"), danger),
            button(replace(key, act=Act.MANY), say("Keep")),
        ]
    found: list[discord.ui.Button[Any]] = []
    if sheet.zips:
        words = say("Download all that are found")
        if sheet.chosen:
            words = say("Download {count}", count=len(sheet.chosen))
        found.append(button(replace(key, act=Act.ZIP), words))
    if sheet.deletes and sheet.whose is Whose.MINE:
        delete = button(replace(key, act=Act.SURE), say("Delete"), danger)
        delete.disabled = not sheet.chosen
        found.append(delete)
        found.append(button(replace(key, act=Act.ALL), say("Delete all of mine"), danger))
    return [*found, button(key, say("Done"))]
