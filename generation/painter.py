"""Makes the pictures of a task: one request, run on diffusers' own pipeline.

Any number of threads make a task each. What they ask of the models is computed by one thread,
which has the device, step by step and in company (`generation.batching`). Pictures and previews are
encoded and written by others, models are loaded by another.
"""

# pyright: basic
from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path

import torch
from diffusers.utils import logging as diffusers_logging
from PIL import Image
from transformers.utils import logging as transformers_logging

from core.errors import EaselError
from core.events import (
    Answer,
    Ask,
    Ending,
    Event,
    Failed,
    FailureKind,
    Finished,
    ImageReady,
    Preview,
    Started,
    Task,
)
from core.models import Catalogue
from core.speed import Speed
from core.step_times import StepTimes
from core.steps import StepPolicy
from generation.batching import Batcher
from generation.checkpoints import Checkpoint, Keeper, UnfitError, described, mark_of, read
from generation.denoising import Denoising
from generation.describing import Describer
from generation.edits.canvas import canvas_of
from generation.embeddings import Embeddings
from generation.endings import ending_of
from generation.hires import enlarged
from generation.images import encode_png, make_grid, write_file
from generation.inquiries import Inquiries
from generation.measuring import Measuring
from generation.models import Loaded, Shelf, free_memory, pick_device, pick_dtype
from generation.previews import Previews
from generation.provenance import chunks
from generation.room import room_of
from generation.run import Run, StoppedError
from generation.source_picture import open_source, open_style, open_whole
from generation.stages import Stage, let_go, stages_of
from generation.threads import compute_alone
from generation.times_book import TimesBook, device_in_full
from generation.upscalers.enlarging import Enlarger

log = logging.getLogger(__name__)

_ENCODERS = 3
_PREVIEWERS = 2
_USUAL = Speed()
_LOOK_SECONDS = 0.05
"""How often a task that waits for its model looks whether it was cancelled."""


