"""What keeping checkpoints costs a grid, against the same grid without.

    python -m benchmarks.checkpoint [--rounds 9] [--steps 50] [--every 5]

The worker's painter makes the same grid of the embedded model with checkpoints and without, in
turns, each round with a seed of its own; told are the medians of the rounds' ratios, by the clock
and by the processor's time of all threads. The embedded model is the hard case: its steps are a
thousand times shorter than a large model's, and a checkpoint is nearly as large. Pictures are
compared. Then the last checkpoint's size, and how long it takes to write.

Ends with status 1 where checkpoints take more than 1.05 times the processor time, or change a byte.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from core.events import Event, Finished, ImageReady, Task
from core.models import EMBEDDED, Catalogue
from core.request import Part, Request
from generation.checkpoints import read, write
from generation.painter import Painter

TARGET = 1.05
PROMPT = "a red lighthouse at dusk"


@dataclass(frozen=True, slots=True)
class Made:
    """One grid: seconds by the clock and by the processor, and its pictures' files."""

    wall: float
    processor: float
    files: list[bytes]


def make(painter: Painter, folder: Path, seed: int, steps: int, kept: Path | None) -> Made:
    request = Request(
        text=PROMPT,
        parts=(Part(PROMPT),),
        model=EMBEDDED,
        width=128,
        height=128,
        seed=seed,
        steps=steps,
        guidance=3.0,
    )
    folder.mkdir(exist_ok=True)
    task = Task(
        job_id="j", request=request, spool=str(folder), checkpoint=str(kept) if kept else None
    )
    files: list[bytes] = []

    def listen(event: Event) -> None:
        if isinstance(event, ImageReady):
            files.append(Path(event.path).read_bytes())

    wall, processor = time.perf_counter(), time.process_time()
    ending = painter.make(task, listen, threading.Event())
    made = Made(time.perf_counter() - wall, time.process_time() - processor, files)
    if not isinstance(ending, Finished):
        raise SystemExit(f"the grid was not made: {ending}")
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--every", type=int, default=5)
    options = parser.parse_args()
    painter = Painter(Catalogue.parse(""), device="cpu", checkpoint_every=options.every)
    walls: list[float] = []
    processors: list[float] = []
    changed = 0
    with tempfile.TemporaryDirectory(prefix="easel-checkpoint-") as name:
        folder, kept = Path(name) / "spool", Path(name) / "kept" / "j.safetensors"
        make(painter, folder, 0, options.steps, None)
        for number in range(1, options.rounds + 1):
            pair: dict[bool, Made] = {}
            for on in (True, False) if number % 2 else (False, True):
                pair[on] = make(painter, folder, number, options.steps, kept if on else None)
            walls.append(pair[True].wall / pair[False].wall)
            processors.append(pair[True].processor / pair[False].processor)
            changed += pair[True].files != pair[False].files
        size, seconds = kept.stat().st_size, write_seconds(kept)
    cpu = statistics.median(processors)
    print(f"{options.rounds} rounds, {options.steps} steps, at most {options.every} repeated")
    print(f"with / without checkpoints, clock: {statistics.median(walls):.3f}")
    print(f"with / without checkpoints, processor: {cpu:.3f} (target {TARGET})")
    print(f"a checkpoint: {size / 1024:.0f} KiB, written in {seconds * 1000:.1f} ms")
    print(f"grids that differ: {changed} of {options.rounds}")
    return 0 if cpu <= TARGET and not changed else 1


def write_seconds(kept: Path) -> float:
    """The median of ten writes."""
    from safetensors import safe_open

    with safe_open(kept, framework="pt") as file:
        mark = (file.metadata() or {})["mark"]
    checkpoint = read(kept, mark)
    assert checkpoint is not None
    took: list[float] = []
    for _ in range(10):
        began = time.perf_counter()
        write(kept, checkpoint, mark)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


if __name__ == "__main__":
    sys.exit(main())
