"""Shorter prompts: which words there are, the prompt without some of them, and what is left.

A word is what can be left out. Brackets, weights and commas around it stay where they are, and go
where nothing is left between them: without `red`, `(red:1.3) fox::2` is `fox::2`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from core.errors import PromptError
from core.prompt import Prompt, parse
from core.rendering import spell
from core.weights import parts, stretches
from core.words import split

MOST_WORDS = 32
"""A prompt with more is taken apart at its commas, and then in as many pieces of several words."""

SHORTER = 5
"""Prompts that are offered."""

_KEPT = (0.8, 0.62, 0.46, 0.32, 0.2)
"""Shares of the words that they keep."""

VITAL, USELESS = 0.4, 0.1
"""From the one on a word is important, below the other it is not; the weightiest has 1."""

_COMMAS = ",，、;；"
_NUMBER = r"[+-]?(?:\d{1,3}(?:\.\d{0,6})?|\.\d{1,6})"
_MARKUP = re.compile(
    rf":[ \t]*{_NUMBER}[ \t]*\)|[:：]{{2}}(?:[+\-−–－]?[\d.．]+)?|\\?[()\[\]{{}}]|[{_COMMAS}。]"
)
_EMPTY = re.compile(
    rf"(?<!\\)(?:\([\s{_COMMAS}]*(?::[ \t]*{_NUMBER}[ \t]*)?\)|\[[\s{_COMMAS}]*\])"
    r"|\\\(\s*\\\)|\\\[\s*\\\]"
)
_AFTER_BRACKET = re.compile(rf"(?<!\\)([(\[])[\s{_COMMAS}]+")
_BEFORE_BRACKET = re.compile(rf"[\s{_COMMAS}]+(?=\)|\]|:[ \t]*{_NUMBER}[ \t]*\))")
_BEFORE_COMMA = re.compile(rf"\s+(?=[{_COMMAS}])")
_SEVERAL = re.compile(rf"([{_COMMAS}])(?:\s*[{_COMMAS}])+")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text, or several that are weighed together; `spans` are from and to."""

    text: str
    spans: tuple[tuple[int, int], ...]


class Mark(Enum):
    NONE = auto()
    VITAL = auto()
    USELESS = auto()


def words_of(text: str) -> tuple[Word, ...]:
    """What can be left out of a prompt's text, in order; at most MOST_WORDS. Words that steer away,
    in parts with a negative weight, are not among them."""
    groups: list[list[Word]] = []
    for begin, end, weight in stretches(text):
        if weight > 0:
            groups += _phrases(text, begin, end)
    if sum(map(len, groups)) <= MOST_WORDS:
        return tuple(word for group in groups for word in group)
    phrases = [_joined(group) for group in groups if group]
    if len(phrases) < MOST_WORDS // 2:
        phrases = [word for group in groups for word in group]
    several = -(-len(phrases) // MOST_WORDS)
    return tuple(_joined(phrases[at : at + several]) for at in range(0, len(phrases), several))


def without(text: str, left_out: Iterable[Word]) -> str:
    """The text without these of its words, and without what then stands around nothing."""
    spans = sorted((span for word in left_out for span in word.spans), reverse=True)
    for begin, end in spans:
        text = text[:begin] + text[end:]
    pieces: list[str] = []
    for begin, end, _ in stretches(text):
        inner = _tidied(text[begin:end])
        # A weight stands behind its piece, up to where the next one begins.
        if inner:
            pieces.append(inner + _weight_behind(text, end))
    return " ".join(pieces)


def shorter(prompt: Prompt, words: Sequence[Word], worth: Sequence[float]) -> list[str]:
    """Up to SHORTER lines, each with fewer words than the one before: what is worth least goes
    first. Flags, weights and emphasis stay. `worth` is that of each word."""
    by_worth = sorted(range(len(words)), key=lambda at: (worth[at], -at))
    lines: dict[str, None] = {spell(prompt): None}
    for share in _KEPT[:SHORTER]:
        kept = max(1, int(len(words) * share))
        left_out = by_worth[: len(words) - kept]
        line = line_without(prompt, [words[at] for at in left_out])
        if line is not None:
            lines[line] = None
    return list(lines)[1:]


def line_without(prompt: Prompt, left_out: Collection[Word]) -> str | None:
    """The whole line without these words; None where that would be no prompt."""
    text = without(prompt.text, left_out)
    if not text:
        return None
    read, problems = parts(text)
    if problems:
        return None
    line = spell(replace(prompt, text=text, parts=read))
    try:
        return line if parse(line).text == text else None
    except PromptError:
        return None


def marked(text: str, words: Sequence[Word], worth: Sequence[float]) -> list[tuple[str, Mark]]:
    """The text in pieces, with the important words and the useless ones marked."""
    found: list[tuple[str, Mark]] = []
    at = 0
    for word, value in zip(words, worth, strict=True):
        mark = mark_of(value)
        for begin, end in word.spans:
            found += [(text[at:begin], Mark.NONE), (text[begin:end], mark)]
            at = end
    found.append((text[at:], Mark.NONE))
    return [piece for piece in found if piece[0]]


def mark_of(worth: float) -> Mark:
    if worth >= VITAL:
        return Mark.VITAL
    return Mark.USELESS if worth < USELESS else Mark.NONE


def normalised(moves: Sequence[float]) -> tuple[float, ...]:
    """How much each word matters beside the one that matters most, 0..1."""
    most = max(moves, default=0.0)
    return tuple(move / most if most > 0 else 0.0 for move in moves)


def _phrases(text: str, begin: int, end: int) -> list[list[Word]]:
    """The words of a stretch, parted at its commas."""
    groups: list[list[Word]] = [[]]
    at = begin
    for match in _MARKUP.finditer(text, begin, end):
        groups[-1] += _words(text, at, match.start())
        at = match.end()
        if match[0] in _COMMAS:
            groups.append([])
    groups[-1] += _words(text, at, end)
    return groups


def _words(text: str, begin: int, end: int) -> list[Word]:
    return [
        Word(word.text, ((begin + word.start, begin + word.end),))
        for word in split(text[begin:end])
        if any(char.isalnum() for char in word.text)
    ]


def _joined(words: Sequence[Word]) -> Word:
    return Word(
        " ".join(word.text for word in words), tuple(span for word in words for span in word.spans)
    )


def _weight_behind(text: str, end: int) -> str:
    match = _MARKUP.match(text, end)
    return match[0] if match is not None else ""


def _tidied(text: str) -> str:
    before = None
    while before != text:
        before = text
        text = _EMPTY.sub(" ", text)
        text = _AFTER_BRACKET.sub(r"\1", text)
        text = _BEFORE_BRACKET.sub("", text)
        text = _SEVERAL.sub(r"\1", _BEFORE_COMMA.sub("", text))
    return " ".join(text.split()).strip(_COMMAS + " ")
