"""Windows: pictures larger than a model draws well are denoised in overlapping parts of a size that
it does, and so cost more than their area says."""

from __future__ import annotations

import math

from core.edits import WHOLE, Box, Edit, Op

LARGEST = 1.6
"""The largest windows, in areas of the model's own: what is drawn fits what is there, and such a
picture comes out right at this size, as one from nothing would not."""

OVERLAP = 0.25
"""Of a window's side: what it shares at least with the next one."""


def windows_of(width: int, height: int, native: int, step: int) -> tuple[int, int]:
    """Width and height in pixels of the windows for such a picture; those of the picture where it
    is not larger than one may be. `native` and `step` are the model's."""
    area = native**2 * LARGEST
    if width * height <= area:
        return width, height
    side = math.sqrt(area)
    wide = width if width <= side else min(width, max(side, area / height))
    high = height if height <= side else min(height, max(side, area / width))
    return _whole(wide, step), _whole(high, step)


def _whole(length: float, step: int) -> int:
    coarse = 4 * step
    return int(length // coarse) * coarse or max(1, int(length // step)) * step


def starts(length: int, window: int, overlap: float = OVERLAP) -> list[int]:
    """Where windows begin, evenly, the last one at the end; `overlap` is of their side."""
    if window >= length:
        return [0]
    count = math.ceil((length - window) / (window * (1 - overlap))) + 1
    return [round(number * (length - window) / (count - 1)) for number in range(count)]


def passes(edit: Edit, width: int, height: int, native: int, step: int) -> float:
    """How many times over an edited picture is denoised at each step: the area of its windows, in
    areas of the picture. Windows in which nothing is painted are left out; what a mask paints is
    not known before it is opened, and may be all of it."""
    wide, high = windows_of(width, height, native, step)
    if (wide, high) == (width, height):
        return 1.0
    boxes = [
        Box(left / width, top / height, (left + wide) / width, (top + high) / height)
        for top in starts(height, high)
        for left in starts(width, wide)
    ]
    return sum(box.area for box in boxes if _painted(edit, box))


def _painted(edit: Edit, window: Box) -> bool:
    if edit.op is Op.EXTEND:
        keep = edit.keep or WHOLE
        return _met(keep, window) < window.area - 1e-9
    if edit.op is Op.REGION and edit.mask is None:
        return any(_met(part, window) > 1e-9 for part in edit.parts)
    return True


def _met(one: Box, other: Box) -> float:
    """The area that is in both."""
    return Box(
        max(one.left, other.left),
        max(one.top, other.top),
        min(one.right, other.right),
        min(one.bottom, other.bottom),
    ).area
