"""Adapters (LoRA): small files of weights that change how a model draws, from `models.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any, Self, cast

from core.errors import SettingsError
from core.sources import PICKLES, check_key

TABLE = "adapters"
"""Its tables in `models.toml`, `[adapters.NAME]`; no model that draws can have this name."""

MOST = 4
"""Adapters of one request."""

LOW, HIGH = -2.0, 2.0
"""What a weight may be."""

_NAME = re.compile(r"[\w.\-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """`source` is a safetensors file, a folder with one, or a Hub id found in the local cache;
    `weight_name` is the file's name in a folder with several. It fits the models of `family`, and
    those named in `models`. `words` are those that it was taught with, `weight` is the one it has
    where nobody says."""

    name: str
    source: str
    weight_name: str | None = None
    revision: str | None = None
    family: str = ""
    models: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    weight: float = 1.0

    @classmethod
    def read(cls, name: str, table: Any) -> Self:
        """Raises SettingsError naming the table and the key."""
        where = f"models.toml: [{TABLE}.{name}]"
        if not isinstance(table, Mapping):
            raise SettingsError(f"models.toml: “{TABLE}.{name}” must be a table: [{TABLE}.{name}].")
        values = dict(cast("Mapping[str, Any]", table))
        for key, value in values.items():
            check_key(where, key, value, _TYPES)
            if isinstance(value, list):
                values[key] = tuple(map(str, cast("list[Any]", value)))
        if not _NAME.fullmatch(name):
            raise SettingsError(
                f"{where}: members type “{name}” behind --lora, so it must be made of letters, "
                "digits, dots, dashes and underscores."
            )
        if not values.get("source"):
            raise SettingsError(
                f"{where} needs a source: a .safetensors file, a folder or a Hub id."
            )
        if not values.get("family") and not values.get("models"):
            raise SettingsError(
                f"{where} needs a family, such as sdxl, or models: the names of those it fits."
            )
        adapter = cls(name=name, **values)
        if not LOW <= adapter.weight <= HIGH:
            raise SettingsError(f"{where} weight must be from {LOW:g} to {HIGH:g}.")
        for path in filter(None, (adapter.source, adapter.weight_name)):
            if path.lower().endswith(PICKLES):
                raise SettingsError(
                    f"{where}: “{path}” is a pickle, which can run code when it is opened; use a "
                    ".safetensors file of the adapter."
                )
        inner = PurePosixPath(adapter.weight_name or "")
        if inner.is_absolute() or ".." in inner.parts:
            raise SettingsError(f"{where} weight_name must be the name of a file in the source.")
        return adapter

    def fits(self, names: Iterable[str], family: str, *, embedded: bool = False) -> bool:
        """Whether a model of one of these names and of this family may use it. The `embedded` one
        is of its family by its parts and not by their size, so that it has to be named."""
        alike = bool(family) and family.lower() == self.family.lower()
        return not set(self.models).isdisjoint(names) or (alike and not embedded)


_TYPES: Mapping[str, tuple[type, ...]] = {
    "source": (str,),
    "weight_name": (str,),
    "revision": (str,),
    "family": (str,),
    "models": (list,),
    "words": (list,),
    "weight": (int, float),
}
assert set(_TYPES) == {field.name for field in fields(Adapter)} - {"name"}


def read_adapters(tables: Any, models: Iterable[str]) -> tuple[Adapter, ...]:
    """From all of `[adapters]`; `models` are the names on offer. Raises SettingsError."""
    if not isinstance(tables, Mapping):
        raise SettingsError(f"models.toml: “{TABLE}” must be tables: [{TABLE}.NAME].")
    known = list(models)
    found: dict[str, Adapter] = {}
    for name, table in cast("Mapping[str, Any]", tables).items():
        adapter = Adapter.read(name, table)
        other = found.setdefault(name.lower(), adapter)
        if other is not adapter:
            raise SettingsError(
                f"models.toml: [{TABLE}.{other.name}] and [{TABLE}.{name}] have one name."
            )
        for model in adapter.models:
            if model not in known:
                near = get_close_matches(model, known, n=1)
                hint = f"did you mean “{near[0]}”?" if near else f"use {', '.join(known)}."
                raise SettingsError(
                    f"models.toml: [{TABLE}.{name}] models names “{model}”, which is not here; "
                    f"{hint}"
                )
    return tuple(found.values())
