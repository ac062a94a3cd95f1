"""A row of the flag table: what there is to know of a flag before it is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.sentences import frame
from core.values import plain


class Takes(StrEnum):
    """What may follow a flag's name."""

    NOTHING = "nothing"
    ONE = "one value"
    OPTIONAL = "one value, or nothing"
    WORDS = "words up to the next flag"


def _first(_: Sequence[str]) -> int:
    return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A row. `read` turns the text after the flag into its value or raises ValueProblem, and
    `write` is its inverse; `legal` says in a few words what it accepts.

    `reach`: how many of the words that follow, of which there are one to `most`, are the value.
    Flags of one `group` exclude each other, except those named in `beside`. A flag that `repeats`
    has a tuple as its value, to which each use adds. `needs`: what a model must be able to do for
    it, "" where every model can.
    """

    name: str
    help: str
    takes: Takes = Takes.ONE
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = plain
    legal: str = ""
    reach: Callable[[Sequence[str]], int] = _first
    most: int = 1
    aliases: tuple[str, ...] = ()
    group: str = ""
    beside: tuple[str, ...] = ()
    repeats: bool = False
    needs: str = ""

    @property
    def usage(self) -> str:
        if not self.legal:
            return f"--{self.name}"
        return frame("--{name} {legal}", name=self.name, legal=self.legal)

    def excludes(self, other: Flag) -> bool:
        """Whether both cannot be in one line."""
        together = other.name == self.name or other.name in self.beside or self.name in other.beside
        return bool(self.group) and self.group == other.group and not together

    def spell(self, value: Any) -> str:
        """The flag with this value, as it is typed."""
        items = [(item,) for item in value] if self.repeats else [value]
        return " ".join(f"--{self.name} {self.write(item)}".rstrip() for item in items)


def switch(
    name: str,
    help: str,
    *,
    group: str = "",
    aliases: tuple[str, ...] = (),
    needs: str = "",
) -> Flag:
    return Flag(
        name=name,
        help=help,
        takes=Takes.NOTHING,
        read=lambda _: True,
        group=group,
        aliases=aliases,
        needs=needs,
    )


def while_all(fits: Callable[[str], bool]) -> Callable[[Sequence[str]], int]:
    """All the words that fit."""

    def reach(words: Sequence[str]) -> int:
        misfit = (at for at, word in enumerate(words) if not fits(word))
        return next(misfit, len(words))

    return reach


def at_least_one(reach: Callable[[Sequence[str]], int]) -> Callable[[Sequence[str]], int]:
    return lambda words: max(1, reach(words))
