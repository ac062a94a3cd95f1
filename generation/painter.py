"""Makes the pictures of a task: one request, run on diffusers' own pipeline.

The thread that runs the pipeline does nothing else: pictures and previews are encoded and written
by others, models are loaded by another.
"""

# pyright: basic
from __future__ import annotations

import inspect
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers.utils import logging as diffusers_logging
from PIL import Image
from torch import Tensor
from transformers.utils import logging as transformers_logging

from core.errors import (
    DiskFullError,
    EaselError,
    EngineError,
    ModelBrokenError,
    ModelNotFoundError,
    OutOfMemoryError,
)
from core.events import (
    Cancelled,
    Ending,
    Event,
    Failed,
    FailureKind,
    Finished,
    ImageReady,
    Preview,
    Progress,
    Started,
    Task,
)
from core.models import Catalogue
from core.request import Request
from generation.conditioning import conditioning
from generation.faults import is_disk_full, is_out_of_memory
from generation.images import encode_png, make_grid, write_file
from generation.models import Loaded, Shelf, free_memory, pick_device, pick_dtype
from generation.previews import Previews
from generation.provenance import chunks
from generation.samplers import Estimate, use_sampler
from generation.source_picture import open_source

log = logging.getLogger(__name__)

_ENCODERS = 3
_LOOK_SECONDS = 0.05
"""How often a task that waits for its model looks whether it was cancelled."""


class StoppedError(Exception):
    """The task was asked to stop."""


