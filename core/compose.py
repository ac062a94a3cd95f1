"""From a read prompt to a request with every default filled in."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.checks import DRAFT_SCALE, Check
from core.models import Catalogue
from core.prompt import Prompt
from core.rendering import HD, render, strength_of
from core.request import (
    GRID,
    MAX_SEED,
    HouseStyle,
    Lane,
    Request,
    Source,
    Visibility,
    finished_size,
)

__all__ = ["DRAFT_SCALE", "Limits", "compose", "render"]

_NO_STYLES: Mapping[str, HouseStyle] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one job may ask for on this installation."""

    max_megapixels: float = 4.2
    max_waiting_per_member: int = 10


def compose(
    prompt: Prompt,
    catalogue: Catalogue,
    limits: Limits,
    rng: random.Random,
    *,
    model: str | None = None,
    typed: str = "",
    house: HouseStyle | None = None,
    styles: Mapping[str, HouseStyle] = _NO_STYLES,
    picture: bool = False,
) -> Request:
    """Fills in every default. `model` is the slash command's own option; a typed `--model` wins.

    `house` is the server's style, used unless another is asked for, and `styles` are those it saved
    under names. `picture`: there is a picture to start from. Then the request has a source with the
    right strength and an empty blob, which the caller fills in once the picture is stored.

    Raises PromptError listing everything the chosen model or the limits do not allow.
    """
    flags = prompt.flags
    check = Check(prompt, typed)
    chosen = check.model(catalogue, model)
    check.needs(chosen, catalogue)
    check.start(picture)
    draft = "draft" in flags
    width, height = check.size(chosen, draft)
    hires = HD if "hd" in flags else float(flags.get("hires", 1))
    finished = finished_size(width, height, hires, chosen.size_step)
    check.area((width, height), finished, limits.max_megapixels, draft=draft)
    steps = check.steps(chosen, draft)
    style, stylize = check.style(chosen, house, styles)
    loras = check.loras(chosen, catalogue)
    upscaler = check.upscaler(catalogue)
    check.finish()
    aspect: tuple[int, int] = flags.get("ar", (1, 1))
    exact = not {"size", "width", "height"}.isdisjoint(flags)
    if exact:
        common = math.gcd(width, height)
        aspect = (width // common, height // common)
    return Request(
        text=prompt.text,
        parts=prompt.parts,
        avoid=prompt.avoid,
        model=chosen.name,
        width=width,
        height=height,
        aspect=aspect,
        exact_size=exact,
        seed=flags.get("seed", rng.randint(0, MAX_SEED)),
        seed_typed="seed" in flags,
        same_seed="sameseed" in flags,
        count=flags.get("n", GRID),
        steps=steps,
        guidance=float(flags.get("cfg", chosen.guidance)),
        sampler=flags.get("sampler", chosen.sampler),
        quality=flags.get("quality", 1.0),
        draft=draft,
        lane=next((lane for lane in Lane if lane in flags), Lane.FAST),
        visibility=Visibility.STEALTH if "stealth" in flags else Visibility.PUBLIC,
        source=Source("", strength_of(flags)) if picture else None,
        chaos=flags.get("chaos", 0),
        style=style,
        stylize=stylize,
        weird=flags.get("weird", 0),
        exp=flags.get("exp", 0),
        stop=flags.get("stop", 100),
        tile="tile" in flags,
        clip_skip=flags.get("clip-skip", 1) - 1,
        hires=hires,
        loras=loras,
        step=chosen.size_step,
        upscaler=upscaler,
        raw=house is not None and style is None,
    )
