"""What people type to find pictures again: words, and what else must hold.

    line = { word | "a phrase" | -word | --flag [value] | name:value }

The names are `by` (a person's name, a mention or `me`), `model`, `after` and `before` (a day, a
month, a year, or so long ago as `7d`), `is:liked`, and `sort`. Whatever else has a colon in it is
words. A line that cannot be read is a PromptError with one sentence for each problem.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from core.errors import EaselError, Problem, PromptError
from core.flags import BY_SPELLING, nearest_flag
from core.row import Flag, Takes
from core.sentences import say
from core.terms import read_words
from core.values import RAW, ValueProblem
from core.words import DASHES, clean
from core.works import Order, Query

LONGEST = 500
"""Characters of a search."""

FINDABLE = frozenset(
    {
        "ar", "size", "hd", "hires", "tile", "draft", "n", "seed", "sameseed", "chaos", "weird",
        "no", "stylize", "raw", "style", "exp", "model", "quality", "steps", "stop", "cfg",
        "sampler", "clip-skip", "strength", "turbo", "relax", "stealth", "upscaler", "lora",
    }
)  # fmt: skip
"""Flags that are kept with a picture."""

_QUOTES = '"“”„«»'
_WORD = re.compile(rf"(?:[^\s{_QUOTES}]*[{_QUOTES}][^{_QUOTES}]*[{_QUOTES}]?|[^\s{_QUOTES}]+)")
_NAMED = re.compile(r"(by|from|model|after|since|before|until|is|sort|order)[:：](.*)", re.I | re.S)
_FLAG = re.compile(rf"(?:[{re.escape(DASHES)}]{{2,4}}|[–—―])([^\W\d_][\w-]*)(?:[=:](.*))?", re.S)
_MENTION = re.compile(r"<@!?(\d{1,20})>|(\d{15,20})")
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_AGO = re.compile(r"(\d{1,4})\s*(h|d|w|m|y)")
_DAYS = {"h": 1 / 24, "d": 1, "w": 7, "m": 30, "y": 365}
_SORTS = {order.value: order for order in (Order.NEW, Order.OLD, Order.TOP, Order.BEST)}


def read(line: str, *, now: float, person_id: int = 0, zone: tzinfo = UTC) -> Query:
    """`now` in Unix seconds; `person_id` is who `me` is, 0 for somebody who did not log in. Days
    begin at midnight in `zone`. With words and no `sort`, what fits best comes first. Raises
    PromptError."""
    if len(line) > LONGEST:
        what = say("That search has {count} characters; the limit is {most}.",
                   count=len(line), most=LONGEST)  # fmt: skip
        raise PromptError((Problem(what),), typed=line[:LONGEST])
    reading = _Reading(now, person_id, zone)
    pieces = _WORD.findall(line)
    while pieces:
        reading.take(pieces)
    try:
        there, _ = read_words(" ".join(reading.words))
    except EaselError as error:
        reading.problems.append(Problem(error.sentence))
        there = ()
    if reading.problems:
        raise PromptError(tuple(reading.problems), typed=line)
    found = reading.found
    found.setdefault("order", Order.BEST if there else Order.NEW)
    return Query(words=" ".join(reading.words), flags=tuple(reading.flags), **found)


@dataclass
class _Reading:
    now: float
    person_id: int
    zone: tzinfo
    words: list[str] = field(default_factory=list[str])
    flags: list[tuple[str, str | None]] = field(default_factory=list[tuple[str, str | None]])
    found: dict[str, Any] = field(default_factory=dict[str, Any])
    problems: list[Problem] = field(default_factory=list[Problem])

    def take(self, pieces: list[str]) -> None:
        """The first piece, and those behind it that are its value."""
        piece = pieces.pop(0)
        if named := _NAMED.fullmatch(piece):
            value = named[2].strip(_QUOTES + " ")
            if not value and pieces and named[2] == "":
                value = pieces.pop(0).strip(_QUOTES + " ")
            self._name(named[1].lower(), value)
        elif flag := _FLAG.fullmatch(piece):
            self._flag(flag[1], flag[2], pieces)
        else:
            self.words.append(piece)

    def _problem(self, what: str, mend: str = "") -> None:
        self.problems.append(Problem(what, mend))

    # Names

    def _name(self, name: str, value: str) -> None:
        readers: dict[str, Callable[[str], None]] = {
            "by": self._by,
            "from": self._by,
            "model": self._model,
            "after": lambda value: self._date("since", value),
            "since": lambda value: self._date("since", value),
            "before": lambda value: self._date("until", value),
            "until": lambda value: self._date("until", value),
            "is": self._is,
            "sort": self._sort,
            "order": self._sort,
        }
        if value:
            readers[name](value)
        else:
            self._problem(say("{name}: has nothing after it.", name=name))

    def _by(self, value: str) -> None:
        if value.lower() == "me":
            self._mine("owner_id", "by:me")
        elif mention := _MENTION.fullmatch(value):
            self.found["owner_id"] = int(mention[1] or mention[2])
        else:
            self.found["by"] = value.lstrip("@")

    def _mine(self, field: str, typed: str) -> None:
        if self.person_id:
            self.found[field] = self.person_id
        else:
            self._problem(say("“{typed}” is about you; log in first.", typed=typed))

    def _model(self, value: str) -> None:
        self.found["model"] = value

    def _is(self, value: str) -> None:
        if value.lower() == "liked":
            self._mine("liked_by", "is:liked")
        else:
            self._problem(say("is: goes with liked alone, for what you like."))

    def _sort(self, value: str) -> None:
        if order := _SORTS.get(value.lower()):
            self.found["order"] = order
        else:
            self._problem(say("sort: is one of {values}.", values=", ".join(_SORTS)))

    def _date(self, field: str, value: str) -> None:
        at = self._moment(unicodedata.normalize("NFKC", value).lower())
        if at is None:
            self._problem(
                say("“{value}” is no date.", value=value[:40]),
                say("Write a day as 2026-01-31, a month, a year, or how long ago, such as 7d."),
            )
        else:
            self.found[field] = at

    def _moment(self, value: str) -> float | None:
        today = datetime.fromtimestamp(self.now, self.zone).date()
        if value in ("today", "yesterday"):
            return self._midnight(today - timedelta(days=value == "yesterday"))
        if ago := _AGO.fullmatch(value):
            return self.now - int(ago[1]) * _DAYS[ago[2]] * 86400
        if day := _DAY.fullmatch(value):
            try:
                return self._midnight(date(int(day[1]), int(day[2] or 1), int(day[3] or 1)))
            except (ValueError, OverflowError):
                return None
        return None

    def _midnight(self, day: date) -> float:
        return datetime.combine(day, time(), self.zone).timestamp()

    # Flags

    def _flag(self, spelling: str, glued: str | None, pieces: list[str]) -> None:
        flag = BY_SPELLING.get(spelling.lower())
        if flag is None:
            near = nearest_flag(spelling)
            mend = say("Did you mean --{flag}?", flag=near) if near else ""
            self._problem(say("There is no flag --{flag}.", flag=spelling[:40]), mend)
            return
        if flag.name not in FINDABLE:
            self._problem(
                say("--{flag} is not kept with pictures; nothing is found by it.", flag=flag.name)
            )
            return
        value = self._value(flag, glued, pieces)
        if flag.name == "model" and value is not None:
            self.found["model"] = value
        elif flag.name == "style" and value == RAW:
            self.flags.append(("raw", None))
        else:
            self.flags.append((flag.name, value))

    def _value(self, flag: Flag, glued: str | None, pieces: list[str]) -> str | None:
        """As it is written; None where there is none, or none that can be read."""
        if flag.takes is Takes.NOTHING:
            return None
        behind = [glued] if glued else _until_next(pieces, flag.most)
        if not behind:
            return None
        reach = 1 if glued else max(1, flag.reach(behind))
        typed = clean(" ".join(behind[:reach]))
        if not glued:
            del pieces[:reach]
        if flag.takes is Takes.WORDS:
            return typed
        try:
            return flag.write(flag.read(typed))
        except ValueProblem as problem:
            self._problem(
                say("--{flag} {problem}.", flag=flag.name, problem=problem.what),
                say("Leave the value out to find every picture with --{flag}.", flag=flag.name),
            )
            return None


def _until_next(pieces: Sequence[str], most: int) -> list[str]:
    """The words that may be a value: those before the next flag, name, phrase or -word."""
    found: list[str] = []
    for piece in pieces[:most]:
        if piece[0] in DASHES + _QUOTES or _NAMED.fullmatch(piece):
            break
        found.append(piece)
    return found
