"""Ways to have the same jobs made, which a measurement lets take turns.

Every way is given requests and returns when all their pictures are there. `Bare` is the baseline:
diffusers' own pipeline, a job's pictures in one batch, one job after the other, to pictures in
memory. The others are Easel, with more of it each time.
"""

from __future__ import annotations

import copy
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy
import torch
from PIL import Image

from benchmarks.kit.figures import middle
from benchmarks.kit.models import Subject, call, denoiser_of, load, synchronize
from benchmarks.kit.threads import in_a_thread
from core.events import Event, Finished, ImageReady, Task
from core.models import Catalogue
from core.request import Request
from generation.threads import compute_alone

MEMBERS = 7
"""Among whom the jobs are divided."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds by the clock, and by the processors of everybody who worked for it."""

    wall: float
    processor: float


class Arm(Protocol):
    name: str

    def run(self, requests: Sequence[Request]) -> Timed: ...


@dataclass(slots=True)
class Seen:
    """The pictures of the last run, for those who want to know whether they are right."""

    pictures: dict[int, list[numpy.ndarray]]

    def furthest_from(self, other: Seen) -> int:
        """The largest difference of a channel of a pixel, in tones."""
        return max(
            int(numpy.abs(one.astype(int) - two).max())
            for seed, pictures in self.pictures.items()
            for one, two in zip(pictures, other.pictures[seed], strict=True)
        )


class Bare:
    """`pipeline(...)`, looped over the jobs. `each`: a picture at a time. `compiled`: its denoiser
    went through `torch.compile`, for the shapes of these jobs."""

    def __init__(
        self,
        subject: Subject,
        device: str,
        dtype: torch.dtype,
        *,
        each: bool = False,
        compiled: bool = False,
    ) -> None:
        self.name = "one picture at a time" if each else "bare pipeline"
        self.pipeline = load(subject, device, dtype)
        if compiled:
            self.name = "bare pipeline, compiled"
            denoiser_of(self.pipeline).compile(mode="max-autotune-no-cudagraphs", fullgraph=True)
        self._device = device
        self._each = each
        self.seen = Seen({})

    def run(self, requests: Sequence[Request]) -> Timed:
        return in_a_thread(partial(self._run, requests))

    def _run(self, requests: Sequence[Request]) -> Timed:
        self.seen = Seen({})
        with timed(self._device) as took:
            for request in requests:
                self.seen.pictures[request.seed] = self._draw(request)
        return took()

    def _draw(self, request: Request) -> list[numpy.ndarray]:
        arguments = call(self.pipeline, request) | {"output_type": "pil"}
        if not self._each:
            return [numpy.asarray(one) for one in self.pipeline(**arguments).images]
        made: list[Image.Image] = []
        for generator in arguments.pop("generator"):
            alone = arguments | {"generator": generator, "num_images_per_prompt": 1}
            made += self.pipeline(**alone).images
        return [numpy.asarray(one) for one in made]


class Direct:
    """Only the sharing of steps: a plain pipeline for each job, in a thread of its own, over one
    batcher; to pictures in memory, without previews, files or a queue."""

    def __init__(self, subject: Subject, device: str, dtype: torch.dtype, together: int) -> None:
        from core.step_times import StepTimes
        from core.steps import StepPolicy
        from generation.batching import Batcher

        self.name = f"steps shared by {together}, no more"
        self._pipeline = load(subject, device, dtype)
        self._own = threading.local()
        self.times = StepTimes()
        self._share = partial(Batcher, StepPolicy(), self.times, torch.device(device))
        self._threads = ThreadPoolExecutor(together, "task", compute_alone)
        self._device = device
        self.seen = Seen({})

    def run(self, requests: Sequence[Request]) -> Timed:
        self._batcher = self._share()
        with timed(self._device) as took:
            drawings = [self._threads.submit(self._draw, request) for request in requests]
            drawn = [drawing.result() for drawing in drawings]
        self._batcher.close()
        self.seen = Seen(dict(zip((one.seed for one in requests), drawn, strict=True)))
        return took()

    def _own_pipeline(self) -> Any:
        """One for a job, with what no two threads may use at once."""
        own = copy.copy(self._pipeline)
        own.scheduler = type(own.scheduler).from_config(own.scheduler.config)
        if not hasattr(self._own, "tokenizers"):
            parts = {name: part for name, part in own.components.items() if "tokenizer" in name}
            self._own.tokenizers = copy.deepcopy(parts)
        for name, part in self._own.tokenizers.items():
            setattr(own, name, part)
        return own

    def _draw(self, request: Request) -> list[numpy.ndarray]:
        own = self._own_pipeline()
        with self._batcher.ride(
            job=str(request.seed),
            owner=f"0:{request.seed % MEMBERS}",
            steps=request.steps,
            stop=threading.Event(),
        ) as ride:
            ride.attach(own)

            def after_step(pipe: object, index: int, _: object, tensors: object) -> dict[str, Any]:
                ride.progress(index + 1)
                return {}

            arguments = call(own, request) | {"output_type": "pil"}
            made = own(**arguments, callback_on_step_end=after_step).images
        return [numpy.asarray(one) for one in made]


