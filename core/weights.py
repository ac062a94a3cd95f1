"""Parts of a prompt and their weights: `a cat::2 rain::-0.5`.

A weight stands right behind two colons and belongs to the text before them; without one it is 1.
The sum must be positive; what the weights mean is their share of it.
"""

from __future__ import annotations

import re
import unicodedata

from core.errors import Problem
from core.request import Part
from core.sentences import say

MAX_PARTS = 40

_WEIGHT = re.compile(
    r"[:：]{2}(?P<weight>[+\-−–－]?(?:\d{1,6}(?:[.．]\d{0,6})?|[.．]\d{1,6})(?![\w.．]))?"
)


def stretches(text: str) -> list[tuple[int, int, float]]:
    """Where the text of each part stands, from and to, and its weight. Between one and the next is
    the weight of the first."""
    found: list[tuple[int, int, float]] = []
    begin = 0
    for match in _WEIGHT.finditer(text):
        weight = match["weight"]
        found.append((begin, match.start(), 1.0 if weight is None else _number(weight)))
        begin = match.end()
    return [*found, (begin, len(text), 1.0)]


def parts(text: str) -> tuple[tuple[Part, ...], list[Problem]]:
    """The parts of a text, and what is wrong with them."""
    if not _WEIGHT.search(text):
        return ((Part(text),) if text else ()), []
    problems: list[Problem] = []
    found: list[Part] = []
    begin = 0
    for match in _WEIGHT.finditer(text):
        piece = text[begin : match.start()].strip()
        begin = match.end()
        if piece:
            weight = match["weight"]
            found.append(Part(piece, 1.0 if weight is None else _number(weight)))
        elif match["weight"] is not None and len(problems) < 3:
            what = say("The weight {weight} has no text before it.", weight=match[0])
            problems.append(Problem(what, say("Put words before the colons.")))
    if rest := text[begin:].strip():
        found.append(Part(rest))
    if len(found) > MAX_PARTS:
        what = say(
            "The prompt has {parts} weighted parts; the limit is {most}.",
            parts=len(found),
            most=MAX_PARTS,
        )
        problems.append(Problem(what, say("Join some of them.")))
    total = round(sum(part.weight for part in found), 6)
    if found and total <= 0:
        what = say("The weights add up to {sum}; their sum must be above zero.", sum=f"{total:g}")
        mend = say("Raise a positive weight, or move the unwanted words behind --no.")
        problems.append(Problem(what, mend))
    if not found:
        what = say("The prompt has no text between its colons.")
        problems.append(Problem(what, say("Say what to draw.")))
    return tuple(found), problems


def _number(weight: str) -> float:
    return float(unicodedata.normalize("NFKC", weight).replace("−", "-").replace("–", "-"))
