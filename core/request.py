"""A request: what to make, as an immutable value with every default filled in."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from core.edits import PAINTED_WITH_HEAD, VARY_STRONG, Edit, Op

MAX_SEED = 2**32 - 1
GRID = 4
"""Pictures in a grid, unless the member asks for another number."""
HIRES_STRENGTH = 0.5
"""Image-to-image strength of a second, larger stage (0..1)."""


def finished_size(width: int, height: int, hires: float, step: int) -> tuple[int, int]:
    """Width and height after a second stage at `hires` times the side, in whole steps of the model,
    all in pixels."""
    if hires <= 1:
        return width, height
    return round(width * hires / step) * step, round(height * hires / step) * step


class Kind(StrEnum):
    IMAGINE = "imagine"
    VARIATION = "variation"
    UPSCALE = "upscale"
    REROLL = "reroll"
    ENLARGE = "enlarge"
    REGION = "region"
    ZOOM = "zoom"
    PAN = "pan"
    SQUARE = "square"
    ENHANCE = "enhance"


_PICKED = frozenset({Kind.UPSCALE, Kind.ENLARGE, Kind.ENHANCE})


class Lane(StrEnum):
    """Which line of the queue: turbo goes a little ahead of its turn, relax waits for the rest."""

    TURBO = "turbo"
    FAST = "fast"
    RELAX = "relax"


class Visibility(StrEnum):
    PUBLIC = "public"
    STEALTH = "stealth"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the prompt and its weight; `a cat::2` is Part("a cat", 2.0)."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Lora:
    """An adapter by its name, and its weight, -2..2."""

    name: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Source:
    """The picture an image-to-image request starts from.

    `blob` is the key of the stored file; `strength` in 0..1 is how far to move from it.
    """

    blob: str
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseStyle:
    """A look that a server saved: words, a stored picture, or both. `name` is what it is called,
    "" for the one that is used unless another is asked for."""

    text: str = ""
    blob: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to make.

    `text` is the prompt without its flags, as typed. `parts` is the same, split at `::`; parts with
    a negative weight and everything after `--no` steer away. Width and height are in pixels, before
    `hires`; after it they are multiples of `step`. `sampler` is a sampler's name in
    `core.samplers`, a diffusers scheduler class name, or None for the model's own. `seed_typed`
    says whether the member chose the seed, and so wants to see it; the pictures are the same.
    `remixed`: the words are others than those of the picture it was derived from.
    `exact_size`: the size was asked for, not the ratio. `raw`: the server had a style of its own
    and the member none of it, which the line that is shown has to say.

    `chaos` (0..100) moves a grid's pictures apart. `style` is the look, None where there is none or
    it was not wanted, and `stylize` (0..1000) its weight. `weird` (0..3000) leads away from the
    ordinary. `exp` (0..100) is for more detail and contrast. `stop` (10..100) is the share of the
    schedule after which to stop, in percent. `tile`: the edges fit each other. `clip_skip` (0..)
    counts the last layers of the text encoder that are left out. `hires` is the side of the
    finished picture in sides of a first, smaller one; 1 for a single stage. `upscaler` is what
    pictures are to be enlarged with between the stages, and under a button; "" where nothing was
    asked for. `edit` is what is done to the picture of `source`, None where it is only started
    from. `loras` are the adapters of the model, each once.
    """

    text: str
    parts: tuple[Part, ...]
    model: str
    width: int
    height: int
    seed: int
    steps: int
    guidance: float
    kind: Kind = Kind.IMAGINE
    avoid: tuple[str, ...] = ()
    aspect: tuple[int, int] = (1, 1)
    same_seed: bool = False
    count: int = GRID
    sampler: str | None = None
    quality: float = 1.0
    draft: bool = False
    lane: Lane = Lane.FAST
    visibility: Visibility = Visibility.PUBLIC
    source: Source | None = None
    exact_size: bool = False
    chaos: int = 0
    style: HouseStyle | None = None
    stylize: int = 0
    weird: int = 0
    exp: int = 0
    stop: int = 100
    tile: bool = False
    clip_skip: int = 0
    hires: float = 1.0
    step: int = 8
    upscaler: str = ""
    edit: Edit | None = None
    loras: tuple[Lora, ...] = ()
    seed_typed: bool = field(default=False, compare=False)
    raw: bool = field(default=False, compare=False)
    remixed: bool = field(default=False, compare=False)

    def variation(self, blob: str, seed: int, *, strength: float = VARY_STRONG) -> Self:
        """A new grid that starts from one finished picture."""
        return replace(
            self,
            kind=Kind.VARIATION,
            source=Source(blob, strength),
            seed=seed,
            seed_typed=False,
            same_seed=False,
            edit=None,
            count=self.grid_count,
        )

    def upscale(self, blob: str, index: int) -> Self:
        """One picture of a grid on its own: the stored file, with the seed that made it."""
        return replace(
            self,
            kind=Kind.UPSCALE,
            source=Source(blob, 0.0),
            seed=self.image_seed(index),
            seed_typed=False,
            same_seed=True,
            count=1,
            edit=None,
        )

    def reroll(self, seed: int) -> Self:
        """The same once more from another seed. A re-rolled variation stays a variation."""
        kind = Kind.REROLL if self.kind in (Kind.IMAGINE, Kind.REROLL) else self.kind
        return replace(self, kind=kind, seed=seed, seed_typed=False)

    @property
    def grid_count(self) -> int:
        """Pictures of a grid that is derived from it. Some requests are for one picture because
        it was picked, and not because one was asked for."""
        return GRID if self.kind in _PICKED else self.count

    def image_seed(self, index: int) -> int:
        """The seed of picture `index` (from 0), so that it can be made again alone.

        The first picture has the request's own seed. The others are hashed from (seed, index), not
        counted up from it, so that grids of neighbouring seeds share no picture.
        """
        if index == 0 or self.same_seed:
            return self.seed
        digest = hashlib.sha256(f"{self.seed}:{index}".encode()).digest()
        return int.from_bytes(digest[:4], "big")

    @property
    def stages(self) -> tuple[Self, ...]:
        """A request for each time that the pictures are denoised: this one, or with `hires` a small
        one and then a large one, which starts from what the small one made."""
        if self.hires <= 1 or self.kind is Kind.UPSCALE:
            return (self,)
        width, height = self.size
        large = replace(
            self, hires=1.0, width=width, height=height, source=Source("", HIRES_STRENGTH)
        )
        return (replace(self, hires=1.0), large)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the finished picture, in pixels."""
        return finished_size(self.width, self.height, self.hires, self.step)

    @property
    def drawn(self) -> Self:
        """What is asked of the model that makes it: this, unless an inpainting model paints."""
        painter = self.edit.painter if self.edit is not None else None
        if self.edit is None or painter is None or self.source is None:
            return self
        return replace(
            self,
            model=painter.model,
            steps=painter.steps,
            guidance=painter.guidance,
            sampler=painter.sampler,
            source=replace(self.source, strength=PAINTED_WITH_HEAD),
            edit=replace(self.edit, painter=None),
        )

    @property
    def made_by(self) -> str:
        """The name of the model that makes it."""
        return self.drawn.model

    @property
    def enlarger(self) -> str:
        """The upscaler that its pictures go through, "" for none."""
        if self.edit is not None:
            return self.edit.upscaler if self.edit.op is Op.ENLARGE else ""
        return self.upscaler if self.hires > 1 else ""

    @property
    def schedule_steps(self) -> int:
        """Steps of the (first) stage, were it not stopped: image-to-image skips the first
        (1 - strength) of the schedule, but never all of it unless nothing is to change."""
        drawn = self.drawn
        if drawn.source is None:
            return drawn.steps
        if drawn.source.strength <= 0:
            return 0
        return max(1, min(drawn.steps, int(drawn.steps * drawn.source.strength)))

    @property
    def denoising_steps(self) -> int:
        """Steps really run for one picture; each stage ends at the share of it that `stop` is."""
        return sum(-(-one.schedule_steps * one.stop // 100) for one in self.stages)

    @property
    def work(self) -> float:
        """Megapixel-steps, the unit that GPU time is estimated in."""
        passes = self.edit.passes if self.edit is not None else 1.0
        return passes * sum(
            self.count * one.denoising_steps * one.width * one.height / 1e6 for one in self.stages
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values only, for the database, the worker and the picture's own record."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of `to_json`; raises KeyError, TypeError or ValueError on a record that
        it cannot read."""
        width, height = values["aspect"]
        source, style, edit = values.get("source"), values.get("style"), values.get("edit")
        read: dict[str, Any] = {
            **values,
            "parts": tuple(Part(**part) for part in values["parts"]),
            "avoid": tuple(values.get("avoid", ())),
            "loras": tuple(Lora(**lora) for lora in values.get("loras", ())),
            "aspect": (int(width), int(height)),
            "kind": Kind(values["kind"]),
            "lane": Lane(values["lane"]),
            "visibility": Visibility(values["visibility"]),
            "source": Source(**source) if source else None,
            "style": HouseStyle(**style) if style else None,
            "edit": Edit.from_json(edit) if edit else None,
        }
        return cls(**read)
