"""The program that draws charts: a chart as JSON on stdin, a PNG on stdout.

A program of its own (`python -m bot.charts`), because matplotlib is five times as large as the bot;
`bot.plotter` starts it. It reads no file but fonts, and knows no token.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import Any

from core.chart import Chart

CPU_SECONDS = 30
MEMORY_BYTES = 2 * 1024**3
"""Address space; a chart uses a tenth of it in fact."""

WIDTH, HEIGHT, DPI = 8.0, 3.4, 150
SMALL_WIDTH = 5.6
"""Inches; 1200 or 840 by 510 pixels."""

PAPER, INK, FAINT, GRID = "#1f2126", "#f2f3f5", "#b5bac1", "#3f4248"
"""A card of its own colour, so that it reads the same on a dark page and on a light one."""

BLUE, GOLD, GREEN = "#7cb3ff", "#ffc46b", "#7fd6a4"


def main() -> int:
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    chart = Chart.from_json(sys.stdin.buffer.read())
    sys.stdout.buffer.write(draw(chart))
    return 0


def draw(chart: Chart) -> bytes:
    """The chart as a PNG file."""
    from io import BytesIO

    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    mpl.rcParams.update(
        {
            "text.parse_math": False,  # people's names may hold dollars
            "font.family": "DejaVu Sans",
            "font.size": 9,
            "text.color": INK,
            "axes.labelcolor": FAINT,
            "xtick.color": FAINT,
            "ytick.color": FAINT,
            "axes.edgecolor": GRID,
            "figure.facecolor": PAPER,
            "axes.facecolor": PAPER,
        }
    )
    width = WIDTH if chart.people else SMALL_WIDTH
    figure: Any = Figure(figsize=(width, HEIGHT), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    figure.get_layout_engine().set(w_pad=0.14, h_pad=0.1)
    figure.suptitle(drawable(chart.title), x=0.015, ha="left", fontsize=12, fontweight="bold")
    if chart.people:
        over_time, people = figure.subplots(1, 2, width_ratios=(1.75, 1))
        _people(people, chart)
    else:
        over_time = figure.subplots()
    _over_time(over_time, chart)
    out = BytesIO()
    figure.savefig(out, format="png", metadata={"Software": "Easel"})
    return out.getvalue()


def _over_time(axes: Any, chart: Chart) -> None:
    bars = chart.times
    axes.bar(range(len(bars)), [bar.value for bar in bars], width=0.74, color=BLUE)
    _bare(axes, chart.unit)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    every = max(1, -(-len(bars) // 7))
    shown = range(len(bars) - 1, -1, -every)  # the last one, which is now, has its name
    axes.set_xticks(list(shown), [bars[k].name for k in shown])
    axes.set_xlim(-0.6, max(len(bars), 4) - 0.4)
    top = max((bar.value for bar in bars), default=0.0)
    if chart.limit is not None and chart.limit > 0:
        top = max(top, chart.limit)
        axes.axhline(chart.limit, color=GOLD, linewidth=1.4, linestyle=(0, (4, 3)))
        axes.annotate(
            chart.limit_name,
            (0, chart.limit),
            xycoords=("axes fraction", "data"),
            xytext=(3, 3),
            textcoords="offset points",
            color=GOLD,
            fontsize=8,
        )
    axes.set_ylim(0, top * 1.15 or 1)
    if not any(bar.value for bar in bars):
        axes.set_yticks([])
        _nothing(axes)


def _people(axes: Any, chart: Chart) -> None:
    people = list(reversed(chart.people))
    values = [bar.value for bar in people]
    axes.barh(range(len(people)), values, height=0.66, color=GREEN)
    names = [drawable(bar.name) for bar in people]
    axes.set_yticks(range(len(people)), [cut(name, 16) for name in names])
    axes.tick_params(axis="y", labelcolor=INK)
    _bare(axes, chart.unit)
    axes.set_xticks([])
    axes.set_ylim(-0.6, max(len(people), 5) - 0.4)
    axes.set_xlim(0, max(values, default=0) * 1.25 or 1)
    for row, value in enumerate(values):
        axes.annotate(
            number(value),
            (value, row),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=FAINT,
            fontsize=8,
        )


def _bare(axes: Any, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=9, color=FAINT)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    axes.set_axisbelow(True)


def _nothing(axes: Any) -> None:
    axes.text(0.5, 0.45, "Nothing yet", transform=axes.transAxes, ha="center", color=FAINT)


def number(value: float) -> str:
    """At most three digits that say something."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def drawable(text: str) -> str:
    """The text without what the font has no shape for."""
    return (
        "".join(char for char in text if char == " " or _glyphs().get(ord(char))).strip()
        or "(no name)"
    )


_KNOWN: dict[int, int] = {}


def _glyphs() -> dict[int, int]:
    if not _KNOWN:
        from matplotlib import font_manager

        fonts: Any = font_manager
        _KNOWN.update(fonts.get_font(fonts.findfont("DejaVu Sans")).get_charmap())
    return _KNOWN


if __name__ == "__main__":
    sys.exit(main())
