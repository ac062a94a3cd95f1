"""Nets of the ESRGAN family, and what else spandrel knows that draws pictures larger: one forward
for each part of the picture."""

# pyright: basic
from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor
from transformers.utils.import_utils import is_torchvision_available

from core.errors import ModelBrokenError
from core.sentences import say
from core.upscalers import Upscaler
from core.windows import starts
from generation.edits.windows import weight_of
from generation.speed import Held
from generation.upscalers.growing import (
    Growth,
    broken,
    call,
    reduced,
    shelf_name,
    smaller_and_smaller,
    unbelievable,
    unloadable,
)
from generation.weight_files import is_whole
from generation.weights import bytes_of

log = logging.getLogger(__name__)

PART, PART_ON_PROCESSOR, PART_THRIFTY = 512, 192, 128
"""Pixels of the side of a part: between two of them others have the device, and a task stops."""

OVERLAP = 1 / 6
"""Of its side: what a part shares at least with the next one."""

_RESTORES = ("Restoration", "Inpainting", "FaceSR")
_MOST_SCALE = 16

_importing = threading.Lock()


class Net:
    """A loaded net. Its forwards are for the device's thread."""

    def __init__(self, upscaler: Upscaler, model: Any, device: torch.device) -> None:
        """`model` is spandrel's, which pads what it is given to the sizes that the net takes."""
        self.upscaler = upscaler
        self.held = Held("high", bytes_of(model.model))
        self._model = model
        self._device = device

    @property
    def name(self) -> str:
        return shelf_name(self.upscaler)

    @property
    def scale(self) -> int:
        return self._model.scale

    def grown(self, pixels: Tensor, times: int, how: Growth) -> Tensor:
        side = PART if self._device.type != "cpu" else PART_ON_PROCESSOR
        side = PART_THRIFTY if how.thrifty else side
        if self._model.tiling.name != "SUPPORTED":
            # It looks at all of the picture, and should see it if there is room.
            side = max(pixels.shape[2:])
        work = partial(self._in_parts, pixels, times, how)
        return smaller_and_smaller(work, side, self.upscaler.name)

    def _in_parts(self, pixels: Tensor, times: int, how: Growth, side: int) -> Tensor:
        height, width = pixels.shape[2:]
        high, wide = min(side, height), min(side, width)
        shape = (self.name, high, wide)
        total = pixels.new_zeros(1, 3, height * times, width * times)
        weights = pixels.new_zeros(1, 1, height * times, width * times)
        for top in starts(height, high, OVERLAP):
            for left in starts(width, wide, OVERLAP):
                part = pixels[:, :, top : top + high, left : left + wide]
                found = call(how.ride, partial(self._part, part, times), shape)
                down = slice(top * times, (top + high) * times)
                across = slice(left * times, (left + wide) * times)
                weight = weight_of((down, across))
                total[:, :, down, across] += found * weight
                weights[:, :, down, across] += weight
        return total / weights

    def _part(self, part: Tensor, times: int) -> Tensor:
        found = self._forward(part)
        if not bool(torch.isfinite(found).all()) and self._model.dtype != torch.float32:
            log.warning("upscaler %s: its numbers grow too large; float32", self.upscaler.name)
            self._model.float()
            found = self._forward(part)
        high, wide = (side * times for side in part.shape[2:])
        if not bool(torch.isfinite(found).all()):
            raise unbelievable(self.upscaler)
        return reduced(found, (high, wide)).cpu()

    def _forward(self, part: Tensor) -> Tensor:
        # What inference mode makes may not be changed outside of it.
        return self._model(part.to(self._device, self._model.dtype)).clone().float()


def locate(upscaler: Upscaler) -> tuple[Path, int]:
    """Its file, and how many bytes that has. Raises ModelBrokenError with the mend."""
    file = Path(upscaler.source).expanduser()
    if not file.is_file():
        raise ModelBrokenError(
            say(
                "The upscaler “{name}” is not on this machine: there is no file “{source}”; "
                "correct it under [upscalers] in models.toml.",
                name=upscaler.name,
                source=upscaler.source,
            )
        )
    if not is_whole(file):
        raise broken(upscaler, say("the file is damaged or cut short; download it again."))
    return file, file.stat().st_size


