"""How the values of flags are read, and how they are written again.

A reader turns the cleaned text behind a flag into its value or raises ValueProblem; it is total and
fast on any text. A writer is its inverse: what it writes is read as the same value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from core.samplers import BASIC, nearest_sampler, read_sampler
from core.sentences import say

RAW = "raw"
"""The value of --style that means no style at all."""

MAX_SIDE = 16384
"""Pixels; no side is longer, whatever the server allows."""

MAX_LINKS = 10


class ValueProblem(ValueError):
    """A value that does not fit. Its words and the nearest value are made when they are asked for:
    where a dash may be punctuation, it only matters whether a value fits."""

    def __init__(
        self, what: Callable[[], str], nearest: Callable[[], str | None] = lambda: None
    ) -> None:
        self._what = what
        self._nearest = nearest

    @property
    def what(self) -> str:
        """Continues “--flag …”."""
        return self._what()

    @property
    def nearest(self) -> str | None:
        """The legal value closest to the one typed, where there is one."""
        return self._nearest()

    def __str__(self) -> str:
        return self.what


# Numbers

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


def _number(text: str) -> float:
    """Six decimals of it, as `plain` writes them, and of a size that any range can refuse."""
    if not _NUMBER.fullmatch(text):
        raise ValueProblem(lambda: say("needs a number"))
    return round(min(max(float(text), -1e15), 1e15), 6)


def _within(value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise ValueProblem(
            lambda: say("goes from {low} to {high}", low=f"{low:.12g}", high=f"{high:.12g}"),
            lambda: f"{min(max(value, low), high):.12g}",
        )
    return value


def whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = _within(_number(text), low, high)
        if value != int(value):
            raise ValueProblem(
                lambda: say("needs a whole number from {low} to {high}", low=low, high=high),
                lambda: str(round(value)),
            )
        return int(value)

    return read


def number(low: float, high: float) -> Callable[[str], float]:
    return lambda text: _within(_number(text), low, high)


def one_of(*values: float) -> Callable[[str], float]:
    listed = ", ".join(f"{legal:g}" for legal in values)

    def read(text: str) -> float:
        value = _number(text)
        if value not in values:
            raise ValueProblem(
                lambda: say("is one of {values}", values=listed),
                lambda: f"{min(values, key=lambda legal: abs(legal - value)):g}",
            )
        return value

    return read


def plain(value: Any) -> str:
    """A value as its reader takes it: a number never in exponent form, a switch as nothing."""
    if value is True:
        return ""
    if isinstance(value, float):
        text = f"{value:.6f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    return str(value)


# Sizes


_RATIO = re.compile(r"(\d{1,9})(\.\d{1,3})?[:x/](\d{1,9})(\.\d{1,3})?")


def ratio(text: str) -> tuple[int, int]:
    """`3:2`, also `3x2` and `3/2`; reduced. From 1:14 to 14:1."""
    match = _RATIO.fullmatch(text.lower())
    if match is None:
        raise ValueProblem(lambda: say("needs two whole numbers like 3:2"))
    if match[2] or match[4]:
        raise ValueProblem(
            lambda: say("needs two whole numbers like 3:2"), lambda: _whole_ratio(text)
        )
    width, height = int(match[1]), int(match[3])
    if not width or not height:
        raise ValueProblem(lambda: say("needs two whole numbers above zero, like 3:2"))
    if width > 14 * height or height > 14 * width:
        raise ValueProblem(
            lambda: say("goes from 1:14 to 14:1"), lambda: "14:1" if width > height else "1:14"
        )
    common = math.gcd(width, height)
    return width // common, height // common


def _whole_ratio(text: str) -> str | None:
    """The legal ratio nearest to one with decimals."""
    width, height = (round(1000 * float(side)) for side in re.split("[:x/]", text.lower()))
    common = math.gcd(width, height) or 1
    return _if_legal(ratio, f"{width // common}:{height // common}")


def written_ratio(value: tuple[int, int]) -> str:
    return f"{value[0]}:{value[1]}"


def size(text: str) -> tuple[int, int]:
    """`768x512`, also `768*512`: width and height in pixels."""
    match = re.fullmatch(r"(\d{1,9})[x*](\d{1,9})(?:px)?", text.lower())
    if match is None:
        raise ValueProblem(lambda: say("needs a width and a height in pixels, like 768x512"))
    sides = int(match[1]), int(match[2])
    legal = tuple(min(max(side, 1), MAX_SIDE) for side in sides)
    if sides != legal:
        raise ValueProblem(
            lambda: say("takes sides from 1 to {most} pixels", most=MAX_SIDE),
            lambda: f"{legal[0]}x{legal[1]}",
        )
    return sides


def written_size(value: tuple[int, int]) -> str:
    return f"{value[0]}x{value[1]}"


def _if_legal(read: Callable[[str], Any], text: str) -> str | None:
    try:
        read(text)
    except ValueProblem as problem:
        return problem.nearest
    return text


# Names

_NAME = re.compile(r"[\w.\-]{1,64}")


def name_of_something(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueProblem(lambda: say("needs a name"))
    return text


def word_of(*words: str) -> Callable[[str], str]:
    """One of a few words, in any case."""

    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueProblem(
                lambda: say("is one of {values}", values=", ".join(words)),
                lambda: next(iter(get_close_matches(text.lower()[:40], words, n=1)), None),
            )
        return text.lower()

    return read


def style(text: str) -> str:
    """A style's name; `raw` in any case is RAW."""
    return RAW if name_of_something(text).lower() == RAW else text


