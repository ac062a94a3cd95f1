"""From a request back to the line that would make it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.flags import BY_SPELLING
from core.models import Model
from core.permutations import escaped
from core.prompt import Prompt
from core.request import GRID, HouseStyle, Kind, Lane, Lora, Request, Visibility
from core.values import WeightedName

STYLIZE = 100
"""How much a server's style weighs where nobody says."""

HD = 2.0
"""What --hd is as --hires."""


def render(
    request: Request, model: Model, *, seed: bool = True, house: HouseStyle | None = None
) -> str:
    """The shortest line that reads as this request: the text and the flags that are not defaults.

    `seed` False leaves out a seed that the member did not type, for showing what was understood.
    `house` is the server's style, as it was given to `compose`.
    """
    return spell(_understood(request, model, seed=seed, house=house))


def plainly(request: Request) -> Prompt:
    """The same where the model is not at hand, whose steps and guidance are the usual ones: without
    those two, and without a seed that was not typed."""
    prompt = _understood(request, Model(name=request.model, source=""), seed=False)
    flags = {name: value for name, value in prompt.flags.items() if name not in ("steps", "cfg")}
    return Prompt(prompt.text, prompt.parts, prompt.avoid, flags)


def _understood(
    request: Request, model: Model, *, seed: bool, house: HouseStyle | None = None
) -> Prompt:
    flags: dict[str, Any] = {}
    if request.exact_size:
        flags["size"] = (request.width, request.height)
    elif request.aspect != (1, 1):
        flags["ar"] = request.aspect
    if request.hires == HD:
        flags["hd"] = True
    elif request.hires != 1:
        flags["hires"] = request.hires
    flags |= _unless("", upscaler=request.upscaler)
    flags |= _switches(tile=request.tile)
    if seed or request.seed_typed:
        flags["seed"] = request.seed
    flags |= _switches(sameseed=request.same_seed)
    flags |= _unless(GRID, n=request.count)
    flags |= _unless(0, chaos=request.chaos, weird=request.weird)
    flags |= _look(request, house)
    flags |= _unless(0, exp=request.exp)
    flags |= _switches(draft=request.draft)
    flags |= _unless(1, quality=request.quality)
    flags |= _unless(usual_steps(model, request.draft, request.quality), steps=request.steps)
    flags |= _unless(100, stop=request.stop)
    flags |= _unless(model.guidance, cfg=request.guidance)
    if request.sampler is not None and request.sampler != model.sampler:
        flags["sampler"] = request.sampler
    if request.clip_skip:
        flags["clip-skip"] = request.clip_skip + 1
    if request.loras:
        flags["lora"] = tuple(_lora(one, model) for one in request.loras)
    if request.source is not None and request.kind in (Kind.IMAGINE, Kind.REROLL):
        flags |= _unless(strength_of({}), strength=request.source.strength)
    flags["model"] = request.model
    if request.lane is not Lane.FAST:
        flags[request.lane] = True
    flags |= _switches(stealth=request.visibility is Visibility.STEALTH)
    return Prompt(request.text, request.parts, request.avoid, flags)


def spell(prompt: Prompt) -> str:
    """A line that reads as this prompt."""
    words = [*prompt.images, escaped(prompt.text)]
    if prompt.avoid:
        words.append(f"--no {escaped(', '.join(prompt.avoid))}")
    words += [BY_SPELLING[name].spell(value) for name, value in prompt.flags.items()]
    return " ".join(word for word in words if word)


def usual_steps(model: Model, draft: bool, quality: float) -> int:
    """The steps of a request that names none. Whatever the quality, a draft stays as cheap as a
    draft is: a server that usually draws at --quality 2 has quick sketches too."""
    steps = (model.quick_steps if draft else model.steps) * quality
    most = model.most_quick_steps if draft else model.max_steps
    return min(max(round(steps), model.min_steps), most)


def strength_of(flags: Mapping[str, Any]) -> float:
    """How far a picture that was given may change: what --strength says, or --iw, which is the
    weight of the picture and so the other way round."""
    return float(flags.get("strength", round(1 - flags.get("iw", 1) / 4, 6)))


def _look(request: Request, house: HouseStyle | None) -> dict[str, Any]:
    if request.style is None:
        return _switches(raw=request.raw or house is not None)
    flags = {} if not request.style.name else {"style": request.style.name}
    usual = STYLIZE if request.style.name or request.style == house else None
    return flags | _unless(usual, stylize=request.stylize)


def _lora(lora: Lora, model: Model) -> WeightedName:
    adapter = model.adapter(lora.name)
    usual = adapter is not None and adapter.weight == lora.weight
    return lora.name, None if usual else lora.weight


def _switches(**on: bool) -> dict[str, Any]:
    return {name: True for name, value in on.items() if value}


def _unless(usual: Any, **values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value != usual}
