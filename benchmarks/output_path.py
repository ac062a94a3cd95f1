"""What it costs to write finished pictures, and whether anybody waits for it.

    python -m benchmarks.output_path [--rounds 5] [--seconds 6] [--json PATH]

First the files of one job: a grid of 2048 x 2048 pixels, its four originals and a preview, against
the same PNGs by Pillow as it is, in turns, in CPU time of one thread. The pictures are photo-like
with a camera's light noise; softer and noisier ones, a drawing and one flat colour are told beside
them, measured once, and every file is read back and compared.

Then an event loop with 200 interactions a second, each of which reads a prompt and writes a
message: how late it is while (1) nothing else happens, (2) four encodes are under way all the time
in another process, as the worker's are, and the loop's own process stores their files and reads
them back for posting, (3) the four encodes are in threads of the loop's own process, which is worse
than it ever is. The baseline, once: Pillow called in the loop.

Ends with status 1 where the CPU time is over a thirtieth of Pillow's, or the loop is over 20 ms
late at the 99th percentile in (2).
"""

from __future__ import annotations

import argparse
import asyncio
import io
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

# One thread each, so that CPU times are those of the work.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.kit.figures import Result
from bot.render import Renderer
from core.models import PRESETS, Catalogue
from core.prompt import parse
from core.queue import Standing
from generation.images import encode_jpeg, encode_png, make_grid
from storage.blobs import LocalBlobs
from tests.builders import job

TARGET_RATIO, TARGET_LAG_MS = 30.0, 20.0
SIDE, PREVIEW = 1024, 768
PER_SECOND = 200
PROMPT = "a red lighthouse at dusk::2 fog::-0.5 --ar 3:2 --chaos 20 --no people, boats --seed 7"


# The pictures


def photo(side: int, noise: float, seed: int) -> Image.Image:
    """Soft shapes of every size and the noise of a camera, in levels of 256."""
    rng = np.random.default_rng(seed)
    pixels = np.full((side, side, 3), 128, np.float32)
    for cells, strength in ((4, 60), (8, 40), (16, 30), (32, 20), (64, 12), (128, 7), (256, 4)):
        for channel in range(3):
            coarse = Image.fromarray(rng.normal(size=(cells, cells)).astype(np.float32))
            fine = coarse.resize((side, side), Image.Resampling.BICUBIC)
            pixels[:, :, channel] += strength * np.asarray(fine)
    pixels += rng.normal(size=pixels.shape) * noise
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def drawing(side: int, seed: int) -> Image.Image:
    """Flat shapes with soft outlines."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (side, side), (240, 230, 210))
    pen = ImageDraw.Draw(picture)
    for _ in range(40):
        x, y, wide, high = (int(n) for n in rng.integers(side // 20, side, 4))
        box = (x - wide // 4, y - high // 4, x + wide // 4, y + high // 4)
        red, green, blue = (int(n) for n in rng.integers(0, 256, 3))
        pen.ellipse(box, fill=(red, green, blue), outline=(0, 0, 0), width=3)
    return picture.filter(ImageFilter.GaussianBlur(0.7))


KINDS: dict[str, Callable[[int], Image.Image]] = {
    "photo, light noise": lambda seed: photo(SIDE, 2, seed),
    "photo, hardly any noise": lambda seed: photo(SIDE, 0.8, seed),
    "photo, more noise": lambda seed: photo(SIDE, 3, seed),
    "drawing": lambda seed: drawing(SIDE, seed),
    "one colour": lambda seed: Image.new("RGB", (SIDE, SIDE), (10 * seed, 200, 100)),
}
MEASURED = next(iter(KINDS))


# Files


def pillow_png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def cpu_ms(work: Callable[[], list[bytes]]) -> tuple[float, list[bytes]]:
    began = time.thread_time()
    made = work()
    return 1000 * (time.thread_time() - began), made


Row = tuple[str, ...]


def compare(kind: str, rounds: int) -> tuple[float, Row]:
    """Pillow's CPU time by ours, the median of rounds in turns; and all in a row."""
    pictures = [KINDS[kind](seed) for seed in range(1, 5)]
    grid = make_grid(pictures)
    wanted = [grid, *pictures]
    preview = grid.resize((PREVIEW, PREVIEW))
    ours: list[float] = []
    theirs: list[float] = []
    sizes = (0, 0)
    for _ in range(rounds):
        took, (_, *files) = cpu_ms(
            lambda: [encode_jpeg(preview), *(encode_png(picture) for picture in wanted)]
        )
        ours.append(took)
        took, plain = cpu_ms(lambda: [pillow_png(picture) for picture in wanted])
        theirs.append(took)
        sizes = sum(map(len, files)), sum(map(len, plain))
        for data, picture in zip(files, wanted, strict=True):
            with Image.open(io.BytesIO(data)) as read:
                assert read.convert("RGB").tobytes() == picture.tobytes(), "pixels were lost"
    ratio = statistics.median(b / a for a, b in zip(ours, theirs, strict=True))
    print(
        f"{kind:25}{statistics.median(ours):8.0f} ms{statistics.median(theirs):8.0f} ms"
        f"   1/{ratio:<5.1f}{sizes[0] / 1e6:8.2f} MB{sizes[1] / 1e6:8.2f} MB"
        f"   x {sizes[0] / sizes[1]:.2f}",
        flush=True,
    )
    times = (f"{statistics.median(one):,.0f} ms" for one in (ours, theirs))
    return ratio, (kind, *times, f"1/{ratio:.1f}", f"x {sizes[0] / sizes[1]:.2f}")


