"""“More like this” among a million pictures, beside plain scans of all looks.

    python -m benchmarks.likeness [--looks 1000000] [--questions 60] [--seed 1] [--folder DIR]

To the works of `benchmarks.gallery_search` come looks of drawn postcards and of their prompts, each
moved a little. The search's program takes them in, as at a start, and is asked for pages of 40 as a
front end asks: of all that anybody may see, of one server's and of one person's pictures. The first
baseline reads every look from the database and compares it; the second has them all in memory,
which is what the sketches spare. All take turns. Ends with status 1 when 95 of 100 pages take more
than 100 ms of the processors, or what holds the looks more than 300 MB. With `--folder`, a database
that is there, such as one of `benchmarks.gallery_search`, is used again.
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

from benchmarks import gallery_search
from benchmarks.gallery_search import MEMBER, PAGE, p95
from core.likeness import BUILT_IN, NEAREST, MoreLikeThis, look_of_words
from core.viewing import may_view
from core.works import Query, Work
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
    """Looks of the works that are there, which are of grids of four."""
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
            nearest = numpy.argsort(far, kind="stable")[: NEAREST + 1]
            found += [(far[n], bite[n][0], f"{bite[n][1]}-{bite[n][2]}") for n in nearest]
    return [work for _, _, work in sorted(found)[1 : NEAREST + 1]]


def scan_held(matrix: numpy.ndarray, this: numpy.ndarray) -> numpy.ndarray:
    """The same among looks that are all in memory."""
    far = numpy.concatenate(
        [distances(this, matrix[begin : begin + 16384]) for begin in range(0, len(matrix), 16384)]
    )
    return numpy.argpartition(far, NEAREST + 1)[: NEAREST + 1]


class Watch:
    """Milliseconds by the clock, and of the processors for this process and its program."""

    def __init__(self, program: psutil.Process | None = None) -> None:
        self.wall: list[float] = []
        self.work: list[float] = []
        self._program = program
        self._began = (0.0, 0.0)

    def __enter__(self) -> None:
        self._began = (time.perf_counter(), self._worked())

    def __exit__(self, *_: object) -> None:
        self.wall.append(1000 * (time.perf_counter() - self._began[0]))
        self.work.append(1000 * (self._worked() - self._began[1]))

    def _worked(self) -> float:
        theirs = self._program.cpu_times() if self._program else None
        return time.process_time() + (theirs.user + theirs.system if theirs else 0.0)

    def line(self, name: str) -> str:
        cells = (
            *(statistics.median(self.work), p95(self.work)),
            *(statistics.median(self.wall), p95(self.wall)),
        )
        return f"{name:<36}" + "".join(f"{cell:12.1f}" for cell in cells)


async def measure(storage: Storage, file: Path, args: argparse.Namespace) -> bool:
    neighbours = ProgramNeighbours()
    likening = Likening(storage.looks, storage.blobs, BuiltInEye(), neighbours)
    me = psutil.Process()
    try:
        before, began = me.memory_info().rss, time.perf_counter()
        await likening.compare()
        took = time.perf_counter() - began
        (program,) = [one for one in me.children() if "generation.nearest" in one.cmdline()]
        print(f"{await neighbours.count():,} looks taken in, in {took:.1f} s", flush=True)
        more, chance = MoreLikeThis(likening, storage.works), random.Random(args.seed)
        pages = {
            "more like this": lambda: Query(),
            "more like this, of a server": lambda: Query(server_id=chance.choice((2, 3, 30))),
            "more like this, of a person": lambda: Query(owner_id=chance.randrange(1, 99)),
        }
        ours = {name: Watch(program) for name in pages}
        for turn in range(-3, args.questions):
            for name, query in pages.items():
                this = await seen(storage, chance, args.looks)
                with ours[name] if turn >= 0 else Watch():
                    await more.find(this.id, query(), MEMBER, limit=PAGE)
        grown = (me.memory_info().rss - before) / 2**20
        size = program.memory_info().rss / 2**20
        rows, held, share = await scanned(storage, likening, file, args)
    finally:
        await likening.close()
    heads = ("ms of work", "p95", "by the clock", "p95")
    print(f"{'':36}" + "".join(f"{head:>12}" for head in heads))
    for name, watch in ours.items():
        print(watch.line(name))
    print(rows.line("scan of the rows"))
    print(held.line("scan of all looks in memory"))
    first = ours["more like this"]
    for name, watch in (("of the rows", rows), ("in memory", held)):
        print(
            f"a scan {name}: {statistics.median(watch.work) / statistics.median(first.work):.1f} "
            f"times our work, {statistics.median(watch.wall) / statistics.median(first.wall):.1f} "
            "times as long by the clock"
        )
    print(f"of the {NEAREST} nearest, {100 * share:.1f} % are the scan's")
    print(
        f"the program takes {size:.0f} MB, and the asking process {grown:.0f} MB more than before"
    )
    slowest = max(p95(watch.work) for watch in ours.values())
    met = slowest <= TARGET_MS and size + max(0.0, grown) <= TARGET_MB
    print(f"p95 ≤ {TARGET_MS:g} ms and ≤ {TARGET_MB:g} MB: {'met' if met else 'missed'}")
    return met


async def seen(storage: Storage, chance: random.Random, count: int) -> Work:
    """A work that the viewer may look at."""
    while True:
        number = chance.randrange(count)
        work = await storage.works.get(f"{number // 4:020x}-{number % 4 + 1}")
        if may_view(MEMBER, work):
            return work


async def scanned(
    storage: Storage, likening: Likening, file: Path, args: argparse.Namespace
) -> tuple[Watch, Watch, float]:
    """Both scans, and how much of what the first finds we find."""
    rows, held, common, asked = Watch(), Watch(), 0, 0
    matrix = numpy.concatenate(list(looks(args.looks, args.seed)))
    chance = random.Random(args.seed)
    for _ in range(max(5, args.questions // 6)):
        (kept,) = await storage.looks.some(BUILT_IN, [chance.randrange(args.looks) + 1])
        this = numpy.frombuffer(kept.numbers, "i1")
        with held:
            scan_held(matrix, this)
        with rows:
            exact = scan(file, this)
        found = await likening.nearest(kept.job_id, kept.number, NEAREST)
        common, asked = common + len(set(exact) & set(found)), asked + NEAREST
    return rows, held, common / asked


async def run(folder: Path, args: argparse.Namespace) -> bool:
    file = folder / "easel.db"
    if not file.exists():
        async with open_storage(folder):
            pass
        gallery_search.fill(file, args.looks, args.seed)
    async with open_storage(folder) as storage:
        there = await storage.looks.count(BUILT_IN)
    if not there:
        fill(file, args.looks, args.seed)
    async with open_storage(folder) as storage:
        return await measure(storage, file, args)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--looks", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    if args.folder is not None:
        return 0 if asyncio.run(run(args.folder, args)) else 1
    with TemporaryDirectory() as folder:
        return 0 if asyncio.run(run(Path(folder), args)) else 1


if __name__ == "__main__":
    sys.exit(main())
