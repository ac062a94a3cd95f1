"""Checkpoints: what it takes to go on with a picture that another worker began, in one file.

A file is safetensors throughout: tensors, and one line of JSON in its header that says how they
belong together. Nothing in it is ever executed. It holds numbers only, no prompt; a mark made from
the request, the model and the libraries says whose numbers they are.
"""

# pyright: basic
from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diffusers
import numpy
import torch
import transformers
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from core.request import Request

log = logging.getLogger(__name__)

FORMAT = 2
_UNDRAWN = ("lane", "visibility", "seed_typed", "raw")
"""Fields of a request that no pixel depends on, and that may change while a job waits."""


class UnfitError(Exception):
    """The file is damaged, or was made for something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A task after `step` of its steps.

    `pictures` are those already finished, H x W x 3, when a task makes them one by one. Of the
    batch after them, `calls` rounds of the denoising loop are done, in the `stage` (from 0) that
    was running; `latents` is what they left, `scheduler` the scheduler's own state (see `state_of`)
    and `generators` one state a picture; `reuse` is what later rounds are estimated from.
    `used_ms` is the device time that all this took.
    """

    step: int
    calls: int
    used_ms: int
    latents: Tensor
    scheduler: dict[str, Any]
    generators: list[Tensor]
    pictures: list[Tensor]
    stage: int = 0
    reuse: list[Any] = field(default_factory=list)