class Painter:
    """Runs tasks on one device, one at a time."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        device: str = "auto",
        dtype: str = "auto",
        preview_every: int = 4,
    ) -> None:
        for library in (diffusers_logging, transformers_logging):
            library.disable_progress_bar()
        self._device = pick_device(device)
        self._shelf = Shelf(catalogue, self._device, pick_dtype(dtype, self._device))
        self._preview_every = preview_every
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="loader")
        self._encoders = ThreadPoolExecutor(_ENCODERS, thread_name_prefix="encoder")
        self._previewer = ThreadPoolExecutor(1, thread_name_prefix="previews")

    @property
    def device_name(self) -> str:
        """Such as `cpu`, or `cuda (NVIDIA H100)`."""
        if self._device.type == "cuda":
            return f"cuda ({torch.cuda.get_device_name(self._device)})"
        return self._device.type

    def preload(self, name: str) -> None:
        """Starts loading a model; a failure is logged, and told to the first task that wants it."""

        def tell(loading: Future[Loaded]) -> None:
            if isinstance(error := loading.exception(), EaselError):
                log.warning("%s", error.sentence)

        self._loader.submit(self._shelf.get, name).add_done_callback(tell)

    def make(self, task: Task, send: Callable[[Event], None], stop: threading.Event) -> Ending:
        """Sends all events of the task but the last, which it returns. Raises nothing."""
        run = _Run(task, send, stop)
        try:
            return self._make(run)
        # The libraries under a pipeline raise anything; a task must not take the worker down.
        except Exception as error:
            ending = _ending(run, error)
            if isinstance(ending, Failed) and ending.kind is FailureKind.OUT_OF_MEMORY:
                # The traceback holds the tensors of the run that did not fit.
                error.__traceback__ = None
                del error
                free_memory()
            return ending

    def _make(self, run: _Run) -> Ending:
        request = run.request
        run.send(Started(run.task.job_id, run.steps))
        loaded = self._await_model(request.model, run.stop)
        pipeline = loaded.pipeline(from_picture=request.source is not None)
        # A model's own choice of sampler counts where the request has none.
        sampler = request.sampler or loaded.model.sampler
        if sampler is not None:
            use_sampler(pipeline, sampler, loaded.model.name)
        source = None
        if request.source is not None:
            source = open_source(run.task.source_path or "", request.width, request.height)
        previews = None
        if loaded.colours is not None:
            previews = Previews(
                request,
                loaded.colours,
                run.spool,
                self._previewer,
                self._preview_every,
                lambda step, path: run.send(Preview(run.task.job_id, step, str(path))),
            )
        run.began = time.perf_counter()
        try:
            with _least_memory(pipeline, run.task.cautious):
                pictures = self._denoise(run, pipeline, source, previews)
            run.gpu_ms = run.used_ms()
        finally:
            if previews is not None:
                previews.wait()
        return self._write(run, pictures, type(pipeline.scheduler).__name__)

    def _await_model(self, name: str, stop: threading.Event) -> Loaded:
        """The model, once it is loaded; its loading goes on when the task is cancelled."""
        loading = self._loader.submit(self._shelf.get, name)
        while not loading.done():
            wait([loading], timeout=_LOOK_SECONDS)
            if stop.is_set():
                raise StoppedError
        return loading.result()

    def _denoise(
        self, run: _Run, pipeline: Any, source: Image.Image | None, previews: Previews | None
    ) -> list[Image.Image]:
        """All pictures of the request, in one batch, or one by one for a cautious task."""
        request = run.request
        estimate = Estimate(pipeline.scheduler)
        words = conditioning(pipeline, request)
        batch = 1 if run.task.cautious else request.count
        pictures: list[Image.Image] = []
        for first in range(0, request.count, batch):
            done = first * run.steps // request.count

            def after_step(pipe, index, timestep, tensors, first=first, done=done):
                run.stop_if_asked()
                step = done + _step_of(
                    index, pipe.num_timesteps, run.steps * batch // request.count
                )
                if step > run.step:
                    run.step = step
                    run.send(Progress(run.task.job_id, step, run.steps))
                    if previews is not None and previews.is_due(step, run.steps):
                        previews.show(step, estimate.finished_latents(tensors["latents"]), first)
                return {}

            run.stop_if_asked()
            arguments = call_arguments(
                pipeline, request, words, range(first, first + batch), source
            )
            pixels = pipeline(**arguments, callback_on_step_end=after_step).images
            pictures += _to_pictures(pixels)
        return pictures

    def _write(self, run: _Run, pictures: list[Image.Image], sampler: str) -> Ending:
        request, job_id = run.request, run.task.job_id

        def write(picture: Image.Image, number: int, name: str) -> Path:
            data = encode_png(picture, chunks(request, number, sampler))
            return write_file(run.spool / name, data)

        def write_grid() -> Path:
            return write(make_grid(pictures), 0, "grid.png")

        files: list[Future[Path]] = [
            self._encoders.submit(write, picture, number, f"{number}.png")
            for number, picture in enumerate(pictures, 1)
        ]
        grid = self._encoders.submit(write_grid)
        try:
            for number, (file, picture) in enumerate(zip(files, pictures, strict=True), 1):
                seed = request.image_seed(number - 1)
                path = str(file.result())
                run.send(ImageReady(job_id, number, path, picture.width, picture.height, seed))
            return Finished(job_id, str(grid.result()), run.gpu_ms)
        finally:
            wait([*files, grid])


class _Run:
    """What is known of a task while it is being made."""

    def __init__(self, task: Task, send: Callable[[Event], None], stop: threading.Event) -> None:
        self.task = task
        self.request = task.request
        self.send = send
        self.stop = stop
        self.spool = Path(task.spool)
        self.steps = max(1, task.request.denoising_steps)
        if task.cautious:
            self.steps *= task.request.count
        self.step = 0
        self.began: float | None = None
        self.gpu_ms = 0

    def used_ms(self) -> int:
        """Milliseconds of the device so far."""
        if self.began is None or self.gpu_ms:
            return self.gpu_ms
        return round((time.perf_counter() - self.began) * 1000)

    def stop_if_asked(self) -> None:
        if self.stop.is_set():
            raise StoppedError


def call_arguments(
    pipeline: Any,
    request: Request,
    words: dict[str, Any],
    indices: range,
    source: Image.Image | None = None,
) -> dict[str, Any]:
    """The arguments of the pipeline's call for the pictures `indices` (from 0) of the request.

    Each picture has its own generator, on the CPU: its noise depends on its seed alone, not on the
    device or on the pictures beside it.
    """
    arguments: dict[str, Any] = {
        **words,
        "num_inference_steps": request.steps,
        "guidance_scale": request.guidance,
        "num_images_per_prompt": len(indices),
        "generator": [
            torch.Generator("cpu").manual_seed(request.image_seed(index)) for index in indices
        ],
        "output_type": "pt",
    }
    if source is None or request.source is None:
        arguments |= {"width": request.width, "height": request.height}
    else:
        # Under one step's worth there would be nothing to do, which pipelines do not expect.
        strength = max(request.source.strength, 1.001 / request.steps)
        arguments |= {"image": source, "strength": min(1.0, strength)}
    known = inspect.signature(pipeline.__call__).parameters
    return {name: value for name, value in arguments.items() if name in known}


def _step_of(index: int, calls: int, steps: int) -> int:
    """The step (from 1) that call `index` (from 0) belongs to: some samplers call twice a step."""
    return max(1, min(steps, (index + 1) * steps // max(1, calls)))


def _to_pictures(pixels: Tensor) -> list[Image.Image]:
    """N x 3 x H x W in 0..1 to pictures, rounded as diffusers' own `numpy_to_pil` does."""
    # Rounded where the pixels are, so that a quarter of the bytes cross to the host.
    whole = (pixels.float() * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu()
    return [Image.fromarray(one) for one in whole.numpy()]


@contextmanager
def _least_memory(pipeline: Any, wanted: bool):
    """Decodes picture by picture and tile by tile inside the block.

    Attention is not sliced: torch's own already needs memory in proportion to the pixels only, and
    diffusers' slices need more.
    """
    vae = getattr(pipeline, "vae", None) if wanted else None
    switches = [
        (f"enable_{what}", f"disable_{what}")
        for what in ("slicing", "tiling")
        if hasattr(vae, f"enable_{what}")
    ]
    if wanted:
        free_memory()
    for enable, _ in switches:
        getattr(vae, enable)()
    try:
        yield
    finally:
        for _, disable in switches:
            getattr(vae, disable)()


def _ending(run: _Run, error: Exception) -> Ending:
    job_id, used = run.task.job_id, run.used_ms()

    def failed(kind: FailureKind, sentence: str) -> Failed:
        return Failed(job_id, kind, sentence, used)

    if isinstance(error, StoppedError):
        return Cancelled(job_id, used)
    if isinstance(error, OutOfMemoryError):
        return failed(FailureKind.OUT_OF_MEMORY, error.sentence)
    if isinstance(error, ModelBrokenError | ModelNotFoundError):
        return failed(FailureKind.MODEL, error.sentence)
    if isinstance(error, EngineError):
        return failed(FailureKind.REQUEST, error.sentence)
    if is_out_of_memory(error):
        log.warning("out of memory: %s", error)
        return failed(FailureKind.OUT_OF_MEMORY, OutOfMemoryError().sentence)
    if is_disk_full(error):
        return failed(FailureKind.DISK, DiskFullError().sentence)
    log.error("job %s failed", job_id, exc_info=error)
    return failed(FailureKind.INTERNAL, EngineError().sentence)
