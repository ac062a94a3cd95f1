"""The model that says what a picture shows, where the operator has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

from core.errors import SettingsError

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
        for key, value in values.items():
            if key not in ("source", "revision"):
                raise SettingsError(
                    f"models.toml: [{TABLE}] has an unknown key “{key}”; it takes source and "
                    "revision."
                )
            if not isinstance(value, str) or not value:
                raise SettingsError(f"models.toml: [{TABLE}] {key} must be of type str.")
        if "source" not in values:
            raise SettingsError(f"models.toml: [{TABLE}] needs a source: a folder or a Hub id.")
        return cls(source=values["source"], revision=values.get("revision"))
