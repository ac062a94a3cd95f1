"""The prompt language: from a typed line to text, weights and flags.

    line   = text { flag }
    text   = part { "::" [weight] part }
    flag   = dashes name [ value ]

Any string gives a `Prompt` or raises one `PromptError` that lists every problem. What is certain is
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

LIMIT = 6000
"""Longest line, in characters."""

MAX_PARTS = 40


@dataclass(frozen=True, slots=True)
class Prompt:
    """What was understood. `flags` holds only what was typed, by the table's names."""

    text: str
    parts: tuple[Part, ...]
    avoid: tuple[str, ...] = ()
    flags: dict[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Use:
    """One use of a flag in the line: its row, the words that followed, where it stands."""

    flag: Flag
    spelling: str
    words: list[str]
    start: int
    end: int

    @property
    def typed(self) -> str:
        return " ".join([f"--{self.spelling}", *self.words])


_DASHED = re.compile(r"(--|—|–|−−|‑‑|－－|-–|–-)(?P<name>[^\W\d_][\w.\-]*)?(?P<rest>.*)", re.DOTALL)
_GLUED = re.compile(r"(?P<text>\S*[^\s\-—–])(?P<flag>--[a-zA-Z]\S*)")
_WEIGHT = re.compile(r"::(?P<weight>[+-]?(?:\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})(?![\w.]))?")
_QUOTES = "\"'“”„‟‘’«»`"
_TRAILING = ",;.，。；、" + _QUOTES


def parse(line: str, *, text_needed: bool = True) -> Prompt:
    """Reads a line. `text_needed` False allows flags alone, for a prompt that is a picture.

    Raises PromptError.
    """
    return _Reader(line, text_needed).read()


class _Reader:
    def __init__(self, line: str, text_needed: bool) -> None:
        self.line = line
        self.text_needed = text_needed
        self.problems: list[Problem] = []
        self.text: list[_Word] = []
        self.late_text: list[_Word] = []
        self.uses: list[_Use] = []
        self.mends: list[str] = []
        self.certain = True

    def read(self) -> Prompt:
        if len(self.line) > LIMIT:
            over = len(self.line) - LIMIT
            raise PromptError(
                (
                    Problem(
                        f"The prompt has {len(self.line):,} characters; the limit is {LIMIT:,}.",
                        f"Shorten it by {over:,}.",
                    ),
                ),
                typed=self.line,
            )
        self._scan()
        self._late_text()
        flags = self._values()
        # Text after a flag is still text: the mended line shows it in its place, in front.
        text = _squeeze(" ".join(word.text for word in self.text + self.late_text))
        parts = self._parts(text)
        if not text and self.text_needed:
            self._problem(
                "The prompt has no text.",
                "Say what to draw, for example: a red lighthouse at sunset.",
            )
            self.certain = False
        if self.problems:
            mended = " ".join([text, *self.mends]).strip()
            raise PromptError(
                tuple(self.problems),
                typed=self.line,
                mended=mended if self.certain and mended != self.line.strip() else None,
            )
        avoid: tuple[str, ...] = flags.pop("no", ())
        return Prompt(text=text, parts=parts, avoid=avoid, flags=flags)

    def _problem(self, what: str, mend: str = "", start: int = 0, end: int = 0) -> None:
        self.problems.append(Problem(what, mend, start, end))

    # Words and flags

    def _scan(self) -> None:
        use: _Use | None = None
        for word in self._words():
            started = self._flag(word)
            if started is not None:
                use = started
                if use.flag.takes is Takes.NOTHING:
                    self._no_value(use)
                    use = None
                elif use.flag.takes is Takes.ONE and use.words:
                    use = None
            elif use is not None and word.text.strip(_TRAILING + "="):
                use.words.append(word.text.removeprefix("="))
                use.end = word.end
                if use.flag.takes is Takes.ONE:
                    use = None
            elif use is None:
                (self.late_text if self.uses else self.text).append(word)

    def _words(self) -> list[_Word]:
        words: list[_Word] = []
        for match in re.finditer(r"\S+", self.line):
            glued = _GLUED.fullmatch(match[0])
            if glued and _spelling(glued["flag"][2:]) is not None:
                middle = match.start() + len(glued["text"])
                words.append(_Word(glued["text"], match.start(), middle))
                words.append(_Word(glued["flag"], middle, match.end()))
            else:
                words.append(_Word(match[0], match.start(), match.end()))
        return _join_dashes(words)

    def _flag(self, word: _Word) -> _Use | None:
        """Starts a use when the word is a flag; notes the problem when it is a misspelt one."""
        match = _DASHED.fullmatch(word.text)
        if match is None or match["name"] is None:
            return None
        body = word.text[len(match[1]) :]
        found = _spelling(body)
        if found is not None:
            spelling, rest = found
            use = _Use(BY_SPELLING[spelling], spelling, [], word.start, word.end)
            if rest:
                use.words.append(rest)
            self.uses.append(use)
            return use
        # A long dash before an unknown word is more likely punctuation than a flag.
        if match[1] in ("—", "–"):
            return None
        self._unknown(word, body)
        # Whatever follows an unknown flag was meant as its value, not as text.
        unknown = Flag(name="", help="", takes=Takes.WORDS)
        return _Use(unknown, "", [], word.start, word.end)

    def _unknown(self, word: _Word, body: str) -> None:
        name = re.match(r"[^\W\d_]+(?:-[^\W\d_]+)*", body)
        spelling = name[0] if name else body
        if spelling.lower() in REPLACED:
            instead = REPLACED[spelling.lower()]
            self._problem(
                f"--{spelling} is not a flag here.", f"Use {instead}.", word.start, word.end
            )
            self.certain = False
            return
        near = nearest_flag(spelling)
        if near is None:
            self._problem(
                f"There is no flag --{spelling}.",
                f"The flags are {', '.join('--' + flag.name for flag in FLAGS)}.",
                word.start,
                word.end,
            )
            self.certain = False
            return
        self._problem(
            f"There is no flag --{spelling}.", f"Did you mean --{near}?", word.start, word.end
        )
        following = re.match(r"\s*=?\s*([^\s\-—–][^\s]*)", self.line[word.end :])
        takes = BY_SPELLING[near].takes
        if takes is Takes.NOTHING:
            self.mends.append(f"--{near}")
        elif takes is Takes.ONE and following:
            self.mends.append(f"--{near} {following[1].rstrip(_TRAILING)}")
        else:
            self.certain = False

    def _no_value(self, use: _Use) -> None:
        rest = "".join(use.words).strip(_TRAILING)
        use.words = []
        if rest:
            self._problem(
                f"--{use.spelling} takes no value, but “{rest}” is glued to it.",
                f"Type --{use.spelling} alone.",
                use.start,
                use.end,
            )

    def _late_text(self) -> None:
        if not self.late_text:
            return
        text = _squeeze(" ".join(word.text for word in self.late_text))
        shown = text if len(text) <= 60 else text[:57] + "…"
        first = self.uses[0]
        what = (
            f"“{shown}” stands after --{first.spelling}."
            if self.text
            else f"The line begins with --{first.spelling}."
        )
        self._problem(
            what,
            "Text comes first, flags after it.",
            self.late_text[0].start,
            self.late_text[-1].end,
        )

    # Values

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        used: dict[str, _Use] = {}
        for use in self.uses:
            value = self._value(use)
            if value is None:
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
                self._problem(
                    f"{clash.typed} and {use.typed} exclude each other.",
                    "Keep one of them.",
                    use.start,
                    use.end,
                )
                self.certain = False
        return values

    def _value(self, use: _Use) -> Any:
        flag = use.flag
        if flag.takes is Takes.NOTHING:
            return True
        if flag.takes is Takes.WORDS:
            listed = [part.strip(" " + _TRAILING) for part in " ".join(use.words).split(",")]
            words = tuple(part for part in listed if part)
            if not words:
                self._problem(
                    f"--{use.spelling} has nothing after it.",
                    f"Type {flag.usage}.",
                    use.start,
                    use.end,
                )
                self.certain = False
                return None
            return words
        text = unicodedata.normalize("NFKC", " ".join(use.words))
        # A trailing full stop is punctuation, a leading one a decimal point.
        text = text.lstrip("=" + _QUOTES).rstrip(_TRAILING)
        use.words = [text] if text else []
        if not text:
            self._problem(
                f"--{use.spelling} has no value.", f"Type {flag.usage}.", use.start, use.end
            )
            self.certain = False
            return None
        try:
            return flag.read(text)
        except ValueProblem as problem:
            mend = f"Type {flag.usage}."
            if problem.nearest is None:
                self.certain = False
            else:
                mend = f"The nearest is --{use.spelling} {problem.nearest}."
                self.mends.append(f"--{use.spelling} {problem.nearest}")
            shown = text if len(text) <= 40 else text[:37] + "…"
            self._problem(
                f"--{use.spelling} {problem.what}, not “{shown}”.", mend, use.start, use.end
            )
            return None

    # Weights

    def _parts(self, text: str) -> tuple[Part, ...]:
        if "::" not in text:
            return (Part(text),) if text else ()
        parts: list[Part] = []
        begin = 0
        for match in _WEIGHT.finditer(text):
            piece = _squeeze(text[begin : match.start()])
            begin = match.end()
            if piece:
                weight = match["weight"]
                parts.append(Part(piece, 1.0 if weight is None else float(weight)))
            elif match["weight"] is not None:
                self._problem(
                    f"The weight {match[0]} has no text before it.", "Put words before the colons."
                )
                self.certain = False
        if rest := _squeeze(text[begin:]):
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


def _spelling(body: str) -> tuple[str, str] | None:
    """The flag at the start of `body` and what is glued to it: `ar16:9` is ("ar", "16:9")."""
    body = unicodedata.normalize("NFKC", body[:80]) if not body.isascii() else body
    name = re.match(r"[A-Za-z]+(?:-[A-Za-z]+)*", body)
    if name is None:
        return None
    rest = body[name.end() :]
    lowered = name[0].lower()
    if lowered in BY_SPELLING and (not rest or rest[0] in "=:.,;" + _TRAILING or rest[0].isdigit()):
        return lowered, rest.lstrip("=:").rstrip(_TRAILING)
    return None


def _join_dashes(words: list[_Word]) -> list[_Word]:
    """Closes the gap in `- - ar` and `-- ar`, where dashes on their own stand before a name."""
    joined: list[_Word] = []
    for word in words:
        dashes = 0
        if _spelling(word.text) is not None:
            if joined and joined[-1].text in ("--", "—", "–"):
                dashes = 1
            elif len(joined) > 1 and joined[-1].text == joined[-2].text == "-":
                dashes = 2
        if dashes:
            word = _Word(f"--{word.text}", joined[-dashes].start, word.end)
            del joined[-dashes:]
        joined.append(word)
    return joined


def _squeeze(text: str) -> str:
    return " ".join(text.split())
