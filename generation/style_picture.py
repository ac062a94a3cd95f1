"""The colours of a picture, as a model's own autoencoder sees them, lent to other pictures."""

# pyright: basic
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy
import torch
from PIL import Image
from torch import Tensor

from core.sentences import say
from generation.faults import UnfitRequestError, is_out_of_memory
from generation.latent_colours import encoded

FULL = 1000
"""The `--stylize` at which a picture's colours are taken over whole."""
_ENDS = 0.2
"""The noise level down to which they are; the rest of the way the model makes sense of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """Moves the mean and the spread of each channel of planes, N x C x H x W, towards those of a
    reference. `mean` and `spread` are 1 x C x 1 x 1; `weight` in 0..1 is how far."""

    mean: Tensor
    spread: Tensor
    weight: float

    def __call__(self, planes: Tensor, level: float) -> Tensor:
        if level < _ENDS:
            return planes
        mean, spread = _statistics(planes)
        like = (planes - mean) / spread * self.spread.to(planes) + self.mean.to(planes)
        return torch.lerp(planes, like, self.weight)


def palette_of(vae: Any, picture: Image.Image, stylize: int, model: str) -> Palette:
    """The colours of `picture`. Raises UnfitRequestError for an autoencoder it cannot be shown."""
    parameter = next(vae.parameters())
    pixels = torch.from_numpy(numpy.array(picture.convert("RGB"))).movedim(2, 0)[None]
    try:
        planes = encoded(vae, pixels.to(parameter) / 127.5 - 1)
    # Autoencoders of films and of other scales raise what they like.
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        if is_out_of_memory(error):
            raise
        raise UnfitRequestError(
            say(
                "The model “{model}” cannot take its style from a picture; leave --style out or "
                "use --raw. Nothing was charged.",
                model=model,
            )
        ) from error
    mean, spread = _statistics(planes)
    return Palette(mean, spread, min(1.0, stylize / FULL))


def _statistics(planes: Tensor) -> tuple[Tensor, Tensor]:
    mean = planes.mean((2, 3), keepdim=True)
    spread = planes.std((2, 3), keepdim=True).clamp(min=1e-4)
    return mean, spread
