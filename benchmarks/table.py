"""Measures the engine, and writes what was found into docs/performance.md.

    python -m benchmarks.table [--only NAME …] [--keep FOLDER] [--read] [--full] [--busy]

Runs the short form of every measurement, each in a process of its own, one after the other; with
`--full` the long one, for an hour with nothing else on the machine. With `--busy`, for a machine
that has other work, forwards have one thread, and queues count processor time. Each writes its
figures to a file in FOLDER, which is docs/figures. The page's part between its two marks is written
anew from all files that are there, the rest of it is left alone: so with `--only` one measurement
is run again and the others stay as they are, and `--read` runs nothing.

Ends with status 1 where a promise is broken or a measurement did not end.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.kit.figures import Result, number, table

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/performance.md"
FIGURES = ROOT / "docs/figures"
BEGIN, END = "<!-- measured by benchmarks/table.py -->", "<!-- until here -->"
LONGEST_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Measurement:
    """A script with its options, short and at length. `name` is that of its file of figures."""

    name: str
    script: str
    short: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    busy: tuple[str, ...] = ("--threads", "1")

    def options(self, how: argparse.Namespace) -> tuple[str, ...]:
        length = self.full if how.full else self.short
        return (*length, *self.busy) if how.busy else length

    def command(self, how: argparse.Namespace) -> str:
        """As one types it."""
        return " ".join(("python", "-m", f"benchmarks.{self.script}", *self.options(how)))


MEASUREMENTS = (
    Measurement(
        "throughput",
        "throughput",
        ("--rounds", "3", "--service", "--all", "--curve"),
        ("--rounds", "9", "--service", "--all", "--curve"),
    ),
    Measurement(
        "throughput-postcard",
        "throughput",
        ("--model", "postcard", "--jobs", "8", "--rounds", "2", "--curve"),
        ("--model", "postcard", "--rounds", "7", "--service", "--curve"),
    ),
    Measurement(
        "mixed-load",
        "mixed_load",
        ("--seeds", "1"),
        ("--seeds", "3"),
        ("--threads", "1", "--clock", "processor"),
    ),
    Measurement("footprint", "footprint", ("--rounds", "3"), ("--rounds", "7"), ()),
    Measurement(
        "busy-tax", "busy_tax", ("--jobs", "8", "--rounds", "2"), ("--jobs", "16", "--rounds", "7")
    ),
    Measurement("step-policy", "step_policy", (), (), ()),
    Measurement(
        "output-path",
        "output_path",
        ("--rounds", "3", "--seconds", "4"),
        ("--rounds", "5", "--seconds", "6"),
        (),
    ),
    Measurement(
        "feature-cache",
        "feature_cache",
        ("--prompts", "16"),
        ("--prompts", "96"),
    ),
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = [one.name for one in MEASUREMENTS]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--keep", type=Path, default=FIGURES, help="the folder of figures")
    parser.add_argument("--read", action="store_true", help="run nothing, take what is there")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--busy", action="store_true", help="the machine has other work")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args(arguments)
    folder: Path = options.keep
    folder.mkdir(parents=True, exist_ok=True)
    ended = True
    for one in MEASUREMENTS:
        if not options.read and one.name in options.only:
            ended = measure(one, folder / f"{one.name}.json", options) and ended
    found = [
        Result.read(path) for one in MEASUREMENTS if (path := folder / f"{one.name}.json").exists()
    ]
    if not found:
        print(f"{folder} has no figures.", file=sys.stderr)
        return 1
    page = options.page.read_text(encoding="utf-8")
    options.page.write_text(put_in(page, told(found)), encoding="utf-8")
    print(f"written to {options.page}")
    return 0 if ended and all(result.kept for result in found) else 1


def measure(one: Measurement, path: Path, how: argparse.Namespace) -> bool:
    """Whether it ended with figures, kept or broken; where not, those from before stay."""
    before = path.stat().st_mtime_ns if path.exists() else None
    print(f"\n$ {one.command(how)}", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{one.script}", *one.options(how)]
    subprocess.run([*command, "--json", str(path)], cwd=ROOT, check=False, timeout=LONGEST_SECONDS)
    return path.exists() and path.stat().st_mtime_ns != before


def told(found: Sequence[Result]) -> str:
    """All of it, in Markdown: first what was promised, then each measurement with its tables."""
    head = ("figure", "measured", "promise", "")
    promised = [
        (one.what, number(one.value), one.bound, one.verdict)
        for result in found
        for one in result.figures
        if one.promise is not None
    ]
    parts = [table(head, promised)]
    for result in found:
        day = time.strftime("%d %B %Y", time.gmtime(result.at)).lstrip("0")
        others = [(one.what, number(one.value)) for one in result.figures if one.promise is None]
        parts.append(f"`{result.command}`")
        parts.append(f"{day}; {result.machine}. {result.setting}.")
        parts += result.tables
        if others:
            parts.append(table(("also measured", ""), others))
    return "\n\n".join(parts)


def put_in(page: str, text: str) -> str:
    """The page with `text` between its marks. Raises ValueError where it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks its marks, {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


if __name__ == "__main__":
    sys.exit(main())
