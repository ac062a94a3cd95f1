"""Pictures larger than a model draws well, in windows of a size that it does.

The whole picture is denoised at once, by one sampler with one noise; only what the denoiser expects
is worked out window by window. Windows overlap and their answers flow into each other, at every
step anew, so that there is no edge to be seen afterwards.
"""

# pyright: basic
from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from core.speed import DENOISERS
from core.windows import starts
from generation.edits.keeping import kept_cells

_NAMES = ("sample", "hidden_states")
"""What denoisers call the latents that they are given."""


def use_windows(
    pipeline: Any,
    size: tuple[int, int],
    window: tuple[int, int],
    painted: Image.Image | None = None,
) -> None:
    """Lets the denoisers of `pipeline`, stand-ins of one task (`generation.parking`), answer in
    windows, for a picture of `size`; all in pixels. Windows with nothing `painted` in them, white,
    are left out. A denoiser whose latents it does not understand answers as ever."""
    for name in DENOISERS:
        module = getattr(pipeline, name, None)
        if isinstance(module, torch.nn.Module):
            vars(module)["forward"] = _Windowed(vars(module)["forward"], size, window, painted)


@dataclass(slots=True, eq=False)
class _Windowed:
    forward: Any
    size: tuple[int, int]
    window: tuple[int, int]
    painted: Image.Image | None

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        name = next((one for one in _NAMES if one in named), None)
        latents = named[name] if name is not None else arguments[0] if arguments else None
        if not isinstance(latents, Tensor):
            return self.forward(*arguments, **named)
        if latents.ndim == 3 and isinstance(named.get("img_ids"), Tensor):
            grid = _Tokens(latents, self.size)
        elif latents.ndim == 4:
            grid = _Planes(latents)
        else:
            return self.forward(*arguments, **named)
        rows = len(latents)
        seen = grid.given(latents)
        total: Tensor | None = None
        weights = torch.zeros_like(seen[:1, :1], dtype=torch.float32)
        places = list(self._places(seen)) or list(self._places(seen, all_of_it=True))[:1]
        most = max(1, math.prod(self.size) // math.prod(self.window))
        for first in range(0, len(places), most):
            some = places[first : first + most]
            given = torch.cat([grid.cut(latents, place) for place in some])
            times = len(some)
            others = {key: _repeated(value, rows, times) for key, value in named.items()}
            rest = [_repeated(value, rows, times) for value in arguments]
            if "img_ids" in named:
                others["img_ids"] = grid.ids(named["img_ids"], some[0])
            if name is not None:
                others[name] = given
            else:
                rest[0] = given
            answer = self.forward(*rest, **others)
            found = answer[0] if isinstance(answer, tuple) else answer.sample
            for place, part in zip(some, found.chunk(times), strict=True):
                weight = weight_of(place).to(seen.device)
                down, across = place
                plane = grid.plane(part, place).float()
                if total is None:
                    # Some are shown more than they answer.
                    total = plane.new_zeros(rows, plane.shape[1], *seen.shape[2:])
                total[:, :, down, across] += plane * weight
                weights[:, :, down, across] += weight
        assert total is not None
        blended = (total / weights.clamp_min(1e-6)).to(latents.dtype)
        return Answer([grid.back(blended)])

    def _places(self, planes: Tensor, *, all_of_it: bool = False) -> Iterator[tuple[slice, slice]]:
        height, width = planes.shape[2:]
        high = max(1, round(self.window[1] * height / self.size[1]))
        wide = max(1, round(self.window[0] * width / self.size[0]))
        stays = None
        if self.painted is not None and not all_of_it:
            stays = kept_cells(self.painted, planes)
        for top in starts(height, high):
            for left in starts(width, wide):
                place = slice(top, top + high), slice(left, left + wide)
                if stays is None or not stays[:, :, *place].all():
                    yield place


class Answer(tuple):
    """An answer as pipelines read it: the first of a tuple, or `sample`."""

    @property
    def sample(self) -> Any:
        return self[0]


class _Planes:
    """Latents as planes, N x C x H x W."""

    def __init__(self, latents: Tensor) -> None:
        pass

    def given(self, latents: Tensor) -> Tensor:
        return latents

    def cut(self, latents: Tensor, place: tuple[slice, slice]) -> Tensor:
        return latents[:, :, *place]

    def plane(self, part: Tensor, place: tuple[slice, slice]) -> Tensor:
        return part

    def back(self, planes: Tensor) -> Tensor:
        return planes

    def ids(self, ids: Tensor, place: tuple[slice, slice]) -> Tensor:
        return ids


class _Tokens:
    """Latents as tokens, N x (H W) x C, whose places are told beside them."""

    def __init__(self, latents: Tensor, size: tuple[int, int]) -> None:
        self._rows = max(1, round((latents.shape[1] * size[1] / size[0]) ** 0.5))

    def given(self, latents: Tensor) -> Tensor:
        return latents.unflatten(1, (self._rows, -1)).movedim(3, 1)

    def cut(self, latents: Tensor, place: tuple[slice, slice]) -> Tensor:
        return self.given(latents)[:, :, *place].flatten(2).transpose(1, 2)

    def plane(self, part: Tensor, place: tuple[slice, slice]) -> Tensor:
        return part.unflatten(1, (place[0].stop - place[0].start, -1)).movedim(3, 1)

    def back(self, planes: Tensor) -> Tensor:
        return planes.flatten(2).transpose(1, 2)

    def ids(self, ids: Tensor, place: tuple[slice, slice]) -> Tensor:
        """Those of a picture that is no larger than a window."""
        down, across = (one.stop - one.start for one in place)
        return ids.unflatten(-2, (self._rows, -1))[..., :down, :across, :].flatten(-3, -2)


def weight_of(place: tuple[slice, slice]) -> Tensor:
    """H x W: most in the middle, little at the edges, never nothing."""
    down, across = (
        torch.sin(torch.pi * (torch.arange(one.stop - one.start) + 0.5) / (one.stop - one.start))
        for one in place
    )
    return down[:, None] ** 2 * across[None] ** 2 + 1e-4


def _repeated(value: Any, rows: int, times: int) -> Any:
    """What belongs to each row, once for each window."""
    if isinstance(value, dict):
        return {key: _repeated(one, rows, times) for key, one in value.items()}
    if times > 1 and isinstance(value, Tensor) and value.ndim and len(value) == rows:
        return torch.cat([value] * times)
    return value
