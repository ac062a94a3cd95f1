"""A chart laid out: where its columns stand and what its lines say. The page draws it as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from core.chart import Bar, Chart

WIDTH, GAP, HEIGHT = 10.0, 2.6, 100.0
"""Of a column, of the room beside it, and of the whole, in units of the drawing."""

MOST_LINES = 5
MOST_NAMES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    x: float
    y: float
    width: float
    height: float
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Across all columns; `y` from the top."""

    y: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Somebody's share, as wide as it is of the largest, in hundredths."""

    name: str
    value: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """`lines` from the top down, the last one is zero; `names` are of columns that stand evenly
    apart, the first and the last among them."""

    chart: Chart
    width: float
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    limit: Line | None = None

    @property
    def empty(self) -> bool:
        return not any(bar.value for bar in self.chart.times)


def plot(chart: Chart) -> Plot:
    largest = max((bar.value for bar in chart.times), default=0.0)
    step, top = scale(max(largest, chart.limit or 0.0))

    def y(value: float) -> float:
        return round(HEIGHT * (1 - value / top), 2)

    columns = tuple(
        Column(
            x=round(place * WIDTH + GAP / 2, 2),
            y=y(bar.value),
            width=WIDTH - GAP,
            height=round(HEIGHT - y(bar.value), 2),
            name=bar.name,
            value=number(bar.value),
        )
        for place, bar in enumerate(chart.times)
    )
    marks = [step * count for count in range(round(top / step), -1, -1)]
    limit = chart.limit
    return Plot(
        chart=chart,
        width=max(1, len(columns)) * WIDTH,
        columns=columns,
        lines=tuple(Line(y=y(mark), words=number(mark)) for mark in marks),
        names=_names(chart.times),
        rows=_rows(chart.people),
        limit=Line(y=y(limit), words=chart.limit_name) if limit else None,
    )


def scale(largest: float) -> tuple[float, float]:
    """Steps of 1, 2 or 5 times a power of ten, few enough, and where they end."""
    if largest <= 0:
        return 1.0, 1.0
    rough = largest / (MOST_LINES - 1)
    power = 10.0 ** floor(log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough * 0.999)
    return step, step * ceil(round(largest / step, 6))


def number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _names(bars: tuple[Bar, ...]) -> tuple[str, ...]:
    last = len(bars) - 1
    if last < 1:
        return tuple(bar.name for bar in bars)
    # Evenly apart, so that they stand below their columns however wide the page is.
    gaps = [gap for gap in range(1, last + 1) if last % gap == 0 and last // gap < MOST_NAMES]
    return tuple(bar.name for bar in bars[:: gaps[0]])


def _rows(bars: tuple[Bar, ...]) -> tuple[Row, ...]:
    largest = max((bar.value for bar in bars), default=0.0) or 1.0
    return tuple(
        Row(name=bar.name, value=number(bar.value), share=round(100 * bar.value / largest, 2))
        for bar in bars
    )
