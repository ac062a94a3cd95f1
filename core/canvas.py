"""Sizes of pictures that are made from pictures, in pixels and in whole steps of a model."""

from __future__ import annotations

import math

from core.checks import LONGEST_RATIO
from core.edits import Box
from core.errors import RefusedError
from core.jobs import Image
from core.models import Model
from core.request import Kind, Request
from core.sentences import say


def base_size(request: Request, image: Image, model: Model) -> tuple[int, int]:
    """The size that a picture is edited at, in whole steps of the model."""
    step, scale = model.size_step, 1.0
    if request.kind is Kind.ENLARGE:
        scale = min(1.0, model.native_size / math.sqrt(image.width * image.height))
    return (
        max(step, whole_steps(image.width * scale, step)),
        max(step, whole_steps(image.height * scale, step)),
    )


def near(aspect: tuple[int, int], size: tuple[int, int], common: int) -> tuple[int, int]:
    """The ratio that was asked for, where the size is still that but for whole steps."""
    width, height = size
    if abs(math.log(width / height * aspect[1] / aspect[0])) < 0.06:
        return aspect
    if max(width, height) > LONGEST_RATIO * min(width, height):
        # Whole steps made it longer than any that can be asked for.
        return (LONGEST_RATIO, 1) if width > height else (1, LONGEST_RATIO)
    return width // common, height // common


def centred(inner: tuple[int, int], outer: tuple[int, int], factor: float) -> Box:
    """Where a picture lies in the middle of a canvas, as large as it fits and then so many times
    smaller, on whole pixels."""
    shrink = min(outer[0] / inner[0], outer[1] / inner[1]) / factor
    spans: list[tuple[float, float]] = []
    for length, room in zip(inner, outer, strict=True):
        kept = min(room, max(1, round(length * shrink)))
        begin = (room - kept) // 2
        spans.append((begin / room, (begin + kept) / room))
    (left, right), (top, bottom) = spans
    return Box(left, top, right, bottom)


def whole_steps(length: float, step: int) -> int:
    return round(length / step) * step


def check_area(width: int, height: int, most: float) -> None:
    if width * height > most * 1e6:
        raise RefusedError(too_large(width, height, most))


def too_large(width: int, height: int, most: float) -> str:
    return say(
        "{width}×{height} is {area} megapixels; the limit here is {most}.",
        width=width,
        height=height,
        area=f"{width * height / 1e6:.1f}",
        most=f"{most:g}",
    )
