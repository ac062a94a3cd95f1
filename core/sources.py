"""What tables of `models.toml` have in common: keys of known types, and where a model lies."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from core.errors import SettingsError

PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl")
"""Endings of files that can run code when they are opened."""


def check_key(
    where: str, key: str, value: object, types: Mapping[str, tuple[type[Any], ...]]
) -> None:
    """Raises SettingsError for a key that is not among `types`, with the nearest, and for a value
    of none of its types. `where` is what the table is called in sentences."""
    if key not in types:
        near = get_close_matches(key, types, n=1)
        hint = f"; did you mean “{near[0]}”?" if near else "."
        raise SettingsError(f"{where} has an unknown key “{key}”{hint}")
    if not isinstance(value, types[key]) or isinstance(value, bool):
        kind = " or ".join(kind.__name__ for kind in types[key])
        raise SettingsError(f"{where} {key} must be of type {kind}.")


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
