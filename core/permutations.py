"""Lines that stand for several: `a {red, blue} bird --ar {3:2, 1:1}` is four.

    line     = { text | group }
    group    = "{" line { "," line } "}"

Groups nest and multiply, and may hold anything a line may. A backslash makes a brace literal, and
inside a group a comma; full-width braces and commas are as good. How many lines there are is
counted without making any of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sized
from typing import NamedTuple

from core.errors import Problem, PromptError
from core.sentences import say
from core.words import LIMIT

MAX_DEPTH = 20
"""Groups inside groups."""

_BRACE = re.compile(r"(?<!\\)(?P<slashes>\\*)(?P<brace>[{}｛｝])")
_ANY_COMMA = re.compile(r"(?<!\\)(?P<slashes>\\*)(?P<comma>[,，、])")
_MARK = re.compile(r"(?<!\\)(?P<slashes>\\*)(?P<mark>[{}｛｝,，、])")


def escaped(text: str) -> str:
    """The text so that none of its braces is one of a group."""
    return _BRACE.sub(lambda match: f"{2 * match['slashes']}\\{match['brace']}", text)


def unescaped(text: str) -> str:
    """The inverse of `escaped`; a brace without a backslash stays what it is."""
    return _BRACE.sub(lambda match: match["slashes"][1::2] + match["brace"], text)


def group_of(lines: Iterable[str]) -> str:
    """One line that stands for all of these, which have no groups of their own."""
    return "{" + ", ".join(_ANY_COMMA.sub(_behind_slash, line) for line in lines) + "}"


def _behind_slash(match: re.Match[str]) -> str:
    return f"{2 * match['slashes']}\\{match['comma']}"


def count(line: str) -> int:
    """How many lines it stands for; 1 without a group. Raises PromptError on broken braces."""
    # For each group that is open: the lines of the alternatives before, and of this one so far.
    before: list[int] = []
    here, so_far = 1, 0
    for match in _marks(line):
        match match["mark"]:
            case "{" | "｛":
                before += [so_far, here]
                here, so_far = 1, 0
                if len(before) > 2 * MAX_DEPTH:
                    what = say("Braces stand more than {most} deep.", most=MAX_DEPTH)
                    raise _broken(line, what, match.start("mark"))
            case "}" | "｝":
                if not before:
                    what = say("A brace is closed that was not opened.")
                    raise _broken(line, what, match.start("mark"))
                group = so_far + here
                here, so_far = before.pop(), before.pop()
                here *= group
            case _:
                if before:
                    here, so_far = 1, so_far + here
    if before:
        raise _broken(line, say("A brace is opened and not closed."), _last_opened(line))
    return here


def expand(line: str) -> Iterator[str]:
    """The lines, in order, each made when it is asked for; the last group changes fastest.

    Raises PromptError on broken braces.
    """
    number = count(line)
    root = _read(line)
    return (_pick(root, place) for place in range(number)) if number > 1 else iter([_pick(root, 0)])


class _Line(NamedTuple):
    """Text and groups, and how many lines they make."""

    number: int
    pieces: tuple[str | _Group, ...]


class _Group(NamedTuple):
    """Lines of which one is taken, and how many there are in all."""

    number: int
    lines: tuple[_Line, ...]


def _marks(line: str) -> Iterator[re.Match[str]]:
    """The braces and commas that no backslash makes literal."""
    if len(line) > LIMIT:
        return iter(())
    return (match for match in _MARK.finditer(line) if len(match["slashes"]) % 2 == 0)


def _last_opened(line: str) -> int:
    opened: list[int] = []
    for match in _marks(line):
        if match["mark"] in "{｛":
            opened.append(match.start("mark"))
        elif match["mark"] in "}｝":
            opened.pop()
    return opened[-1]


def _broken(line: str, what: str, at: int) -> PromptError:
    mend = say("Type {brace} for one that is only a letter.", brace=f"\\{line[at]}")
    return PromptError((Problem(what, mend, at, at + 1),), typed=line)


def _read(line: str) -> _Line:
    """The line as a tree; its braces are in order."""
    open_groups: list[tuple[list[str | _Group], list[_Line]]] = []
    pieces: list[str | _Group] = []
    lines: list[_Line] = []
    begin = 0
    for match in _marks(line):
        mark = match["mark"]
        if mark in ",，、" and not open_groups:
            continue
        # Of the backslashes, each pair is one.
        pieces += [_literal(line[begin : match.start()], open_groups), match["slashes"][1::2]]
        begin = match.end()
        if mark in "{｛":
            open_groups.append((pieces, lines))
            pieces, lines = [], []
            continue
        lines.append(_trimmed(pieces))
        pieces = []
        if mark in "}｝":
            group = _Group(sum(one.number for one in lines), tuple(lines))
            pieces, lines = open_groups.pop()
            pieces.append(group)
    return _line([*pieces, line[begin:]])


_COMMA = re.compile(r"(?<!\\)(?P<slashes>\\+)(?P<comma>[,，、])")


def _literal(text: str, open_groups: Sized) -> str:
    """Text between two marks; inside a group a comma behind a backslash is only a comma."""
    if not open_groups:
        return text
    return _COMMA.sub(lambda match: match["slashes"][1::2] + match["comma"], text)


def _trimmed(pieces: list[str | _Group]) -> _Line:
    """The pieces without the space around them."""
    while pieces and isinstance(pieces[0], str) and not pieces[0].strip():
        del pieces[0]
    while pieces and isinstance(pieces[-1], str) and not pieces[-1].strip():
        del pieces[-1]
    if pieces and isinstance(pieces[0], str):
        pieces[0] = pieces[0].lstrip()
    if pieces and isinstance(pieces[-1], str):
        pieces[-1] = pieces[-1].rstrip()
    return _line(pieces)


def _line(pieces: list[str | _Group]) -> _Line:
    number = math.prod(piece.number for piece in pieces if isinstance(piece, _Group))
    return _Line(number, tuple(piece for piece in pieces if piece))


def _pick(line: _Line, place: int) -> str:
    """The line with that place in the order of all."""
    words: list[str] = []
    for piece in reversed(line.pieces):
        if isinstance(piece, str):
            words.append(piece)
            continue
        place, within = divmod(place, piece.number)
        for one in piece.lines:
            if within < one.number:
                words.append(_pick(one, within))
                break
            within -= one.number
    return "".join(reversed(words))
