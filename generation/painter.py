"""Makes the pictures of a task: one request, run on diffusers' own pipeline.

The thread that runs the pipeline does nothing else: pictures and previews are encoded and written
by others, models are loaded by another.
"""

# pyright: basic
from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from diffusers.utils import logging as diffusers_logging
from PIL import Image
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
from generation.checkpoints import (
    Checkpoint,
    Keeper,
    UnfitError,
    described,
    mark_of,
    read,
    state_of,
)
from generation.conditioning import conditioning
from generation.faults import is_disk_full, is_out_of_memory
from generation.images import encode_png, make_grid, write_file
from generation.models import Loaded, Shelf, free_memory, pick_device, pick_dtype
from generation.pipeline_call import (
    call_arguments,
    from_tensor,
    step_of,
    to_pictures,
    to_tensor,
)
from generation.previews import Previews
from generation.provenance import chunks
from generation.rescue import Rescue
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
        checkpoint_every: int = 5,
    ) -> None:
        """`preview_every` and `checkpoint_every` are in steps; 0 for no checkpoints."""
        for library in (diffusers_logging, transformers_logging):
            library.disable_progress_bar()
        self._device = pick_device(device)
        self._shelf = Shelf(catalogue, self._device, pick_dtype(dtype, self._device))
        self._preview_every = preview_every
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="loader")
        self._encoders = ThreadPoolExecutor(_ENCODERS, thread_name_prefix="encoder")
        self._previewer = ThreadPoolExecutor(1, thread_name_prefix="previews")
        self._checkpoint_every = checkpoint_every
        self._checkpointer = ThreadPoolExecutor(1, thread_name_prefix="checkpoints")

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
            run.send(Started(task.job_id, run.steps))
            try:
                return self._make(run, resume=task.resume)
            except Exception as error:
                if not run.rescuing or stop.is_set():
                    raise
                run.rescuing = False
                log.warning("job %s starts over: its checkpoint fails: %r", task.job_id, error)
            return self._make(run, resume=False)
        # The libraries under a pipeline raise anything; a task must not take the worker down.
        except Exception as error:
            ending = _ending(run, error)
            if isinstance(ending, Failed) and ending.kind is FailureKind.OUT_OF_MEMORY:
                # The traceback holds the tensors of the run that did not fit.
                error.__traceback__ = None
                del error
                free_memory()
            return ending

    def _make(self, run: _Run, *, resume: bool) -> Ending:
        request = run.request
        loaded = self._await_model(request.model, run.stop)
        run.distilled = loaded.model.guidance <= 1
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
        keeper, saved = self._checkpoints(run, loaded, pipeline, resume)
        run.began = time.perf_counter()
        try:
            with _least_memory(pipeline, run.task.cautious):
                pictures = self._denoise(run, pipeline, source, previews, keeper, saved)
            run.gpu_ms = run.used_ms()
        finally:
            if previews is not None:
                previews.wait()
            if keeper is not None:
                keeper.wait()
        return self._write(run, pictures, type(pipeline.scheduler).__name__)

    def _await_model(self, name: str, stop: threading.Event) -> Loaded:
        """The model, once it is loaded; its loading goes on when the task is cancelled."""
        loading = self._loader.submit(self._shelf.get, name)
        while not loading.done():
            wait([loading], timeout=_LOOK_SECONDS)
            if stop.is_set():
                raise StoppedError
        return loading.result()

    def _checkpoints(
        self, run: _Run, loaded: Loaded, pipeline: Any, resume: bool
    ) -> tuple[Keeper | None, Checkpoint | None]:
        """What keeps the task's checkpoints, and the one to go on from."""
        task, model = run.task, loaded.model
        if task.checkpoint is None or self._checkpoint_every < 1:
            return None, None
        path = Path(task.checkpoint)
        mark = mark_of(
            run.request,
            batch=run.batch,
            model=(model.source, model.revision, loaded.size),
            sampler=described(pipeline.scheduler),
            device=(self.device_name, str(pipeline.dtype)),
        )
        saved = None
        try:
            saved = read(path, mark) if resume else None
        except UnfitError as error:
            log.warning("job %s starts over: its checkpoint does not fit: %s", task.job_id, error)
        kept = saved.step if saved is not None else 0
        return Keeper(path, mark, self._checkpointer, self._checkpoint_every, kept), saved

    def _denoise(
        self,
        run: _Run,
        pipeline: Any,
        source: Image.Image | None,
        previews: Previews | None,
        keeper: Keeper | None,
        saved: Checkpoint | None,
    ) -> list[Image.Image]:
        """All pictures of the request, in one batch, or one by one for a cautious task."""
        request, batch = run.request, run.batch
        estimate = Estimate(pipeline.scheduler)
        words = conditioning(pipeline, request, distilled=run.distilled)
        pictures = [from_tensor(one) for one in saved.pictures] if saved else []
        run.rescuing = saved is not None
        for first in range(len(pictures), request.count, batch):
            done = first * run.steps // request.count
            arguments = call_arguments(
                pipeline, request, words, range(first, first + batch), source
            )
            generators = arguments.get("generator", [])
            rescue = Rescue(pipeline, saved, generators) if saved and run.rescuing else None

            stand = partial(run.stand, pictures[:first], generators)

            def after_step(
                pipe, index, _, tensors, first=first, done=done, stand=stand, rescue=rescue
            ):
                run.stop_if_asked()
                latents = tensors["latents"]
                if rescue is not None and run.rescuing:
                    kept = rescue.after(pipe, index, latents)
                    if kept is None:
                        return {}
                    run.go_on_from(rescue.checkpoint)
                    return {"latents": kept}
                calls = run.steps * batch // request.count
                step = done + step_of(index, pipe.num_timesteps, calls)
                if step > run.step:
                    run.step = step
                    run.send(Progress(run.task.job_id, step, run.steps))
                    if previews is not None and previews.is_due(step, run.steps):
                        previews.show(step, estimate.finished_latents(latents), first)
                    if keeper is not None and step < run.steps:
                        keeper.after(step, partial(stand, index + 1, pipe, latents))
                return {}

            run.stop_if_asked()
            pixels = pipeline(**arguments, callback_on_step_end=after_step).images
            pictures += to_pictures(pixels)
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
        self.batch = 1 if task.cautious else task.request.count
        self.steps = max(1, task.request.denoising_steps)
        if task.cautious:
            self.steps *= task.request.count
        self.step = 0
        self.distilled = False
        self.rescuing = False
        """Whether a checkpoint is being gone back to, and nothing is computed yet."""
        self.began: float | None = None
        self.gpu_ms = 0

    def used_ms(self) -> int:
        """Milliseconds of the device so far."""
        if self.began is None or self.gpu_ms:
            return self.gpu_ms
        return round((time.perf_counter() - self.began) * 1000)

    def go_on_from(self, checkpoint: Checkpoint) -> None:
        """What was computed before counts; what was computed since, and is done again, does not."""
        self.rescuing = False
        self.step = checkpoint.step
        self.began = time.perf_counter() - checkpoint.used_ms / 1000
        self.send(Progress(self.task.job_id, self.step, self.steps))

    def stand(
        self,
        pictures: list[Image.Image],
        generators: list[torch.Generator],
        calls: int,
        pipeline: Any,
        latents: torch.Tensor,
    ) -> Checkpoint:
        """Where it stands: `calls` rounds into the batch after the finished `pictures`."""
        return Checkpoint(
            step=self.step,
            calls=calls,
            used_ms=self.used_ms(),
            latents=latents.clone(),
            scheduler=state_of(pipeline.scheduler),
            generators=[generator.get_state() for generator in generators],
            pictures=[to_tensor(picture) for picture in pictures],
        )

    def stop_if_asked(self) -> None:
        if self.stop.is_set():
            raise StoppedError


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
