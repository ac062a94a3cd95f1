"""Pictures whose edges fit each other: every convolution goes on at the opposite edge.

Models are shared by all tasks, so nothing is switched on them. Tasks for tiles get modules of their
own instead, which take no memory to speak of: the weights in them are the model's. A model with
hooks inside, which would lead from the copy back into it, is switched itself, between the forwards
of tasks that want it so and those of others.
"""

# pyright: basic
from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from diffusers.models.downsampling import Downsample2D
from torch import nn

from core.sentences import say
from generation.batching import Setting
from generation.faults import UnfitRequestError

_PARTS = ("unet", "vae")
_SWITCHED = ("padding", "padding_mode", "_reversed_padding_repeated_twice")

Variant = Callable[[str, Callable[[], Any]], Any]
"""Of a name and what makes a module: the module, made once for all tasks."""


def make_circular(
    pipelines: Sequence[Any],
    model: str,
    able: Sequence[str],
    variant: Variant,
    *,
    hooked: bool = False,
) -> Setting | None:
    """Gives the pipelines of one task a denoiser and an autoencoder that draw tiles; or returns the
    setting in which those they have draw them, if there are hooks inside.

    Attention looks everywhere anyway and stays as it is. Raises UnfitRequestError for a model that
    has no convolutions to draw with; `able` are the names of others, which do.
    """
    first = pipelines[0]
    if not isinstance(getattr(first, "unet", None), nn.Module):
        raise UnfitRequestError(
            say(
                "--tile needs a model that draws with convolutions, and “{model}” is a "
                "transformer; use {others}. Nothing was charged.",
                model=model,
                others=", ".join(able),
            )
            if able
            else say(
                "--tile needs a model that draws with convolutions, and “{model}” is a "
                "transformer; leave --tile out. Nothing was charged.",
                model=model,
            )
        )
    if hooked:
        return switched([getattr(first, name) for name in _PARTS])
    made = {
        name: variant(f"circular {name}", partial(circular, getattr(first, name)))
        for name in _PARTS
    }
    for pipeline in pipelines:
        for name, module in made.items():
            # Past the pipeline's own __setattr__, which would write it into its configuration.
            object.__setattr__(pipeline, name, module)
    return None


def circular(module: nn.Module) -> nn.Module:
    """The same module on the same weights, without edges."""
    kept = {id(one): one for one in (*module.parameters(), *module.buffers())}
    own = copy.deepcopy(module, kept)
    _close(own.modules())
    return own


def switched(modules: Sequence[nn.Module]) -> Setting:
    """The modules draw tiles between `enter` and `leave`."""
    parts = [part for module in modules for part in module.modules()]
    kept = [
        (part, {name: vars(part)[name] for name in _SWITCHED if name in vars(part)})
        for part in parts
        if isinstance(part, nn.Conv2d | Downsample2D)
    ]

    def leave() -> None:
        for part, values in kept:
            vars(part).update(values)

    return Setting(("circular", *map(id, modules)), partial(_close, parts), leave)


def _close(parts: Iterable[nn.Module]) -> None:
    """Lets the convolutions among them go on at the opposite edge."""
    for part in parts:
        if isinstance(part, Downsample2D) and part.use_conv and part.padding == 0:
            # Adds a row and a column of zeros by itself, at the far edges.
            part.padding = 1
            # One with adapters has convolutions inside.
            for inner in part.conv.modules():
                if isinstance(inner, nn.Conv2d) and inner.kernel_size != (1, 1):
                    _wrap(inner, [0, 1, 0, 1])
        elif isinstance(part, nn.Conv2d) and part.padding not in ((0, 0), "valid"):
            _wrap(part, part._reversed_padding_repeated_twice)


def _wrap(convolution: Any, padding: list[int]) -> None:
    convolution.padding_mode = "circular"
    convolution._reversed_padding_repeated_twice = padding
