"""A painter at work for long: thousands of small jobs, and all that may happen to them.

    make soak [SOAK_JOBS=5000]

Eight threads make jobs of three models, of which two fit into memory, from texts and from pictures,
in every way a request can ask for, some with adapters, of which some fit into memory; some are
cancelled, some of those gone on with from their checkpoint, and the memory of the device is full
fifty times. It ends with 1 if a job ended in another way than it had to, a picture was another than
alone, memory grew, or a thread is left.
"""

from __future__ import annotations

import argparse
import functools
import os
import random
import resource
import shutil
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from PIL import Image
from tqdm import tqdm

from core.adapters import Adapter
from core.events import (
    Cancelled,
    Ending,
    Event,
    Failed,
    FailureKind,
    Finished,
    ImageReady,
    Progress,
    Task,
)
from core.models import Catalogue
from core.request import HouseStyle, Lora, Source
from generation.adapters import KEPT
from generation.painter import Painter
from tests.generation.build import a_task
from tests.generation.loras import save_lora
from tests.generation.pipelines.conftest import THIRD_PARTY, catalogue, furthest

TOGETHER = 8
GROWTH = 64 * 2**20
"""Bytes that the process may grow by between a quarter of the jobs and the end."""

ADAPTED = ("sd", "small")
"""Models with adapters, which fit all of them."""
ADAPTERS = tuple(f"adapter-{number}" for number in range(KEPT + 2))

_SAMPLERS = (None, "euler", "EulerAncestralDiscreteScheduler", "heun", "dpm++2m", "lcm")
_WAYS: tuple[dict[str, Any], ...] = (
    *({},) * 6,
    {"chaos": 40},
    {"weird": 300},
    {"tile": True},
    {"hires": 1.5},
    {"stop": 60},
    {"exp": 30},
    {"avoid": ("fog",)},
    {"cautious": True},
    {"guidance": 1.0},
    {"clip_skip": 1},
)


@dataclass
class Errand:
    """A job: its task, the step at which it is cancelled (0: never), and whether it is then gone on
    with."""

    task: Task
    cancelled_at: int = 0
    resumed: bool = False


