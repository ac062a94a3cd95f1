"""Themes: for some days members of a server enter pictures for a few words, then they vote.

Everything is decided by the server's clocks: until the end of a day pictures are entered, on the
days after it they hang in the theme's channel by number alone and each member has one vote, and
then those with the most votes are shown with their owners.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol

from core.errors import NotFoundError, RefusedError
from core.jobs import Owner
from core.periods import Period, span
from core.sentences import say
from core.showcase import Exhibit
from core.texts import one_line

LONGEST_WORDS = 200
MOST_OPEN = 5
"""Themes of one server at a time."""

MOST_ENTRIES = 50
MOST_EACH = 5
"""Pictures of one member."""

ON_A_PAGE = 10
"""Pictures of one message."""

MOST_DAYS = 92
MOST_VOTING_DAYS = 14
DAY = 86400.0
LEAST_WEEK = 3 * DAY
"""A theme of a week that would be shorter goes on until the end of the next."""

PODIUM = 3


class Phase(StrEnum):
    ENTRIES = "entries"
    VOTING = "voting"
    OVER = "over"

    def is_after(self, other: Phase) -> bool:
        order = tuple(Phase)
        return order.index(self) > order.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Times are Unix seconds. Pictures are entered until `votes_from`, votes given until `ends_at`.
    `most`: pictures of one member. `age_rated`: its channel is age-restricted, and so is what is
    entered. `called_off`: it was ended without a result."""

    id: int
    server_id: int
    channel_id: int
    words: str
    starts_at: float
    votes_from: float
    ends_at: float
    age_rated: bool = False
    most: int = 1
    phase: Phase = Phase.ENTRIES
    called_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`place` is the number that it is voted for by, from 1; 0 until the voting begins. `exhibit`
    None: the picture is gone, or not for everybody any more. `votes` are told at the end."""

    theme_id: int
    job_id: str
    number: int
    place: int = 0
    votes: int = 0
    exhibit: Exhibit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A message of a theme, such as a page of pictures: `shown` says what of it is shown."""

    part: str
    began_at: float
    message_id: int = 0
    posted_at: float | None = None
    shown: str = ""


class Themes(Protocol):
    """Each method is one transaction. Those with `by` write a line of the audit log. A `check` is
    shown what is there inside the transaction, and raises RefusedError. All raise BusyError with
    nothing done; where a theme is named, NotFoundError."""

    async def start(self, new: Theme, *, by: Owner, now: float) -> Theme:
        """Gives it an id. Raises RefusedError where the server has MOST_OPEN."""
        ...

    async def get(self, theme_id: int) -> Theme: ...

    async def open_in(self, server_id: int) -> Sequence[Theme]:
        """Those that are not over, the first to end first."""
        ...

    async def over(self, *, limit: int = 24) -> Sequence[Theme]:
        """Those whose votes are counted, of all servers, the last to end first."""
        ...

    async def unsettled(self) -> Sequence[Theme]:
        """Those that still have something to show or to do."""
        ...

    async def enter(
        self, theme_id: int, job_id: str, number: int, check: EntryCheck, *, now: float
    ) -> bool:
        """False: it was entered before."""
        ...

    async def leave(self, theme_id: int, job_id: str, number: int, check: ThemeCheck) -> bool:
        """False: it was not entered."""
        ...

    async def entries(self, theme_id: int) -> Sequence[Entry]:
        """By place, then in the order in which they were entered."""
        ...

    async def vote(self, theme_id: int, place: int, member_id: int, check: VoteCheck) -> None:
        """Their one vote is for this entry from now on. Raises NotFoundError for a place that no
        entry has."""
        ...

    async def turn(self, theme_id: int, phase: Phase) -> Theme:
        """Goes on to a phase, not back. To vote, places are given in the order of `drawn`."""
        ...

    async def call_off(self, theme_id: int, *, by: Owner, now: float) -> Theme:
        """Over, without a result."""
        ...

    async def settle(self, theme_id: int, now: float) -> None:
        """There is nothing more to show or to do."""
        ...

    async def sheets(self, theme_id: int) -> Mapping[str, Sheet]:
        """By part."""
        ...

    async def posting(self, theme_id: int, part: str, now: float) -> float:
        """Notes that a message is about to be sent; returns when that was first (maybe now)."""
        ...

    async def posted(
        self, theme_id: int, part: str, message_id: int, shown: str, now: float
    ) -> None:
        """It is there, and shows this."""
        ...


EntryCheck = Callable[[Theme, Sequence[Entry]], None]
"""Is shown the theme and all that is entered."""
ThemeCheck = Callable[[Theme], None]
VoteCheck = Callable[[Theme, Entry], None]


