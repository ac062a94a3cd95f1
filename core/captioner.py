"""The model that says what a picture shows, where the operator has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

from core.errors import SettingsError
from core.sources import read_source

TABLE = "caption"
"""Its table in `models.toml`; no model that draws can have this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captioner:
    """`source` is a folder that transformers saved, or a Hub id found in the local cache."""

    source: str
    revision: str | None = None

    @classmethod
    def read(cls, table: Any) -> Self:
        """Raises SettingsError naming the key."""
        if not isinstance(table, Mapping):
            raise SettingsError(f"models.toml: “{TABLE}” must be a table: [{TABLE}].")
        values = cast("Mapping[str, Any]", table)
        source, revision = read_source(f"models.toml: [{TABLE}]", values)
        return cls(source=source, revision=revision)