@dataclass
class Report:
    """How the jobs ended, and what was wrong."""

    endings: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])
    memory: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Jobs done, and bytes of the process then."""
    full: int = 0
    """How often memory was full."""

    @property
    def growth(self) -> int:
        """Bytes since a quarter of the jobs was done."""
        quarter = self.memory[len(self.memory) // 4]
        return self.memory[-1][1] - quarter[1]


class Full:
    """Lets the device's memory be full in some of the forwards: at one size, or for whoever comes,
    a few times in a row."""

    def __init__(self, lot: random.Random, times: int, calls: int) -> None:
        self._places = sorted(lot.sample(range(calls // 20, calls), times), reverse=True)
        self._runs = [lot.choice((1, 1, 2, 5, 9)) for _ in range(times)]
        self._calls = 0
        self._left = 0
        self.times = 0

    @contextmanager
    def patched(self) -> Iterator[None]:
        forward = UNet2DConditionModel.forward

        @functools.wraps(forward)
        def maybe(module: Any, *arguments: Any, **named: Any) -> Any:
            # Only the device's thread comes here.
            self._calls += 1
            if self._places and self._calls >= self._places[-1]:
                self._places.pop()
                self._left = self._runs.pop()
                self.times += 1
            if self._left:
                self._left -= 1
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
            return forward(module, *arguments, **named)

        with mock.patch.object(UNet2DConditionModel, "forward", maybe):
            yield


class Soak:
    def __init__(self, folders: dict[str, Path], home: Path, *, seed: int = 0) -> None:
        """`folders` are the models; `home` is an empty folder for all that is written."""
        self._lot = random.Random(seed)
        self._home = home
        self._names = list(folders)
        self._source = home / "source.png"
        Image.effect_noise((64, 64), 90).convert("RGB").save(self._source)
        self._painter = Painter(_with_adapters(folders, home), device="cpu", preview_every=2)
        shelf = self._painter._shelf
        sizes = [shelf.get(name).held.resident for name in folders]
        shelf._limit = sum(sizes) - 1
        self._lock = threading.Lock()
        self._alone: dict[str, list[Image.Image]] = {}
        self.report = Report()

    def run(self, jobs: int, *, full: int, say: Callable[[str], None] = lambda line: None) -> None:
        """`full` is how often memory is to be full meanwhile."""
        for name in self._names:
            ending, images = self._make(self._reference(f"alone-{name}", name), 0)
            assert isinstance(ending, Finished), ending
            self._alone[name] = images
        errands = [self._errand(number) for number in range(jobs)]
        # A job is two forwards at least, even in company.
        trouble = Full(self._lot, full, calls=jobs * 2)
        with ThreadPoolExecutor(TOGETHER) as pool, trouble.patched():
            for number, _ in enumerate(pool.map(self._see_to, errands), 1):
                if number % max(1, jobs // 20) == 0:
                    self.report.memory.append((number, _resident()))
                    say(f"{number} jobs: {_resident() / 2**20:.0f} MiB, {self.report.endings}")
        self.report.full = trouble.times
        self._painter.close()

    def _reference(self, job_id: str, model: str) -> Task:
        return a_task(self._home, "a red lighthouse", job_id, model=model, steps=3, count=2)

    def _errand(self, number: int) -> Errand:
        lot, job_id = self._lot, f"j{number}"
        model = self._names[number // 20 % len(self._names)]
        if lot.random() < 0.04:
            model = lot.choice(self._names)
        if number % 10 == 9:
            return Errand(self._reference(job_id, model))
        changes: dict[str, Any] = {
            "model": model,
            "steps": lot.randint(1, 4),
            "count": lot.choice((1, 1, 2, 4)),
            "seed": lot.randrange(2**32),
            "width": lot.choice((64, 64, 96)),
            "sampler": lot.choice(_SAMPLERS),
        } | lot.choice(_WAYS)
        if lot.random() < 0.25:
            changes |= {"source": Source("key", 0.7), "source_path": str(self._source)}
        if lot.random() < 0.1:
            changes |= {"style": HouseStyle(blob="look"), "style_path": str(self._source)}
        if lot.random() < 0.3:
            changes["steps"] += 5
            changes["checkpoint"] = str(self._home / f"{job_id}.safetensors")
        if model in ADAPTED and lot.random() < 0.4:
            names = lot.sample(ADAPTERS, lot.choice((1, 1, 2)))
            changes["loras"] = tuple(Lora(name, lot.choice((1.0, -0.5))) for name in names)
        text = f"a {lot.choice(('cat', 'dog', 'house'))} {lot.choice(('in fog', 'at sea', ''))}"
        task = a_task(self._home, text, job_id, **changes)
        errand = Errand(replace(task, owner=lot.choice("abc")))
        if lot.random() < 0.15:
            errand.cancelled_at = lot.randint(1, changes["steps"])
            errand.resumed = "checkpoint" in changes
        return errand

    def _see_to(self, errand: Errand) -> None:
        """As the dispatcher does: what did not fit is tried once more with least memory."""
        task = errand.task
        ending, images = self._make(task, errand.cancelled_at)
        if isinstance(ending, Cancelled) and errand.resumed:
            ending, images = self._make(replace(task, resume=True), 0)
        if isinstance(ending, Failed) and ending.kind is FailureKind.OUT_OF_MEMORY:
            self._count("out of memory")
            for _ in range(10):
                ending, images = self._make(replace(task, cautious=True), 0)
                if not isinstance(ending, Failed):
                    break
        self._judge(errand, ending, images)
        shutil.rmtree(task.spool)
        if task.checkpoint is not None:
            Path(task.checkpoint).unlink(missing_ok=True)

    def _judge(self, errand: Errand, ending: Ending, images: list[Image.Image]) -> None:
        task = errand.task
        self._count(type(ending).__name__)
        if isinstance(ending, Cancelled):
            right = errand.cancelled_at > 0 and not errand.resumed
        else:
            right = isinstance(ending, Finished) and len(images) == task.request.count
        if not right:
            self._wrong(f"{task.job_id}: {ending}")
        elif task.request == self._reference("alone", task.request.model).request:
            alone = self._alone[task.request.model]
            far = max(furthest(*pair) for pair in zip(images, alone, strict=True))
            if far > 1:
                self._wrong(f"{task.job_id}: pictures differ from those made alone by {far}")

    def _make(self, task: Task, cancelled_at: int) -> tuple[Ending, list[Image.Image]]:
        stop = threading.Event()
        files: list[str] = []

        def send(event: Event) -> None:
            if isinstance(event, ImageReady):
                files.append(event.path)
            elif isinstance(event, Progress) and event.step == cancelled_at:
                stop.set()

        ending = self._painter.make(task, send, stop)
        return ending, [Image.open(file).convert("RGB") for file in files]

    def _count(self, what: str) -> None:
        with self._lock:
            self.report.endings[what] += 1

    def _wrong(self, what: str) -> None:
        with self._lock:
            self.report.wrong.append(what)


def _with_adapters(folders: dict[str, Path], home: Path) -> Catalogue:
    """The models, with more adapters for some than stay in memory."""
    plain = catalogue(folders)
    found: list[Adapter] = []
    for number, name in enumerate(ADAPTERS):
        pipeline = StableDiffusionPipeline.from_pretrained(folders[ADAPTED[0]])
        parts = ("unet", "text_encoder") if number % 2 else ()
        file = save_lora(pipeline, home / name, number, parts, rank=2 + number)
        found.append(Adapter(name=name, source=str(file), models=ADAPTED))
    models = tuple(model.with_adapters(found) for model in plain)
    return Catalogue(models, plain.default.name)


def _resident() -> int:
    """Bytes of memory that this process has now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=5000)
    parser.add_argument("--full", type=int, default=50, help="how often memory is full")
    parser.add_argument("--seed", type=int, default=0)
    flags = parser.parse_args()
    from tests.generation import tiny

    for kind in THIRD_PARTY:
        warnings.filterwarnings("ignore", kind.rpartition(":")[0])
    # A library's own thread, which the bars of loading start.
    tqdm.monitor_interval = 0
    before = set(threading.enumerate())
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        models = {
            "sd": tiny.save_sd(home / "sd"),
            "small": tiny.save_sd(home / "small", tiny=True),
            "xl": tiny.save_sdxl(home / "xl"),
        }
        began, cpu = time.monotonic(), time.process_time()
        soak = Soak(models, home, seed=flags.seed)
        soak.run(flags.jobs, full=flags.full, say=lambda line: print(line, flush=True))
    report = soak.report
    left = [thread.name for thread in threading.enumerate() if thread not in before]
    marks = [report.memory[len(report.memory) * part // 4 - bool(part)] for part in range(5)]
    wall, cpu = time.monotonic() - began, time.process_time() - cpu
    print(f"{flags.jobs} jobs in {wall:.0f} s, CPU {cpu:.0f} s")
    print(f"ended: {dict(report.endings)}; memory was full {report.full} times")
    print("memory: " + ", ".join(f"{size / 2**20:.0f} MiB after {done}" for done, size in marks))
    print(f"threads left: {left or 'none'}")
    for line in report.wrong:
        print(f"wrong: {line}")
    sys.stdout.flush()
    bad = bool(report.wrong or left or report.growth > GROWTH)
    print("failed" if bad else "passed", flush=True)
    os._exit(bad)


if __name__ == "__main__":
    main()