def check_entry(
    theme: Theme,
    entries: Sequence[Entry],
    exhibit: Exhibit,
    made_at: float,
    now: float,
) -> None:
    """Raises RefusedError for a picture that cannot be entered."""
    if theme.phase is not Phase.ENTRIES or now >= theme.votes_from:
        raise RefusedError(say("That theme takes no more pictures."))
    if exhibit.server_id != theme.server_id:
        raise RefusedError(say("A theme is for pictures that were made on its own server."))
    if not exhibit.public:
        raise RefusedError(say("That picture is private, and everybody sees what is entered."))
    if exhibit.age_rated != theme.age_rated:
        raise RefusedError(
            say(
                "Pictures from age-restricted channels are entered where a theme is in such a "
                "channel, and no others there."
            )
        )
    if made_at < theme.starts_at:
        raise RefusedError(say("That picture is older than the theme; make one for it."))
    there = [one.exhibit for one in entries if one.exhibit is not None]
    mine = sum(one.owner.id == exhibit.owner.id for one in there)
    if mine >= theme.most:
        raise RefusedError(
            say(
                "You have {count} pictures in this theme already, as many as it takes of one "
                "member; take one out first.",
                count=mine,
            )
            if mine > 1
            else say(
                "You have a picture in this theme already; take it out first to enter another."
            )
        )
    if len(there) >= MOST_ENTRIES:
        raise RefusedError(say("That theme has {count} pictures, and no room.", count=len(there)))


def check_vote(theme: Theme, entry: Entry, member_id: int, now: float) -> None:
    """Raises RefusedError."""
    if theme.phase is Phase.ENTRIES:
        raise RefusedError(say("The voting has not begun yet."))
    if theme.phase is Phase.OVER or now >= theme.ends_at:
        raise RefusedError(say("The voting is over."))
    if entry.exhibit is None:
        raise RefusedError(say("That picture takes no more part."))
    if entry.exhibit.owner.id == member_id:
        raise RefusedError(say("That picture is yours; your vote is for another's."))


def too_many_themes() -> RefusedError:
    return RefusedError(
        say("There are {count} themes here; wait until one is over.", count=MOST_OPEN)
    )


def no_such_theme() -> NotFoundError:
    return NotFoundError(say("That theme is no longer there."))


def entry_at(entries: Sequence[Entry], place: int) -> Entry:
    """The one that is voted for by that number. Raises NotFoundError."""
    for entry in entries:
        if place and entry.place == place:
            return entry
    raise NotFoundError(say("That theme has no such picture."))


def is_entered(entries: Sequence[Entry], job_id: str, number: int) -> bool:
    return any((one.job_id, one.number) == (job_id, number) for one in entries)


def words_of(typed: str) -> str:
    """On one line. Raises RefusedError."""
    words = one_line(typed, LONGEST_WORDS)
    if not words:
        raise RefusedError(say("Say in a few words what the theme is."))
    return words


def times(now: float, where: tzinfo, until: str, voting_days: int) -> tuple[float, float]:
    """From when votes are given, and until when. `until` is the last day to enter, such as
    2026-12-24, or empty for the end of the week. Raises RefusedError."""
    if not 1 <= voting_days <= MOST_VOTING_DAYS:
        raise RefusedError(say("The voting takes 1 to {most} days.", most=MOST_VOTING_DAYS))
    if until.strip():
        try:
            day = date.fromisoformat(until.strip())
        except ValueError as error:
            raise RefusedError(say("Say the last day as 2026-12-24.")) from error
    else:
        ends = span(Period.WEEK, now, where).ends_at
        if ends - now < LEAST_WEEK:
            ends = span(Period.WEEK, ends + 1, where).ends_at
        day = datetime.fromtimestamp(ends, where).date() - timedelta(days=1)
    votes_from, ends_at = (
        _midnight(day + timedelta(days=after), where) for after in (1, 1 + voting_days)
    )
    if votes_from <= now:
        raise RefusedError(say("That day is over; choose a later one."))
    if votes_from > now + (MOST_DAYS + 1) * DAY:
        raise RefusedError(say("A theme lasts {most} days at most.", most=MOST_DAYS))
    return votes_from, ends_at


def _midnight(day: date, where: tzinfo) -> float:
    at = datetime(day.year, day.month, day.day, tzinfo=where).timestamp()
    return span(Period.DAY, at, where).starts_at


def drawn(entries: Sequence[Entry]) -> list[Entry]:
    """In an order that tells nothing of who entered when, and is the same each time."""

    def lot(entry: Entry) -> bytes:
        return hashlib.sha256(f"{entry.theme_id}:{entry.job_id}-{entry.number}".encode()).digest()

    return sorted(entries, key=lot)


def podium(entries: Sequence[Entry]) -> list[tuple[int, Entry]]:
    """The first three ranks, each with those that share it; nothing without a vote."""
    voted = [one for one in entries if one.votes and one.exhibit is not None]
    voted.sort(key=lambda one: (-one.votes, one.place))
    ranked = [(1 + sum(other.votes > one.votes for other in voted), one) for one in voted]
    return [(rank, one) for rank, one in ranked if rank <= PODIUM][:ON_A_PAGE]
