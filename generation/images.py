"""Pictures side by side, and pictures as files."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from generation import png
from generation.provenance import read_record

__all__ = [
    "columns_for",
    "encode_jpeg",
    "encode_png",
    "fill_grid",
    "make_grid",
    "read_record",
    "write_file",
]

GRID_LEAST_SIDE = 512
"""Pixels. A grid with a shorter long side is enlarged, or it would be a stamp in a channel."""

_EMPTY = (43, 45, 49)
_COLUMNS = {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3, 7: 4, 8: 4}


def columns_for(count: int) -> int:
    """Pictures in a row of a grid of `count`: two by two for four, at most four in a row."""
    return _COLUMNS.get(count, 4)


def fill_grid(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures of one size, in reading order, edge to edge."""
    columns = columns_for(len(pictures))
    rows = -(-len(pictures) // columns)
    width, height = pictures[0].size
    grid = Image.new("RGB", (width * columns, height * rows), _EMPTY)
    for index, picture in enumerate(pictures):
        grid.paste(picture, (index % columns * width, index // columns * height))
    return grid


def make_grid(pictures: Sequence[Image.Image]) -> Image.Image:
    """The grid as it is shown: enlarged by a whole factor until its long side is 512 pixels. Of one
    picture it is that picture, pixel for pixel: whoever keeps the file keeps what was drawn."""
    grid = fill_grid(pictures)
    factor = -(-GRID_LEAST_SIDE // max(grid.size))
    if factor == 1 or len(pictures) == 1:
        return grid
    size = (grid.width * factor, grid.height * factor)
    return grid.resize(size, Image.Resampling.LANCZOS)


def encode_png(picture: Image.Image, chunks: PngInfo | None = None) -> bytes:
    """A lossless file with `chunks` before the pixels."""
    return png.encode(picture, chunks)


def encode_jpeg(picture: Image.Image, *, quality: int = 85) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def write_file(path: Path, data: bytes) -> Path:
    """Writes `data` so that a file of that name is whole at any moment. Raises OSError."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return path
