"""From a line to its words, with every way of typing a flag brought to one: `--name`.

Mended here: long, doubled and full-width dashes, dashes with gaps (`- - ar 2:3`), flags glued to
the word before (`poppies--ar 2:3`), characters nobody sees. A dash that may be punctuation is left
alone: a single one, long inside a word or short, and any with a gap behind it, begins a flag only
where a value that fits it follows, as in `— ar 2:3`, `poppies—ar 2:3` and `-ar 2:3`, but not in
`a garden — no people`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from core.flags import BY_SPELLING
from core.row import Flag, Takes
from core.values import ValueProblem

LIMIT = 6000
"""Longest line, in characters."""

MOST_DOUBTS = 200
"""Dashes that might begin a flag and do not. In a line with so many, further ones that may be
punctuation are."""

QUOTES = "\"'“”„‟‘’«»`"
TRAILING = ",;.，。；、．" + QUOTES
"""What may end a value without being part of it."""

DASHES = "-‐‑‒–—―−－﹣"
_LONG = "–—―"
_DASH = re.escape(DASHES)
_LETTER = r"[^\W\d_]"
# Besides white space: controls, zero-width and direction marks, and halves of surrogate pairs.
_UNSEEN = r"\x00-\x1f\x7f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff"
# One with a dash in it is its group as well.
_WORD = re.compile(rf"[^\s{_UNSEEN}{_DASH}]++(?![^\s{_UNSEEN}])|([^\s{_UNSEEN}]+)")
_LEADING = re.compile(rf"(?P<dashes>[{_DASH}]{{2,4}}|[{_LONG}])(?P<body>{_LETTER}.*)", re.DOTALL)
_INSIDE = re.compile(rf"(?<![{_DASH}])(?:[{_DASH}]{{2,4}}|[{_LONG}])(?={_LETTER})")
_DOUBLE_INSIDE = re.compile(rf"(?<![{_DASH}])[{_DASH}]{{2,4}}(?={_LETTER})")
_LONE = re.compile(rf"[{_DASH}]{{2,4}}|[{_LONG}]|-")
_DIGIT = re.compile(r"\d")
_NUMERIC = re.compile(r"[^\d–—―]*\d[^–—―]{0,80}")
"""A value of digits, such as nobody writes behind a dash that is only punctuation."""

_NAME = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")


_Behind = re.Match[str] | str | None
"""What stands behind a piece: the next word of the line, or a piece of the same word."""

_Piece = tuple[str, int, _Behind]
"""A text, where it begins, and what stands behind it."""


class Word(NamedTuple):
    """A word and where it stands. `body` is what follows a flag's dashes, else empty; `sure` is
    False where an unknown name is more likely text behind a long dash."""

    text: str
    start: int
    end: int
    body: str = ""
    sure: bool = True


# To call the class takes twice as long, and some lines have thousands of words.
_word: Callable[[tuple[str, int, int, str, bool]], Word] = partial(
    tuple.__new__,  # pyright: ignore[reportUnknownMemberType]
    Word,
)


def split(line: str) -> Iterator[Word]:
    """The words of a line, in order, each made when it is asked for. Linear in its length."""
    return _Splitter().words(line)


class _Splitter:
    """One reading of one line."""

    def __init__(self) -> None:
        self._doubts = 0

    def words(self, line: str) -> Iterator[Word]:
        lone: list[Word] = []  # Words of dashes alone: they may belong to the word behind them.
        found = _WORD.finditer(line)
        after = next(found, None)
        while (match := after) is not None:
            after = next(found, None)
            if match.lastindex is None and not lone:
                yield _word((match[0], match.start(), match.end(), "", True))
                continue
            for text, start, behind in self._pieces(match, after):
                if _is_lone(text):
                    lone.append(_word((text, start, start + len(text), "", True)))
                    if len(lone) > 2:
                        yield lone.pop(0)
                    continue
                word = self._behind_dashes(lone, text, start, behind) if lone else None
                if lone:
                    yield from lone
                    lone.clear()
                yield word or self._alone(text, start, behind)
        yield from lone

    def _behind_dashes(
        self, lone: list[Word], text: str, start: int, behind: _Behind
    ) -> Word | None:
        """The flag that `text` is with the last words of `lone`, which it takes away; or None."""
        if not text[0].isalpha():
            return None
        if lone[-1].text != "-":
            belong = 1 if self._fits(text, self._digits(behind)) else 0
        elif len(lone) > 1 and lone[-2].text == "-":
            belong = 2 if spelling(text) is not None else 0
        else:
            belong = 0
        if not belong:
            return None
        begin = lone[-belong].start
        del lone[-belong:]
        return _word((f"--{text}", begin, start + len(text), text, True))

    def _alone(self, text: str, start: int, behind: _Behind) -> Word:
        """A word with no dashes before it but its own."""
        body, sure = "", True
        if text[0] in DASHES:
            match = _LEADING.fullmatch(text)
            if match is not None:
                dashes, body = match["dashes"], match["body"]
                sure = dashes.isascii() or not any(dash in _LONG for dash in dashes)
            elif text[0] == "-" and self._fits(text[1:], self._digits(behind), spaced=True):
                body = text[1:]
        return _word((text, start, start + len(text), body, sure))

    def _pieces(self, match: re.Match[str], after: re.Match[str] | None) -> list[_Piece]:
        """A word, or what it was before flags were glued to it, and those flags. `after` is the
        next word."""
        text, start = match[0], match.start()
        if match.lastindex is None or len(text) < 3 or "://" in text:
            return [(text, start, after)]
        glued = _glued(text, _DOUBLE_INSIDE if self._doubts == MOST_DOUBTS else _INSIDE)
        return self._unglued(text, start, glued, after) if glued else [(text, start, after)]

    def _digits(self, behind: _Behind) -> str:
        """The piece that stands behind another, or "" for one without a digit: no such value counts
        here."""
        text = behind if behind is None or isinstance(behind, str) else behind[0]
        if text is None or self._doubts == MOST_DOUBTS or not _DIGIT.search(text):
            return ""
        if behind is None or isinstance(behind, str) or behind.lastindex is None:
            return text
        return self._pieces(behind, _WORD.search(behind.string, behind.end()))[0][0]

    def _unglued(
        self, text: str, start: int, glued: list[re.Match[str]], after: re.Match[str] | None
    ) -> list[_Piece]:
        """The pieces of a word into which flags were glued; `after` is the next word."""
        pieces: list[_Piece] = []
        end, behind = len(text), after
        following = _until_flag(after[0]) if after and _DIGIT.search(after[0]) else ""
        for match in reversed(glued):
            # No spelling is longer; a line of many dashes must not be read over and over.
            body = text[match.end() : min(end, match.end() + 80)]
            single = len(match[0]) == 1
            if self._fits(body, following) if single else spelling(body) is not None:
                begin = match.start()
                pieces.append((piece := text[begin:end], start + begin, behind))
                end, behind, following = begin, piece, ""
        pieces.append((text[:end], start, behind))
        return pieces[::-1]

    def _fits(self, body: str, following: str, *, spaced: bool = False) -> bool:
        """Whether `body`, or `body` and the next word, is surely a flag and its value. `following`
        is that word, or "" where there is no digit in it; `spaced`: a flag of one letter needs its
        value to be a word of its own."""
        if self._doubts == MOST_DOUBTS:
            return False
        found = spelling(body) if following or _DIGIT.search(body) else None
        if found is not None and not (spaced and found[1] and len(found[0]) == 1):
            if _takes(BY_SPELLING[found[0]], clean(found[1] or following)):
                return True
        self._doubts += 1
        return False


def _takes(flag: Flag, value: str) -> bool:
    """Whether a value of digits is one of the flag's."""
    if flag.takes in (Takes.NOTHING, Takes.WORDS) or not _NUMERIC.fullmatch(value):
        return False
    try:
        flag.read(value)
    except ValueProblem:
        return False
    return True