def load(upscaler: Upscaler, device: torch.device, dtype: torch.dtype) -> Net:
    """By spandrel's own call. Raises ModelBrokenError, OutOfMemoryError."""
    file, _ = locate(upscaler)
    spandrel = library(upscaler)
    try:
        model = spandrel.ModelLoader().load_from_file(file)
    except spandrel.UnsupportedModelError:
        raise broken(
            upscaler,
            say("it is of no kind that spandrel knows; use a model of the ESRGAN family."),
        ) from None
    # The architectures raise a dozen kinds for weights that do not fit them.
    except Exception as error:
        raise unloadable(upscaler, error) from error
    if model.purpose in _RESTORES or not 1 < model.scale <= _MOST_SCALE:
        raise broken(
            upscaler,
            say(
                "it is of the kind {kind} and draws nothing larger; use one that does.",
                kind=model.architecture.name,
            ),
        )
    if (model.input_channels, model.output_channels) != (3, 3):
        raise broken(
            upscaler,
            say(
                "it takes {taken} and gives {given} channels of colour instead of 3; use another.",
                taken=model.input_channels,
                given=model.output_channels,
            ),
        )
    able = {torch.float16: model.supports_half, torch.bfloat16: model.supports_bfloat16}
    try:
        model.to(device, dtype if able.get(dtype, True) else torch.float32).eval()
    except Exception as error:
        raise unloadable(upscaler, error) from error
    return Net(upscaler, model, device)


def library(upscaler: Upscaler) -> Any:
    """spandrel. Raises ModelBrokenError where it is not installed."""
    with _importing, without_torchvision():
        try:
            return importlib.import_module("spandrel")
        except ModuleNotFoundError as error:
            if error.name not in ("spandrel", "einops"):
                raise unloadable(upscaler, error) from error
            raise ModelBrokenError(
                say(
                    "The upscaler “{name}” needs spandrel, which is not installed here; the "
                    "operator adds it with: pip install 'easel[upscale]'",
                    name=upscaler.name,
                )
            ) from None
        # Whatever the import of torchvision raises beside another torch than it was built for.
        except Exception as error:
            log.exception("spandrel does not start")
            raise ModelBrokenError(
                say(
                    "The upscaler “{name}” needs spandrel, which does not start here; the operator "
                    "finds why in the worker's log.",
                    name=upscaler.name,
                )
            ) from error


@contextmanager
def without_torchvision() -> Iterator[None]:
    """Lets spandrel be imported where there is no torchvision. Two of its architectures name
    functions of that, which only run in models that draw nothing larger and so are refused."""
    if "spandrel" in sys.modules or importlib.util.find_spec("torchvision") is not None:
        yield
        return
    # Remembered from its first call on, which in another thread might come while they stand there.
    is_torchvision_available()
    names = ("torchvision", "torchvision.transforms", "torchvision.transforms.functional")
    made = {name: ModuleType(name) for name in names}
    # `import a.b.c` takes a module with a path for a package.
    for name in names[:2]:
        vars(made[name])["__path__"] = []
    wanted = {"InterpolationMode": _Missing(), "rotate": _Missing(), "normalize": _Missing()}
    vars(made[names[2]]).update(wanted)
    sys.modules.update(made)
    try:
        yield
    finally:
        # transformers asks whether there is a torchvision, and would believe in this one.
        for name in names:
            sys.modules.pop(name, None)


class _Missing:
    """Stands where a name of torchvision's would."""

    def __getattr__(self, name: str) -> _Missing:
        return self

    def __call__(self, *_: object, **__: object) -> Any:
        raise ModuleNotFoundError("torchvision is not installed")
