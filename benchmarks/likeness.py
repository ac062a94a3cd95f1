"""“More like this” among a million pictures, beside a plain scan of all looks.

    python -m benchmarks.likeness [--looks 1000000] [--questions 60] [--seed 1]

Looks of drawn postcards and of their prompts, each moved a little, are put into a database as
Easel keeps them. Then the search's program takes them in, as at a start, and is asked for those
that are most like a picture, as many as a first page is made of: from the question to the names of
works, the rows read again and ranked. The baseline reads every look from the database and compares
it; a second one has them all in memory at once, which is what the sketches spare. All three take
turns. Ends with status 1 when 95 of 100 answers do not come within 100 ms, or the program takes
more than 300 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy
import psutil

from core.likeness import BUILT_IN, NEAREST, look_of_words
from generation.eye import BuiltInEye
from generation.likening import Likening
from generation.look import look
from generation.neighbours import ProgramNeighbours
from generation.postcard.draw import draw
from generation.postcard.wording import caption
from generation.postcard.world import fresh_scenes
from generation.sketches import distances
from storage.opening import Storage, open_storage

DRAWN = 2000
MOVED = 9.0
"""How far a look's numbers are from those of the postcard it comes from, about."""

WANTED = NEAREST
TARGET_MS = 100.0
TARGET_MB = 300.0
BITE = 50_000


def looks(count: int, seed: int) -> Iterator[numpy.ndarray]:
    """`count` looks in bites, (rows, bytes)."""
    words, rng = random.Random(seed), numpy.random.default_rng(seed)
    scenes = fresh_scenes(DRAWN, seed)
    drawn = numpy.array(
        [
            numpy.frombuffer(look(draw(scene)) + look_of_words(caption(scene, words).text), "i1")
            for scene in scenes
        ],
        numpy.float32,
    )
    for begin in range(0, count, BITE):
        some = drawn[rng.integers(0, DRAWN, min(BITE, count - begin))]
        moved = some + rng.normal(0, MOVED, some.shape)
        yield numpy.clip(numpy.rint(moved), -127, 127).astype(numpy.int8)


def fill(file: Path, count: int, seed: int) -> None:
    """Only the looks: nothing else is read here. Their works are of grids of four."""
    with closing(sqlite3.connect(file)) as database:
        at = 0
        for bite in looks(count, seed):
            database.executemany(
                "INSERT INTO looks (job_id, number, kind, dimension, numbers)"
                " VALUES (?, ?, ?, ?, ?)",
                (
                    (f"{(at + n) // 4:020x}", (at + n) % 4 + 1, BUILT_IN, len(one), one.tobytes())
                    for n, one in enumerate(bite)
                ),
            )
            at += len(bite)
        database.commit()


def scan(file: Path, this: numpy.ndarray) -> list[str]:
    """The plain way: every row is read and compared."""
    found: list[tuple[float, int, str]] = []
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute("SELECT id, job_id, number, numbers FROM looks ORDER BY id")
        while bite := rows.fetchmany(BITE):
            all_looks = numpy.frombuffer(b"".join(row[3] for row in bite), "i1")
            far = distances(this, all_looks.reshape(len(bite), -1))
            nearest = numpy.argsort(far, kind="stable")[: WANTED + 1]
            found += [(far[n], bite[n][0], f"{bite[n][1]}-{bite[n][2]}") for n in nearest]
    return [work for _, _, work in sorted(found)[1 : WANTED + 1]]


def scan_held(matrix: numpy.ndarray, this: numpy.ndarray) -> numpy.ndarray:
    """The same among looks that are all in memory."""
    far = numpy.concatenate(
        [distances(this, matrix[begin : begin + 16384]) for begin in range(0, len(matrix), 16384)]
    )
    return numpy.argpartition(far, WANTED + 1)[: WANTED + 1]


