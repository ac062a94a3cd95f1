"""The models a server offers, and how an operator says which they are."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import Any, Self, cast

from core.adapters import TABLE as ADAPTERS
from core.adapters import Adapter, read_adapters
from core.captioner import TABLE as CAPTION
from core.captioner import Captioner
from core.embedder import TABLE as LIKENESS
from core.embedder import Embedder
from core.errors import ModelNotFoundError, SettingsError
from core.model import EMBEDDED, HOUSE_STYLE, LORA, Model
from core.samplers import read_sampler
from core.sentences import say
from core.sources import check_key
from core.speed import CHOICES
from core.upscalers import NEED, Upscaler, read_upscalers
from core.upscalers import TABLE as UPSCALERS

__all__ = ["EMBEDDED", "HOUSE_STYLE", "LORA", "PRESETS", "Catalogue", "Model"]

PRESETS = (
    Model(
        name=EMBEDDED,
        source=EMBEDDED,
        title="Postcard, the small model in the box",
        family="sd",
        native_size=128,
        size_step=8,
        steps=24,
        max_steps=60,
        draft_steps=8,
        guidance=4.0,
        house_style="watercolor painting, lovely colours",
    ),
    Model(
        name="sd15",
        source="stable-diffusion-v1-5/stable-diffusion-v1-5",
        title="Stable Diffusion 1.5",
        family="sd",
        variant="fp16",
        native_size=512,
        guidance=7.5,
    ),
    Model(
        name="sdxl",
        source="stabilityai/stable-diffusion-xl-base-1.0",
        title="Stable Diffusion XL",
        family="sdxl",
        variant="fp16",
        native_size=1024,
        guidance=6.0,
    ),
    Model(
        name="flux",
        source="black-forest-labs/FLUX.1-schnell",
        title="FLUX.1 schnell",
        family="flux",
        native_size=1024,
        size_step=16,
        steps=4,
        max_steps=50,
        draft_steps=2,
        # Distilled: it was taught the guided answer, and takes no guidance.
        guidance=0.0,
    ),
)


class Catalogue:
    """The models on offer, found by name or alias; the first is the default unless named."""

    def __init__(self, models: tuple[Model, ...], default: str = EMBEDDED) -> None:
        self._by_name = {model.name: model for model in models}
        self._by_alias = {
            alias.lower(): model for model in models for alias in (model.name, *model.aliases)
        }
        self.default = self.get(default)
        self.captioner: Captioner | None = None
        """What says what a picture shows, where there is such a model."""
        self.embedder: Embedder | None = None
        """What turns pictures into vectors, where there is such a model."""
        self.adapters: tuple[Adapter, ...] = ()
        """All that there are, also those that fit no model."""
        self.upscalers: tuple[Upscaler, ...] = ()
        """What draws pictures larger; the first is what the buttons take."""

    def __iter__(self) -> Iterator[Model]:
        return iter(self._by_name.values())

    @property
    def offered(self) -> tuple[Model, ...]:
        """Those that draw from words."""
        return tuple(model for model in self if not model.paints)

    def painter_of(self, model: Model) -> Model | None:
        """The one that paints parts of its pictures, where that is another."""
        return self.find(model.inpainting) if model.inpainting is not None else None

    def painted_by(self, painter: Model) -> tuple[Model, ...]:
        """Those whose pictures it paints parts of."""
        return tuple(model for model in self if self.painter_of(model) is painter)

    def choose(self, name: str) -> Model:
        """One to draw from words. Raises ModelNotFoundError as `get` does, and for one that only
        paints."""
        model = self.get(name)
        if model.paints:
            raise ModelNotFoundError(
                say(
                    "The model “{name}” paints parts of pictures and draws none from words; "
                    "use {models}.",
                    name=model.name,
                    models=", ".join(one.name for one in self.painted_by(model)),
                )
            )
        return model

    def get(self, name: str) -> Model:
        """Raises ModelNotFoundError with the nearest name, or all of them."""
        model = self.find(name)
        if model is None:
            spellings = [one for one, model in self._by_alias.items() if not model.paints]
            near = get_close_matches(name.lower(), spellings, n=1)
            names = ", ".join(sorted(one.name for one in self.offered))
            raise ModelNotFoundError(
                say(
                    "There is no model called “{name}” here. Did you mean {model}?",
                    name=name,
                    model=near[0],
                )
                if near
                else say(
                    "There is no model called “{name}” here. Use {models}.", name=name, models=names
                )
            )
        return model

    def find(self, name: str) -> Model | None:
        return self._by_alias.get(name.lower())

    def upscaler(self, name: str) -> Upscaler | None:
        """The one that members call so."""
        return next((one for one in self.upscalers if one.name.lower() == name.lower()), None)

    def like(self, name: str) -> tuple[str, ...]:
        """The name itself, and the spellings that begin with it, the last one first."""
        return (
            name,
            *sorted((one for one in self._by_alias if one.startswith(name)), reverse=True),
        )

    @classmethod
    def parse(cls, toml: str, default: str | None = None) -> Self:
        """Reads `models.toml` over the presets.

        A `[name]` table with the name of a preset changes it; any other adds a model and needs a
        `source`. With `default` None the first table of a model that draws from words is the
        default, or the embedded model when there is none. A `default` with a slash in it is a
        folder or a Hub id: it becomes a model named after its last part. `[caption]` describes
        pictures, `likeness` finds those that are alike, `[upscalers]` draw them larger, and
        `[adapters]` change how models draw. Raises SettingsError naming the table and the key.
        """
        try:
            tables = tomllib.loads(toml)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"models.toml is not valid TOML: {error}.") from error
        captions = tables.pop(CAPTION, None)
        captioner = Captioner.read(captions) if captions is not None else None
        likeness = tables.pop(LIKENESS, None)
        embedder = Embedder.read(likeness) if likeness is not None else None
        upscalers = read_upscalers(tables.pop(UPSCALERS, {}))
        lora: Any = tables.pop(ADAPTERS, {})
        presets = {model.name: model for model in PRESETS}
        offered = {EMBEDDED: presets[EMBEDDED]}
        for name, table in tables.items():
            offered[name] = _entry(name, table, presets.get(name))
        _name_painters(offered, tables)
        first = next((name for name in tables if not offered[name].paints), EMBEDDED)
        wanted = default or first
        if wanted not in offered and wanted in presets:
            offered[wanted] = presets[wanted]
        if wanted not in offered and "/" in wanted:
            model = _of_source(wanted)
            if model.name in offered:
                raise SettingsError(
                    f"EASEL_MODEL: there is a model called “{model.name}” already; give "
                    f"{wanted} another name in models.toml."
                )
            offered[model.name] = model
            wanted = model.name
        spelt: dict[str, str] = {}
        for model in offered.values():
            for spelling in {alias.lower() for alias in (model.name, *model.aliases)}:
                if spelling in spelt:
                    both = f"[{spelt[spelling]}] and [{model.name}]"
                    raise SettingsError(f"models.toml: {both} are both called “{spelling}”.")
                spelt[spelling] = model.name
        if upscalers:
            offered = {name: _refining(model) for name, model in offered.items()}
        adapters = read_adapters(lora, offered)
        offered = {name: _adapted(one, offered, adapters) for name, one in offered.items()}
        try:
            catalogue = cls(tuple(offered.values()), wanted)
        except ModelNotFoundError as error:
            raise SettingsError(f"EASEL_MODEL: {error.sentence}") from error
        if catalogue.default.paints:
            raise SettingsError(
                f"EASEL_MODEL: [{catalogue.default.name}] paints parts of pictures and draws none "
                "from words; name the model it paints for."
            )
        catalogue.captioner = captioner
        catalogue.embedder = embedder
        catalogue.upscalers = upscalers
        catalogue.adapters = adapters
        return catalogue


_NAME = re.compile(r"\w(?:[\w.\-]{0,62}\w)?")
_TYPES: dict[str, tuple[type, ...]] = {
    "source": (str,),
    "title": (str,),
    "family": (str,),
    "revision": (str,),
    "variant": (str,),
    "native_size": (int,),
    "size_step": (int,),
    "steps": (int,),
    "min_steps": (int,),
    "max_steps": (int,),
    "draft_steps": (int,),
    "guidance": (int, float),
    "sampler": (str,),
    "inpainting": (str,),
    "aliases": (list,),
    "house_style": (str,),
    **dict.fromkeys(CHOICES, (str,)),
}
assert set(_TYPES) == {field.name for field in fields(Model)} - {
    "name",
    "honours",
    "paints",
    "adapters",
}

_SHAPE = ("family", "native_size", "size_step")
"""What a model that paints for another is taken to have in common with it."""


def _refining(model: Model) -> Model:
    """The model where there are upscalers: it goes on from what they make, if it can."""
    if model.paints or not model.starts_from_pictures:
        return model
    return replace(model, honours=(*model.honours, NEED))


def _of_source(source: str) -> Model:
    """A model with nothing known of it but where it lies."""
    last = source.rstrip("/").rpartition("/")[2]
    name = re.sub(r"[^\w.\-]+", "-", last).strip(".-_").lower()[:64] or "model"
    return Model(name=name, source=source, title=last)


def _entry(name: str, table: Any, preset: Model | None) -> Model:
    if not isinstance(table, Mapping):
        raise SettingsError(f"models.toml: “{name}” must be a table: [{name}].")
    values: dict[str, Any] = {}
    if preset is not None:
        values = {field.name: getattr(preset, field.name) for field in fields(Model)}
        del values["name"]
    typed: Mapping[str, Any] = cast("Mapping[str, Any]", table)
    for key, value in typed.items():
        check_key(f"models.toml: [{name}]", key, value, _TYPES)
        if key in CHOICES and value not in CHOICES[key]:
            raise SettingsError(
                f"models.toml: [{name}] {key} must be one of {', '.join(CHOICES[key])}."
            )
        values[key] = tuple(map(str, value)) if key == "aliases" else value
    if "source" not in values:
        raise SettingsError(f"models.toml: [{name}] needs a source: a folder or a Hub id.")
    if values.get("sampler"):
        values["sampler"] = read_sampler(values["sampler"]) or values["sampler"]
    model = Model(**values, name=name)
    for spelling in (name, *model.aliases):
        if not _NAME.fullmatch(spelling):
            raise SettingsError(
                f"models.toml: members type “{spelling}” behind --model, so it must be made of "
                "letters, digits, dots, dashes and underscores."
            )
    for key in ("native_size", "size_step", "min_steps", "draft_steps"):
        if getattr(model, key) < 1:
            raise SettingsError(f"models.toml: [{name}] {key} must be above zero.")
    if not model.min_steps <= model.steps <= model.max_steps:
        raise SettingsError(
            f"models.toml: [{name}] steps must be from min_steps to max_steps, "
            f"{model.min_steps} to {model.max_steps}."
        )
    return model


def _adapted(model: Model, models: Mapping[str, Model], adapters: tuple[Adapter, ...]) -> Model:
    """What fits a model fits the one that paints parts of its pictures."""
    painted = [one.name for one in models.values() if one.inpainting == model.name]
    return model.with_adapters(adapters, beside=painted)


def _name_painters(models: dict[str, Model], tables: Mapping[str, Any]) -> None:
    """Marks those that paint for others, and gives them the shape of the first of these, where
    their own tables say none. Raises SettingsError."""
    sources = {model.source for model in PRESETS}
    for model in [one for one in models.values() if one.inpainting is not None]:
        said, name = f"models.toml: [{model.name}] inpainting names", model.inpainting or ""
        other = models.get(name)
        if other is None:
            near = get_close_matches(name, models.keys() - {model.name, EMBEDDED}, n=1)
            hint = f"did you mean “{near[0]}”?" if near else "add it, with its source."
            raise SettingsError(f"{said} “{name}”, and there is no table [{name}]; {hint}")
        if other.source in sources or other.inpainting is not None:
            raise SettingsError(
                f"{said} “{name}”, which draws from words; name the table of an inpainting model."
            )
        if not other.paints:
            usual = {key: getattr(model, key) for key in _SHAPE if key not in tables[name]}
            other = models[name] = replace(other, paints=True, **usual)
        if model.size_step % other.size_step:
            both = math.lcm(model.size_step, other.size_step)
            raise SettingsError(
                f"models.toml: [{model.name}] draws in steps of {model.size_step} pixels and "
                f"[{name}], which paints for it, in steps of {other.size_step}; give "
                f"[{model.name}] size_step = {both}."
            )
