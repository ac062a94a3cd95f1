"""Between the two stages of a large picture: the small one, scaled up."""

from __future__ import annotations

from PIL import Image


def enlarged(picture: Image.Image, size: tuple[int, int], *, tile: bool = False) -> Image.Image:
    """The picture at `size`; of a `tile`, as part of an endless pattern."""
    if not tile:
        return picture.resize(size, Image.Resampling.LANCZOS)
    width, height = picture.size
    pattern = _pattern(picture)
    box = (width, height, 2 * width, 2 * height)
    return pattern.resize(size, Image.Resampling.LANCZOS, box=box)


def _pattern(picture: Image.Image) -> Image.Image:
    """Three by three of it."""
    width, height = picture.size
    pattern = Image.new(picture.mode, (3 * width, 3 * height))
    for x in range(3):
        for y in range(3):
            pattern.paste(picture, (x * width, y * height))
    return pattern
