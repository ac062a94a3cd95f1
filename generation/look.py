"""What a picture looks like, in 80 small numbers: where which colours lie, which colours there are,
and which way its edges run. Pictures that look alike have numbers that lie near each other.

The layout is the low frequencies of the picture in 8 by 8 patches, as MPEG-7's colour layout
descriptor has it; the edges are counted by direction in nine parts of the picture, in the manner of
its edge histogram.
"""

# pyright: basic
from __future__ import annotations

from itertools import pairwise

import numpy
from PIL import Image

from core.likeness import NORM, PICTURE

SIDE = 64
"""Pixels of the square that is looked at, whatever the picture's own sides are."""

_PATCHES = 8
_LAYOUT = (15, 8, 8)
"""Frequencies kept of light, of blue against yellow and of red against green: the lowest."""

_HUES = 10
_GREYS = 3
_DIRECTIONS = 4
_PARTS = 3
_SHARES = (0.05, 0.27, 0.68)
"""Of layout, colours and edges, in the square of a look's length. No two pictures' edges are quite
unlike, so that their large share weighs less than it seems to."""

_FAINT = 0.035
"""Steps from pixel to pixel below this are no edges, of a range of one."""


def look(picture: Image.Image) -> bytes:
    """PICTURE signed bytes, whose length as a vector is about NORM."""
    small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
    red, green, blue = numpy.moveaxis(numpy.asarray(small, numpy.float32) / 255, 2, 0)
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    planes = (light - 0.5, blue - light, red - light)
    parts = (_layout(planes), _colours(red, green, blue, light), _edges(light))
    numbers = numpy.concatenate(
        [share**0.5 * _unit(part) for share, part in zip(_SHARES, parts, strict=True)]
    )
    assert len(numbers) == PICTURE
    return numpy.clip(numpy.rint(numbers * NORM), -127, 127).astype(numpy.int8).tobytes()


def _unit(numbers: numpy.ndarray) -> numpy.ndarray:
    return numbers / max(float(numpy.linalg.norm(numbers)), 1e-6)


def _cosines() -> numpy.ndarray:
    """The orthonormal cosine transform of _PATCHES numbers."""
    places = numpy.arange(_PATCHES)
    waves = numpy.cos(numpy.pi / _PATCHES * numpy.outer(places, places + 0.5))
    waves[0] /= 2**0.5
    return (waves * (2 / _PATCHES) ** 0.5).astype(numpy.float32)


_COSINES = _cosines()
_LOWEST = sorted(
    ((row, column) for row in range(_PATCHES) for column in range(_PATCHES)),
    key=lambda place: (sum(place), place),
)


def _layout(planes: tuple[numpy.ndarray, ...]) -> numpy.ndarray:
    kept: list[float] = []
    for plane, count in zip(planes, _LAYOUT, strict=True):
        size = SIDE // _PATCHES
        patches = plane.reshape(_PATCHES, size, _PATCHES, size).mean(axis=(1, 3))
        waves = _COSINES @ patches @ _COSINES.T
        kept += [float(waves[place]) / (1 + sum(place)) ** 0.5 for place in _LOWEST[:count]]
    return numpy.array(kept, numpy.float32)


def _colours(
    red: numpy.ndarray, green: numpy.ndarray, blue: numpy.ndarray, light: numpy.ndarray
) -> numpy.ndarray:
    """How much there is of each hue and of dark, middle and light grey. By roots, so that a small
    thing of a strong colour counts beside a large sky."""
    most = numpy.maximum(numpy.maximum(red, green), blue)
    chroma = most - numpy.minimum(numpy.minimum(red, green), blue)
    safe = numpy.maximum(chroma, 1e-6)
    hue = numpy.where(
        most == red,
        ((green - blue) / safe) % 6,
        numpy.where(most == green, (blue - red) / safe + 2, (red - green) / safe + 4),
    )
    counts = _spread(hue * _HUES / 6, chroma, _HUES, around=True)
    greys = _spread(light * (_GREYS - 1), (1 - chroma) ** 2, _GREYS, around=False)
    return numpy.sqrt(numpy.concatenate([3 * counts, greys]) / SIDE**2)


def _edges(light: numpy.ndarray) -> numpy.ndarray:
    """How much light changes in each direction, in nine parts."""
    across = light[1:-1, 2:] - light[1:-1, :-2]
    down = light[2:, 1:-1] - light[:-2, 1:-1]
    strength = numpy.hypot(across, down)
    strength = numpy.where(strength > _FAINT, strength, 0)
    turn = numpy.arctan2(down, across) / numpy.pi * _DIRECTIONS
    cuts = numpy.linspace(0, SIDE - 2, _PARTS + 1).astype(int)
    found: list[numpy.ndarray] = []
    for top, bottom in pairwise(cuts):
        for left, right in pairwise(cuts):
            here = (slice(top, bottom), slice(left, right))
            found.append(_spread(turn[here], strength[here], _DIRECTIONS, around=True))
    return numpy.sqrt(numpy.concatenate(found))


def _spread(
    where: numpy.ndarray, weight: numpy.ndarray, bins: int, *, around: bool
) -> numpy.ndarray:
    """Each weight is shared between the two bins it lies between; `around`: the last one's
    neighbour is the first."""
    low = numpy.floor(where)
    share = where - low
    first = low.astype(int) % bins if around else numpy.clip(low.astype(int), 0, bins - 1)
    second = (first + 1) % bins if around else numpy.minimum(first + 1, bins - 1)
    total = numpy.bincount(first.ravel(), ((1 - share) * weight).ravel(), bins)
    return total + numpy.bincount(second.ravel(), (share * weight).ravel(), bins)
