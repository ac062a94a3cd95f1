"""The program that draws family trees: a tree as JSON on stdin, a PNG on stdout.

A program of its own (`python -m bot.family_chart`), as `bot.charts` is and for the same reason. Of
files it reads fonts and the pictures that the tree names.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import Any

from bot.charts import CPU_SECONDS, DPI, FAINT, GOLD, GRID, INK, MEMORY_BYTES, PAPER
from bot.family import Card, Tree

CARD = 1.5
"""The side of a card's picture, in inches; 225 pixels."""

BESIDE, BELOW, EDGE = 0.3, 0.62, 0.25
"""Inches between cards, below one (its title has to fit), and around all."""

MOST_PIXELS = 450
"""A longer side is read more coarsely: twice what is shown."""


def main() -> int:
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.stdout.buffer.write(draw(Tree.from_json(sys.stdin.buffer.read())))
    return 0


def draw(tree: Tree) -> bytes:
    """The tree as a PNG file."""
    from io import BytesIO

    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    mpl.rcParams.update({"text.parse_math": False, "font.family": "DejaVu Sans", "font.size": 9})
    width = 2 * EDGE + tree.columns * (CARD + BESIDE) - BESIDE
    height = EDGE + tree.rows * (CARD + BELOW)
    figure: Any = Figure(figsize=(width, height), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)

    def corner(card: Card) -> tuple[float, float]:
        """Its lower left, in inches from the figure's."""
        left = EDGE + card.column * (CARD + BESIDE)
        return left, height - EDGE - CARD - card.row * (CARD + BELOW)

    for card in tree.cards:
        if card.parent < 0:
            continue
        left, bottom = corner(card)
        x, y = left + CARD / 2, bottom + CARD
        above = corner(tree.cards[card.parent])
        # From below the parent's title, down, across, and down to the card.
        start, bend = above[1] - 0.3, y + 0.14
        xs = [above[0] + CARD / 2, above[0] + CARD / 2, x, x]
        ys = [start, bend, bend, y]
        line = Line2D([v / width for v in xs], [v / height for v in ys], color=FAINT, linewidth=1.5)
        figure.add_artist(line)
    for card in tree.cards:
        left, bottom = corner(card)
        box = (left / width, bottom / height, CARD / width, CARD / height)
        _card(figure.add_axes(box), card)
        figure.text(
            (left + CARD / 2) / width,
            (bottom - 0.07) / height,
            card.title,
            ha="center",
            va="top",
            color=GOLD if card.chosen else INK,
            fontweight="bold" if card.chosen else "normal",
        )
    out = BytesIO()
    figure.savefig(out, format="png", metadata={"Software": "Easel"})
    return out.getvalue()


def _card(axes: Any, card: Card) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor(GRID)
    for spine in axes.spines.values():
        spine.set_color(GOLD if card.chosen else GRID)
        spine.set_linewidth(2.5 if card.chosen else 1)
    pixels = _pixels(card.path)
    if pixels is None:
        axes.text(0.5, 0.5, "no picture", ha="center", va="center", color=FAINT)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        return
    high, wide = pixels.shape[:2]
    side = max(high, wide)
    axes.imshow(pixels, interpolation="antialiased")
    # The picture lies in the middle of a square, as wide and high as it is.
    axes.set_xlim((wide - side) / 2 - 0.5, (wide + side) / 2 - 0.5)
    axes.set_ylim((high + side) / 2 - 0.5, (high - side) / 2 - 0.5)


def _pixels(path: str) -> Any:
    """Height × width × 3 or 4, or None for a file that is missing or no picture."""
    from matplotlib.image import imread

    if not path:
        return None
    try:
        pixels: Any = imread(path)
    except (OSError, ValueError, SyntaxError):
        return None
    every = max(1, -(-max(pixels.shape[:2]) // MOST_PIXELS))
    return pixels[::every, ::every]


if __name__ == "__main__":
    sys.exit(main())
