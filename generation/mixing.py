"""One picture out of several: the light and colour of all, and of each what stands out in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps

COARSEST = 8
"""Pixels of the shorter side of what is averaged; all that is finer is chosen."""


def mixed(pictures: Sequence[Image.Image], width: int, height: int) -> Image.Image:
    """The pictures as one of width x height pixels, each cut to that shape.

    From layers of ever finer detail, of which the coarsest is the mean of the pictures' own. Of
    each finer one, every place has that of the picture which has most there, so that things stay
    whole and nothing becomes the grey of a double exposure.
    """
    cut = [ImageOps.fit(one.convert("RGB"), (width, height)) for one in pictures]
    rest = [np.asarray(one, dtype=np.float32) for one in cut]
    total = np.zeros_like(rest[0])
    radius = 1.0
    while min(width, height) / radius > COARSEST:
        soft = [_softened(one, radius) for one in rest]
        detail = np.stack([one - low for one, low in zip(rest, soft, strict=True)])
        loud = np.abs(detail).mean(-1, keepdims=True)
        strength = np.stack([_softened(one, radius * 2) for one in loud])
        weight = strength**4 / np.maximum((strength**4).sum(0), 1e-12)
        total += (weight * detail).sum(0)
        rest = soft
        radius *= 2
    total += np.mean(rest, axis=0)
    return Image.fromarray(np.clip(total, 0, 255).round().astype(np.uint8))


def _softened(values: np.ndarray, radius: float) -> np.ndarray:
    """H x W x any, without what is finer than the radius in pixels."""
    height, width = values.shape[:2]
    small = (max(1, round(width / radius / 2)), max(1, round(height / radius / 2)))
    planes = [
        np.asarray(
            Image.fromarray(values[..., plane])
            .resize(small, Image.Resampling.HAMMING)
            .resize((width, height), Image.Resampling.BICUBIC)
        )
        for plane in range(values.shape[-1])
    ]
    return np.stack(planes, axis=-1)
