"""From a read prompt to a request, and back to the line that would make it again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from core.errors import ModelNotFoundError, Problem, PromptError
from core.flags import SAMPLERS
from core.models import Catalogue, Model
from core.prompt import Prompt
from core.request import GRID, MAX_SEED, Lane, Request, Visibility

DRAFT_SCALE = 0.75
"""A draft's sides, as a share of the model's own size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one job may ask for on this installation."""

    max_megapixels: float = 4.0
    max_waiting_per_member: int = 10


def compose(
    prompt: Prompt,
    catalogue: Catalogue,
    limits: Limits,
    rng: random.Random,
    *,
    model: str | None = None,
    typed: str = "",
) -> Request:
    """Fills in every default. `model` is the slash command's own option; a typed `--model` wins.

    Raises PromptError listing everything the chosen model or the limits do not allow.
    """
    flags = prompt.flags
    try:
        chosen = catalogue.get(flags.get("model") or model or catalogue.default.name)
    except ModelNotFoundError as error:
        raise PromptError((Problem(error.sentence),), typed=typed) from error
    draft = "draft" in flags
    aspect: tuple[int, int] = flags.get("ar", (1, 1))
    width, height = chosen.size(aspect, scale=DRAFT_SCALE if draft else 1.0)
    problems: list[Problem] = []
    mended: str | None = None
    if width * height > limits.max_megapixels * 1e6:
        problems.append(
            Problem(
                f"{width}×{height} is {width * height / 1e6:.1f} megapixels; "
                f"the limit here is {limits.max_megapixels:g}.",
                f"{'Choose' if draft else 'Add --draft or choose'} a smaller model.",
            )
        )
    quality: float = flags.get("quality", 1.0)
    steps = flags.get("steps")
    if steps is None:
        steps = _between(chosen, (chosen.draft_steps if draft else chosen.steps) * quality)
    elif not chosen.min_steps <= steps <= chosen.max_steps:
        nearest = _between(chosen, steps)
        mended = None if problems else _spell(prompt, {**flags, "steps": nearest})
        problems.append(
            Problem(
                f"{chosen.name} takes {chosen.min_steps} to {chosen.max_steps} steps, not {steps}.",
                f"The nearest is --steps {nearest}.",
            )
        )
    if problems:
        raise PromptError(tuple(problems), typed=typed, mended=mended)
    return Request(
        text=prompt.text,
        parts=prompt.parts,
        avoid=prompt.avoid,
        model=chosen.name,
        width=width,
        height=height,
        aspect=aspect,
        seed=flags.get("seed", rng.randint(0, MAX_SEED)),
        seed_typed="seed" in flags,
        same_seed="sameseed" in flags,
        count=flags.get("n", GRID),
        steps=steps,
        guidance=float(flags.get("cfg", chosen.guidance)),
        sampler=flags.get("sampler", chosen.sampler),
        quality=quality,
        draft=draft,
        lane=next((lane for lane in Lane if lane in flags), Lane.FAST),
        visibility=Visibility.STEALTH if "stealth" in flags else Visibility.PUBLIC,
    )


def _between(model: Model, steps: float) -> int:
    return min(max(round(steps), model.min_steps), model.max_steps)


def render(request: Request, model: Model, *, seed: bool = True) -> str:
    """The shortest line that reads as this request: the text and the flags that are not defaults.

    `seed` False leaves out a seed that the member did not type, for showing what was understood.
    """
    words = [request.text]
    if request.avoid:
        words.append(f"--no {', '.join(request.avoid)}")
    if request.aspect != (1, 1):
        words.append(f"--ar {request.aspect[0]}:{request.aspect[1]}")
    if seed or request.seed_typed:
        words.append(f"--seed {request.seed}")
    if request.same_seed:
        words.append("--sameseed")
    if request.count != GRID:
        words.append(f"--n {request.count}")
    if request.draft:
        words.append("--draft")
    if request.quality != 1:
        words.append(f"--quality {request.quality:g}")
    usual = _between(model, (model.draft_steps if request.draft else model.steps) * request.quality)
    if request.steps != usual:
        words.append(f"--steps {request.steps}")
    if request.guidance != model.guidance:
        words.append(f"--cfg {_plain(request.guidance)}")
    if request.sampler is not None and request.sampler != model.sampler:
        words.append(f"--sampler {_friendly(request.sampler)}")
    words.append(f"--model {request.model}")
    if request.lane is not Lane.FAST:
        words.append(f"--{request.lane}")
    if request.visibility is Visibility.STEALTH:
        words.append("--stealth")
    return " ".join(word for word in words if word)


def _spell(prompt: Prompt, flags: dict[str, Any]) -> str:
    """A line that reads as this prompt with these flags."""
    words = [prompt.text]
    if prompt.avoid:
        words.append(f"--no {', '.join(prompt.avoid)}")
    for name, value in flags.items():
        match value:
            case True:
                words.append(f"--{name}")
            case (width, height):
                words.append(f"--{name} {width}:{height}")
            case float():
                words.append(f"--{name} {_plain(value)}")
            case _:
                words.append(f"--{name} {_friendly(value) if name == 'sampler' else value}")
    return " ".join(word for word in words if word)


def _friendly(sampler: str) -> str:
    return next((name for name, exact in SAMPLERS.items() if exact == sampler), sampler)


def _plain(value: float) -> str:
    """A number as the parser reads it back: never in exponent form."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
