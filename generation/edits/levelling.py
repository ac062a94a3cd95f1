"""What is painted into a picture meets it without an edge: where the ground has come out a little
lighter or darker than the same ground beside it, that is taken back, less with the distance."""

# pyright: basic
from __future__ import annotations

import numpy
from PIL import Image, ImageFilter

from generation.edits.fill import spread

_BESIDE = 42
"""Colours on both sides of the edge are compared as far as this part of the shorter side."""
_REACH = 8
"""What is taken back fades out as a blur over this part of the shorter side does."""
_SAME = 28.0
"""Tones, of 255, by which one ground may differ from itself. What differs by more is something that
begins or ends there, and is left."""
_LEAST = 0.05
_MIDDLE = 128.0


def levelled(picture: Image.Image, kept: Image.Image, painted: Image.Image) -> Image.Image:
    """The picture, changed only where `painted` is white. `kept` has what stays where it is black.
    All of one size, the first two RGB."""
    new = (numpy.asarray(painted, numpy.float32)[..., None] > 127).astype(numpy.float32)
    known, side = 1 - new, max(2, min(picture.size) // _BESIDE)
    colours, old = (numpy.asarray(one, numpy.float32) for one in (picture, kept))
    olds, news = _means(known, side), _means(new, side)
    amiss = _means(old * known, side) / numpy.maximum(olds, 1e-6)
    amiss -= _means(colours * new, side) / numpy.maximum(news, 1e-6)
    same = numpy.exp(-((numpy.abs(amiss).max(axis=2, keepdims=True) / _SAME) ** 2))
    same *= (olds > 1e-4) & (new > 0) & (same > _LEAST)
    if not same.any():
        return picture
    near = Image.fromarray((known[..., 0] * 255).astype(numpy.uint8))
    near = near.filter(ImageFilter.GaussianBlur(min(picture.size) / _REACH))
    share = (2 * numpy.asarray(near, numpy.float32)[..., None] / 255).clip(0, 1) * new
    # What is spread are tones, which are never below nothing.
    taken = spread((amiss + _MIDDLE).clip(0, 255) * same, same) - _MIDDLE
    found = colours + taken * share
    return Image.fromarray(found.round().clip(0, 255).astype(numpy.uint8))


def _means(values: numpy.ndarray, reach: int) -> numpy.ndarray:
    """Of height x width x channels, over squares that reach so many pixels far; beyond the picture
    there is nothing."""
    width = 2 * reach + 1
    for axis in (0, 1):
        pads = [(reach + 1, reach) if each == axis else (0, 0) for each in range(3)]
        sums = numpy.pad(values, pads).cumsum(axis=axis, dtype=numpy.float64)
        upper, lower = (
            numpy.take(sums, range(start, start + values.shape[axis]), axis=axis)
            for start in (width, 0)
        )
        values = ((upper - lower) / width).astype(numpy.float32)
    return values
