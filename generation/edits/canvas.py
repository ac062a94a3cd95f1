"""The canvas of an edit: what it starts from, which part of it is painted, and what stays."""

# pyright: basic
from __future__ import annotations

from dataclasses import dataclass

import numpy
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from core.edits import Box, Edit, Op
from core.request import Request
from generation.edits.fill import continued, filled
from generation.edits.levelling import levelled
from generation.source_picture import open_mask, open_source

_FEATHERS = 64
"""The edge between what stays and what is painted is as wide as this part of the shorter side."""


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """`start` is what is denoised, `kept` has what stays, both RGB; `painted` is white where the
    picture is painted, black where it stays. `soft` is how much of the painting is to be seen in
    the end, from black to white. `levels`: the painting is levelled with what stays."""

    start: Image.Image
    kept: Image.Image
    painted: Image.Image
    soft: Image.Image
    levels: bool = False

    def finished(self, picture: Image.Image) -> Image.Image:
        """The painting, with what stays put back."""
        if self.levels:
            picture = levelled(picture, self.kept, self.painted)
        return Image.composite(picture, self.kept, self.soft)


def canvas_of(request: Request, source: str, mask: str | None = None) -> Canvas | None:
    """Of the picture in the file `source`; `mask` is the file of the mask. None where no part of
    the picture is to stay as it is. Raises SourcePictureError."""
    edit = request.edit
    if edit is None or edit.op is Op.ENLARGE:
        return None
    size = request.width, request.height
    if edit.op is Op.REGION:
        kept = open_source(source, *size)
        painted = _region(edit, size, mask)
        return Canvas(filled(kept, painted), kept, painted, _feathered(painted), levels=True)
    left, top, right, bottom = _pixels(edit.keep or Box(0, 0, 1, 1), size)
    picture = open_source(source, right - left, bottom - top)
    seen = max(0, left), max(0, top), min(size[0], right), min(size[1], bottom)
    picture = picture.crop((seen[0] - left, seen[1] - top, seen[2] - left, seen[3] - top))
    kept = continued(picture, seen, size)
    painted = Image.new("L", size, 255)
    painted.paste(0, seen)
    soft = ImageChops.invert(_feathered(ImageChops.invert(painted)))
    return Canvas(kept, kept, painted, soft)


def _region(edit: Edit, size: tuple[int, int], mask: str | None) -> Image.Image:
    painted = Image.new("L", size, 0)
    if mask is not None:
        # A stroke along the edge of a thing is meant to take the edge with it.
        reach = _feather(size) // 2 * 2 + 1
        painted = open_mask(mask, *size).filter(ImageFilter.MaxFilter(reach))
    draw = ImageDraw.Draw(painted)
    for part in edit.parts:
        left, top, right, bottom = _pixels(part, size)
        if right > left and bottom > top:
            draw.rectangle((left, top, right - 1, bottom - 1), fill=255)
    return painted


def _pixels(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    width, height = size
    return (
        round(box.left * width),
        round(box.top * height),
        round(box.right * width),
        round(box.bottom * height),
    )


def _feather(size: tuple[int, int]) -> int:
    return max(3, min(size) // _FEATHERS)


def _feathered(mask: Image.Image) -> Image.Image:
    """The mask with a soft edge, all of it inside what is white; the picture's own edges stay."""
    width = _feather(mask.size)
    reach = width // 2
    pixels = numpy.pad(numpy.asarray(mask), width, mode="edge")
    inner = Image.fromarray(pixels).filter(ImageFilter.MinFilter(2 * reach + 1))
    soft = inner.filter(ImageFilter.BoxBlur(reach))
    soft = soft.crop((width, width, width + mask.width, width + mask.height))
    return ImageChops.darker(soft, mask)
