"""Texts as tokenizers see them: what weighs more, what fits into a window, where it is cut."""

# pyright: basic
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from core.emphasis import spans
from core.request import Part

MOST_WINDOWS = 32
"""Windows of a chunked prompt; what does not fit into so many is left out."""

_BREAKS = ",.;:!?，。；：！？、\n"
_WORDS, _PHRASES = 2, 3
"""A window ends early, by less than one such part of its room, to end where a word or a phrase
does."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text without its markup, in pieces that each have a weight; most have 1."""

    pieces: tuple[Part, ...]

    @classmethod
    def read(cls, typed: str) -> Text:
        """What was typed, `(word:1.3)` and all."""
        return cls(tuple(piece for piece in spans(typed) if piece.text))

    @classmethod
    def join(cls, texts: Iterable[tuple[Text, float]], between: str = ", ") -> Text:
        """Several, each with a weight for all of it."""
        pieces: list[Part] = []
        for text, weight in texts:
            if pieces and text.plain:
                pieces.append(Part(between))
            pieces += [Part(piece.text, piece.weight * weight) for piece in text.pieces]
        return cls(tuple(pieces))

    @property
    def plain(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def is_even(self) -> bool:
        """Whether no word weighs more than another."""
        return all(piece.weight == 1 for piece in self.pieces if piece.text.strip())

    def cut(self, begin: int, end: int) -> Text:
        """The characters `begin` to `end`."""
        found: list[Part] = []
        at = 0
        for piece in self.pieces:
            part = piece.text[max(0, begin - at) : max(0, end - at)]
            if part:
                found.append(Part(part, piece.weight))
            at += len(piece.text)
        return Text(tuple(found))

    def weights(self, tokenizer: Any, length: int) -> list[float]:
        """The weight of each of `length` tokens; those around the text have 1."""
        ends = list(accumulate(len(piece.text) for piece in self.pieces))
        weights = [1.0] * length
        for index, (begin, end) in enumerate(_offsets(tokenizer, self.plain, special=True)):
            if begin < end and index < length:
                # Where a token spans two pieces it is its end that says something: it may begin
                # with a space.
                weights[index] = self.pieces[bisect_right(ends, end - 1)].weight
        return weights


def windows(text: Text, tokenizers: Iterable[Any]) -> tuple[list[Text], int]:
    """The text in pieces that each fit into all the tokenizers' windows, and the character from
    which on it is left out (its length: nothing is)."""
    # The smallest window first; the others take what it takes, or make it smaller.
    by_room = sorted(tokenizers, key=room_of)
    found: list[Text] = []
    begin, plain = 0, text.plain
    while len(found) < MOST_WINDOWS:
        length = min(_fitting(tokenizer, plain[begin:]) for tokenizer in by_room)
        found.append(text.cut(begin, begin + length))
        begin += length
        while begin < len(plain) and plain[begin].isspace():
            begin += 1
        if begin >= len(plain):
            break
    return found, begin


def room_of(tokenizer: Any) -> int:
    """Tokens of a text that a tokenizer's window holds beside those it puts around it."""
    limit = tokenizer.model_max_length
    return limit - around(tokenizer) if limit < 100_000 else limit


def around(tokenizer: Any) -> int:
    """Tokens that a tokenizer puts around every text."""
    return len(tokenizer("").input_ids)


def left_out_from(text: Text, tokenizer: Any, limit: int) -> int:
    """The character from which on a window of `limit` tokens leaves the text out; its length where
    it fits."""
    plain, room = text.plain, limit - around(tokenizer)
    offsets = _offsets(tokenizer, plain)
    return offsets[room][0] if len(offsets) > room else len(plain)


def _fitting(tokenizer: Any, plain: str) -> int:
    """How many characters from the beginning on make a window."""
    room = room_of(tokenizer)
    # A token is a character at least, or a part of one that stands for eight at most; looking at
    # all of a long text for each of its windows would take its length squared.
    ahead = plain[: room * 64]
    offsets = _offsets(tokenizer, ahead)
    if len(offsets) <= room:
        return len(plain) if len(ahead) == len(plain) else len(ahead)
    cut = _cut_at(ahead, offsets, room)
    # Cut inside a word, its first half can be more tokens alone than it was in the whole.
    while cut > 1 and len(_offsets(tokenizer, ahead[:cut])) > room:
        cut -= 1
    return cut


def _cut_at(plain: str, offsets: list[tuple[int, int]], room: int) -> int:
    """The best character to cut at, so that `room` tokens at most are before it."""
    whole_words = 0
    for index in range(room, room - room // _WORDS, -1):
        begin, before = offsets[index][0], offsets[index - 1][1]
        if plain[before - 1] in _BREAKS and room - index < room // _PHRASES:
            return before
        if not whole_words and (begin > before or plain[begin].isspace()):
            whole_words = before
    return whole_words or max(1, offsets[room][0])


def _offsets(tokenizer: Any, plain: str, *, special: bool = False) -> list[tuple[int, int]]:
    """The characters of each token, from and to."""
    found = tokenizer(plain, add_special_tokens=special, return_offsets_mapping=True, verbose=False)
    return found.offset_mapping
