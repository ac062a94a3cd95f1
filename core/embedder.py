"""The model that turns pictures into vectors, for “more like this”, where the operator has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Self, cast

from core.errors import SettingsError
from core.sources import read_source

TABLE = "likeness"
"""Its table in `models.toml`; no model that draws can have this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedder:
    """`source` is a folder that transformers saved, or a Hub id found in the local cache."""

    source: str
    revision: str | None = None

    @property
    def kind(self) -> str:
        """A short name of the space that its vectors lie in: another for another model."""
        named = f"{self.source}@{self.revision or ''}".encode()
        return "model-" + blake2b(named, digest_size=8).hexdigest()

    @classmethod
    def read(cls, table: Any) -> Self:
        """From the text that `likeness = "…"` has, or a table. Raises SettingsError naming the
        key."""
        if isinstance(table, str):
            table = {"source": table}
        if not isinstance(table, Mapping):
            raise SettingsError(
                f"models.toml: “{TABLE}” must be a folder or a Hub id, or a table: [{TABLE}]."
            )
        values = cast("Mapping[str, Any]", table)
        source, revision = read_source(f"models.toml: [{TABLE}]", values)
        return cls(source=source, revision=revision)
