"""A picture that is stopped on its way: what is decided of it, and the rest left soft."""

# pyright: basic
from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

WIDEST = 1.4
"""How soft a picture is that is all noise yet: the deviation, in cells, of the blur."""
_REACH = 3


def softened(planes: Tensor, level: float, *, circular: bool = False) -> Tensor:
    """The finished latents that are expected at a noise level, N x C x H x W, without the detail
    that noise of this level still hides.

    A guided denoiser names details long before they are decided, and exaggerates them.
    """
    if level <= 0:
        return planes
    reach = min(_REACH, planes.shape[2] - 1, planes.shape[3] - 1)
    places = torch.arange(-reach, reach + 1, device=planes.device, dtype=torch.float32)
    row = torch.exp(-0.5 * (places / (WIDEST * level)) ** 2)
    row = (row / row.sum()).to(planes.dtype)
    channels = planes.shape[1]
    padded = functional.pad(planes, [reach] * 4, mode="circular" if circular else "replicate")
    across = functional.conv2d(padded, row.expand(channels, 1, 1, -1), groups=channels)
    return functional.conv2d(
        across, row[:, None].expand(channels, 1, -1, 1).contiguous(), groups=channels
    )