class Painter:
    """Runs tasks on one device, for as many threads as there are."""

    together = 64
    """How many threads may call `make` at once."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        device: str = "auto",
        dtype: str = "auto",
        preview_every: int = 4,
        checkpoint_every: int = 5,
        speed: Speed = _USUAL,
        times_file: Path | None = None,
        measure: bool = False,
    ) -> None:
        """`preview_every` and `checkpoint_every` are in steps; 0 for no checkpoints. `times_file`
        is where step times are kept, `measure` whether they are measured of a model that is
        preloaded.

        Raises SettingsError for a `speed` that cannot be had here.
        """
        for library in (diffusers_logging, transformers_logging):
            library.disable_progress_bar()
        self._catalogue = catalogue
        self._device = pick_device(device)
        held = (self._device, pick_dtype(dtype, self._device))
        self._batcher = Batcher(StepPolicy(), StepTimes(), self._device)
        full_name = device_in_full(self.device_name, self._device)
        self._book = TimesBook(times_file, self._batcher.times, full_name, speed, held[1])
        self._shelf = Shelf(catalogue, *held, usual=speed, greet=self._book.greet)
        self._measures = measure
        self._preview_every = preview_every
        self._loader = self._threads(1, "loader")
        self._encoders = self._threads(_ENCODERS, "encoder")
        self._previewers = self._threads(_PREVIEWERS, "previews")
        self._checkpoint_every = checkpoint_every
        self._checkpointer = self._threads(1, "checkpoints")
        self._room = room_of(self._device)
        self._enlarger = Enlarger(catalogue, self._shelf, speed, *held)
        self._inquiries = Inquiries(
            self._await_model,
            self._shelf.give_back,
            self._batcher,
            Describer(catalogue, *held),
            Embeddings(catalogue.embedder, *held),
        )

    def _threads(self, most: int, name: str) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(most, name, self._leave_cores)

    def _leave_cores(self) -> None:
        """The calling thread is not the one that runs the models."""
        if self._device.type == "cpu":
            compute_alone()

    def close(self) -> None:
        """Ends its threads; tasks that are still being made fail."""
        self._batcher.close()
        for pool in (self._loader, self._encoders, self._previewers, self._checkpointer):
            pool.shutdown(cancel_futures=True)

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
            elif error is None and self._measures:
                self._batcher.spare.give(self._measuring(name))

        self._loader.submit(self._shelf.get, name).add_done_callback(tell)

    def make(self, task: Task, send: Callable[[Event], None], stop: threading.Event) -> Ending:
        """Sends all events of the task but the last, which it returns. Raises nothing."""
        self._leave_cores()
        run = Run(task, send, stop)
        with ExitStack() as loans:
            # A model is given back when nothing of the task refers to it any more.
            ending = self._ending(run, loans)
        self._book.save_now_and_then()
        return ending

    def _ending(self, run: Run, loans: ExitStack) -> Ending:
        task = run.task
        try:
            run.send(Started(task.job_id, run.steps))
            with self._batcher.ride(
                job=task.job_id,
                owner=task.owner,
                weight=task.weight,
                steps=run.steps,
                stop=run.stop,
            ) as run.ride:
                loaded = self._await_model(run.request.model, run.stop)
                loans.callback(self._shelf.give_back, loaded)
                if loans.enter_context(self._room_for(run)):
                    run.be_careful()
                try:
                    return self._make(run, loaded, resume=task.resume)
                except Exception as error:
                    if not run.rescuing or run.stop.is_set():
                        raise
                    run.rescuing = False
                    log.warning("job %s starts over: its checkpoint fails: %r", task.job_id, error)
                return self._make(run, loaded, resume=False)
        # The libraries under a pipeline raise anything; a task must not take the worker down.
        except Exception as error:
            ending = ending_of(run, error)
            if isinstance(ending, Failed) and ending.kind is FailureKind.OUT_OF_MEMORY:
                # The traceback holds the tensors of the run that did not fit.
                error.__traceback__ = None
                del error
                free_memory()
            return ending

    def answer(self, question: Ask, left: float) -> Answer:
        """Answers a question within `left` seconds, between the steps of the tasks. Raises
        nothing."""
        return self._inquiries.answer(question, left)

    def leaving(self) -> None:
        """The program is about to end. Raises nothing."""
        self._book.save()

    def _measuring(self, name: str) -> Measuring:
        return Measuring(
            partial(self._shelf.at_hand, name),
            self._shelf.give_back,
            self._batcher.times,
            partial(self._room.has_room, name),
            self._device,
            done=self._book.save,
        )

    def _room_for(self, run: Run) -> AbstractContextManager[bool]:
        """Waits, when it is entered, until the task fits into memory beside the others; then says
        whether only one picture of it fits at a time."""
        largest = None if run.batch == run.request.count else run.pixels // run.request.count
        request = run.request
        # An upscaler's weights, which it may bring, would be taken for what the model needs.
        usual = not request.enlarger
        return self._room.enter(request.model, run.pixels, run.stop, largest=largest, usual=usual)

    def _make(self, run: Run, loaded: Loaded, *, resume: bool) -> Ending:
        request, ride = run.request, run.ride
        assert ride is not None
        run.begin()
        run.distilled = loaded.model.guidance <= 1
        ride.reuses = loaded.held.reuses
        style = None
        if run.task.style_path is not None:
            style = partial(open_style, run.task.style_path)
        thrifty = run.careful or loaded.held.thrifty
        enlarge = enlarged
        if request.enlarger:
            enlarge = partial(self._enlarger.enlarged, run=run, thrifty=thrifty)
        source = canvas = None
        if request.source is not None:
            path = run.task.source_path or ""
            canvas = canvas_of(request, path, run.task.mask_path)
            if request.edit is not None and request.enlarger:
                source = enlarge(open_whole(path), request.size, tile=request.tile)
            else:
                size = (request.width, request.height)
                source = canvas.start if canvas else open_source(path, *size)
        stages = stages_of(
            request, loaded, self._catalogue, ride, style, canvas=canvas, thrifty=thrifty
        )
        sampler = type(stages[0].pipeline.scheduler).__name__
        previews = keeper = None
        try:
            if loaded.colours is not None:
                previews = Previews(
                    request,
                    loaded.colours,
                    run.spool,
                    self._previewers,
                    self._preview_every,
                    lambda step, path: run.send(Preview(run.task.job_id, step, str(path))),
                    work=partial(ride.run, kind="decode"),
                    used_ms=run.used_ms,
                )
            keeper, saved = self._checkpoints(run, loaded, stages[0], resume)
            pictures = Denoising(run, stages, previews, keeper, enlarge).pictures(source, saved)
        finally:
            if previews is not None:
                previews.wait()
            if keeper is not None:
                keeper.wait()
            let_go(stages)
        if canvas is not None:
            pictures = [canvas.finished(picture) for picture in pictures]
        return self._write(run, pictures, sampler)

    def _await_model(self, name: str, stop: threading.Event) -> Loaded:
        """Borrows the model, once it is loaded; its loading goes on when the task is cancelled."""
        if (loaded := self._shelf.at_hand(name)) is not None:
            return loaded
        loading = self._loader.submit(self._shelf.borrow, name, stop)
        while not loading.done():
            wait([loading], timeout=_LOOK_SECONDS)
            if stop.is_set():
                loading.add_done_callback(self._return)
                raise StoppedError
        return loading.result()

    def _return(self, loading: Future[Loaded]) -> None:
        """Gives back a model that nobody waits for any more."""
        if loading.exception() is None:
            self._shelf.give_back(loading.result())

    def _checkpoints(
        self, run: Run, loaded: Loaded, stage: Stage, resume: bool
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
            adapters=stage.adapters,
            **({"reuses": True} if loaded.held.reuses else {}),
            sampler=described(stage.pipeline.scheduler),
            device=(self.device_name, str(stage.pipeline.dtype)),
            **self._enlarger.described(run.request.enlarger),
        )
        saved = None
        try:
            saved = read(path, mark) if resume else None
        except UnfitError as error:
            log.warning("job %s starts over: its checkpoint does not fit: %s", task.job_id, error)
        kept = saved.step if saved is not None else 0
        return Keeper(path, mark, self._checkpointer, self._checkpoint_every, kept), saved

    def _write(self, run: Run, pictures: list[Image.Image], sampler: str) -> Ending:
        request, job_id = run.request, run.task.job_id

        def write(picture: Image.Image, number: int, name: str) -> Path:
            data = encode_png(picture, chunks(run.task.request, number, sampler))
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
            return Finished(job_id, str(grid.result()), run.used_ms(), run.note)
        finally:
            wait([*files, grid])
