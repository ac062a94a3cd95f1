"""Styles: what turns the flat drawing into a watercolour or into an ink drawing."""

import random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

_PAPER = (250.0, 246.0, 236.0)
_INK = (26.0, 26.0, 38.0)
_EDGE = 26.0


def ink(
    drawn: Image.Image, outlined: Image.Image, size: tuple[int, int], dark: bool
) -> Image.Image:
    """`drawn` as pale washes on paper, with the shapes of `outlined` (as large) outlined in ink.

    In the `dark` the washes are less pale, so that night stays night.
    """
    width, height = size
    twice = (width * 2, height * 2)
    tones = np.asarray(outlined.resize(twice, Image.Resampling.BOX), np.float32)
    edges = np.zeros(tones.shape[:2], bool)
    edges[1:] |= np.abs(np.diff(tones, axis=0)).max(axis=2) > _EDGE
    edges[:, 1:] |= np.abs(np.diff(tones, axis=1)).max(axis=2) > _EDGE
    lines = Image.fromarray(edges.astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(3))
    inked = np.asarray(lines.resize(size, Image.Resampling.BOX), np.float32)[..., None] / 255
    washes = np.asarray(drawn.resize(size, Image.Resampling.BOX), np.float32)
    pale = washes + (np.asarray(_PAPER, np.float32) - washes) * (0.16 if dark else 0.42)
    return Image.fromarray((pale + (np.asarray(_INK) - pale) * inked).astype(np.uint8))


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
