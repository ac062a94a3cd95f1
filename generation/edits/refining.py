"""An enlarged picture gets detail and stays the picture it is."""

# pyright: basic
from __future__ import annotations

from typing import Any

from torch import Tensor

from generation.edits.keeping import blurred, noised_by

_REACH = 1
"""Cells over which the picture is compared with what it was."""
_SUBTLE, _CREATIVE = 1.0, 0.7
"""How much of the difference is taken back."""


class Refining:
    """An `Adjust` (`generation.estimate`): at every step the sampler is told that what is larger
    than detail will be as it was."""

    def __init__(
        self, scheduler: Any, size: tuple[int, int], model: str, *, creative: bool
    ) -> None:
        """`size` is width and height in pixels."""
        self._size = size
        self._model = model
        self._share = _CREATIVE if creative else _SUBTLE
        self._noised = noised_by(scheduler)

    def __call__(self, planes: Tensor, level: float) -> Tensor:
        latents = self._noised.like(planes, self._size, self._model)
        amiss = blurred(latents - planes.float(), _REACH)
        return planes + self._share * amiss.to(planes.dtype)
