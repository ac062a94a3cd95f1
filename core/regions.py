"""Which part of a picture is meant: by numbers of cells, or in words, English or Chinese.

The picture is divided into `CELLS` by `CELLS` cells, numbered from the top left along the rows.
`1 2 5`, `3-6`, `left third`, `bottom`, `top left quarter`, `centre`, `右上角`; several with commas.
"""

from __future__ import annotations

import re
import unicodedata

from core.edits import WHOLE, Box
from core.errors import RefusedError
from core.sentences import say
from core.uses import shown

CELLS = 4
"""Of a row, and of a column."""

MOST = CELLS * CELLS

LONGEST = 300
"""Characters of what is typed."""

_BETWEEN = re.compile(r"[,;、|+&\n]|\b(?:and|plus)\b|[和与及跟]")
_RANGE = re.compile(r"(\d{1,4})\s*(?:-|–|—|~|\.{2,3}|to|到|至)\s*(\d{1,4})")

_CHINESE = {
    "三分之二": " two-thirds ",
    "四分之三": " three-quarters ",
    "三分之一": " third ",
    "四分之一": " quarter ",
    "二分之一": " half ",
    "中央": " middle ",
    "中间": " middle ",
    "中心": " middle ",
    "正中": " middle ",
    "整张": " whole ",
    "全部": " whole ",
    "边缘": " border ",
    "四周": " border ",
    "天空": " top ",
    "地面": " bottom ",
    "左": " left ",
    "右": " right ",
    "上": " top ",
    "顶": " top ",
    "下": " bottom ",
    "底": " bottom ",
    "中": " middle ",
    "半": " half ",
    "角": " corner ",
    "部分": " ",
    **dict.fromkeys("第格号个的边侧部方面", " "),
}
"""The longer ones first, since some are parts of others."""

_FILLERS = frozenset(
    "the a an of in on at to part side hand area piece region picture image number".split()
) | {"cell", "cells"}
_SIDES = {
    **dict.fromkeys(["left", "lefthand"], "left"),
    **dict.fromkeys(["right", "righthand"], "right"),
    **dict.fromkeys(["top", "upper", "above", "sky", "up"], "top"),
    **dict.fromkeys(["bottom", "lower", "below", "ground", "floor", "down", "under"], "bottom"),
    **dict.fromkeys(["middle", "centre", "center", "central", "mid"], "middle"),
}
_SHARES = {
    "half": 1 / 2,
    "third": 1 / 3,
    "quarter": 1 / 4,
    "fourth": 1 / 4,
    "two-thirds": 2 / 3,
    "three-quarters": 3 / 4,
}
_WHOLE = frozenset(["whole", "all", "everything", "everywhere", "full", "entire"])
_BORDER = frozenset(["border", "borders", "edge", "edges", "frame"])
_BORDER_SHARE = 1 / 6


def read_region(typed: str) -> tuple[Box, ...]:
    """The parts that are meant, each once. Raises RefusedError for what names none."""
    if len(typed) > LONGEST:
        raise _unknown(typed)
    text = _plain(typed)
    found: dict[Box, None] = {}
    for piece in _BETWEEN.split(text):
        if piece.strip():
            found.update(dict.fromkeys(_parts(piece, typed)))
    if not found:
        raise _unknown(typed)
    return tuple(found)


def cell(number: int) -> Box:
    """The cell of that number, from 1."""
    row, column = divmod(number - 1, CELLS)
    return Box(column / CELLS, row / CELLS, (column + 1) / CELLS, (row + 1) / CELLS)


def _plain(typed: str) -> str:
    """In lower case and half width, with one word for each thing."""
    text = unicodedata.normalize("NFKC", typed).lower()
    text = _RANGE.sub(r" \1-\2 ", text.replace("，", ","))
    for chinese, word in _CHINESE.items():
        text = text.replace(chinese, word)
    text = re.sub(r"\bno\.?\s*(?=\d)", " ", text)
    text = re.sub(r"\b(?:2/3|two[ -]thirds?)\b", "two-thirds", text)
    text = re.sub(r"\b(?:3/4|three[ -]quarters?)\b", "three-quarters", text)
    return text.replace("1/2", "half").replace("1/3", "third").replace("1/4", "quarter")


def _parts(piece: str, typed: str) -> list[Box]:
    """What one piece between commas means."""
    numbers: list[int] = []
    words: list[str] = []
    for word in re.findall(r"[^\s.:!?()\"'“”。]+", piece):
        span = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", word)
        if span is None:
            named = re.split(r"-(?!thirds|quarters)", word)
            words += [one for one in named if one not in _FILLERS]
            continue
        first, last = int(span[1]), int(span[2] or span[1])
        if not 1 <= first <= last <= MOST:
            raise RefusedError(
                say("There is no cell {word}; they go from 1 to {most}.", word=word, most=MOST)
            )
        numbers += range(first, last + 1)
    boxes = [cell(number) for number in numbers]
    return boxes + (_named(words, typed) if words else [])


def _named(words: list[str], typed: str) -> list[Box]:
    if set(words) <= _WHOLE:
        return [WHOLE]
    if set(words) <= _BORDER:
        share = _BORDER_SHARE
        return [
            Box(0, 0, 1, share),
            Box(0, 1 - share, 1, 1),
            Box(0, share, share, 1 - share),
            Box(1 - share, share, 1, 1 - share),
        ]
    sides: set[str] = set()
    share: float | None = None
    corner = False
    for word in words:
        if word in _SIDES:
            sides.add(_SIDES[word])
        elif word in _SHARES and share is None:
            share = _SHARES[word]
        elif word == "corner":
            corner = True
        else:
            raise _unknown(typed)
    across, down = sides & {"left", "right"}, sides & {"top", "bottom"}
    if not sides or len(across) > 1 or len(down) > 1:
        raise _unknown(typed)
    if across and down:
        # A quarter of the picture has half of each side.
        each = 1 / 3 if corner else 1 / 2
        if share is not None and share != 1 / 4:
            each = share
        wide, high = _band(across, each), _band(down, each)
    elif across or down:
        one = share if share is not None else (1 / 3 if corner else 1 / 2)
        rest = (1 / 4, 3 / 4) if "middle" in sides else (0.0, 1.0)
        wide = _band(across, one) if across else rest
        high = _band(down, one) if down else rest
    elif share is not None:
        # Between the left third and the right one.
        wide, high = _band(set(), share), (0.0, 1.0)
    else:
        wide = high = (1 / 4, 3 / 4)
    return [Box(wide[0], high[0], wide[1], high[1])]


def _band(side: set[str], share: float) -> tuple[float, float]:
    """From where to where, along one side."""
    if side & {"left", "top"}:
        return 0.0, share
    if side & {"right", "bottom"}:
        return 1 - share, 1.0
    return (1 - share) / 2, (1 + share) / 2


def _unknown(typed: str) -> RefusedError:
    return RefusedError(
        say(
            "“{words}” names no part of the picture. Say “left third”, “bottom” or “top left "
            "quarter”, or give numbers of cells from 1 to {most}.",
            words=shown(" ".join(typed.split())),
            most=MOST,
        )
    )
