"""What stays of a picture stays while the rest is painted: at every step the sampler is told that
the finished picture will be the old one there, so that the new part grows to fit it."""

# pyright: basic
from __future__ import annotations

import functools
from typing import Any

import numpy
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from core.sentences import say
from generation.faults import UnfitRequestError
from generation.planes import as_planes

_NOISERS = ("add_noise", "scale_noise")
"""Methods of schedulers with which pipelines put noise on a picture; its latents come first."""
_REACH = 0.3
"""Of the shorter side: how far what is painted is led by what stays."""
_COARSE = 1
"""Cells over which colours are compared."""


class Noised:
    """The latents of the picture that a pipeline starts from: those it put noise on last."""

    def __init__(self) -> None:
        self._latents: Tensor | None = None

    def see(self, noise: Any) -> Any:
        """The function, which is to be watched."""

        @functools.wraps(noise)
        def seen(latents: Tensor, *arguments: Any, **named: Any) -> Any:
            self._latents = latents.detach().clone()
            return noise(latents, *arguments, **named)

        return seen

    def like(self, planes: Tensor, size: tuple[int, int], model: str) -> Tensor:
        """In the form and place of `planes`, of a picture of `size` (width, height) in pixels;
        float32. Raises UnfitRequestError where there are none."""
        found = self._latents
        if found is not None and found.shape != planes.shape:
            seen = as_planes(found, *size)
            found = seen[0] if seen is not None else None
        if found is None or found.shape != planes.shape:
            raise unfit(model)
        return found.to(planes.device).float()


def noised_by(scheduler: Any) -> Noised:
    """Of a scheduler of one task."""
    noised = Noised()
    for name in _NOISERS:
        if hasattr(scheduler, name):
            setattr(scheduler, name, noised.see(getattr(scheduler, name)))
    return noised


class Keeping:
    """An `Adjust` (`generation.estimate`) for one call after the other of one pipeline. The
    picture's latents are those that the pipeline itself makes of it."""

    def __init__(self, scheduler: Any, painted: Image.Image, model: str, *, coarse: bool) -> None:
        """`painted` is white where nothing stays. `coarse`: the colours that are there already,
        but no shapes, stay beside what stays."""
        self._painted = painted
        self._coarse = coarse
        self._model = model
        self._noised = noised_by(scheduler)
        self._nearness: tuple[Tensor, Tensor] | None = None

    def __call__(self, planes: Tensor, level: float) -> Tensor:
        latents = self._noised.like(planes, self._painted.size, self._model)
        if self._nearness is None:
            stays = kept_cells(self._painted, planes).float()
            self._nearness = stays, _nearness(stays)
        stays, near = self._nearness
        amiss = latents - planes.float()
        if self._coarse:
            amiss = blurred(amiss, _COARSE)
        else:
            # Where the model is wrong about what stays it is as wrong right beside it.
            amiss = _spread(amiss * stays, stays)
        fitting = planes + (amiss * near).to(planes.dtype)
        return torch.lerp(fitting, latents.to(planes.dtype), stays.to(planes.dtype))


def _nearness(stays: Tensor) -> Tensor:
    """1 beside a cell that stays, falling to nothing over `_REACH` of the shorter side."""
    soft = blurred(stays, max(1, round(min(stays.shape[2:]) * _REACH / 3)))
    return (2 * soft).clamp(0, 1)


def blurred(planes: Tensor, reach: int) -> Tensor:
    """N x C x H x W, softened twice over squares that reach so many cells far."""
    side = 2 * reach + 1
    for _ in range(2):
        padded = functional.pad(planes, [reach] * 4, mode="replicate")
        planes = functional.avg_pool2d(padded, side, stride=1)
    return planes


def _spread(values: Tensor, known: Tensor) -> Tensor:
    """N x C x H x W: values, times how well they are `known`, for every cell: from the nearest
    places where there are any, ever softer with the distance."""
    if known.min() > 0.5 or max(known.shape[2:]) == 1:
        return values / known.clamp_min(1e-6)
    coarse = _spread(*(functional.avg_pool2d(one, 2, ceil_mode=True) for one in (values, known)))
    larger = functional.interpolate(coarse, scale_factor=2, mode="bilinear")
    height, width = known.shape[2:]
    return values + larger[:, :, :height, :width] * (1 - known)


def kept_cells(painted: Image.Image, planes: Tensor) -> Tensor:
    """1 x 1 x H x W: 1 for a cell most of which stays, else 0."""
    share = torch.from_numpy(numpy.array(painted, numpy.float32))[None, None] / 255
    cells = functional.interpolate(share, planes.shape[2:], mode="area")
    new = cells >= 0.5 if (cells >= 0.5).any() else cells > 0
    return (~new).to(planes.device, planes.dtype)


def unfit(model: str) -> UnfitRequestError:
    return UnfitRequestError(
        say(
            "The model “{model}” cannot paint a part of a picture; use another one. Nothing was "
            "charged.",
            model=model,
        )
    )
