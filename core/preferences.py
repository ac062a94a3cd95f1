"""What one person prefers on every server: settings, saved options, flags added to each prompt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from core.edits import VARY_STRONG, VARY_SUBTLE
from core.errors import NotFoundError, RefusedError
from core.request import Lane, Visibility
from core.sentences import say
from core.words import spelling
from core.works import Showing

MOST_OPTIONS = 50
LONGEST = 1000
"""Characters of one saved option, of a suffix and of a server's flags."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


class Variability(StrEnum):
    """How far V goes from a picture."""

    HIGH = "high"
    LOW = "low"

    @property
    def strength(self) -> float:
        """As image-to-image strength."""
        return VARY_STRONG if self is Variability.HIGH else VARY_SUBTLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """`options`: what `--name` stands for, by name. `suffix`: flags that count unless others of
    their kind are typed, and before them count `model`, `stylize`, `lane` and `visibility`, each
    None where the usual one is wanted. `remix`: buttons ask for the prompt first. `auto_dm`: what
    is finished comes as a direct message as well. `showcased`: others may bring what is public into
    the showcases of its server: likes do, and moderators. `showing`: who may see their pictures in
    the gallery, None where it is as the server says.
    """

    options: Mapping[str, str] = field(default_factory=dict[str, str])
    suffix: str = ""
    model: str | None = None
    stylize: int | None = None
    variability: Variability = Variability.HIGH
    lane: Lane | None = None
    visibility: Visibility | None = None
    remix: bool = False
    auto_dm: bool = False
    showcased: bool = True
    showing: Showing | None = None

    @property
    def flags(self) -> dict[str, Any]:
        """What the settings come to as flags."""
        named = {"model": self.model, "stylize": self.stylize}
        flags: dict[str, Any] = {name: v for name, v in named.items() if v is not None}
        switched = (self.lane, self.visibility)
        return flags | {choice.value: True for choice in switched if choice is not None}

    def without_settings(self) -> Self:
        """With the usual settings and no suffix; the saved options stay, and nothing is shown to
        more people than before."""
        return type(self)(options=self.options, showing=self.showing)

    def settings_to_json(self) -> dict[str, Any]:
        """Plain values; only what is not the usual."""
        usual = type(self)()
        found = {name: getattr(self, name) for name in _SETTINGS}
        return {name: v for name, v in found.items() if v != getattr(usual, name)}

    @classmethod
    def from_json(cls, options: Mapping[str, str], suffix: str, settings: dict[str, Any]) -> Self:
        """The inverse; of settings that are of a newer Easel, nothing is made."""
        known = {name: v for name, v in settings.items() if name in _SETTINGS}
        for name, kind in (
            ("variability", Variability),
            ("lane", Lane),
            ("visibility", Visibility),
            ("showing", Showing),
        ):
            if name in known:
                known[name] = kind(known[name])
        return cls(options=options, suffix=suffix, **known)

    def with_option(self, name: str, value: str) -> Self:
        """Raises RefusedError."""
        options = {**self.options, name: value}
        if len(options) > MOST_OPTIONS:
            raise RefusedError(
                say("You have {count} saved options already; delete one first.", count=MOST_OPTIONS)
            )
        return replace(self, options=dict(sorted(options.items())))

    def without_option(self, name: str) -> Self:
        """Raises NotFoundError."""
        if name not in self.options:
            raise NotFoundError(say("You have no saved option “{name}”.", name=name))
        return replace(self, options={n: v for n, v in self.options.items() if n != name})

    def with_suffix(self, suffix: str) -> Self:
        return replace(self, suffix=suffix)


_SETTINGS = (
    "model",
    "stylize",
    "variability",
    "lane",
    "visibility",
    "remix",
    "auto_dm",
    "showcased",
    "showing",
)


def option_name(typed: str) -> str:
    """The name as it is kept. Raises RefusedError for one that no option can have."""
    name = typed.strip().lstrip("-–—").lower()
    if not _NAME.fullmatch(name):
        raise RefusedError(
            say(
                "“{name}” cannot be the name of an option: it has 1 to 32 letters a to z, digits "
                "and hyphens, and begins with a letter.",
                name=name[:40],
            )
        )
    if spelling(name) is not None:
        raise RefusedError(
            say("--{name} is a flag of Easel; choose another name for your option.", name=name)
        )
    return name
