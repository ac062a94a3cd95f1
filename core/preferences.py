"""What one person prefers on every server: saved options, and flags added to each prompt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from core.errors import NotFoundError, RefusedError
from core.sentences import say
from core.words import spelling

MOST_OPTIONS = 50
LONGEST = 1000
"""Characters of one saved option, of a suffix and of a server's flags."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """`options`: what `--name` stands for, by name. `suffix`: flags that count unless others of
    their kind are typed."""

    options: Mapping[str, str] = field(default_factory=dict[str, str])
    suffix: str = ""

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
