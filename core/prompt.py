"""The prompt language: from a typed line to text, weights and flags.

    line   = text { flag }
    text   = part { "::" [weight] part }
    flag   = dashes name [ value ]

Any string gives a `Prompt` or raises one `PromptError` that lists the problems. What is certain is
mended silently: long dashes, glued values (`--ar16:9`), `=`, a comma after a value, full-width
digits. Reading is linear in the length of the line; `LIMIT` bounds it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from core.errors import Problem, PromptError
from core.flags import BY_SPELLING, FLAGS, REPLACED, Flag, Takes, ValueProblem, nearest_flag
from core.request import Part
from core.words import QUOTES, TRAILING, Word, clean, spelling, split

LIMIT = 6000
"""Longest line, in characters."""

MAX_PARTS = 40

MAX_PROBLEMS = 20
"""A line with more wrong than this is told so; nobody reads on."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What was understood. `flags` holds only what was typed, by the table's names."""

    text: str
    parts: tuple[Part, ...]
    avoid: tuple[str, ...] = ()
    flags: dict[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        return self.text


@dataclass(slots=True)
class _Use:
    """One use of a flag in the line: its row, the words that followed, where it stands.

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


_WEIGHT = re.compile(
    r"[:：]{2}(?P<weight>[+\-−–－]?(?:\d{1,6}(?:[.．]\d{0,6})?|[.．]\d{1,6})(?![\w.．]))?"
)
_BETWEEN_WORDS = re.compile("[,，、;；]")
_NOWHERE = Flag(name="", help="", takes=Takes.WORDS)
"""Takes the words after an unknown flag, which were meant as its value and not as text."""


def parse(line: str, *, text_needed: bool = True) -> Prompt:
    """Reads a line. `text_needed` False allows flags alone, for a prompt that is a picture.

    Raises PromptError.
    """
    if len(line) > LIMIT:
        what = f"The prompt has {len(line):,} characters; the limit is {LIMIT:,}."
        problem = Problem(what, f"Shorten it by {len(line) - LIMIT:,}.")
        raise PromptError((problem,), typed=line)
    reader = _Reader(line, text_needed)
    prompt = reader.read()
    if not reader.problems:
        return prompt
    mended = reader.mended() if reader.certain else None
    if mended is not None:
        # A mend is offered only where it reads as what was understood, and as nothing else.
        again = _Reader(mended, text_needed)
        if again.read() != prompt or again.problems:
            mended = None
    raise PromptError(tuple(reader.problems), typed=line, mended=mended)


class _Reader:
    def __init__(self, line: str, text_needed: bool) -> None:
        self.line = line
        self.text_needed = text_needed
        self.problems: list[Problem] = []
        self.text: list[str] = []
        self.late_text: list[Word] = []
        self.uses: list[_Use] = []
        self.mends: list[str] = []
        self.certain = True

    def read(self) -> Prompt:
        """What was understood; the truth only where there are no problems."""
        self._scan()
        self._late_text()
        flags = self._values()
        # Text after a flag is still text: the mended line shows it in its place, in front.
        text = " ".join([*self.text, *(word.text for word in self.late_text)])
        parts = self._parts(text)
        if not text and self.text_needed:
            self._problem(
                "The prompt has no text.",
                "Say what to draw, for example: a red lighthouse at sunset.",
            )
            self.certain = False
        avoid: tuple[str, ...] = flags.pop("no", ())
        return Prompt(text=text, parts=parts, avoid=avoid, flags=flags)

    def mended(self) -> str:
        return " ".join([*self.text, *(word.text for word in self.late_text), *self.mends])

    @property
    def _enough(self) -> bool:
        return len(self.problems) >= MAX_PROBLEMS

    def _problem(self, what: str, mend: str = "", start: int = 0, end: int = 0) -> None:
        if self._enough:
            self._stop()
        else:
            self.problems.append(Problem(what, mend, start, end))

    def _stop(self) -> None:
        """Says once that reading ends here."""
        self.certain = False
        if len(self.problems) == MAX_PROBLEMS:
            more = f"More is wrong with this line than these {MAX_PROBLEMS} things."
            self.problems.append(Problem(more, "Mend them first."))

    # Words and flags

    def _scan(self) -> None:
        use: _Use | None = None
        for word in split(self.line):
            started = self._flag(word)
            if started is not None:
                full = started.flag.takes is Takes.NOTHING or (
                    started.flag.takes is Takes.ONE and started.words
                )
                use = None if full else started
            elif use is not None:
                text = word.text if use.words else word.text.lstrip("=")
                if use.flag.takes is Takes.ONE:
                    if not text.strip(TRAILING):
                        continue
                    use.end = word.end
                    use.words.append(text)
                    use = None
                elif text:
                    use.end = word.end
                    use.words.append(text)
            elif not self.uses:
                self.text.append(word.text)
            elif word.text.strip(TRAILING + "-–—"):
                self.uses[-1].followed = True
                self.late_text.append(word)

    def _flag(self, word: Word) -> _Use | None:
        """Starts a use when the word is a flag; notes the problem when it is a misspelt one."""
        if not word.body:
            return None
        found = spelling(word.body)
        if found is not None:
            name, rest = found
            use = _Use(BY_SPELLING[name], name, [], word.start, word.end)
            if rest.strip(TRAILING):
                # The comma behind one of several words parts it from the next.
                use.words = [rest if use.flag.takes is Takes.WORDS else rest.rstrip(TRAILING)]
            if use.flag.takes is Takes.NOTHING and use.words:
                self._problem(
                    f"--{name} takes no value, but “{_shown(use.words[0])}” is glued to it.",
                    f"Type --{name} alone.",
                    word.start,
                    word.end,
                )
                use.words = []
            self.uses.append(use)
            return use
        return self._unknown(word) if word.sure else None

    def _unknown(self, word: Word) -> _Use:
        name = re.match(r"[^\W\d]+(?:-[^\W\d]+)*", word.body)
        typed = name[0] if name else word.body
        rest = word.body[len(typed) :].lstrip("=:").rstrip(TRAILING)
        nowhere = _Use(_NOWHERE, "", [], word.start, word.end)
        if self._enough:
            self._stop()
            return nowhere
        instead = REPLACED.get(typed.lower())
        if instead is not None:
            self._problem(f"--{typed} is not a flag here.", f"Use {instead}.", word.start, word.end)
            self.certain = False
            return nowhere
        what = f"There is no flag --{_shown(typed)}."
        near = nearest_flag(typed)
        if near is None:
            flags = ", ".join(f"--{flag.name}" for flag in FLAGS)
            self._problem(what, f"The flags are {flags}.", word.start, word.end)
            self.certain = False
            return nowhere
        self._problem(what, f"Did you mean --{near}?", word.start, word.end)
        use = _Use(BY_SPELLING[near], near, [rest] if rest else [], word.start, word.end, True)
        if use.flag.takes is Takes.NOTHING and use.words:
            use.words = []
            self.certain = False
        self.uses.append(use)
        return use

    def _late_text(self) -> None:
        if not self.late_text:
            return
        before = next(use for use in self.uses if use.followed)
        text = _shown(" ".join(word.text for word in self.late_text), 60)
        self._problem(
            f"“{text}” stands after --{before.spelling}."
            if self.text
            else f"The line begins with --{self.uses[0].spelling}.",
            "Text comes first, flags after it.",
            self.late_text[0].start,
            self.late_text[-1].end,
        )

    # Values

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        used: dict[str, _Use] = {}
        for use in self.uses:
            if self._enough:
                self._stop()
                break
            problems = len(self.problems)
            value = self._value(use)
            if value is None:
                self.certain = False
                continue
            flag = use.flag
            if flag.takes is Takes.WORDS:
                values[flag.name] = (*values.get(flag.name, ()), *value)
                self.mends.append(use.typed)
                continue
            clash = next(
                (other for other in used.values() if flag.group and other.flag.group == flag.group),
                used.get(flag.name),
            )
            if clash is None:
                used[flag.name] = use
                values[flag.name] = value
                self.mends.append(use.typed)
            elif clash.flag is not flag or values[flag.name] != value:
                self.certain = False
                if len(self.problems) == problems and not use.guessed:
                    self._problem(
                        f"{clash.typed} and {use.typed} exclude each other.",
                        "Keep one of them.",
                        use.start,
                        use.end,
                    )
        return values

    def _value(self, use: _Use) -> Any:
        """What the words after a flag say; None where there is no telling. Notes the problem."""
        flag = use.flag
        if flag.takes is Takes.NOTHING:
            return True
        if flag.takes is Takes.WORDS:
            listed = _BETWEEN_WORDS.split(" ".join(use.words))
            words = tuple(word for part in listed if (word := part.strip(" " + TRAILING)))
            if not words:
                self._bad_value(use, "has nothing after it", f"Type {flag.usage}.")
            return words or None
        typed = use.words[0] if use.words else ""
        text = clean(typed)
        if not text:
            self._bad_value(use, "has no value", f"Type {flag.usage}.")
            return None
        use.words = [text]
        if use.followed and typed[0] in QUOTES and typed[-1] not in QUOTES:
            self.certain = False  # What follows may be the rest of the value.
        try:
            return flag.read(text)
        except ValueProblem as problem:
            what = f"{problem.what}, not “{_shown(typed)}”"
            if problem.nearest is None or use.followed or use.guessed:
                self._bad_value(use, what, f"Type {flag.usage}.")
                return None
            self._bad_value(use, what, f"The nearest is --{use.spelling} {problem.nearest}.")
            use.words = [problem.nearest]
            return flag.read(problem.nearest)

    def _bad_value(self, use: _Use, what: str, mend: str) -> None:
        if not use.guessed:
            self._problem(f"--{use.spelling} {what}.", mend, use.start, use.end)

    # Weights

    def _parts(self, text: str) -> tuple[Part, ...]:
        if not _WEIGHT.search(text):
            return (Part(text),) if text else ()
        parts: list[Part] = []
        begin = 0
        for match in _WEIGHT.finditer(text):
            piece = text[begin : match.start()].strip()
            begin = match.end()
            if piece:
                weight = match["weight"]
                parts.append(Part(piece, 1.0 if weight is None else _number(weight)))
            elif match["weight"] is not None:
                self._problem(
                    f"The weight {match[0]} has no text before it.", "Put words before the colons."
                )
                self.certain = False
        if rest := text[begin:].strip():
            parts.append(Part(rest))
        if len(parts) > MAX_PARTS:
            self._problem(
                f"The prompt has {len(parts)} weighted parts; the limit is {MAX_PARTS}.",
                "Join some of them.",
            )
            self.certain = False
        total = sum(part.weight for part in parts)
        if parts and total <= 0:
            self._problem(
                f"The weights add up to {total:g}; their sum must be above zero.",
                "Raise a positive weight, or move the unwanted words behind --no.",
            )
            self.certain = False
        if not parts:
            self._problem("The prompt has no text between its colons.", "Say what to draw.")
            self.certain = False
        return tuple(parts)


def _number(weight: str) -> float:
    return float(unicodedata.normalize("NFKC", weight).replace("−", "-").replace("–", "-"))


def _shown(text: str, length: int = 40) -> str:
    return text if len(text) <= length else text[: length - 3] + "…"
