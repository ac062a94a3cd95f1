"""What can be entered for a theme, when it ends, and who wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.errors import NotFoundError, RefusedError
from core.jobs import Owner
from core.themes import (
    MOST_ENTRIES,
    Entry,
    Phase,
    Theme,
    check_entry,
    check_vote,
    drawn,
    entry_at,
    podium,
    times,
    words_of,
)
from tests.builders import ADA, BO
from tests.core.test_showcase import exhibit

BERLIN = ZoneInfo("Europe/Berlin")


def theme(**changes: Any) -> Theme:
    values: dict[str, Any] = {
        "id": 1,
        "server_id": 10,
        "channel_id": 90,
        "words": "fog",
        "starts_at": 100.0,
        "votes_from": 200.0,
        "ends_at": 300.0,
    }
    return Theme(**{**values, **changes})


def entry(number: int = 1, votes: int = 0, owner: Owner = ADA, **changes: Any) -> Entry:
    shown = replace(exhibit(number=number), owner=owner)
    values: dict[str, Any] = {
        "theme_id": 1,
        "job_id": "0" * 20,
        "number": number,
        "place": number,
        "votes": votes,
        "exhibit": shown,
    }
    return Entry(**{**values, **changes})


def enter(
    theme: Theme, *there: Entry, made_at: float = 150.0, now: float = 150.0, **picture: Any
) -> None:
    check_entry(theme, there, exhibit(**picture), made_at, now)


# Entering


def test_ones_picture_made_for_it_is_let_in() -> None:
    enter(theme())
    enter(theme(age_rated=True), age_rated=True)
    enter(theme(most=2), entry())
    enter(theme(), entry(owner=BO))
    enter(theme(), entry(exhibit=None))


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ({"now": 200.0}, "takes no more pictures"),
        ({"server_id": 11}, "its own server"),
        ({"public": False}, "private"),
        ({"age_rated": True}, "age-restricted"),
        ({"made_at": 99.0}, "older than the theme"),
    ],
    ids=str,
)
def test_what_does_not_belong_is_not(case: dict[str, Any], says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        enter(theme(), **case)


def test_nothing_is_let_in_once_the_voting_began() -> None:
    with pytest.raises(RefusedError, match="takes no more"):
        enter(theme(phase=Phase.VOTING))


def test_each_has_so_many_and_all_have_so_many() -> None:
    with pytest.raises(RefusedError, match="You have a picture in this theme already"):
        enter(theme(), entry())
    with pytest.raises(RefusedError, match="You have 2 pictures"):
        enter(theme(most=2), entry(1), entry(2))
    others = [entry(n, owner=Owner(n + 100, "x")) for n in range(MOST_ENTRIES)]
    with pytest.raises(RefusedError, match="no room"):
        enter(theme(), *others)


# Voting


def test_a_vote_is_for_anothers_picture_while_there_is_voting() -> None:
    voting = theme(phase=Phase.VOTING)
    check_vote(voting, entry(), BO.id, 250.0)
    for case, who, now, says in (
        (theme(), BO.id, 250.0, "not begun"),
        (voting, BO.id, 300.0, "over"),
        (theme(phase=Phase.OVER), BO.id, 250.0, "over"),
        (voting, ADA.id, 250.0, "is yours"),
    ):
        with pytest.raises(RefusedError, match=says):
            check_vote(case, entry(), who, now)
    with pytest.raises(RefusedError, match="no more part"):
        check_vote(voting, entry(exhibit=None), BO.id, 250.0)


def test_the_order_is_the_same_each_time_and_not_that_of_entering() -> None:
    entries = [entry(n) for n in range(1, 9)]
    assert drawn(entries) == drawn(list(reversed(entries)))
    assert drawn(entries) != entries


def test_three_ranks_are_shown_and_whoever_shares_them() -> None:
    votes = {1: 2, 2: 5, 3: 2, 4: 0, 5: 1, 6: 5}
    ranks = [(rank, one.place) for rank, one in podium([entry(n, v) for n, v in votes.items()])]
    assert ranks == [(1, 2), (1, 6), (3, 1), (3, 3)]
    assert podium([entry(1), entry(2)]) == []
    assert podium([entry(1, 3, exhibit=None)]) == []


# Days


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


@pytest.mark.parametrize(
    ("now", "until", "days", "votes_from", "ends"),
    [
        # A Wednesday: until the end of this week, which is on Monday at midnight.
        ("2026-11-18T12:00", "", 2, "2026-11-23", "2026-11-25"),
        # A Saturday: until the end of the next.
        ("2026-11-21T12:00", "", 1, "2026-11-30", "2026-12-01"),
        ("2026-11-21T12:00", "2026-11-21", 1, "2026-11-22", "2026-11-23"),
        (" 2026-11-21T12:00".strip(), " 2026-12-24 ", 3, "2026-12-25", "2026-12-28"),
        # Clocks go back in the night of the 25th: that day has 25 hours.
        ("2026-10-24T12:00", "2026-10-24", 1, "2026-10-25", "2026-10-26"),
    ],
)
def test_days_are_those_of_the_servers_clocks(
    now: str, until: str, days: int, votes_from: str, ends: str
) -> None:
    assert times(at(now), BERLIN, until, days) == (at(votes_from), at(ends))


@pytest.mark.parametrize(
    ("until", "days", "says"),
    [
        ("2026-11-20", 2, "That day is over"),
        ("tomorrow", 2, "as 2026-12-24"),
        ("2027-11-20", 2, "lasts 92 days at most"),
        ("", 0, "1 to 14 days"),
        ("", 15, "1 to 14 days"),
    ],
)
def test_other_days_are_refused(until: str, days: int, says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        times(at("2026-11-21T12:00"), BERLIN, until, days)


def test_the_words_are_on_one_line_and_not_too_many() -> None:
    assert words_of("  fog\n and  lamps ") == "fog and lamps"
    with pytest.raises(RefusedError, match="what the theme is"):
        words_of("  ")
    with pytest.raises(RefusedError, match="201 characters"):
        words_of("x" * 201)


def test_an_entry_is_found_by_the_number_it_hangs_by() -> None:
    there = [entry(1, place=2), entry(2, place=1), entry(3, place=0)]
    assert entry_at(there, 2) is there[0]
    for place in (0, 3):
        with pytest.raises(NotFoundError, match="no such picture"):
            entry_at(there, place)


def test_a_theme_goes_on_and_not_back() -> None:
    later = [(one, other) for one in Phase for other in Phase if one.is_after(other)]
    assert later == [
        (Phase.VOTING, Phase.ENTRIES),
        (Phase.OVER, Phase.ENTRIES),
        (Phase.OVER, Phase.VOTING),
    ]
