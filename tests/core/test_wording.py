"""What was set and changed, in words for admins, with whatever names a front end has."""

from __future__ import annotations

from typing import Any

import pytest

from core.allowance import (
    ALL_MODELS,
    EVERYONE,
    NO_LIMIT,
    Allowance,
    Amount,
    Change,
    Grant,
    Subject,
    Unit,
)
from core.periods import Period
from core.request import Lane
from core.wording import LONGEST, Voice, allowance_words, grant_words, what_words, who_words

VOICE = Voice(
    subject=lambda subject: f"<{subject.kind} {subject.id}>",
    person=lambda id, name: f"<{id} {name}>",
    time=lambda at: f"<at {at:g}>",
    plain=lambda text, limit: text[:limit],
    code=lambda text, limit: f"`{text[:limit]}`",
)
FULL = Allowance(
    amounts=(
        Amount(Unit.PICTURES, Period.DAY, 40),
        Amount(Unit.GPU_SECONDS, Period.WEEK, NO_LIMIT),
    ),
    max_running=2,
    max_waiting=NO_LIMIT,
    max_megapixels=0.6,
    models=frozenset({"sdxl", "postcard"}),
    lanes=frozenset({Lane.RELAX, Lane.FAST}),
    private=False,
    relax_after=True,
)


def change(what: str, before: dict[str, Any], after: dict[str, Any], **who: Any) -> Change:
    values: dict[str, Any] = {"by_id": 2, "by_name": "bo", "subject": Subject.member(1), **who}
    return Change(id=1, server_id=10, at=5.0, what=what, before=before, after=after, **values)


def test_a_line_says_all_that_is_set() -> None:
    assert allowance_words(Allowance(), VOICE) == ""
    assert allowance_words(FULL, VOICE).split(" · ") == [
        "40 pictures per day",
        "any amount of GPU time",
        "2 running",
        "any number of waiting",
        "0.6 megapixels",
        "models: postcard, sdxl",
        "lanes: fast, relax",
        "no private pictures",
        "relaxed jobs are free",
    ]
    assert allowance_words(Allowance(models=ALL_MODELS, lanes=frozenset()), VOICE) == (
        "all models · lanes: none"
    )


def test_an_extra_says_how_much_for_whom_and_until_when() -> None:
    grant = Grant(id=1, subject=EVERYONE, unit=Unit.GPU_SECONDS, amount=90, granted_at=1.0)
    assert grant_words(grant, VOICE) == "<server 0>: 90 s of GPU time"
    ends = Grant(
        id=1, subject=EVERYONE, unit=Unit.PICTURES, amount=1, granted_at=1.0, expires_at=7.0
    )
    assert grant_words(ends, VOICE) == "<server 0>: 1 picture, until <at 7>"


def test_who_did_it_is_named() -> None:
    assert who_words(change("ban", {}, {}), VOICE) == "<2 bo>"
    assert who_words(change("ban", {}, {}, by_id=0, by_name="shell"), VOICE) == "<0 shell>"
    assert who_words(change("ban", {}, {}, by_id=0, by_name=""), VOICE) == "the operator"


TEN = {"amounts": [["pictures", "day", 10]]}
SHOWCASE = {"channel_id": 7, "likes": 3, "topic": ""}
REPORT = {"job": "abc", "reason": "spam"}


@pytest.mark.parametrize(
    ("what", "before", "after", "words"),
    [
        ("line", {}, TEN, "set <member 1>: nothing → 10 pictures per day"),
        ("line", TEN, {}, "set <member 1>: 10 pictures per day → nothing"),
        ("grant", {}, {"unit": "pictures", "amount": 5}, "gave <member 1> 5 pictures extra"),
        (
            "grant",
            {},
            {"unit": "pictures", "amount": 5, "expires_at": 9.0},
            "gave <member 1> 5 pictures extra, until <at 9>",
        ),
        ("reset", {}, {"at": 5.0}, "reset what <member 1> used"),
        ("ban", {}, {"banned": True}, "shut <member 1> out"),
        ("unban", {"banned": True}, {}, "let <member 1> back in"),
        ("report", {}, REPORT, "reported a picture of <member 1>, job `abc`: spam"),
        ("dismiss", {}, REPORT, "dismissed a report of job `abc`: spam"),
        ("take_down", {}, REPORT, "took down the pictures of job `abc`: spam"),
        ("style", {}, {"name": "ink"}, "saved the style ink"),
        ("style", {"name": "ink"}, {}, "deleted the style ink"),
        ("showcase", {}, SHOWCASE, "made <channel 7> a showcase"),
        ("showcase", SHOWCASE, {"removed": True}, "made <channel 7> a showcase no more"),
        ("showcase", {}, {"featured": "ab-1"}, "featured the picture `ab-1`"),
        ("showcase", {}, {"taken_down": "ab-1"}, "took the picture `ab-1` out of a showcase"),
        (
            "showcase",
            SHOWCASE,
            {**SHOWCASE, "likes": 5},
            "changed the showcase <channel 7>: likes: 3 → 5",
        ),
        (
            "server",
            {"paused": False, "style": ""},
            {"paused": True, "style": ""},
            "server paused: no → yes",
        ),
    ],
)
def test_each_change_is_told(
    what: str, before: dict[str, Any], after: dict[str, Any], words: str
) -> None:
    assert what_words(change(what, before, after), VOICE) == words


def test_a_long_line_is_cut() -> None:
    models = {"models": [f"a-model-with-a-long-name-{number}" for number in range(20)]}
    assert len(what_words(change("line", models, models), VOICE)) < 2 * LONGEST + 40


def test_the_role_of_admins_goes_by_its_name() -> None:
    given = what_words(change("server", {"admin_role": 0}, {"admin_role": 7}), VOICE)
    assert given == "set the role of admins: nothing → <role 7>"
    taken = what_words(change("server", {"admin_role": 7}, {"admin_role": 0}), VOICE)
    assert taken == "set the role of admins: <role 7> → nothing"
