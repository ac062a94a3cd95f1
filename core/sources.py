"""Where a model lies, as a table of `models.toml` says that has no more than that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import SettingsError

PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl")
"""Endings of files that can run code when they are opened."""


def read_source(
    where: str, table: Mapping[str, Any], kinds: str = "a folder or a Hub id"
) -> tuple[str, str | None]:
    """Its source and revision. `where` is what the table is called in sentences, and `kinds` what a
    source may be. Raises SettingsError naming the key."""
    for key, value in table.items():
        if key not in ("source", "revision"):
            raise SettingsError(
                f"{where} has an unknown key “{key}”; it takes source and revision."
            )
        if not isinstance(value, str):
            raise SettingsError(f"{where} {key} must be of type str.")
    source, revision = table.get("source"), table.get("revision")
    if not source:
        raise SettingsError(f"{where} needs a source: {kinds}.")
    if revision == "":
        raise SettingsError(f"{where} revision is empty; leave it out.")
    return source, revision
