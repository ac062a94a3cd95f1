"""What a grid costs through the whole of Easel, against the bare diffusers pipeline.

    python -m benchmarks.service_tax [--rounds 7] [--prompt TEXT]

Through Easel means: the prompt is read, admitted by the studio, priced and written to SQLite,
picked from the queue, sent to the worker process, drawn with progress and previews, encoded to PNG
with its record inside, put into the store of files, and written down as done. The worker is warm.

The baseline is `pipeline(...)` of diffusers on the same folder and the same request, to pictures in
memory, in a process of its own, warm too. The worker lays its weights out as "channels last", which
makes it faster on a processor; so there is a second, stricter baseline: the bare pipeline with its
weights laid out likewise. All three take turns, each round with a seed of its own, and the pixels
of the service and the stricter baseline are compared.

Without the embedded model's weights a tiny random one is measured, where every fixed cost weighs
more. Ends with status 1 when the service takes more than 1.10 times what the bare pipeline takes.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.kit.clocks import computed
from cli.assemble import Easel, open_easel
from core.jobs import Job, Owner, Place, State
from core.models import EMBEDDED
from core.request import Request
from core.settings import Settings
from core.studio import Actor

ROOT = Path(__file__).resolve().parents[1]
TARGET = 1.10
PROMPT = "a red lighthouse at sunset --ar 3:2"
ME = Actor(Owner(0, "benchmark"), moderates=True)
TINY = """
[tiny]
source = "{folder}"
native_size = 128
steps = 24
guidance = 4.0
"""


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds of one grid, each way. `drawing` is the worker's own measure inside the service.

    Each is (clock, processor): the second is what all threads and processes together computed,
    which other programs on the machine disturb less.
    """

    bare: tuple[float, float]
    laid_out: tuple[float, float]
    service: tuple[float, float]
    drawing: float
    same_pixels: bool


# The bare pipeline, in a process of its own


def bare(folder: str) -> None:
    """Draws requests read from standard input, one JSON object a line, and says how long each took.

    A request's `laid_out` chooses the pipeline with the weights in the worker's order.
    """
    import numpy as np
    import torch
    from diffusers import AutoPipelineForText2Image
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    for library in (diffusers_logging, transformers_logging):
        library.disable_progress_bar()
    pipelines: dict[bool, Any] = {}
    for laid_out in (False, True):
        pipeline = AutoPipelineForText2Image.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True, use_safetensors=True
        )
        pipeline.set_progress_bar_config(disable=True)
        if laid_out:
            for part in (pipeline.unet, pipeline.vae):
                part.to(memory_format=torch.channels_last)
        pipelines[laid_out] = pipeline
    print("ready", flush=True)
    for line in sys.stdin:
        wanted = json.loads(line)
        request = Request.from_json(wanted["request"])
        generators = [
            torch.Generator("cpu").manual_seed(request.image_seed(index))
            for index in range(request.count)
        ]
        began, worked = time.perf_counter(), time.process_time()
        pictures = pipelines[wanted["laid_out"]](
            prompt=request.text,
            width=request.width,
            height=request.height,
            num_inference_steps=request.steps,
            guidance_scale=request.guidance,
            num_images_per_prompt=request.count,
            generator=generators,
        ).images
        seconds = (time.perf_counter() - began, time.process_time() - worked)
        digests = [
            hashlib.sha256(np.asarray(picture).tobytes()).hexdigest() for picture in pictures
        ]
        print(json.dumps({"seconds": seconds, "pixels": digests}), flush=True)


