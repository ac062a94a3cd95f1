"""Adapters (LoRA) on a loaded model, for those tasks that asked for them.

A model's own modules are never touched. Tasks with adapters get modules of their own, made once a
model: on the same weights, with diffusers' adapters between them. So other tasks run on what was
there before, to the last bit and the last microsecond, and nothing is left of an adapter that was
put away. Which adapters are on, and how strongly, is a setting that is switched between forwards,
on the device's thread; what has one setting shares forwards. Compiled blocks stay with the model:
those with adapters are computed as they are.
"""

# pyright: basic
from __future__ import annotations

import copy
import itertools
import logging
import threading
import weakref
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from peft.tuners.tuners_utils import BaseTunerLayer
from torch import nn

from core.adapters import Adapter
from core.errors import ModelBrokenError, OutOfMemoryError
from core.model import Model
from core.request import Lora, Request
from core.sentences import say
from core.speed import DENOISERS
from generation.adapter_files import broken, locate
from generation.faults import UnfitRequestError, is_out_of_memory
from generation.models import Loaded
from generation.parking import Kind
from generation.quiet import heeding, quiet
from generation.ride import Ride, Setting
from generation.steady_rows import make_steady
from generation.tiling import switched
from generation.weight_files import names_in

log = logging.getLogger(__name__)

KEPT = 4
"""Adapters of one model that stay in memory though no task needs them."""

_KINDS: frozenset[Kind] = frozenset({"step", "text"})
"""Of calls that adapters matter to: autoencoders have none."""

_OF_TEXTS = ("text_encoder", "lora_te")
"""How the names of tensors begin that are of text encoders."""

_Named = tuple[tuple[str, float], ...]
"""Adapters as diffusers calls them, and how strong each is."""

Work = Callable[[Callable[[], Any]], Any]
"""Calls a function on the device's thread."""


@dataclass(frozen=True, slots=True, eq=False)
class Worn:
    """What a task with adapters draws with: modules in the place of the model's, by their names in
    a pipeline, and the setting they draw in. `heard` tells apart what text encoders make of a text;
    () where the adapters leave them alone. `files` tell the adapters' files from others."""

    parts: Mapping[str, nn.Module]
    setting: Setting
    heard: Hashable
    files: Sequence[object]

    def put_on(self, pipeline: Any) -> None:
        """On the pipeline of one task."""
        for name, part in self.parts.items():
            # Past the pipeline's own __setattr__, which would write it into its configuration.
            object.__setattr__(pipeline, name, part)


@dataclass(eq=False, slots=True)
class _Loaded:
    """`name` is what diffusers calls it, `touched` are the parts it changes."""

    name: str
    touched: frozenset[str]


