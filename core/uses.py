"""One use of a flag in a line, and what its words say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.errors import Problem
from core.permutations import unescaped
from core.row import Flag, Takes
from core.sentences import say
from core.values import ValueProblem
from core.words import DASHES, QUOTES, TRAILING, clean

_BETWEEN_WORDS = re.compile("[,，、;；]")


class Reading(NamedTuple):
    """`value` is None where there is no telling; `certain` is False where another was possible."""

    value: Any
    problem: Problem | None = None
    certain: bool = True


@dataclass(slots=True)
class Use:
    """Its row, the words that followed, where it stands.

    `guessed`: the name was misspelt and this row is the nearest. `followed`: text comes after it.
    """

    flag: Flag
    spelling: str
    words: list[str]
    start: int
    end: int
    guessed: bool = False
    followed: bool = False

    @property
    def typed(self) -> str:
        return " ".join([f"--{self.spelling}", *self.words])

    def read(self) -> Reading:
        """What the words say. Afterwards they are those of the value, cleaned, or of the legal one
        nearest to it."""
        match self.flag.takes:
            case Takes.NOTHING:
                return Reading(True)
            case Takes.WORDS:
                listed = _BETWEEN_WORDS.split(unescaped(" ".join(self.words)))
                words = tuple(word for part in listed if (word := _bare(part)))
                if not words:
                    return Reading(None, self._problem(say("has nothing after it")), False)
                return Reading(words)
            case _:
                return self._value()

    def _value(self) -> Reading:
        typed = " ".join(self.words)
        text = " ".join(word for part in self.words if (word := clean(part)))
        if not text and self.flag.takes is not Takes.OPTIONAL:
            return Reading(None, self._problem(say("has no value")), False)
        # What follows may be the rest of the value, or the end of it the beginning of the text.
        quoted = typed[:1] in QUOTES and typed[-1:] not in QUOTES
        certain = not (self.followed and (len(self.words) > 1 or quoted))
        self.words = [text] if text else []
        try:
            return Reading(self.flag.read(text), None, certain)
        except ValueProblem as problem:
            what = say("{problem}, not “{value}”", problem=problem.what, value=shown(typed))
            nearest = None if self.followed or self.guessed else problem.nearest
            if nearest is None:
                return Reading(None, self._problem(what), False)
            self.words = [nearest]
            mend = say("The nearest is --{flag} {value}.", flag=self.spelling, value=nearest)
            return Reading(self.flag.read(nearest), self._problem(what, mend), certain)

    def _problem(self, what: str, mend: str = "") -> Problem | None:
        """None for a flag that was misspelt: its name has been complained of."""
        if self.guessed:
            return None
        whole = say("--{flag} {problem}.", flag=self.spelling, problem=what)
        mend = mend or say("Type {usage}.", usage=self.flag.usage)
        return Problem(whole, mend, self.start, self.end)


def _bare(words: str) -> str:
    """Without what stands around them, and without dashes, which would make a flag of them."""
    return words.lstrip(" " + TRAILING + DASHES).rstrip(" " + TRAILING)


def shown(text: str, length: int = 40) -> str:
    """What is repeated of a member's words in a sentence."""
    return text if len(text) <= length else text[: length - 3] + "…"
