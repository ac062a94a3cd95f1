"""Pictures drawn larger by the upscaler of their request, to the pixel."""

# pyright: basic
from __future__ import annotations

import math

import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.nn import functional

from core.errors import ModelNotFoundError
from core.models import Catalogue
from core.sentences import say
from core.speed import Speed
from core.upscalers import Upscaler
from generation.hires import enlarged
from generation.models import Shelf
from generation.pipeline_call import to_pictures
from generation.run import Run
from generation.upscalers import nets, pipelines
from generation.upscalers.growing import Grower, Growth, as_pixels, shelf_name

WORTH = 1.25
"""Times the side: what is missing after an upscaler, and is more than this, is worth another run of
it."""

MARGIN = 32
"""Pixels of a tile that are drawn beyond each of its edges, as they go on there."""


class Enlarger:
    """The upscalers of one worker, loaded when they are needed."""

    def __init__(
        self,
        catalogue: Catalogue,
        shelf: Shelf,
        usual: Speed,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self._catalogue = catalogue
        self._shelf = shelf
        self._usual = usual
        self._held = (device, dtype)

    def described(self, name: str) -> dict[str, tuple[str, ...]]:
        """What tells it from another of that name; nothing for none."""
        found = self._catalogue.upscaler(name)
        if found is None:
            return {}
        return {"upscaler": (found.name, found.source, found.revision or "")}

    def enlarged(
        self,
        picture: Image.Image,
        size: tuple[int, int],
        *,
        tile: bool = False,
        run: Run,
        thrifty: bool = False,
    ) -> Image.Image:
        """The picture at `size`, cropped where that is of another shape; of a `tile`, as part of an
        endless pattern. Raises ModelNotFoundError, ModelBrokenError, OutOfMemoryError,
        StoppedError."""
        assert run.ride is not None
        upscaler = self._upscaler(run.request.enlarger)
        grower = self._borrowed(upscaler, run)
        try:
            how = Growth(request=run.request, ride=run.ride, thrifty=thrifty)
            least = 1.0
            while (factor := _factor(picture, size)) > least:
                times = min(grower.scale, math.ceil(factor - 1e-6))
                pixels = _grown(grower, as_pixels(picture), times, how, tile=tile)
                picture, least = to_pictures(pixels)[0], WORTH
        finally:
            self._shelf.give_back(grower)
        if tile:
            return enlarged(picture, size, tile=True)
        return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)

    def _upscaler(self, name: str) -> Upscaler:
        found = self._catalogue.upscaler(name)
        if found is None:
            raise ModelNotFoundError(
                say(
                    "There is no upscaler called “{name}” here any more; nothing was charged.",
                    name=name,
                )
            )
        return found

    def _borrowed(self, upscaler: Upscaler, run: Run) -> Grower:
        device, dtype = self._held

        def size() -> int:
            return nets.locate(upscaler)[1] if upscaler.is_file else pipelines.locate(upscaler).size

        def load() -> Grower:
            if upscaler.is_file:
                return nets.load(upscaler, device, dtype)
            return pipelines.load(upscaler, self._usual, device, dtype)

        return self._shelf.borrow_beside(shelf_name(upscaler), size, load, run.stop)


def _factor(picture: Image.Image, size: tuple[int, int]) -> float:
    return max(size[0] / picture.width, size[1] / picture.height)


def _grown(grower: Grower, pixels: Tensor, times: int, how: Growth, *, tile: bool) -> Tensor:
    if not tile:
        return grower.grown(pixels, times, how)
    height, width = pixels.shape[2:]
    more = min(MARGIN, height, width)
    wrapped = functional.pad(pixels, [more] * 4, mode="circular")
    large, edge = grower.grown(wrapped, times, how), more * times
    return large[:, :, edge : edge + height * times, edge : edge + width * times]
