"""What upscalers have in common: pixels as tensors, parts that overlap, and what is said of those
that do not load."""

# pyright: basic
from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy
import torch
from PIL import Image
from torch import Tensor

from core.errors import ModelBrokenError, OutOfMemoryError
from core.request import Request
from core.sentences import Sentence, say
from core.upscalers import Upscaler
from generation.batching import Ride
from generation.faults import is_out_of_memory
from generation.models import free_memory
from generation.speed import Held

log = logging.getLogger(__name__)

LEAST = 64
"""Pixels of the shortest side of a part."""

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Of which task it is, and how: `ride` runs it on the device, `thrifty` is for as little memory
    as can be."""

    request: Request
    ride: Ride
    thrifty: bool = False


class Grower(Protocol):
    """A loaded upscaler. `scale` is how many times the side it draws."""

    upscaler: Upscaler
    held: Held

    @property
    def name(self) -> str:
        """What it is called among all that is loaded."""
        ...

    @property
    def scale(self) -> int: ...

    def grown(self, pixels: Tensor, times: int, how: Growth) -> Tensor:
        """1 x 3 x H x W of 0..1 on the processor, at `times` its sides, at most `scale`. Raises
        StoppedError, ModelBrokenError, and what the device raises."""
        ...


def shelf_name(upscaler: Upscaler) -> str:
    """No model has a name with a space in it."""
    return f"upscaler {upscaler.name}"


def smaller_and_smaller(make: Callable[[int], Made], side: int, name: str) -> Made:
    """What `make` makes of parts with such a side, or with half of it, and again, while memory runs
    out."""
    while True:
        try:
            return make(side)
        except Exception as error:
            if side <= LEAST or not is_out_of_memory(error):
                raise
            # The traceback holds all the tensors of what failed.
            traceback.clear_frames(error.__traceback__)
        side = max(LEAST, side // 2)
        free_memory()
        log.info("upscaler %s: memory is short; parts are %d pixels now", name, side)


def as_pixels(picture: Image.Image) -> Tensor:
    """1 x 3 x H x W of 0..1."""
    whole = torch.from_numpy(numpy.array(picture.convert("RGB")))
    return whole.permute(2, 0, 1)[None].float() / 255


def reduced(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    """Of float32, at a height and width that are no larger than its own."""
    if tuple(pixels.shape[2:]) == size:
        return pixels
    small = torch.nn.functional.interpolate(pixels, size, mode="bicubic", antialias=True)
    return small.clamp(0, 1)


def broken(upscaler: Upscaler, what: Sentence) -> ModelBrokenError:
    return ModelBrokenError(
        say(
            "The upscaler “{name}” cannot be loaded from “{source}”: {what}",
            name=upscaler.name,
            source=upscaler.source,
            what=what,
        )
    )


def unloadable(upscaler: Upscaler, error: Exception) -> Exception:
    """What to raise for what the libraries raise."""
    free_memory()
    if is_out_of_memory(error):
        return OutOfMemoryError(
            say(
                "The upscaler “{name}” needs more memory than there is; nothing was charged. Tell "
                "the operator.",
                name=upscaler.name,
            )
        )
    log.error("upscaler %s does not load", upscaler.name, exc_info=error)
    return broken(
        upscaler,
        say("its files are incomplete or do not fit together; download them again."),
    )


def unbelievable(upscaler: Upscaler) -> ModelBrokenError:
    return broken(upscaler, say("what it draws is no picture; download it again or use another."))


def call(ride: Ride, function: Callable[[], Any], shape: tuple[Any, ...]) -> Any:
    """On the device's thread; `shape` is of what decides how long it takes."""
    return ride.run(function, kind="decode", shape=shape)
