"""Figures of a measurement: middles, tails, the promise each is held to, and how they are told."""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its promise. `floor` says that more is better, and `aim` is what is hoped for
    beyond the promise; None where nothing is promised."""

    what: str
    value: float
    promise: float | None = None
    aim: float | None = None
    floor: bool = True

    @property
    def kept(self) -> bool:
        """Whether the promise holds; so does one that was never made. NaN keeps none."""
        if self.promise is None:
            return True
        return self.value >= self.promise if self.floor else self.value <= self.promise

    @property
    def bound(self) -> str:
        """Such as `≥ 1.35 (aim 1.5)`, "" where nothing is promised."""
        if self.promise is None:
            return ""
        sign = "≥" if self.floor else "≤"
        return f"{sign} {self.promise:g}" + (f" (aim {self.aim:g})" if self.aim else "")

    @property
    def verdict(self) -> str:
        return "" if self.promise is None else "kept" if self.kept else "MISSED"


@dataclass(slots=True)
class Result:
    """What a script found: its figures, and the tables that show what they come from."""

    script: str
    setting: str
    """The model, the load and the number of rounds, in one line."""
    figures: list[Figure] = field(default_factory=list[Figure])
    tables: list[str] = field(default_factory=list[str])
    machine: str = ""
    at: float = 0.0
    command: str = ""

    def add(
        self,
        what: str,
        value: float,
        promise: float | None = None,
        *,
        aim: float | None = None,
        floor: bool = True,
    ) -> None:
        self.figures.append(Figure(what, value, promise, aim, floor))

    def show(self, title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Keeps a table, and prints it."""
        self.tables.append(f"{title}\n\n{table(head, rows)}")
        print(f"\n{self.tables[-1]}", flush=True)

    @property
    def kept(self) -> bool:
        return all(one.kept for one in self.figures)

    def tell(self, path: Path | None) -> int:
        """Prints the figures, writes them to `path` if there is one; the script's status."""
        rows = [(one.what, number(one.value), one.bound, one.verdict) for one in self.figures]
        print(f"\n{self.setting}\n\n{table(('figure', 'value', 'promise', ''), rows)}")
        if path is not None:
            self.machine, self.at = machine(), time.time()
            self.command = f"python -m benchmarks.{self.script} {' '.join(sys.argv[1:])}"
            self.command = self.command.split(" --json")[0].rstrip()
            path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        return 0 if self.kept else 1

    @classmethod
    def read(cls, path: Path) -> Self:
        """The inverse of `tell`. Raises OSError, ValueError, KeyError or TypeError."""
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        values["figures"] = [Figure(**one) for one in values["figures"]]
        return cls(**values)


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that `share` (0..1] of all are not above; NaN of none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    # A share of 0.07 of 100 is 7.000000000000001 in floating point: the eighth would be wrong.
    return ordered[max(0, math.ceil(round(share * len(ordered), 9)) - 1)]


def p95(values: Sequence[float]) -> float:
    return percentile(values, 0.95)


def ratios(these: Sequence[float], those: Sequence[float]) -> list[float]:
    """Pair by pair, as they were measured one after the other."""
    return [this / that for this, that in zip(these, those, strict=True)]


def middle(these: Sequence[float], those: Sequence[float]) -> float:
    """The median of the pairs' ratios: a round that somebody disturbed counts once."""
    return statistics.median(ratios(these, those))


def number(value: float) -> str:
    """Three significant digits, and no exponent where it can be read without."""
    if math.isnan(value):
        return "–"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    text = f"{value:.3g}"
    return text if "e" not in text else f"{value:.{3 - math.floor(math.log10(abs(value))) - 1}f}"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown; columns after the first stand right."""

    def cell(value: object) -> str:
        return number(value) if isinstance(value, float) else str(value)

    lines = [head, ["---", *["---:"] * (len(head) - 1)], *([cell(v) for v in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    """The machine in one line, with its load: numbers of a busy one are worse."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [
        f"{os.cpu_count()} CPU cores",
        f"{memory:.0f} GiB",
        f"Python {platform.python_version()}",
    ]
    try:
        import torch

        parts.append(f"torch {torch.__version__.split('+')[0]}")
        if torch.cuda.is_available():
            parts.append(torch.cuda.get_device_name())
    except ImportError:
        pass
    return ", ".join(parts) + f", load average {os.getloadavg()[1]:.1f}"
