"""A loaded model made fast, or small, as its operator wants it; and what cannot be had said."""

# pyright: basic
from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch

from core.errors import SettingsError
from core.models import Model
from core.speed import MEMORY, Speed
from generation import attention, compiling, fusing, quantize
from generation.offload import place
from generation.steady_rows import keep_rows_steady
from generation.steady_vae import keep_steady
from generation.weights import denoisers_of, weights_of

log = logging.getLogger(__name__)

_GIB = 2**30


@dataclass(frozen=True, slots=True)
class Held:
    """What became of a model. `memory` is high, medium or low; `resident` are the bytes of the
    device that its weights take at most; `hooked`: inside its modules there are hooks that copies
    of them would share; `thrifty`: its pictures are to be decoded one by one and in tiles."""

    memory: str
    resident: int
    compiled: int = 0
    """Blocks of it that are compiled when they are first called."""
    hooked: bool = False
    reuses: bool = False
    """Of its pictures some rounds are estimated (`generation.reuse`)."""

    @property
    def thrifty(self) -> bool:
        return self.memory == "low"


def check(models: Iterable[Model], usual: Speed, device: torch.device, dtype: torch.dtype) -> None:
    """Raises SettingsError naming the setting, or the key of a model, that cannot be had here."""
    for owner, speed in [("", usual), *((model.name, model.speed(usual)) for model in models)]:
        reasons = {
            "attention": attention.why_not(speed.attention, device, dtype),
            "quantize": quantize.why_not(speed.quantize, device, dtype),
            "compile": compiling.why_not(device) if speed.compile == "on" else None,
        }
        for name, reason in reasons.items():
            if reason is not None:
                value = getattr(speed, name)
                said = f"models.toml: [{owner}] {name}" if owner else f"EASEL_{name.upper()}"
                raise SettingsError(f"{said} cannot be “{value}” here: {reason}.")


def arrange(
    pipeline: Any,
    name: str,
    speed: Speed,
    device: torch.device,
    dtype: torch.dtype,
    *,
    adapted: bool = False,
) -> Held:
    """Brings a pipeline, fresh from its files, to the device, and makes it as `speed` says.
    `adapted`: there are adapters that tasks may ask for."""
    keep_steady(pipeline, dtype)
    denoisers = denoisers_of(pipeline)
    for part in denoisers.values():
        quantize.once_loaded(speed.quantize, part, dtype)
        if speed.fuse == "on":
            kept = fusing.why_not(part, quantize=speed.quantize, adapted=adapted)
            if kept is None:
                fusing.fuse(part)
            else:
                log.info("%s: its projections are not fused: %s", name, kept)
    _lay_out(pipeline, device)
    weights = weights_of(pipeline)
    room = _room(device)
    memory = weights.memory_for(room) if speed.memory == "auto" else speed.memory
    # Without a GPU there is no other memory that weights could rest in.
    keep_rows_steady(pipeline, device, dtype)
    resident = place(pipeline, "high" if room is None else memory, device)
    if room is not None:
        sizes = f"{resident / _GIB:.1f} of {room / _GIB:.1f} GiB"
        log.info("%s: memory %s, %s; %s", name, memory, sizes, MEMORY[memory])
    elif memory == "low":
        log.info("%s: memory low without a GPU: pictures are decoded one by one, in tiles", name)
    compiled = 0
    for part in denoisers.values():
        kept = attention.use(part, speed.attention)
        if kept is not None:
            log.info("%s: attention stays torch's own: %s", name, kept)
        if compiling.is_wanted(speed.compile, device):
            why = _stays_plain(memory, room, speed.quantize)
            if why is None:
                compiled += compiling.compile_blocks(part)
            else:
                log.info("%s is not compiled: %s", name, why)
    hooked = speed.quantize == "float8-storage" or (memory == "low" and room is not None)
    reuses = speed.feature_cache == "on"
    return Held(memory, resident, compiled, hooked, reuses)


def _stays_plain(memory: str, room: int | None, kind: str) -> str | None:
    """Why blocks are not to be compiled, if they are not."""
    if memory == "low" and room is not None:
        return "with low memory its blocks come and go"
    if kind == "float8-storage":
        return "with float8-storage its layers change their number format at each call"
    return None


def _lay_out(pipeline: Any, device: torch.device) -> None:
    """Convolutions with channels last: 13 % of a run of the embedded model on a processor, and what
    tensor cores want."""
    if device.type not in ("cpu", "cuda"):
        return
    for part in (getattr(pipeline, name, None) for name in ("unet", "vae")):
        if part is not None:
            part.to(memory_format=torch.channels_last)


def _room(device: torch.device) -> int | None:
    """Bytes of the device's own memory; None where it has none but the machine's."""
    if device.type != "cuda":
        return None
    return torch.cuda.get_device_properties(device).total_memory
