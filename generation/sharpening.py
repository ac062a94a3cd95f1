"""More detail and contrast: what differs from cell to cell is made to differ more."""

# pyright: basic
from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

FULL = 100
"""The `--exp` at which both of these are whole."""
MOST_SHARPENING = 0.8
"""How much of the fine detail is added to itself, at every step and at no noise."""
MOST_RESCALE = 0.3
"""The share of guidance rescale (https://arxiv.org/abs/2305.08891), against burnt colours."""

_BEGINS = 0.75
"""The noise level below which detail is there to be sharpened."""
_SOFT = (1.0, 2.0, 1.0)


def rescale_of(exp: int) -> float:
    """The pipeline's own `guidance_rescale`."""
    return MOST_RESCALE * exp / FULL


@dataclass(frozen=True, slots=True)
class Sharpening:
    """Sharpens planes, N x C x H x W, the more the less noise there is: early on it would decide
    what the picture shows. `circular` where the edges fit each other."""

    exp: int
    circular: bool = False

    def __call__(self, planes: Tensor, level: float) -> Tensor:
        strength = MOST_SHARPENING * self.exp / FULL * max(0.0, 1 - level / _BEGINS)
        return planes + strength * (planes - self._soft(planes))

    def _soft(self, planes: Tensor) -> Tensor:
        row = torch.tensor(_SOFT, device=planes.device, dtype=planes.dtype)
        kernel = torch.outer(row, row) / row.sum() ** 2
        channels = planes.shape[1]
        padded = functional.pad(planes, [1] * 4, mode="circular" if self.circular else "replicate")
        return functional.conv2d(padded, kernel.expand(channels, 1, 3, 3), groups=channels)
