"""The program that numbers the cells of a picture: a question as JSON on stdin, a PNG on stdout.

A program of its own (`python -m bot.cells_chart`), as `bot.charts` is and for the same reason. Of
files it reads fonts and the one picture.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

from bot.charts import CPU_SECONDS, DPI, INK, MEMORY_BYTES, PAPER
from core.regions import CELLS, cell

LONGER = 5.0
"""The longer side, in inches; 750 pixels."""


def main() -> int:
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.stdout.buffer.write(draw(json.loads(sys.stdin.buffer.read())["path"]))
    return 0


def draw(path: str) -> bytes:
    """The picture with its cells and their numbers, as a PNG file."""
    from io import BytesIO

    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.image import imread

    mpl.rcParams.update({"font.family": "DejaVu Sans", "font.size": 13})
    pixels: Any = imread(path)
    high, wide = pixels.shape[:2]
    scale = LONGER / max(high, wide)
    figure: Any = Figure(figsize=(wide * scale, high * scale), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.imshow(pixels, extent=(0, 1, 1, 0), aspect="auto", interpolation="antialiased")
    for each in range(1, CELLS):
        for line in (axes.axvline, axes.axhline):
            line(each / CELLS, color=PAPER, linewidth=2.5, alpha=0.7)
            line(each / CELLS, color=INK, linewidth=1)
    for number in range(1, CELLS * CELLS + 1):
        box = cell(number)
        axes.text(
            (box.left + box.right) / 2,
            (box.top + box.bottom) / 2,
            str(number),
            ha="center",
            va="center",
            color=INK,
            fontweight="bold",
            bbox={"boxstyle": "round,pad=0.3", "facecolor": PAPER, "alpha": 0.75, "linewidth": 0},
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(1, 0)
    out = BytesIO()
    figure.savefig(out, format="png", metadata={"Software": "Easel"})
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
