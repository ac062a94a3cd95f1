"""Where a story is played: people who act and look, and a hand that moves the worker."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Protocol

from PIL import Image

ANN, BEN, MOD = "ann", "ben", "mod"
"""Two members, and one who may manage messages and the server."""

STEPS = 20
"""Steps of every task."""

PRESSED_STYLE = 1
"""The style of a button that was used."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button as it looks; `action` is the part of its id that does not name a job."""

    label: str
    action: str
    style: int
    disabled: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """An attached picture: its pixels, its format, and what is read to those who cannot see it."""

    width: int
    height: int
    format: str
    alt: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as a member sees it, with nothing in it that differs from one Discord to another.

    `handle` is the stage's own name for the message.
    """

    content: str
    rows: tuple[tuple[Button, ...], ...]
    pictures: tuple[Picture, ...]
    private: bool
    thinking: bool
    pings: tuple[str, ...]
    handle: Any = field(compare=False, repr=False)

    @property
    def labels(self) -> list[list[str]]:
        return [[button.label for button in row] for row in self.rows]

    def button(self, label: str) -> Button | None:
        return next((b for row in self.rows for b in row if b.label == label), None)

    def used(self, label: str) -> bool:
        button = self.button(label)
        return button is not None and button.style == PRESSED_STYLE


Fits = Callable[[Seen], bool]


class Stage(Protocol):
    """A Discord with the bot on it. What is returned has come to rest, or fits what was asked."""

    async def imagine(self, who: str, prompt: str) -> Seen:
        """The answer to /imagine."""
        ...

    async def command(self, who: str, name: str, /, **options: Any) -> Seen:
        """The answer to another command; subcommands are written with spaces."""
        ...

    async def press(self, who: str, message: Seen, label: str) -> Seen:
        """The answer to a press, once the bot has stopped thinking."""
        ...

    async def look(self, message: Seen, fits: Fits) -> Seen:
        """The message as it is now, or as soon as it fits."""
        ...

    async def channel(self, who: str) -> list[Seen]:
        """All that somebody sees, oldest first."""
        ...

    async def begins(self) -> None:
        """The worker takes the job that waits."""
        ...

    async def draws(self, step: int) -> None:
        """It reaches this step of STEPS, and shows a preview."""
        ...

    async def finishes(self) -> None:
        """It ends well."""
        ...

    async def fails(self, sentence: str) -> None:
        """It cannot be made, for a reason that another try would not change."""
        ...


def button_rows(components: list[dict[str, Any]]) -> tuple[tuple[Button, ...], ...]:
    """From Discord's own form of a message's components."""
    return tuple(
        tuple(
            Button(
                item.get("label") or (item.get("emoji") or {}).get("name", ""),
                action_of(str(item.get("custom_id", ""))),
                int(item["style"]),
                bool(item.get("disabled")),
            )
            for item in row.get("components", ())
        )
        for row in components
    )


def action_of(custom_id: str) -> str:
    return re.sub(r"\d{17,}", "ID", re.sub(r"[0-9a-f]{20}", "JOB", custom_id))


def picture_of(data: bytes, alt: str | None) -> Picture:
    with Image.open(BytesIO(data)) as image:
        return Picture(image.width, image.height, str(image.format), alt or "")


def named(content: str, names: Mapping[str, str]) -> str:
    """The text with people's names in place of their ids, and without what a clock has in it."""
    content = re.sub(r"<t:\d+:(\w)>", r"<t:\1>", re.sub(r"<#\d+>", "<#here>", content))
    return re.sub(r"<@!?(\d+)>", lambda found: f"<@{names[found[1]]}>", content)
