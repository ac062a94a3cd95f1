"""Rendered pictures as arrays, and the sizes the model is trained at."""

import numpy as np
import torch
from torch import Tensor

from generation.postcard.draw import NATIVE, draw
from generation.postcard.world import Scene

# Width and height in pixels: about the native area, sides multiples of 8.
SIZES: tuple[tuple[int, int], ...] = (
    NATIVE,
    (160, 104),
    (104, 160),
    (168, 96),
    (96, 168),
    (144, 112),
    (112, 144),
)
NATIVE_SHARE = 0.76


def render(scenes: list[Scene], size: tuple[int, int] = NATIVE) -> np.ndarray:
    """The scenes' pictures, uint8, N x height x width x 3."""
    return np.stack([np.asarray(draw(scene, size)) for scene in scenes])


def to_pixels(pictures: np.ndarray) -> Tensor:
    """uint8 N x H x W x 3 to float32 N x 3 x H x W in -1..1, laid out channels last."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
