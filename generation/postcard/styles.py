"""Styles: what turns the flat drawing into a watercolour or into pixel art."""

import random

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PIXEL = 4
"""Side of one block of pixel art, in pixels of the picture; divides every size that is offered."""

_TONE_STEP = 26
_PAPER = (250.0, 246.0, 236.0)


def pixel_art(drawn: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`drawn` (any size) as blocks of `PIXEL` in few tones; `size` is (width, height)."""
    blocks = drawn.resize((size[0] // PIXEL, size[1] // PIXEL), Image.Resampling.BOX)
    tones = np.asarray(blocks, np.float32)
    stepped = np.clip(np.round(tones / _TONE_STEP) * _TONE_STEP, 0, 255).astype(np.uint8)
    return Image.fromarray(stepped).resize(size, Image.Resampling.NEAREST)


def watercolour(drawn: Image.Image, size: tuple[int, int], rng: random.Random) -> Image.Image:
    """`drawn` (larger than `size`) with wandering outlines, uneven pigment and a paper margin."""
    lot = np.random.default_rng(rng.getrandbits(32))
    width, height = size
    image = drawn.resize((width * 2, height * 2), Image.Resampling.BOX)
    pixels = np.asarray(image, np.float32)
    rows, columns = np.mgrid[0 : height * 2, 0 : width * 2].astype(np.float32)
    # Outlines wander by about a pixel and a half of the picture.
    rows += 3.0 * _cloudy(lot, height * 2, width * 2, 9)
    columns += 3.0 * _cloudy(lot, height * 2, width * 2, 9)
    rows = np.clip(rows, 0, height * 2 - 1).astype(np.intp)
    columns = np.clip(columns, 0, width * 2 - 1).astype(np.intp)
    wandered = Image.fromarray(pixels[rows, columns].astype(np.uint8))
    soft = np.asarray(wandered.resize(size, Image.Resampling.BILINEAR), np.float32)

    thin = 0.26 + 0.16 * _cloudy(lot, height, width, 6)[..., None]
    painted = soft + (np.asarray(_PAPER, np.float32) - soft) * np.clip(thin, 0.06, 0.5)
    wet = _margin(lot, width, height)[..., None]
    return Image.fromarray((painted * wet + np.asarray(_PAPER) * (1 - wet)).astype(np.uint8))


def _margin(lot: np.random.Generator, width: int, height: int) -> NDArray[np.float32]:
    """1 where there is paint, 0 on the bare paper around it, with a ragged edge."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    edge = np.minimum.reduce([rows, columns, height - 1 - rows, width - 1 - columns])
    ragged = edge - 4.0 - 2.2 * _cloudy(lot, height, width, 12)
    return np.clip(ragged / 2.0 + 0.5, 0, 1)


def _cloudy(lot: np.random.Generator, height: int, width: int, cells: int) -> NDArray[np.float32]:
    """A smooth random field, height x width, about -1..1, `cells` bumps along the shorter side."""
    across = max(2, round(cells * width / min(width, height)))
    down = max(2, round(cells * height / min(width, height)))
    coarse = Image.fromarray(lot.uniform(-1, 1, (down, across)).astype(np.float32))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