def sampler(text: str) -> str:
    """A sampler's name as requests keep it, from any of its spellings."""
    found = read_sampler(text)
    if found is None:
        raise ValueProblem(
            lambda: say("is one of {values}", values=", ".join(BASIC)),
            lambda: nearest_sampler(text),
        )
    return found


def version(text: str) -> str:
    """What may follow --niji: nothing, or a number."""
    if text and not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", text):
        raise ValueProblem(lambda: say("needs a version, like 6, or nothing"))
    return text


def named(text: str) -> tuple[str, ...]:
    return (name_of_something(text),)


WeightedName = tuple[str, float | None]
"""A name and its weight; None for the one that it has where nobody says."""


def weighted_name(low: float, high: float) -> Callable[[str], tuple[WeightedName, ...]]:
    """`NAME` or `NAME:0.8`."""

    def read(text: str) -> tuple[WeightedName, ...]:
        name, colon, weight = text.partition(":")
        if not _NAME.fullmatch(name):
            raise ValueProblem(lambda: say("needs a name, or a name and a weight like name:0.8"))
        try:
            return ((name, number(low, high)(weight) if colon else None),)
        except ValueProblem as problem:
            inner = problem
        raise ValueProblem(
            lambda: say("{problem} as a weight", problem=inner.what),
            lambda: f"{name}:{near}" if (near := inner.nearest) else None,
        )

    return read


def written_name(value: tuple[WeightedName, ...]) -> str:
    ((name, weight),) = value
    return name if weight is None else f"{name}:{plain(weight)}"


_CODE = re.compile(r"(?=[\w\-]*\d)[\w\-]{3,64}")
MAX_CODES = 10


def codes(text: str) -> tuple[str, ...]:
    """Codes of profiles, or none."""
    found = tuple(text.split())
    if len(found) > MAX_CODES or not all(map(_NAME.fullmatch, found)):
        raise ValueProblem(lambda: say("takes codes of letters and digits, or nothing"))
    return found


def is_code(text: str) -> bool:
    """A word with a digit in it: a code, and hardly a word of the prompt."""
    return _CODE.fullmatch(text) is not None


# Pictures

_LINK = re.compile(r"https?://[^\s<>\"/]+\.[^\s<>\"/]+(?:/[^\s<>\"]*)?", re.IGNORECASE)
LONGEST_LINK = 2000


def is_link(text: str) -> bool:
    return len(text) <= LONGEST_LINK and _LINK.fullmatch(text) is not None


def link(text: str) -> str:
    """A link to a picture; Discord's `<…>` around it is taken away."""
    bare = text.removeprefix("<").removesuffix(">")
    if not is_link(bare):
        raise ValueProblem(lambda: say("needs a link to a picture, like https://example.org/a.png"))
    return bare


def links(most: int) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        found = tuple(link(word) for word in text.split())
        if not 1 <= len(found) <= most:
            raise ValueProblem(lambda: say("takes at most {most} links", most=most))
        return found

    return read


CONTROLS = ("canny", "scribble", "lineart", "depth", "pose", "seg", "softedge", "tile")


def control(text: str) -> tuple[tuple[str, str], ...]:
    """`canny:https://…`: what is read from a picture, and the picture."""
    kind, _, where = text.partition(":")
    if kind.lower() not in CONTROLS:
        raise ValueProblem(
            lambda: say("needs one of {values} and a link, like canny:https://…", values=_CONTROLS)
        )
    return ((kind.lower(), link(where)),)


_CONTROLS = ", ".join(CONTROLS)


def written_control(value: tuple[tuple[str, str], ...]) -> str:
    ((kind, where),) = value
    return f"{kind}:{where}"


_REFERENCE = re.compile(r"(?P<what>.+?)(?:::(?P<weight>\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})?)?")


def references(text: str) -> tuple[tuple[str, float], ...]:
    """Links, codes or `random`, each with a weight behind `::` where it is not 1."""
    found: list[tuple[str, float]] = []
    for word in text.split():
        match = _REFERENCE.fullmatch(word)
        if match is None or not is_reference(word):
            raise ValueProblem(lambda: say("takes links, codes of digits, or random"))
        what = match["what"].removeprefix("<").removesuffix(">")
        found.append((what, float(match["weight"] or 1)))
    if not 1 <= len(found) <= MAX_LINKS:
        raise ValueProblem(lambda: say("takes at most {most} links", most=MAX_LINKS))
    return tuple(found)


def is_reference(word: str) -> bool:
    if word.isdecimal():
        return True
    match = _REFERENCE.fullmatch(word) if len(word) <= LONGEST_LINK + 20 else None
    if match is None:
        return False
    what = match["what"].removeprefix("<").removesuffix(">")
    return what.isdecimal() or what.lower() == "random" or is_link(what)


def written_references(value: tuple[tuple[str, float], ...]) -> str:
    pieces = (what if weight == 1 else f"{what}::{plain(weight)}" for what, weight in value)
    return " ".join(pieces)
