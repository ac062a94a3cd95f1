"""Emphasis inside a text: `(word:1.3)`, `(word)`, `[word]`, as other front ends write it.

Round brackets weigh what is in them by the number behind the colon, 1.1 without one; square ones by
1/1.1. Weights of brackets inside brackets multiply. A bracket behind a backslash, or without its
partner, is only a letter.
"""

from __future__ import annotations

import re

from core.request import Part

MORE = 1.1
"""What a pair of round brackets weighs; square ones weigh as much less."""

MOST = 10.0
"""No weight is farther from 0, however deep the brackets stand."""

_TOKEN = re.compile(
    r"\\(?P<letter>[()\[\]])"
    r"|(?P<bracket>[()\[\]])"
    r"|:[ \t]*(?P<weight>[+-]?(?:\d{1,3}(?:\.\d{0,6})?|\.\d{1,6}))[ \t]*(?P<close>\))"
)


def spans(text: str) -> tuple[Part, ...]:
    """The text in pieces, each with its weight; joined they are the text without the brackets.

    A text without emphasis is one piece of weight 1. Linear in the length of the text.
    """
    weights = _weights(text)
    found: list[Part] = []
    piece: list[str] = []
    open_weights = [1.0]

    def turn(weight: float) -> None:
        """Ends the piece before and begins one of another weight."""
        if piece:
            found.append(Part("".join(piece), weight))
            piece.clear()

    begin = 0
    for match in _TOKEN.finditer(text):
        piece += filter(None, [text[begin : match.start()]])
        begin = match.end()
        if match["letter"]:
            piece.append(match["letter"])
            continue
        weight = weights.get(match.start("close" if match["close"] else "bracket"))
        if weight is None:
            piece.append(match[0])
        elif match["bracket"] and match["bracket"] in "([":
            turn(open_weights[-1])
            open_weights.append(min(max(open_weights[-1] * weight, -MOST), MOST))
        else:
            turn(open_weights.pop())
    piece += filter(None, [text[begin:]])
    turn(1.0)
    return _joined(found) or (Part(text),)


def _weights(text: str) -> dict[int, float]:
    """What each bracket that has a partner weighs, by its place."""
    weights: dict[int, float] = {}
    open_brackets: list[tuple[str, int]] = []
    number_open = {"(": 0, "[": 0}
    for match in _TOKEN.finditer(text):
        bracket = match["bracket"] or match["close"]
        if not bracket:
            continue
        place = match.start("bracket" if match["bracket"] else "close")
        if bracket in "([":
            open_brackets.append((bracket, place))
            number_open[bracket] += 1
            continue
        partner = "(" if bracket == ")" else "["
        if not number_open[partner]:
            continue
        opened, begin = "", place
        while opened != partner:
            opened, begin = open_brackets.pop()
            number_open[opened] -= 1
        usual = MORE if partner == "(" else 1 / MORE
        weights[begin] = weights[place] = float(match["weight"] or usual)
    return weights


def _joined(pieces: list[Part]) -> tuple[Part, ...]:
    """Neighbours of one weight as one."""
    joined: list[Part] = []
    for piece in pieces:
        if joined and joined[-1].weight == piece.weight:
            piece = Part(joined.pop().text + piece.text, piece.weight)
        joined.append(piece)
    return tuple(joined)