def mark_of(request: Request, **more: object) -> str:
    """Tells apart what cannot go on from each other's numbers: 32 hex digits."""
    drawn = {name: value for name, value in request.to_json().items() if name not in _UNDRAWN}
    libraries = [torch.__version__, diffusers.__version__, transformers.__version__]
    text = json.dumps([FORMAT, drawn, libraries, more], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


# A scheduler's state


def described(scheduler: Any) -> dict[str, Any]:
    """Its class and configuration, the same in every process: what diffusers notes for itself,
    such as which values were defaults, comes in an order of its own each time."""
    config = {name: value for name, value in scheduler.config.items() if not name.startswith("_")}
    return {"class": type(scheduler).__name__, "config": config}


def state_of(scheduler: Any) -> dict[str, Any]:
    """Copies of all a scheduler keeps that is a number, a text, a tensor or made of them.

    The rest, such as functions and noise trees that grow from a seed, it makes itself again.
    """
    state: dict[str, Any] = {}
    for name, value in vars(scheduler).items():
        try:
            state[name] = _copied(value)
        except UnfitError:
            continue
    # The configuration is part of the model, not of the moment.
    state.pop("_internal_dict", None)
    return state


def restore_state(scheduler: Any, state: dict[str, Any], device: torch.device) -> None:
    """The inverse of `state_of`; tensors that were not on the CPU go to `device`."""
    for name, value in state.items():
        setattr(scheduler, name, _moved(value, device))


@dataclass(frozen=True, slots=True)
class _Away:
    """A tensor on its way: where it was, and whether numpy had it."""

    tensor: Tensor
    on_device: bool = False
    numpy: bool = False


def _copied(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Tensor):
        return _Away(value.detach().clone(), on_device=value.device.type != "cpu")
    if isinstance(value, numpy.ndarray | numpy.generic):
        if value.dtype.kind not in "biuf":
            raise UnfitError(f"an array of {value.dtype}")
        return _Away(torch.from_numpy(numpy.array(value)), numpy=True)
    if isinstance(value, int | float):
        return value
    if type(value) in (list, tuple):
        return type(value)(_copied(one) for one in value)
    if type(value) is dict and all(isinstance(key, str) for key in value):
        return {key: _copied(one) for key, one in value.items()}
    raise UnfitError(f"a {type(value).__name__}")


def _moved(value: Any, device: torch.device) -> Any:
    if isinstance(value, _Away):
        if value.numpy:
            array = value.tensor.numpy()
            return array if array.ndim else array[()]
        return value.tensor.to(device) if value.on_device else value.tensor
    if isinstance(value, list | tuple):
        return type(value)(_moved(one, device) for one in value)
    if isinstance(value, dict):
        return {key: _moved(one, device) for key, one in value.items()}
    return value


# The file


def write(path: Path, checkpoint: Checkpoint, mark: str) -> None:
    """Puts the checkpoint there whole, or not at all. Raises OSError."""
    tensors: list[Tensor] = []

    def pack(value: Any) -> Any:
        match value:
            case Tensor():
                # Pipelines compute in whatever order a tensor lies, and round accordingly.
                order = sorted(range(value.ndim), key=lambda axis: -value.stride(axis))
                tensors.append(value.detach().permute(order).contiguous().cpu())
                return {"tensor": len(tensors) - 1, "order": order}
            case _Away():
                return {"away": pack(value.tensor), "on": value.on_device, "numpy": value.numpy}
            case list():
                return [pack(one) for one in value]
            case tuple():
                return {"tuple": [pack(one) for one in value]}
            case dict():
                return {"dict": {key: pack(one) for key, one in value.items()}}
            case _:
                return value

    body = pack({name: getattr(checkpoint, name) for name in Checkpoint.__slots__})
    named = {str(number): tensor for number, tensor in enumerate(tensors)}
    head = {"mark": mark, "body": json.dumps(body), "sum": _sum(named)}
    data = save(named, metadata=head)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of this process's own: a worker thought dead may be writing the same checkpoint.
    passing = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        passing.write_bytes(data)
        passing.replace(path)
    except OSError:
        passing.unlink(missing_ok=True)
        raise


def read(path: Path, mark: str) -> Checkpoint | None:
    """None where there is none. Raises UnfitError."""
    try:
        with safe_open(path, framework="pt") as file:
            head = file.metadata() or {}
            if head.get("mark") != mark:
                raise UnfitError("it was made for another request, model or version")
            tensors = {key: file.get_tensor(key) for key in file.keys()}
        if head["sum"] != _sum(tensors):
            raise UnfitError("its numbers are damaged")
        return Checkpoint(**_unpacked(json.loads(head["body"]), tensors))
    except FileNotFoundError:
        return None
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise UnfitError(f"it cannot be read ({type(error).__name__})") from error


def _unpacked(value: Any, tensors: dict[str, Tensor]) -> Any:
    match value:
        case {"tensor": number, "order": order}:
            back = sorted(range(len(order)), key=order.__getitem__)
            return tensors[str(number)].permute(back)
        case {"away": away, "on": on_device, "numpy": is_numpy}:
            return _Away(_unpacked(away, tensors), on_device, is_numpy)
        case {"tuple": values}:
            return tuple(_unpacked(one, tensors) for one in values)
        case {"dict": values}:
            return {key: _unpacked(one, tensors) for key, one in values.items()}
        case list():
            return [_unpacked(one, tensors) for one in value]
        case _:
            return value


def _sum(tensors: dict[str, Tensor]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        # A tensor of one number may have any strides, which `view` does not take.
        whole = torch.empty(tensor.numel(), dtype=tensor.dtype).copy_(tensor.flatten())
        digest.update(whole.view(torch.uint8).numpy().data)
    return digest.hexdigest()


# When to write


class Keeper:
    """Keeps the checkpoints of one task so that at most `every` steps are ever repeated.

    A checkpoint is taken one step early and written beside the next one; only if writing takes
    longer than a step does the denoising wait for it.
    """

    def __init__(self, path: Path, mark: str, pool: Executor, every: int, step: int = 0) -> None:
        self._path = path
        self._mark = mark
        self._pool = pool
        self._every = every
        self._kept = self._taken = step
        self._writing: Future[None] | None = None
        self._failed = False

    def after(self, step: int, take: Callable[[], Checkpoint]) -> None:
        """The task has done `step` steps; `take` makes a checkpoint of it as it is now."""
        if self._failed:
            return
        if step - self._taken >= max(1, self._every - 1):
            self.wait()
            self._taken = step
            self._writing = self._pool.submit(write, self._path, take(), self._mark)
        if step + 1 - self._kept > self._every:
            self.wait()

    def wait(self) -> None:
        """Returns when nothing is being written."""
        if self._writing is None:
            return
        error, self._writing = self._writing.exception(), None
        if error is None:
            self._kept = self._taken
        elif not self._failed:
            # A job without checkpoints is still a job.
            self._failed = True
            log.warning("no checkpoints: %s", error)