class Watch:
    """Milliseconds by the clock, and of processor time of this process and its programs."""

    def __init__(self, program: psutil.Process | None = None) -> None:
        self.wall: list[float] = []
        self.processor: list[float] = []
        self._program = program
        self._began = (0.0, 0.0)

    def __enter__(self) -> None:
        self._began = (time.perf_counter(), self._processor())

    def __exit__(self, *_: object) -> None:
        self.wall.append(1000 * (time.perf_counter() - self._began[0]))
        self.processor.append(1000 * (self._processor() - self._began[1]))

    def _processor(self) -> float:
        theirs = self._program.cpu_times() if self._program else None
        return time.process_time() + (theirs.user + theirs.system if theirs else 0.0)

    def line(self, name: str) -> str:
        p95 = statistics.quantiles(self.wall, n=20)[-1] if len(self.wall) > 1 else self.wall[0]
        cells = (statistics.median(self.wall), p95, max(self.wall), statistics.mean(self.processor))
        return f"{name:28}" + "".join(f"{cell:12.1f}" for cell in cells)


async def ask(storage: Storage, file: Path, args: argparse.Namespace) -> bool:
    neighbours = ProgramNeighbours()
    likening = Likening(storage.looks, storage.blobs, BuiltInEye(), neighbours)
    me = psutil.Process()
    try:
        before, began = me.memory_info().rss, time.perf_counter()
        await likening.compare()
        took = time.perf_counter() - began
        grown = (me.memory_info().rss - before) / 2**20
        (program,) = [one for one in me.children() if "generation.nearest" in one.cmdline()]
        print(f"{await neighbours.count():,} looks taken in, in {took:.1f} s")
        matrix = numpy.concatenate(list(looks(args.looks, args.seed)))
        ours, plain, held = Watch(program), Watch(), Watch()
        rng, common, asked = random.Random(args.seed), 0, 0
        for turn in range(args.questions):
            kept = await storage.looks.some(BUILT_IN, [rng.randrange(args.looks) + 1])
            this = numpy.frombuffer(kept[0].numbers, "i1")
            with ours:
                found = await likening.nearest(kept[0].job_id, kept[0].number, WANTED)
            with held:
                scan_held(matrix, this)
            if turn % 6 == 0:
                with plain:
                    exact = scan(file, this)
                common, asked = common + len(set(exact) & set(found)), asked + WANTED
        size = program.memory_info().rss / 2**20
    finally:
        await likening.close()
    print(f"{'ms':28}" + "".join(f"{head:>12}" for head in ("median", "p95", "worst", "processor")))
    for name, watch in (("more like this", ours), ("scan of the rows", plain)):
        print(watch.line(name))
    print(held.line(f"scan of {matrix.nbytes / 2**20:.0f} MB in memory"))
    median = statistics.median
    print(
        f"ratio to the scan of the rows {median(plain.wall) / median(ours.wall):.1f} by the clock, "
        f"{statistics.mean(plain.processor) / statistics.mean(ours.processor):.1f} by processor "
        f"time; to the scan in memory {median(held.wall) / median(ours.wall):.1f}"
    )
    print(f"of the {WANTED} nearest, {100 * common / asked:.1f} % are the scan's")
    print(f"the program takes {size:.0f} MB, and taking in {grown:.0f} MB of the asking process")
    p95 = statistics.quantiles(ours.wall, n=20)[-1]
    met = p95 <= TARGET_MS and size + max(0.0, grown) <= TARGET_MB
    print(f"p95 ≤ {TARGET_MS:g} ms and ≤ {TARGET_MB:g} MB: {'met' if met else 'missed'}")
    return met


async def measure(args: argparse.Namespace) -> bool:
    with TemporaryDirectory() as folder:
        data = Path(folder)
        async with open_storage(data):
            pass
        fill(data / "easel.db", args.looks, args.seed)
        async with open_storage(data) as storage:
            return await ask(storage, data / "easel.db", args)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--looks", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    return 0 if asyncio.run(measure(parser.parse_args())) else 1


if __name__ == "__main__":
    sys.exit(main())