def _is_lone(text: str) -> bool:
    if len(text) == 1:
        return text == "-" or text in _LONG
    return len(text) <= 4 and text[0] in DASHES and _LONE.fullmatch(text) is not None


def spelling(body: str) -> tuple[str, str] | None:
    """The flag that `body` begins with and what is glued to it: `ar16:9` is ("ar", "16:9")."""
    if not body.isascii():
        body = unicodedata.normalize("NFKC", body)
    name = _NAME.match(body)
    if name is None or name[0].lower() not in BY_SPELLING:
        return None
    rest = body[name.end() :]
    # A letter would make it another name, save in scripts that put no space between words.
    if rest and (rest[0] == "_" or rest[0].lower() != rest[0].upper()):
        return None
    return name[0].lower(), rest.lstrip("=:")


def clean(value: str) -> str:
    """A value without what people type around it: `“２：３”,` is `2:3`."""
    if not value.isascii():
        value = unicodedata.normalize("NFKC", value).replace("×", "x").replace("∶", ":")
    # A trailing full stop is punctuation, a leading one a decimal point.
    return value.lstrip("=" + QUOTES).rstrip(TRAILING)


def _glued(text: str, dashes: re.Pattern[str] = _INSIDE) -> list[re.Match[str]]:
    """The dashes inside a word behind which a flag may begin."""
    return [match for match in dashes.finditer(text, 1) if _may_begin(text, match.end())]


def _may_begin(text: str, at: int) -> bool:
    name = _NAME.match(text, at)
    return not text[at].isascii() if name is None else name[0].lower() in BY_SPELLING


def _until_flag(text: str) -> str:
    """What stands before the first flag that is glued to it."""
    for match in _glued(text):
        if spelling(text[match.end() : match.end() + 80]) is not None:
            return text[: match.start()]
    return text


def without_command(words: list[str]) -> list[str]:
    """The words without the command before them, which is pasted along: `/imagine prompt: …`."""
    while words and words[0].lower() == "/imagine":
        words = words[1:]
        if words and words[0].lower().startswith("prompt:"):
            rest = words[0][len("prompt:") :]
            words = [rest, *words[1:]] if rest else words[1:]
    return words