class Adapters:
    """Those of one loaded model. `worn` may be called from any thread."""

    def __init__(self, pipeline: Any, model: Model, *, kept: int = KEPT) -> None:
        """`pipeline` is one that tasks share. Raises UnfitRequestError for a kind of which
        diffusers loads no adapters."""
        loadable = getattr(pipeline, "_lora_loadable_modules", ())
        if not loadable or not callable(getattr(pipeline, "load_lora_weights", None)):
            raise UnfitRequestError(
                say(
                    "The model “{model}” takes no adapters; leave --lora out or use another model. "
                    "Nothing was charged.",
                    model=model.name,
                )
            )
        self._model = model
        self._kept = kept
        self._device = pipeline._execution_device
        self._pipeline = copy.copy(pipeline)
        self._own = {
            name: _beside(part)
            for name in dict.fromkeys((*loadable, *DENOISERS))
            if isinstance(part := getattr(pipeline, name, None), nn.Module)
        }
        for name, part in self._own.items():
            object.__setattr__(self._pipeline, name, part)
        self._lock = threading.Lock()
        self._borrowed: Counter[str] = Counter()
        # Of the device's thread alone:
        self._here: OrderedDict[str, _Loaded] = OrderedDict()
        self._serials = itertools.count()
        self._plans: dict[_Named, list[tuple[Any, list[str], dict[str, float]]]] = {}
        self._edges: Setting | None = None

    @property
    def names(self) -> list[str]:
        """Of those in memory, the least recently used first."""
        return list(self._here)

    @contextmanager
    def worn(self, loras: Sequence[Lora], work: Work, *, circular: bool = False) -> Iterator[Worn]:
        """Inside, they are in memory and stay there. `circular`: in convolutions without edges.
        Raises ModelBrokenError, UnfitRequestError, OutOfMemoryError."""
        # Their sum is one whatever their order, to rounding; so tasks may share more.
        loras = sorted(loras, key=lambda lora: lora.name)
        found = [(self._known(lora), lora.weight) for lora in loras]
        with self._lock:
            self._borrowed.update(adapter.name for adapter, _ in found)
        try:
            files = {adapter.name: locate(adapter) for adapter, _ in found}
            yield work(lambda: self._dress(found, files, circular))
        finally:
            with self._lock:
                self._borrowed.subtract(adapter.name for adapter, _ in found)

    def _known(self, lora: Lora) -> Adapter:
        adapter = self._model.adapter(lora.name)
        if adapter is None:
            raise UnfitRequestError(
                say(
                    "The adapter “{adapter}” is not here for the model “{model}” any more; leave "
                    "it out. Nothing was charged.",
                    adapter=lora.name,
                    model=self._model.name,
                )
            )
        return adapter

    # On the device's thread

    def _dress(
        self, found: Sequence[tuple[Adapter, float]], files: Mapping[str, Path], circular: bool
    ) -> Worn:
        for adapter, _ in found:
            if adapter.name not in self._here:
                self._load(adapter, files[adapter.name])
            self._here.move_to_end(adapter.name)
        self._make_room()
        held = [(self._here[adapter.name], weight) for adapter, weight in found]
        touched = frozenset[str]().union(*(one.touched for one, _ in held))
        heard = tuple(
            (adapter.name, weight)
            for (adapter, weight), (one, _) in zip(found, held, strict=True)
            if not one.touched <= set(DENOISERS)
        )
        named = tuple((one.name, weight) for one, weight in held)
        touched |= {"unet"} if circular else set()
        parts = {name: part for name, part in self._own.items() if name in touched}
        # A setting may be kept for long after the model it is of.
        own = weakref.ref(self)

        def enter() -> None:
            if (adapters := own()) is not None:
                adapters._enter(named, circular)

        def leave() -> None:
            if (adapters := own()) is not None:
                adapters._leave(circular)

        name = ("adapters", id(self), named, circular)
        sizes = [(one.source, one.revision, files[one.name].stat().st_size) for one, _ in found]
        return Worn(parts, Setting(name, enter, leave, _KINDS), heard, sizes)

    def _enter(self, named: _Named, circular: bool) -> None:
        self._switch(named)
        if circular:
            self._edges = self._edges or switched([self._own["unet"]])
            self._edges.enter()

    def _leave(self, circular: bool) -> None:
        if circular and self._edges is not None:
            self._edges.leave()

    def _switch(self, named: _Named) -> None:
        """Lets these be on, each at its weight. As diffusers does it the first time, and what that
        came to from then on: going through thousands of modules takes as long as a small step."""
        if named not in self._plans:
            self._pipeline.set_adapters(
                [name for name, _ in named], [weight for _, weight in named]
            )
            self._plans[named] = [
                (layer, list(layer.active_adapters), dict(layer.scaling))
                for layer in self._layers()
            ]
            return
        for layer, active, scaling in self._plans[named]:
            layer._active_adapter = active
            layer.scaling.update(scaling)

    def _load(self, adapter: Adapter, file: Path) -> None:
        name = f"adapter{next(self._serials)}"
        parts = self._own.values()
        before = [(one, one.requires_grad) for part in parts for one in part.parameters()]
        try:
            with _whole(), quiet(UserWarning, "Already found a `peft_config`"):
                self._pipeline.load_lora_weights(
                    str(file.parent),
                    weight_name=file.name,
                    adapter_name=name,
                    local_files_only=True,
                    use_safetensors=True,
                )
        # The libraries raise a dozen kinds for numbers that do not fit together.
        except Exception as error:
            self._delete(name)
            if is_out_of_memory(error):
                raise OutOfMemoryError from error
            log.exception("the adapter %s does not load", adapter.name)
            raise self._unfit(adapter) from error
        finally:
            for one, trained in before:
                one.requires_grad_(trained)
            self._forget()
        touched = [part for part in self._own if any(self._layers(name, part))]
        only_texts = all(one.startswith(_OF_TEXTS) for one in names_in(file))
        if not touched or (not only_texts and set(DENOISERS).isdisjoint(touched)):
            # What has no place in a model diffusers leaves out.
            self._delete(name)
            raise self._unfit(adapter)
        for layer in self._layers(name):
            own = [layer.lora_A[name], layer.lora_B[name]]
            for part in own:
                # A part that rests elsewhere until it is called leaves its adapters there too.
                part.to(self._device).requires_grad_(False)
            make_steady(own, self._device, self._pipeline.dtype)
        self._here[adapter.name] = _Loaded(name, frozenset(touched))
        log.info("loaded the adapter %s for %s", adapter.name, self._model.name)

    def _unfit(self, adapter: Adapter) -> ModelBrokenError:
        what = f"it does not fit the model {self._model.name}; correct its family or models."
        return broken(adapter, what)

    def _make_room(self) -> None:
        """Puts away what was longest not used, of that which nobody needs."""
        with self._lock:
            idle = [name for name in self._here if not self._borrowed[name]]
        for name in idle[: max(0, len(self._here) - self._kept)]:
            self._delete(self._here.pop(name).name)
            log.info("put away the adapter %s of %s", name, self._model.name)

    def _delete(self, name: str) -> None:
        """All that there is of it, also of one that was loaded in part."""
        self._pipeline.delete_adapters(name)
        for part in self._own.values():
            for parent in list(part.modules()):
                for at, layer in list(parent.named_children()):
                    if isinstance(layer, BaseTunerLayer) and not layer._get_available_adapters():
                        setattr(parent, at, layer.get_base_layer())
            if not vars(part).get("peft_config"):
                for noted in ("peft_config", "_hf_peft_config_loaded"):
                    vars(part).pop(noted, None)
        self._forget()

    def _forget(self) -> None:
        """What was known of modules that are others now."""
        self._plans.clear()
        self._edges = None

    def _layers(self, name: str | None = None, part: str | None = None) -> Iterator[Any]:
        """Those with adapters; with that adapter; of that part."""
        for own in [self._own[part]] if part is not None else self._own.values():
            for layer in own.modules():
                if isinstance(layer, BaseTunerLayer):
                    if name is None or name in layer._get_available_adapters():
                        yield layer


