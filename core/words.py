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
from collections.abc import Iterator
from typing import NamedTuple

from core.flags import BY_SPELLING
from core.row import Takes
from core.values import ValueProblem

LIMIT = 6000
"""Longest line, in characters."""

QUOTES = "\"'“”„‟‘’«»`"
TRAILING = ",;.，。；、．" + QUOTES
"""What may end a value without being part of it."""

DASHES = "-‐‑‒–—―−－﹣"
_LONG = "–—―"
_TO_HYPHENS = str.maketrans(dict.fromkeys(DASHES, "-"))
_DASH = re.escape(DASHES)
_LETTER = r"[^\W\d_]"
# Besides white space: controls, zero-width and direction marks, and halves of surrogate pairs.
_UNSEEN = r"\x00-\x1f\x7f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff"
_WORD = re.compile(rf"[^\s{_UNSEEN}]+")
_LEADING = re.compile(rf"(?P<dashes>[{_DASH}]{{2,4}}|[{_LONG}])(?P<body>{_LETTER}.*)", re.DOTALL)
_INSIDE = re.compile(rf"(?<![{_DASH}])(?:[{_DASH}]{{2,4}}|[{_LONG}])(?={_LETTER})")
_RUN = re.compile(f"[{_DASH}]+")
_LONE = re.compile(rf"[{_DASH}]{{2,4}}|[{_LONG}]|-")
_DIGIT = re.compile(r"\d")
_NUMERIC = re.compile(r"[^\d–—―]*\d[^–—―]{0,80}")
"""A value of digits, such as nobody writes behind a dash that is only punctuation."""

_NAME = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")


_Piece = tuple[str, int, bool]
"""A text, where it begins, and whether there may be a dash in it."""


class Word(NamedTuple):
    """A word and where it stands. `body` is what follows a flag's dashes, else empty; `sure` is
    False where an unknown name is more likely text behind a long dash."""

    text: str
    start: int
    end: int
    body: str = ""
    sure: bool = True


def split(line: str) -> Iterator[Word]:
    """The words of a line, in order, each made when it is asked for. Linear in its length."""
    hyphened = line.translate(_TO_HYPHENS)
    if "-" not in hyphened or all(map(_is_hyphen, _RUN.finditer(line))):
        return (Word(match[0], match.start(), match.end()) for match in _WORD.finditer(line))
    return _words(_pieces(line, hyphened))


def _is_hyphen(dash: re.Match[str]) -> bool:
    """Whether a dash only joins two words: `close-up`."""
    name = _NAME.match(dash.string, dash.end())
    joins = dash.start() > 0 and dash.string[dash.start() - 1].isalnum() and len(dash[0]) == 1
    return joins and name is not None and name[0].lower() not in BY_SPELLING


def _words(pieces: Iterator[_Piece]) -> Iterator[Word]:
    lone: list[Word] = []  # Words of dashes alone: they may belong to the word behind them.
    piece = next(pieces, None)
    while piece is not None:
        text, start, dashed = piece
        piece = next(pieces, None)
        if not dashed and not lone:
            yield Word(text, start, start + len(text))
            continue
        if dashed and len(text) <= 4 and _LONE.fullmatch(text):
            lone.append(Word(text, start, start + len(text)))
            if len(lone) > 2:
                yield lone.pop(0)
            continue
        if lone:
            belong = _dashes_before(lone, text, piece[0] if piece else "")
            yield from lone[: len(lone) - belong]
            begin = lone[-belong].start
            lone.clear()
            if belong:
                yield Word(f"--{text}", begin, start + len(text), text)
                continue
        match = _LEADING.fullmatch(text) if dashed else None
        if match is None:
            short = text[0] == "-" and _fits(text[1:], piece[0] if piece else "", spaced=True)
            yield Word(text, start, start + len(text), text[1:] if short else "")
        else:
            dashes = match["dashes"]
            sure = dashes.isascii() or not any(dash in _LONG for dash in dashes)
            yield Word(text, start, start + len(text), match["body"], sure)
    yield from lone


def _pieces(line: str, hyphened: str) -> Iterator[_Piece]:
    """What stands between spaces, and the flags that were glued to it as pieces of their own."""
    for match in _WORD.finditer(line):
        text, start = match[0], match.start()
        dashed = "-" in hyphened[start : match.end()]
        glued = _glued(text) if dashed and len(text) > 2 and "://" not in text else []
        if glued:
            following = _WORD.search(line, match.end())
            yield from _unglued(text, start, glued, following[0] if following else "")
        else:
            yield text, start, dashed


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


def _glued(text: str) -> list[re.Match[str]]:
    """The dashes inside a word behind which a flag may begin."""
    return [match for match in _INSIDE.finditer(text, 1) if _may_begin(text, match.end())]


def _may_begin(text: str, at: int) -> bool:
    name = _NAME.match(text, at)
    return not text[at].isascii() if name is None else name[0].lower() in BY_SPELLING


def _unglued(text: str, start: int, glued: list[re.Match[str]], following: str) -> list[_Piece]:
    """The pieces of a word into which flags were glued; `following` is the next word."""
    pieces: list[_Piece] = []
    end = len(text)
    following = _until_flag(following)
    for match in reversed(glued):
        # No spelling is longer; a line of many dashes must not be read over and over.
        body = text[match.end() : min(end, match.end() + 80)]
        single = len(match[0]) == 1
        if _fits(body, following) if single else spelling(body) is not None:
            pieces.append((text[match.start() : end], start + match.start(), True))
            end = match.start()
            following = ""
    pieces.append((text[:end], start, True))
    return pieces[::-1]


def _until_flag(text: str) -> str:
    """What stands before the first flag that is glued to it."""
    for match in _glued(text):
        if spelling(text[match.end() : match.end() + 80]) is not None:
            return text[: match.start()]
    return text


def _dashes_before(words: list[Word], text: str, following: str) -> int:
    """How many words of dashes at the end of `words` belong to `text`."""
    if not text[0].isalpha():
        return 0
    if words[-1].text == "-":
        two = len(words) > 1 and words[-2].text == "-" and spelling(text) is not None
        return 2 if two else 0
    return 1 if _fits(text, following) else 0


def _fits(body: str, following: str, *, spaced: bool = False) -> bool:
    """Whether `body`, or `body` and the next word, is surely a flag and its value. `spaced`: a flag
    of one letter needs its value to be a word of its own."""
    if not (_DIGIT.search(following) or _DIGIT.search(body)):
        return False
    found = spelling(body)
    if found is None:
        return False
    name, glued = found
    if spaced and glued and len(name) == 1:
        return False
    flag, value = BY_SPELLING[name], clean(glued or following)
    if flag.takes in (Takes.NOTHING, Takes.WORDS) or not _NUMERIC.fullmatch(value):
        return False
    try:
        flag.read(value)
    except ValueProblem:
        return False
    return True


def without_command(words: list[str]) -> list[str]:
    """The words without the command before them, which is pasted along: `/imagine prompt: …`."""
    while words and words[0].lower() == "/imagine":
        words = words[1:]
        if words and words[0].lower().startswith("prompt:"):
            rest = words[0][len("prompt:") :]
            words = [rest, *words[1:]] if rest else words[1:]
    return words
