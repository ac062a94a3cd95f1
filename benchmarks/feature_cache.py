"""What it saves to estimate rounds (EASEL_FEATURE_CACHE), and what becomes of the pictures.

    python -m benchmarks.feature_cache [--prompts 96] [--steps 24 50] [--clock] [--threads 0]
        [--json PATH]

The embedded model draws the same prompts from the same seeds by the worker's painter in three ways:
with every round computed, which is the baseline; with the cache on; and with every round computed
again, but so few of them that it takes no more forwards than the cache does. For the model's own
sampler and two others, told are the share of forwards that are saved, how far the pictures are from
those of the baseline (decibels of peak signal to noise: the mean, and the worst picture), and for
how many the reader that comes with the model sees the subject, the colour and the time of day that
were asked for. All of that is the same on every machine, however busy; `--clock` adds how much of
the device's time is left, which is not.

Ends with status 1 where a promise is broken.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from PIL import Image

from benchmarks.kit.figures import Result
from core.events import Event, Finished, ImageReady, Task
from core.models import Catalogue
from core.request import Part, Request
from core.reuse import share_estimated
from core.speed import Speed
from generation.painter import Painter
from generation.postcard import NATIVE_SIZE, READER
from generation.postcard.classifier import Classifier, cached_classifier
from generation.postcard.evaluate import asked_scenes, prompts_for, score
from generation.postcard.wording import Caption
from generation.postcard.world import Scene

SAMPLERS = {
    "its own sampler": None,
    "euler": "EulerDiscreteScheduler",
    "euler ancestral": "EulerAncestralDiscreteScheduler",
}
SEED = 7_100_000
TOGETHER = 8
LEAST_SAVED, LEAST_DECIBELS, LEAST_OBEYED = 0.20, 35.0, 0.97


@dataclass(frozen=True, slots=True)
class Drawn:
    """One picture for each prompt; `rows` of all forwards, and milliseconds of the device."""

    pictures: list[Image.Image]
    rows: int
    ms: int


class Studio:
    """Draws the prompts with one painter."""

    def __init__(self, name: str, speed: Speed, texts: Sequence[str]) -> None:
        self.name, self._texts = name, texts
        self._painter = Painter(Catalogue.parse(""), device="cpu", preview_every=1000, speed=speed)

    def draw(self, steps: int, sampler: str | None) -> Drawn:
        with (
            TemporaryDirectory(prefix="easel-bench-") as folder,
            ThreadPoolExecutor(TOGETHER) as pool,
            counted() as rows,
        ):
            tasks = [self._task(n, steps, sampler, Path(folder)) for n in range(len(self._texts))]
            made = list(pool.map(self._make, tasks))
        return Drawn([one for one, _ in made], sum(rows), sum(ms for _, ms in made))

    def _task(self, number: int, steps: int, sampler: str | None, folder: Path) -> Task:
        text, spool = self._texts[number], folder / str(number)
        spool.mkdir()
        request = Request(
            text=text,
            parts=(Part(text),),
            model="postcard",
            width=NATIVE_SIZE,
            height=NATIVE_SIZE,
            seed=SEED + number,
            steps=steps,
            guidance=Catalogue.parse("").get("postcard").guidance,
            count=1,
            sampler=sampler,
        )
        return Task(job_id=str(number), request=request, spool=str(spool))

    def _make(self, task: Task) -> tuple[Image.Image, int]:
        found: list[Image.Image] = []

        def listen(event: Event) -> None:
            if isinstance(event, ImageReady):
                found.append(Image.open(event.path).convert("RGB"))

        ending = self._painter.make(task, listen, threading.Event())
        if not isinstance(ending, Finished):
            raise SystemExit(f"a picture was not made: {ending}")
        return found[0], ending.gpu_ms


@contextmanager
def counted() -> Generator[list[int]]:
    """The rows of the denoiser's forwards within the block."""
    rows: list[int] = []
    forward = cast("Callable[..., Any]", vars(UNet2DConditionModel)["forward"])

    @wraps(forward)
    def counting(self: Any, sample: torch.Tensor, *arguments: Any, **named: Any) -> Any:
        rows.append(len(sample))
        return forward(self, sample, *arguments, **named)

    type.__setattr__(UNet2DConditionModel, "forward", counting)
    try:
        yield rows
    finally:
        type.__setattr__(UNet2DConditionModel, "forward", forward)


def decibels(one: Image.Image, other: Image.Image) -> float:
    """Peak signal to noise; 99 for the same picture."""
    difference = np.asarray(one, np.float32) - np.asarray(other, np.float32)
    return min(99.0, 10 * math.log10(255**2 / max(float(np.mean(difference**2)), 1e-9)))


def obeyed(reader: Classifier, drawn: Drawn, scenes: list[Scene], asked: list[Caption]) -> float:
    """The share of pictures with the subject, the colour and the time that were asked for."""
    return score(reader, drawn.pictures, scenes, asked).all_three


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--prompts", type=int, default=96)
    parser.add_argument("--steps", type=int, nargs="+", default=[24, 50])
    parser.add_argument("--clock", action="store_true", help="tell the device's time too")
    parser.add_argument("--threads", type=int, default=0, help="of a forward; 0: torch's choice")
    parser.add_argument("--json", type=Path, help="a file to write the figures to")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    scenes = asked_scenes(options.prompts, SEED)
    asked = prompts_for(scenes, SEED + 1)
    texts = [one.text for one in asked]
    reader = cached_classifier(READER, seed=0, report=lambda _: None)
    whole = Studio("every round", Speed(), texts)
    cached = Studio("feature cache", Speed(feature_cache="on"), texts)
    result = Result(
        "feature_cache",
        f"postcard, {NATIVE_SIZE} x {NATIVE_SIZE}, {options.prompts} prompts, one picture each",
    )
    head = ["", "forwards saved", "dB to the baseline", "worst dB", "all three right"]
    head += ["its time"] * options.clock
    for sampler, name in SAMPLERS.items():
        for steps in options.steps:
            few = round(steps * (1 - share_estimated(steps)))
            base, ours = whole.draw(steps, name), cached.draw(steps, name)
            arms = {f"every round, {steps} steps": base, f"feature cache, {steps} steps": ours}
            arms[f"every round, {few} steps"] = whole.draw(few, name)
            rows: list[list[str]] = []
            right = obeyed(reader, base, scenes, asked)
            for title, drawn in arms.items():
                far = [decibels(*pair) for pair in zip(drawn.pictures, base.pictures, strict=True)]
                saved = 1 - drawn.rows / base.rows
                share = obeyed(reader, drawn, scenes, asked)
                rows.append([title, f"{saved:.0%}", f"{statistics.mean(far):.1f}"])
                rows[-1] += [f"{min(far):.1f}", f"{share:.1%}"]
                rows[-1] += [f"{drawn.ms / base.ms:.2f}"] * options.clock
                if drawn is ours:
                    what = f"{sampler}, {steps} steps: feature cache"
                    result.add(f"{what}, forwards saved", saved, LEAST_SAVED)
                    result.add(f"{what}, dB to every round", statistics.mean(far), LEAST_DECIBELS)
                    least = LEAST_OBEYED
                    result.add(f"{what} ÷ every round, all three right", share / right, least)
            result.show(f"{sampler}, {steps} steps", head, rows)
    return result.tell(options.json)


if __name__ == "__main__":
    sys.exit(main())