class Painted:
    """The worker's painter, in this process: with previews, checkpoints of none, and files."""

    def __init__(self, subject: Subject, device: str, dtype: torch.dtype, together: int) -> None:
        from generation.painter import Painter

        self.name = f"painter, {together} together"
        self._folder = TemporaryDirectory(prefix="easel-bench-")
        self._paint = partial(
            Painter,
            Catalogue.parse(subject.toml),
            device=device,
            dtype=str(dtype).removeprefix("torch."),
            times_file=Path(self._folder.name) / "step-times.json",
        )
        self._threads = ThreadPoolExecutor(together, thread_name_prefix="task")
        self._device = device
        self.seen = Seen({})

    def run(self, requests: Sequence[Request]) -> Timed:
        """By a painter that has made a picture before, and is closed afterwards."""
        files: dict[int, list[str]] = {request.seed: [] for request in requests}
        self._painter = self._paint()
        with TemporaryDirectory(prefix="easel-bench-") as folder:
            first = replace(requests[0], seed=0, count=1, steps=1)
            self._threads.submit(self._make, first, Path(folder), []).result()
            with timed(self._device) as took:
                makings = [
                    self._threads.submit(self._make, request, Path(folder), files[request.seed])
                    for request in requests
                ]
                for making in makings:
                    making.result()
            self._painter.close()
            self.seen = Seen(
                {
                    seed: [numpy.asarray(Image.open(name)) for name in sorted(names)]
                    for seed, names in files.items()
                }
            )
        return took()

    def _make(self, request: Request, folder: Path, files: list[str]) -> None:
        spool = folder / str(request.seed)
        spool.mkdir()
        job = str(request.seed)

        def listen(event: Event) -> None:
            if isinstance(event, ImageReady):
                files.append(event.path)

        owner = f"0:{request.seed % MEMBERS}"
        task = Task(job_id=job, request=request, spool=str(spool), owner=owner)
        ending = self._painter.make(task, listen, threading.Event())
        if not isinstance(ending, Finished):
            raise SystemExit(f"a job was not made: {ending}")


@contextmanager
def timed(device: str) -> Iterator[Callable[[], Timed]]:
    """Gives a function that, after the block, says how long it took."""
    synchronize(device)
    wall, processor = time.perf_counter(), time.process_time()
    ends: list[Timed] = []
    yield lambda: ends[0]
    synchronize(device)
    ends.append(Timed(time.perf_counter() - wall, time.process_time() - processor))


def take_turns(
    arms: Sequence[Arm], requests: Sequence[Request], rounds: int
) -> dict[str, list[Timed]]:
    """Every way makes the same jobs in every round, another one first each time. Each has made
    them once before, unmeasured."""
    took: dict[str, list[Timed]] = {arm.name: [] for arm in arms}
    for number in range(-1, rounds):
        turn = number % len(arms)
        for arm in (*arms[turn:], *arms[:turn]):
            measured = arm.run(requests)
            if number >= 0:
                took[arm.name].append(measured)
                print(
                    f"round {number + 1}, {arm.name}: {measured.wall:.2f} s, "
                    f"processor {measured.processor:.2f} s",
                    flush=True,
                )
    return took


def rates(times: Sequence[Timed], pictures: int, flops: float) -> tuple[float, ...]:
    """Medians: seconds by the clock and by the processor; pictures and TFLOP a second."""
    wall = statistics.median(one.wall for one in times)
    processor = statistics.median(one.processor for one in times)
    return wall, processor, pictures / wall, flops / wall / 1e12


def times_faster(base: Sequence[Timed], times: Sequence[Timed]) -> tuple[float, float]:
    """Than the baseline, in the middle of the rounds: by the clock and by the processor."""
    return (
        middle([one.wall for one in base], [one.wall for one in times]),
        middle([one.processor for one in base], [one.processor for one in times]),
    )