@contextmanager
def adapters_worn(request: Request, loaded: Loaded, ride: Ride) -> Iterator[Worn | None]:
    """Inside, what the request's adapters come to for a task on `ride`; None where it has none.
    Raises what `Adapters.worn` raises, and UnfitRequestError for a model that is held in a way that
    leaves no room for them."""
    if not request.loras:
        yield None
        return
    if loaded.held.hooked:
        raise UnfitRequestError(
            say(
                "The model “{model}” takes no adapters while it is held in little memory; leave "
                "--lora out or use another model. Nothing was charged.",
                model=loaded.model.name,
            )
        )
    shared = loaded.text_to_image or loaded.inpaint
    adapters = loaded.variant("adapters", lambda: Adapters(shared, loaded.model))
    # Nothing is switched while they are loaded.
    ride.setting = None
    work = partial(ride.run, kind="text")
    with adapters.worn(request.loras, work, circular=request.tile) as worn:
        yield worn


def _beside(module: nn.Module) -> nn.Module:
    """The same on the same weights, for other things to be put between them."""
    kept = {id(one): one for one in (*module.parameters(), *module.buffers())}
    return copy.deepcopy(module, kept)


def _whole() -> AbstractContextManager[None]:
    """Raises ValueError at the end of a block in which diffusers left out numbers of a file, or
    found none for places of the model. It says so only in its log."""
    return heeding("diffusers.utils.peft_utils", "unexpected keys", "missing keys")
