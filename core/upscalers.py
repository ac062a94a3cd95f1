"""The models that draw a picture larger before it is refined, where the operator has any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

from core.errors import SettingsError
from core.sources import PICKLES, read_source
from core.values import ValueProblem, name_of_something

TABLE = "upscalers"
"""Its table in `models.toml`; no model that draws can have this name."""

NEED = "upscaler"
"""What a model honours that can refine what an upscaler made."""

WEIGHTS = ".safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upscaler:
    """`source` is a file of weights of the ESRGAN family, or else an upscaling pipeline of
    diffusers: a folder, or a Hub id found in the local cache, of which `revision` is one."""

    name: str
    source: str
    revision: str | None = None

    @property
    def is_file(self) -> bool:
        return self.source.lower().endswith(WEIGHTS)

    @classmethod
    def read(cls, name: str, entry: Any) -> Self:
        """From the text that `sharp = "…"` has, or a table. Raises SettingsError naming the
        key."""
        try:
            name_of_something(name)
        except ValueProblem:
            raise SettingsError(
                f"models.toml: members type “{name}” behind --upscaler, so it must be made of "
                "letters, digits, dots, dashes and underscores."
            ) from None
        if isinstance(entry, str):
            entry = {"source": entry}
        said = f"models.toml: [{TABLE}.{name}]"
        if not isinstance(entry, Mapping):
            raise SettingsError(f"{said} must be a file, a folder or a Hub id, or a table.")
        values = cast("Mapping[str, Any]", entry)
        source, revision = read_source(said, values, "a file, a folder or a Hub id")
        one = cls(name=name, source=source, revision=revision)
        if one.source.lower().endswith(PICKLES):
            raise SettingsError(
                f"{said}: “{one.source}” is a pickle, which can run code when opened; use its "
                f"{WEIGHTS} file, or convert it to one."
            )
        if one.is_file and one.revision is not None:
            raise SettingsError(f"{said}: a file has no revision; leave it out.")
        return one


def read_upscalers(tables: Any) -> tuple[Upscaler, ...]:
    """Of the table, in its order: the first is what the buttons enlarge with. Raises SettingsError
    naming the key."""
    if not isinstance(tables, Mapping):
        raise SettingsError(f"models.toml: “{TABLE}” must be a table: [{TABLE}].")
    named = cast("Mapping[str, Any]", tables)
    found = tuple(Upscaler.read(name, entry) for name, entry in named.items())
    spelt: dict[str, str] = {}
    for one in found:
        if (other := spelt.setdefault(one.name.lower(), one.name)) != one.name:
            raise SettingsError(
                f"models.toml: [{TABLE}] “{other}” and “{one.name}” are the same to members; "
                "call one of them something else."
            )
    return found
