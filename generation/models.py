"""Models in memory: loading through diffusers' own calls, and letting go of the least used."""

# pyright: basic
from __future__ import annotations

import copy
import gc
import logging
import os
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import torch
from diffusers.pipelines.auto_pipeline import (
    AutoPipelineForImage2Image,
    AutoPipelineForText2Image,
)

from core.errors import ModelBrokenError, OutOfMemoryError
from core.models import Catalogue, Model
from core.sentences import say
from core.speed import DENOISERS, Speed
from generation import inpainting, quantize, speed
from generation.faults import is_out_of_memory
from generation.latent_colours import LatentColours, measure
from generation.model_folder import Located, locate
from generation.quiet import heeding
from generation.recall import Recall
from generation.run import StoppedError
from generation.speed import Held

log = logging.getLogger(__name__)

_SHARE_OF_GPU = 0.7
_SHARE_OF_RAM = 0.5
_USUAL = Speed()
_LOOK_SECONDS = 0.05
"""How often a load that waits for room looks whether its task was cancelled."""


@dataclass(eq=False)
class Loaded:
    """A model in memory. Its pipelines share all their components."""

    model: Model
    text_to_image: Any
    """None for a model that only paints."""
    image_to_image: Any | None
    colours: LatentColours | None
    size: int
    """Bytes of its weights on disk."""
    held: Held
    recall: Recall = field(default_factory=Recall)
    """What its text encoders made of texts."""
    inpaint: Any | None = None
    """Of a model that only paints."""
    _variants: dict[str, Any] = field(default_factory=dict)
    _making: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        return self.model.name

    def variant(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` makes, once for all tasks: a module that works in another way on the same
        weights. Nothing is ever switched on a module that tasks share."""
        with self._making:
            if name not in self._variants:
                self._variants[name] = make()
            return self._variants[name]

    def pipeline(self, *, from_picture: bool, masked: bool = False) -> Any:
        """A pipeline for one task: its own object with its own scheduler, the weights shared.

        Pipelines and schedulers keep the state of a run in themselves, so none is used twice.
        `masked`: only a part is to be painted, as a model that only paints needs it. Raises
        ModelBrokenError, UnfitRequestError.
        """
        shared = self.image_to_image if from_picture else self.text_to_image
        if self.inpaint is not None:
            if not masked:
                raise inpainting.only_paints(self.model.name)
            shared = self.inpaint
        if shared is None:
            raise ModelBrokenError(
                say("The model “{model}” cannot start from a picture.", model=self.model.name)
            )
        own = copy.copy(shared)
        own.scheduler = type(shared.scheduler).from_config(shared.scheduler.config)
        return own


class Resident(Protocol):
    """What is loaded, under a name of its own."""

    held: Held

    @property
    def name(self) -> str: ...


Beside = TypeVar("Beside", bound=Resident)


class Shelf:
    """The loaded models, and what is needed beside them, least recently used first.

    Tasks borrow them, from any thread. What is borrowed stays: a load that needs its room waits
    until it is given back, and everybody who comes later waits behind that load, so that no model
    is kept out for ever. One thread at a time loads.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        device: torch.device,
        dtype: torch.dtype,
        limit: int | None = None,
        usual: Speed = _USUAL,
        greet: Callable[[Loaded], None] = lambda loaded: None,
    ) -> None:
        """`limit` is the bytes of weights that may be on the device at once, if more than one
        model; `usual` is how models are held and computed that have no choice of their own;
        `greet` is called with each model that was loaded, before anybody borrows it.

        Raises SettingsError for what cannot be had here.
        """
        speed.check(catalogue, usual, device, dtype)
        self._catalogue = catalogue
        self._device = device
        self._dtype = dtype
        self._limit = memory_limit(device) if limit is None else limit
        self._usual = usual
        self._greet = greet
        self._loaded: OrderedDict[str, Any] = OrderedDict()
        self._borrowed: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._loading = threading.Lock()
        self._fetching = threading.Lock()
        """Of what is borrowed beside a model, which must not wait behind models."""
        self._cramped = False

    def at_hand(self, name: str) -> Loaded | None:
        """Borrows the model if that takes no waiting; raises ModelNotFoundError."""
        model = self._catalogue.get(name)
        with self._changed:
            if self._cramped or model.name not in self._loaded:
                return None
            return self._borrow(model.name)

    def borrow(self, name: str, stop: threading.Event | None = None) -> Loaded:
        """Loads the model if it must; raises what `get` does, and StoppedError. To be followed by
        `give_back`."""
        with self._loading:
            loaded = self._get(name, stop)
            with self._changed:
                return self._borrow(loaded.model.name)

    def borrow_beside(
        self,
        name: str,
        size: Callable[[], int],
        load: Callable[[], Beside],
        stop: threading.Event,
    ) -> Beside:
        """Borrows what a task needs beside its model, under a `name` that no model has; loads it if
        it must. `size` tells the bytes of its weights.

        It waits for no model to be given back: whoever asks has one, and might wait for himself.
        What nobody has borrowed goes. Raises what `size` and `load` do, and StoppedError.
        """
        while not self._fetching.acquire(timeout=_LOOK_SECONDS):
            if stop.is_set():
                raise StoppedError
        try:
            with self._changed:
                if name in self._loaded:
                    return self._borrow(name)
            bytes_wanted = size()
            with self._changed:
                self._let_go_for(bytes_wanted)
            began = time.monotonic()
            found = load()
            log.info("loaded %s in %.1f s", name, time.monotonic() - began)
            with self._changed:
                self._loaded[name] = found
                return self._borrow(name)
        finally:
            self._fetching.release()

    def give_back(self, loaded: Resident) -> None:
        with self._changed:
            self._borrowed[loaded.name] -= 1
            self._changed.notify_all()

    def get(self, name: str) -> Loaded:
        """Loads the model if it must. Raises ModelNotFoundError, ModelBrokenError,
        OutOfMemoryError."""
        with self._loading:
            return self._get(name)

    def names(self) -> list[str]:
        with self._changed:
            return list(self._loaded)

    def _borrow(self, name: str) -> Any:
        self._borrowed[name] += 1
        self._loaded.move_to_end(name)
        return self._loaded[name]

    def _get(self, name: str, stop: threading.Event | None = None) -> Loaded:
        model = self._catalogue.get(name)
        with self._changed:
            if model.name in self._loaded:
                self._loaded.move_to_end(model.name)
                return self._loaded[model.name]
        located = locate(model)
        self._make_room(located.size, stop)
        began = time.monotonic()
        loaded = self._load(model, located)
        self._greet(loaded)
        log.info("loaded %s in %.1f s", model.name, time.monotonic() - began)
        with self._changed:
            self._loaded[model.name] = loaded
        return loaded

    @property
    def _resident(self) -> int:
        return sum(one.held.resident for one in self._loaded.values())

    def _make_room(self, size: int, stop: threading.Event | None) -> None:
        with self._changed:
            try:
                while not self._let_go_for(size):
                    self._cramped = True
                    self._changed.wait(_LOOK_SECONDS)
                    if stop is not None and stop.is_set():
                        raise StoppedError
            finally:
                self._cramped = False

    def _let_go_for(self, size: int) -> bool:
        """Lets go of what is not borrowed until there is room, and says whether there is."""
        while self._loaded and self._resident + size > self._limit:
            name = next((one for one in self._loaded if not self._borrowed[one]), None)
            if name is None:
                return False
            del self._loaded[name], self._borrowed[name]
            log.info("unloaded %s", name)
            free_memory()
        return True

    def _load(self, model: Model, located: Located) -> Loaded:
        wanted = model.speed(self._usual)
        denoisers = [name for name in DENOISERS if (located.folder / name).is_dir()]
        try:
            with no_gaps():
                how = {
                    "dtype": self._dtype,
                    "variant": located.variant,
                    "revision": model.revision,
                    "local_files_only": True,
                    "use_safetensors": True,
                    **quantize.while_loading(wanted.quantize, denoisers),
                }
                if model.paints:
                    pipeline = inpainting.load(located, **how)
                else:
                    pipeline = AutoPipelineForText2Image.from_pretrained(located.source, **how)
            held = speed.arrange(
                pipeline,
                model.name,
                wanted,
                self._device,
                self._dtype,
                adapted=bool(model.adapters),
            )
        # The libraries raise a dozen kinds for files that do not fit together.
        except Exception as error:
            free_memory()
            if is_out_of_memory(error):
                raise OutOfMemoryError(
                    say(
                        "The model “{model}” needs more memory than there is; nothing was charged. "
                        "Tell the operator.",
                        model=model.name,
                    )
                ) from error
            log.exception("%s does not load", model.name)
            raise ModelBrokenError(
                say(
                    "The model “{model}” cannot be loaded from “{source}”: its files are "
                    "incomplete or do not fit together; download the model again.",
                    model=model.name,
                    source=model.source,
                )
            ) from error
        pipeline.set_progress_bar_config(disable=True)
        from_picture = None
        if model.paints:
            inpainting.check_steps(pipeline, model)
        else:
            # Not every family can.
            with suppress(ValueError):
                from_picture = AutoPipelineForImage2Image.from_pipe(pipeline)
                from_picture.set_progress_bar_config(disable=True)
        colours = None
        try:
            colours = measure(pipeline.vae, self._device)
        # Previews are worth having, never worth failing for.
        except Exception:
            log.exception("no previews for %s", model.name)
        loaded = Loaded(model, pipeline, from_picture, colours, located.size, held)
        if model.paints:
            loaded.text_to_image, loaded.inpaint = None, pipeline
        return loaded


def no_gaps() -> AbstractContextManager[None]:
    """Raises ValueError at the end of a block in which transformers filled missing weights.

    It fills them with random numbers, and says so only in a report to its log.
    """
    return heeding("transformers.modeling_utils", "MISSING")


def pick_device(wanted: str) -> torch.device:
    if wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def pick_dtype(wanted: str, device: torch.device) -> torch.dtype:
    """`auto` is bfloat16 on a CUDA device that computes with it, float16 on an older one, and
    float32 elsewhere."""
    if wanted != "auto":
        return getattr(torch, wanted)
    if device.type != "cuda":
        return torch.float32
    has_it = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if has_it else torch.float16


def memory_limit(device: torch.device) -> int:
    """Bytes that models may take together, with room left for the work itself."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory * _SHARE_OF_GPU)
    return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * _SHARE_OF_RAM)


def free_memory() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
