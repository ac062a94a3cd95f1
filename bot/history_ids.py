"""The ids of the buttons and menus of /history. Each holds all there is to know but the line that
was searched for, which stands in the message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from core.actions import ButtonError

FORMAT = "w1"
PATTERN = r"w\d+:.{1,95}"
MENU_FORMAT = "W1"
MENU_PATTERN = r"W\d+:.{1,95}"

ALL_FORMAT = "f1:all"
"""Before the number of pictures, of the form that deletes everything."""

MOST_OF_A_CURSOR = 80


class Whose(StrEnum):
    """Among which pictures is searched: one's own, those that this server's members may see, or
    those that one likes."""

    MINE = "m"
    HERE = "s"
    LIKED = "l"


class Act(StrEnum):
    """What a button does. To a page (`what` is its cursor): `TURN` shows it, `MANY` lets several be
    chosen, `SURE` asks whether they shall go, `GONE` deletes them, `ALL` asks for everything,
    `ZIP` packs them. To one picture (`what` is its id): the rest. `PICK` and `CHOOSE` are menus,
    and so is `SEE`, which says who may see a picture."""

    TURN = "at"
    MANY = "many"
    SURE = "sure"
    GONE = "gone"
    ALL = "all"
    ZIP = "zip"
    ALIKE = "alike"
    POST = "post"
    ASK = "ask"
    DELETE = "del"
    OPEN = "open"
    PICK = "pick"
    CHOOSE = "some"
    SEE = "see"


MENUS = frozenset({Act.PICK, Act.CHOOSE, Act.SEE})
OF_ONE = frozenset({Act.ALIKE, Act.POST, Act.ASK, Act.DELETE, Act.OPEN, Act.SEE})


@dataclass(frozen=True, slots=True)
class Key:
    """A button or a menu. `what` is a page's cursor, "" for the first page, or a picture's id."""

    act: Act
    whose: Whose = Whose.MINE
    what: str = ""

    @property
    def custom_id(self) -> str:
        form = MENU_FORMAT if self.act in MENUS else FORMAT
        return f"{form}:{self.act}:{self.whose}:{self.what}"

    @classmethod
    def from_custom_id(cls, custom_id: str) -> Self:
        """Raises ButtonError."""
        found = re.fullmatch(
            rf"([wW]1):([a-z]+):([a-z]):([\w.~-]{{0,{MOST_OF_A_CURSOR}}})", custom_id, re.ASCII
        )
        if found is None or found[2] not in set(Act) or found[3] not in set(Whose):
            raise ButtonError
        act = Act(found[2])
        if (found[1] == MENU_FORMAT) != (act in MENUS) or (act in OF_ONE and not found[4]):
            raise ButtonError
        return cls(act, Whose(found[3]), found[4])


def all_id(count: int) -> str:
    """Of the form that deletes everything; `count` is the number that it names."""
    return f"{ALL_FORMAT}:{count}"


def count_of(custom_id: str) -> int | None:
    """That number; None for another form."""
    found = re.fullmatch(rf"{ALL_FORMAT}:(\d{{1,9}})", custom_id)
    return int(found[1]) if found else None
