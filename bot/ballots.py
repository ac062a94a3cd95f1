"""The ids of the buttons that belong to themes, and what the messages of a theme say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import discord

from bot.render import escape, mention
from bot.views import Rows, in_rows
from core.actions import ButtonError
from core.sentences import in_language, say, together
from core.themes import ON_A_PAGE, Entry, Phase, Theme

FORMAT = "z1"
PATTERN = r"z\d+:.{1,95}"

START = "start"
RESULT = "result"
PAGE = "page"

MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}
LONGEST_PROMPT = 150


class Act(StrEnum):
    HOW = "how"
    MINE = "mine"
    VOTE = "vote"
    ENTER = "enter"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Ballot:
    """A button under a message of a theme; `place` is the picture's that is voted for. `part` is
    the message it stands under."""

    act: Act
    theme_id: int
    place: int = 0
    part: str = START

    @property
    def custom_id(self) -> str:
        return f"{FORMAT}:{self.act}:{self.theme_id}:{self.place}:{self.part}"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A button that enters a picture, or takes it out; theme 0: which one is asked."""

    act: Act
    job_id: str
    number: int
    theme_id: int = 0

    @property
    def custom_id(self) -> str:
        return f"{FORMAT}:{self.act}:{self.job_id}:{self.number}:{self.theme_id}"


def pressed(custom_id: str) -> Ballot | Ticket:
    """Raises ButtonError."""
    ballot = rf"{FORMAT}:(how|mine|vote):(\d{{1,18}}):(\d{{1,3}}):([a-z0-9]{{1,16}})"
    if found := re.fullmatch(ballot, custom_id):
        return Ballot(Act(found[1]), int(found[2]), int(found[3]), found[4])
    ticket = rf"{FORMAT}:(enter|leave):([0-9a-f]{{8,32}}):(\d):(\d{{1,18}})"
    if found := re.fullmatch(ticket, custom_id):
        return Ticket(Act(found[1]), found[2], int(found[3]), int(found[4]))
    raise ButtonError


def parts_of(theme: Theme, entries: Sequence[Entry]) -> list[str]:
    """The messages that a theme has by now."""
    most = max((one.place for one in entries), default=0)
    pages = [f"{PAGE}{number}" for number in range(1, -(-most // ON_A_PAGE) + 1)]
    match theme.phase:
        case Phase.ENTRIES:
            return [START]
        case Phase.VOTING:
            return [START, *pages]
        case Phase.OVER:
            return [*pages, RESULT]


def on_page(part: str, entries: Sequence[Entry]) -> list[Entry]:
    """The entries of a page that are still there."""
    last = int(part.removeprefix(PAGE)) * ON_A_PAGE
    return [one for one in entries if last - ON_A_PAGE < one.place <= last and one.exhibit]


def shown_in(part: str, theme: Theme, entries: Sequence[Entry]) -> str:
    """What a message has to show, in short: while it is the same, so is the message."""
    if not part.startswith(PAGE):
        return part
    places = ",".join(str(one.place) for one in on_page(part, entries))
    return f"{places}:{theme.phase}"


def key_of(part: str, theme: Theme, entries: Sequence[Entry]) -> str:
    """The id of a button that is under this message alone. A page always has one, though its last
    picture be gone."""
    return Ballot(Act.MINE, theme.id, part=part).custom_id


# Words


def time_of(at: float) -> str:
    return f"<t:{int(at)}:f>"


def head(theme: Theme, with_prompt: bool) -> str:
    words = escape(theme.words, 400) if with_prompt else ""
    return say("**Theme: {words}**", words=words) if words else say("**The theme**")


def start_words(theme: Theme, *, with_prompt: bool = True) -> str:
    rows = [
        head(theme, with_prompt),
        say(
            "Pictures made for it are entered until {until}: by **Enter theme** below a single "
            "picture of yours, or by /theme enter.",
            until=time_of(theme.votes_from),
        ),
        say("Then everybody votes, until {until}.", until=time_of(theme.ends_at)),
    ]
    return together(rows, "\n")


def page_words(theme: Theme, part: str, pages: int, *, with_prompt: bool = True) -> str:
    rows = [head(theme, with_prompt)]
    if theme.phase is Phase.OVER:
        rows.append(say("The voting is over."))
    else:
        rows.append(
            say(
                "Vote until {until}: each member has one vote, and who made what is told "
                "afterwards. The pictures are numbered from the top left.",
                until=time_of(theme.ends_at),
            )
        )
    if pages > 1:
        number = part.removeprefix(PAGE)
        rows.append(say("-# Page {number} of {pages}", number=number, pages=pages))
    return together(rows, "\n")


def result_words(
    theme: Theme,
    entries: Sequence[Entry],
    winners: Sequence[tuple[int, Entry]],
    *,
    with_prompt: bool = True,
) -> str:
    rows = [head(theme, with_prompt)]
    there = [one for one in entries if one.exhibit is not None]
    if theme.called_off:
        rows.append(say("It is called off; there is no result."))
    elif not there:
        rows.append(say("Nobody entered a picture."))
    elif len(there) == 1 and not winners and there[0].exhibit is not None:
        owner = mention(there[0].exhibit.owner.id)
        rows.append(say("One picture was entered, by {who}; it wins.", who=owner))
    elif not winners:
        rows.append(say("Nobody voted, so nobody wins."))
    else:
        rows.append(say("The winners:"))
    for rank, entry in winners:
        assert entry.exhibit is not None
        votes = say("{count} votes", count=entry.votes)
        if entry.votes == 1:
            votes = say("1 vote")
        line = [MEDALS[rank], mention(entry.exhibit.owner.id), votes]
        if with_prompt:
            line.append(escape(entry.exhibit.text, LONGEST_PROMPT))
        rows.append(together(line, " · "))
    return together(rows, "\n")


# Components


def rows_of(part: str, theme: Theme, entries: Sequence[Entry], locale: str) -> Rows:
    mine = _button(say("My pictures"), Ballot(Act.MINE, theme.id, part=part).custom_id, locale)
    if part == START:
        how = Ballot(Act.HOW, theme.id, part=part).custom_id
        return [[mine, _button(say("How it goes"), how, locale)]]
    rows: Rows = []
    if part.startswith(PAGE) and theme.phase is Phase.VOTING:
        votes = [
            discord.ui.Button[Any](
                style=discord.ButtonStyle.primary,
                label=str(one.place),
                custom_id=Ballot(Act.VOTE, theme.id, one.place, part).custom_id,
            )
            for one in on_page(part, entries)
        ]
        rows = in_rows(votes)
    return [*rows, [mine]]


def _button(label: str, custom_id: str, locale: str) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=in_language(label, locale), custom_id=custom_id)
