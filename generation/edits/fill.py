"""What is put where a picture has nothing yet, for the painting to start from."""

# pyright: basic
from __future__ import annotations

import numpy
from PIL import Image, ImageFilter

_SOFT = 24
"""What is continued beyond a picture is blurred by this part of the longer side."""


def filled(picture: Image.Image, painted: Image.Image) -> Image.Image:
    """The picture with nothing left of what is under white: the colours around it go on there."""
    known = 1 - numpy.asarray(painted, numpy.float32)[..., None] / 255
    colours = numpy.asarray(picture, numpy.float32)
    if not known.any():
        return Image.new("RGB", picture.size, (128, 128, 128))
    inside = spread(colours * known, known)
    mixed = colours * known + inside * (1 - known)
    return Image.fromarray(mixed.round().clip(0, 255).astype(numpy.uint8))


def spread(colours: numpy.ndarray, known: numpy.ndarray) -> numpy.ndarray:
    """Colours (height x width x 3, times how well they are `known`, 0..1) for every pixel: from
    the nearest places where there are any, ever softer with the distance."""
    height, width = known.shape[:2]
    if known.min() > 0.5 or max(height, width) == 1:
        return colours / numpy.maximum(known, 1e-6)
    even = (height % 2, width % 2)
    if any(even):
        pad = ((0, even[0]), (0, even[1]), (0, 0))
        colours, known = numpy.pad(colours, pad), numpy.pad(known, pad)
    coarse = spread(*(_halved(one) for one in (colours, known)))
    larger = Image.fromarray(coarse.round().clip(0, 255).astype(numpy.uint8)).resize(
        (colours.shape[1], colours.shape[0]), Image.Resampling.BILINEAR
    )
    mixed = colours + numpy.asarray(larger, numpy.float32) * (1 - known)
    return mixed[:height, :width]


def _halved(values: numpy.ndarray) -> numpy.ndarray:
    return (values[::2, ::2] + values[1::2, ::2] + values[::2, 1::2] + values[1::2, 1::2]) / 4


def continued(
    picture: Image.Image, place: tuple[int, int, int, int], size: tuple[int, int]
) -> Image.Image:
    """A canvas of `size` with the picture at `place` (left, top, right, bottom). Beyond its edges
    their colours go on, out of focus."""
    (left, top, right, bottom), (width, height) = place, size
    soft = picture.filter(ImageFilter.GaussianBlur(max(picture.size) / _SOFT / 4))
    pads = ((top, height - bottom), (left, width - right), (0, 0))
    around = Image.fromarray(numpy.pad(numpy.asarray(soft), pads, mode="edge"))
    canvas = around.filter(ImageFilter.GaussianBlur(max(size) / _SOFT))
    canvas.paste(picture, (left, top))
    return canvas
