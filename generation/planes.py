"""Latents as planes, N x C x H x W, whatever form a pipeline keeps them in."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional

Back = Callable[[Tensor], Tensor]
"""From planes to the form they came in."""


def as_planes(latents: Tensor, width: int, height: int) -> tuple[Tensor, Back] | None:
    """The planes of pictures of width x height pixels, and the way back; None for another form.

    Some pipelines keep a patch of two by two cells as one token, its channels side by side.
    """
    if latents.ndim == 4:
        return latents, lambda planes: planes
    if latents.ndim != 3 or latents.shape[2] % 4:
        return None
    tokens = latents.shape[1]
    rows = round((tokens * height / width) ** 0.5)
    if rows < 1 or tokens % rows:
        return None
    shape = (latents.shape[0], rows, tokens // rows, latents.shape[2])
    planes = functional.pixel_shuffle(latents.reshape(shape).movedim(3, 1), 2)

    def back(planes: Tensor) -> Tensor:
        return functional.pixel_unshuffle(planes, 2).flatten(2).transpose(1, 2)

    return planes, back