class Bare:
    """The other end of `bare`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def draw(self, request: Request, *, laid_out: bool) -> tuple[tuple[float, float], list[str]]:
        assert self._process.stdin is not None
        line = json.dumps({"request": request.to_json(), "laid_out": laid_out})
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = json.loads(self.line())
        clock, processor = answer["seconds"]
        return (clock, processor), answer["pixels"]

    def line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("The bare pipeline ended; see above.")
        return line


@contextmanager
def bare_pipeline(folder: Path) -> Iterator[Bare]:
    environment = {**os.environ, "GOMP_SPINCOUNT": "20000", "HF_HUB_OFFLINE": "1"}
    environment |= {"TRANSFORMERS_VERBOSITY": "error", "DIFFUSERS_VERBOSITY": "error"}
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.service_tax", "--bare", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            other = Bare(process)
            assert other.line() == "ready\n"
            yield other
        finally:
            process.kill()


# The whole service


@asynccontextmanager
async def service(folder: Path, models: str) -> AsyncGenerator[Easel]:
    """Easel on an empty data folder, without Discord."""
    (folder / "models.toml").write_text(models)
    settings = Settings.from_env(
        {"EASEL_DATA": str(folder / "data"), "EASEL_MODELS": str(folder / "models.toml")}
    )
    async with open_easel(settings) as easel:
        dispatcher = asyncio.create_task(easel.dispatcher.run())
        try:
            yield easel
        finally:
            dispatcher.cancel()
            with suppress(asyncio.CancelledError):
                await dispatcher


async def make(easel: Easel, prompt: str, interaction: str) -> tuple[tuple[float, float], Job]:
    """One grid; the seconds from the typed line to the row that says done."""
    changed = asyncio.Event()
    easel.board.listen(lambda _: changed.set())
    began, worked = time.perf_counter(), computed()
    receipt = await easel.studio.imagine(
        prompt, interaction_id=interaction, actor=ME, place=Place()
    )
    async with asyncio.timeout(600):
        while not (job := await easel.storage.jobs.get(receipt.job.id)).state.ended:
            await changed.wait()
            changed.clear()
    took = time.perf_counter() - began, computed() - worked
    if job.state is not State.DONE:
        raise SystemExit(f"The service made no grid: {job.error}")
    return took, job


async def pixels(easel: Easel, job: Job) -> list[str]:
    """Hashes of the stored pictures' pixels."""
    import numpy as np
    from PIL import Image

    digests: list[str] = []
    for image in await easel.storage.jobs.images(job.id):
        with Image.open(await easel.storage.blobs.local(image.blob)) as picture:
            digests.append(hashlib.sha256(np.asarray(picture).tobytes()).hexdigest())
    return digests


async def measure(rounds: int, prompt: str, folder: Path) -> tuple[str, Request, list[Round]]:
    from generation.model_folder import locate

    models, name = "", EMBEDDED
    if not (ROOT / "generation/postcard/weights/model_index.json").exists():
        from tests.generation.tiny import save_sd

        models, name = TINY.format(folder=save_sd(folder / "tiny", tiny=True)), "tiny"
    done: list[Round] = []
    async with service(folder, models) as easel:
        source = Path(str(locate(easel.catalogue.get(name)).source))
        with bare_pipeline(source) as other:
            for number in range(-1, rounds):
                typed = f"{prompt} --seed {1000 + number}"
                took, job = await make(easel, typed, f"round-{number}")
                plain, _ = await asyncio.to_thread(other.draw, job.request, laid_out=False)
                strict, wanted = await asyncio.to_thread(other.draw, job.request, laid_out=True)
                if number < 0:  # warms everything up
                    continue
                same = wanted == await pixels(easel, job)
                done.append(Round(plain, strict, took, (job.cost_ms or 0) / 1000, same))
                print(
                    f"round {number + 1}: bare {plain[0]:.3f} s, laid out {strict[0]:.3f} s, "
                    f"service {took[0]:.3f} s (drawing {done[-1].drawing:.3f} s)",
                    flush=True,
                )
    return name, job.request, done


def row(title: str, rounds: list[Round], seconds: list[tuple[float, float]]) -> float:
    """Prints a line of the table; returns the median of the rounds' ratios."""
    clock = [wall for wall, _ in seconds]
    ratio = statistics.median(r.service[0] / wall for r, wall in zip(rounds, clock, strict=True))
    best = min(r.service[0] for r in rounds) / min(clock)
    worked = sum(processor for _, processor in seconds)
    by_processor = f"{sum(r.service[1] for r in rounds) / worked:.3f}" if worked else ""
    print(
        f"| {title} | {statistics.median(clock):.3f} | {min(clock):.3f} | {ratio:.3f} "
        f"| {best:.3f} | {by_processor} |"
    )
    return ratio


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--prompt", default=PROMPT)
    parser.add_argument("--bare", metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        bare(options.bare)
        return 0
    with tempfile.TemporaryDirectory(prefix="easel-tax-") as folder:
        name, request, rounds = asyncio.run(measure(options.rounds, options.prompt, Path(folder)))
    print(
        f"\nmodel {name}, {request.count} pictures of {request.width} x {request.height}, "
        f"{request.steps} steps; {len(rounds)} rounds\n"
    )
    print("| seconds for one grid | median | best | service / it | best / best | by processor |")
    print("|---|---:|---:|---:|---:|---:|")
    ratio = row("bare diffusers pipeline", rounds, [r.bare for r in rounds])
    row("the same, laid out as in the worker", rounds, [r.laid_out for r in rounds])
    row("whole service", rounds, [r.service for r in rounds])
    row("of that, the drawing", rounds, [(r.drawing, 0.0) for r in rounds])
    same = sum(r.same_pixels for r in rounds)
    print(f"\nthe same pixels as the laid-out pipeline in {same} of {len(rounds)} rounds")
    print(f"service / bare: {ratio:.3f}, target {TARGET}: {'met' if ratio <= TARGET else 'MISSED'}")
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
