"""A model: what it is called, where it lies and what it is good at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from core.adapters import Adapter
from core.row import Flag
from core.speed import CHOICES, Speed

EMBEDDED = "postcard"

LORA = "lora"
"""What a model honours that may use adapters."""

HOUSE_STYLE = "beautiful composition, dramatic light, rich colours, fine detail"
"""The look of a model of which nothing else is said."""

_QUICK = 0.4
"""The most steps of a draft, as a share of the usual ones."""

_LACKING: dict[str, frozenset[str]] = {
    "flux": frozenset({"tile", "clip-skip"}),
    "sd3": frozenset({"tile"}),
}
"""Flags that a family can do nothing with: there are no convolutions to wrap around, no layers to
leave out. Of other families nobody knows before they are loaded."""

_ONLY_FROM_WORDS = frozenset(
    {
        "auraflow",
        "cascade",
        "chroma",
        "cogview3",
        "cogview4",
        "hunyuan",
        "lumina",
        "lumina2",
        "pixart",
        "sana",
        "wuerstchen",
    }
)
"""Families that cannot start from a picture: diffusers has no image-to-image pipeline for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One entry of `models.toml`, or a built-in preset.

    `source` is a folder in the diffusers format or a Hub id found in the local cache. Sides are
    multiples of `size_step` pixels, with the area of a square of `native_size`. `steps` and
    `guidance` are defaults; a member may ask for `min_steps`..`max_steps`. `house_style` is the
    look that --stylize weighs where the server has none of its own. `honours` names what the model
    can do that not every model can, as rows of the flag table need it, and `adapters` are those
    that it may use. `inpainting` names the model that paints parts of this one's pictures, and
    `paints` marks such a model, which draws nothing from words.
    """

    name: str
    source: str
    title: str = ""
    family: str = ""
    revision: str | None = None
    variant: str | None = None
    native_size: int = 1024
    size_step: int = 8
    steps: int = 30
    min_steps: int = 1
    max_steps: int = 150
    draft_steps: int = 8
    guidance: float = 6.0
    sampler: str | None = None
    inpainting: str | None = None
    paints: bool = False
    aliases: tuple[str, ...] = ()
    house_style: str = HOUSE_STYLE
    honours: tuple[str, ...] = ()
    adapters: tuple[Adapter, ...] = ()
    memory: str | None = None
    compile: str | None = None
    attention: str | None = None
    quantize: str | None = None
    fuse: str | None = None
    feature_cache: str | None = None

    def speed(self, usual: Speed) -> Speed:
        """How it is held and computed where `usual` is the operator's choice for all."""
        own = {name: value for name in CHOICES if (value := getattr(self, name)) is not None}
        return usual.over(own)

    def adapter(self, name: str) -> Adapter | None:
        """That it may use, by its name in any case."""
        return next((one for one in self.adapters if one.name.lower() == name.lower()), None)

    def with_adapters(self, adapters: Iterable[Adapter], beside: Iterable[str] = ()) -> Self:
        """The same, with those among them that fit it, or models with the names `beside`."""
        names, embedded = (self.name, *beside), self.source == EMBEDDED
        found = tuple(one for one in adapters if one.fits(names, self.family, embedded=embedded))
        honours = (*self.honours, LORA) if found and LORA not in self.honours else self.honours
        return replace(self, adapters=found, honours=honours)

    @property
    def starts_from_pictures(self) -> bool:
        """Whether it can, as far as that is known before it is loaded."""
        return self.family.split("-")[0].lower() not in _ONLY_FROM_WORDS

    @property
    def shortest_side(self) -> int:
        """Pixels; under an eighth of its own side a model draws nothing to be seen."""
        return max(1, round(self.native_size / 8 / self.size_step)) * self.size_step

    @property
    def most_quick_steps(self) -> int:
        """The most steps of a draft that costs under a quarter, together with its smaller sides;
        where even the fewest cost more, those."""
        return max(self.min_steps, int(self.steps * _QUICK))

    @property
    def quick_steps(self) -> int:
        """Steps of a draft: `draft_steps`, or fewer where those would cost more than it may."""
        return min(self.draft_steps, self.most_quick_steps)

    def can(self, flag: Flag) -> bool:
        """Whether the flag means anything to it, as far as that is known before it is loaded."""
        lacking = _LACKING.get(self.family, frozenset[str]())
        return flag.name not in lacking and (not flag.needs or flag.needs in self.honours)

    def size(self, aspect: tuple[int, int], *, scale: float = 1.0) -> tuple[int, int]:
        """The width and height nearest to `aspect` with the native area, in whole size steps.

        Both sides are within one step of the exact ones; among those sizes the truest ratio wins.
        `scale` shrinks both sides, for drafts.
        """
        ratio = aspect[0] / aspect[1]
        side = self.native_size * scale
        width, height = side * ratio**0.5, side / ratio**0.5
        step = self.size_step

        def around(length: float) -> set[int]:
            floor = int(length // step) * step
            return {floor, floor + step} if floor else {step}

        def miss(size: tuple[int, int]) -> tuple[float, float]:
            w, h = size
            return (round(abs(w - h * ratio) / step, 3), abs(w - width) + abs(h - height))

        return min(((w, h) for w in around(width) for h in around(height)), key=miss)