# The loop


class Lags:
    """Runs the interactions, and measures by how many milliseconds each begins too late."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._renderer = Renderer(Catalogue(PRESETS))
        self._job = job()

    async def run(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for n in range(round(seconds * PER_SECOND)):
            due = began + n / PER_SECOND
            await asyncio.sleep(due - loop.time())
            self.late.append(1000 * (loop.time() - due))
            parse(PROMPT)
            self._renderer.waiting(self._job, Standing(2, 40))

    def told(self, name: str) -> Row:
        """The name, and what is late at the middle, at the 99th percentile and at most."""
        ordered = sorted(self.late)
        found = (ordered[len(ordered) // 2], ordered[round(0.99 * len(ordered))], ordered[-1])
        print(f"{name:58}" + "".join(f"{one:8.1f}" for one in found) + " ms", flush=True)
        return (name, *(f"{one:.1f}" for one in found))


def encode_to(folder: str, number: int) -> str:
    """Encodes one grid, in whichever process this is, and names its file."""
    path = Path(folder) / f"{number}.png"
    path.write_bytes(encode_png(_GRIDS[number % 4]))
    return str(path)


_GRIDS: list[Image.Image] = []


def draw_grids() -> None:
    pictures = [KINDS[MEASURED](seed) for seed in range(1, 5)]
    _GRIDS.extend(make_grid(pictures[turn:] + pictures[:turn]) for turn in range(4))


async def beside(
    pool: ProcessPoolExecutor | ThreadPoolExecutor,
    seconds: float,
    after: Callable[[Path], Awaitable[object]],
) -> tuple[Lags, int]:
    """The lags while four encodes are always under way, and how many were made."""
    lags, made = Lags(), 0
    loop = asyncio.get_running_loop()

    async def encoder(first: int, folder: str) -> None:
        nonlocal made
        while True:
            await after(Path(await loop.run_in_executor(pool, encode_to, folder, first)))
            made += 1

    with tempfile.TemporaryDirectory() as folder:
        encoders = [asyncio.create_task(encoder(n, folder)) for n in range(4)]
        await asyncio.sleep(0.5)
        await lags.run(seconds)
        for task in encoders:
            task.cancel()
        await asyncio.gather(*encoders, return_exceptions=True)
        # Those under way still write there.
        await asyncio.to_thread(pool.shutdown)
    return lags, made


async def loop_part(seconds: float, spare: ProcessPoolExecutor) -> list[Row]:
    """The second row is what a promise is made of."""
    print(f"\n{'How late an event loop is':58}{'p50':>8}{'p99':>8}{'max':>8}")
    idle = Lags()
    await idle.run(seconds)
    rows = [idle.told("interactions alone")]
    with tempfile.TemporaryDirectory() as folder:
        blobs = await LocalBlobs.open(Path(folder))

        async def store(path: Path) -> None:
            await blobs.get(await blobs.put_file(path))

        lags, made = await beside(spare, seconds, store)
        rows.append(lags.told(f"four encodes in the worker, {made} files stored and read"))

    async def nothing(path: Path) -> None:
        pass

    lags, made = await beside(ThreadPoolExecutor(4), seconds, nothing)
    rows.append(lags.told(f"four encodes in threads of the same process, {made} files"))
    stalled = Lags()
    watching = asyncio.create_task(stalled.run(2))
    await asyncio.sleep(0.5)
    pillow_png(_GRIDS[0])
    await watching
    rows.append(stalled.told("baseline: one grid by Pillow, in the loop itself"))
    return rows


def main(arguments: list[str] | None = None) -> int:
    options = argparse.ArgumentParser(description="What it costs to write finished pictures.")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=6)
    options.add_argument("--json", type=Path, help="a file to write the figures to")
    chosen = options.parse_args(arguments)
    print(f"{'CPU time of a job':25}{'Easel':>11}{'Pillow':>11}{'':10}{'Easel':>11}{'Pillow':>11}")
    found = {kind: compare(kind, chosen.rounds if kind == MEASURED else 1) for kind in KINDS}
    draw_grids()
    spare = ProcessPoolExecutor(
        4, mp_context=multiprocessing.get_context("spawn"), initializer=draw_grids
    )
    list(spare.map(abs, range(8)))  # they are started and have drawn
    rows = asyncio.run(loop_part(chosen.seconds, spare))
    result = Result(
        "output_path",
        f"A grid of {2 * SIDE} x {2 * SIDE}, four of {SIDE} x {SIDE} and a preview; {MEASURED}: "
        f"{chosen.rounds} rounds; {PER_SECOND} interactions a second for {chosen.seconds:g} s",
    )
    head = ("processor time of a job", "Easel", "Pillow", "ratio", "size")
    result.show("Files", head, [row for _, row in found.values()])
    result.show("The event loop", ("event loop late, ms", "p50", "p99", "max"), rows)
    what = "files of a job: Pillow's processor time ÷ Easel's"
    result.add(f"{what}, {MEASURED}", found[MEASURED][0], TARGET_RATIO)
    what = "event loop late at p99, ms, with four encodes in the worker"
    result.add(what, float(rows[1][2]), TARGET_LAG_MS, floor=False)
    return result.tell(chosen.json)


if __name__ == "__main__":
    sys.exit(main())
