"""The models to measure with, and what a job of one costs in floating-point operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoPipelineForText2Image
from diffusers.utils import logging as diffusers_logging
from torch.utils.flop_counter import FlopCounterMode
from transformers.utils import logging as transformers_logging

from core.request import Request
from generation.conditioning import conditioning
from generation.pipeline_call import call_arguments


@dataclass(frozen=True, slots=True)
class Subject:
    """A model in a folder. `side` is in pixels; `guided` says whether it takes guidance."""

    name: str
    folder: Path
    side: int
    family: str
    guided: bool = True

    @property
    def toml(self) -> str:
        """Its entry in `models.toml`, as the service reads it."""
        return (
            f'[{self.name}]\nsource = "{self.folder}"\nfamily = "{self.family}"\n'
            f"native_size = {self.side}\nsize_step = 8\n"
            f"guidance = {4.0 if self.guided else 0.0}\n"
        )


SIDES = {"postcard": 128, "tiny": 64, "sd15": 512, "sdxl": 1024, "flux": 1024}


def subject(name: str, cache: Path, device: str, dtype: torch.dtype) -> Subject:
    """Builds what is not there yet. `tiny` is the smallest pipeline that makes every call: its
    forwards cost little more than their launches, as a small model's do on a large device."""
    for library in (diffusers_logging, transformers_logging):
        library.disable_progress_bar()
        library.set_verbosity_error()
    folder = cache / f"{name}-{str(dtype).removeprefix('torch.')}"
    if name == "postcard":
        from generation.postcard import WEIGHTS

        return Subject("bench", Path(WEIGHTS), SIDES[name], "sd")
    if not (folder / "model_index.json").exists():
        if name == "tiny":
            from tests.generation.tiny import save_sd

            save_sd(folder, tiny=True)
        else:
            from benchmarks.kit.true_size import save

            save(name, folder, device=device, dtype=dtype)
    family = name if name in ("sdxl", "flux") else "sd"
    return Subject("bench", folder, SIDES[name], family, guided=name != "flux")


def load(subject: Subject, device: str, dtype: torch.dtype) -> Any:
    """The plain pipeline, its weights laid out as is fastest here: a ratio is not to be had by
    slowing what it is a ratio to."""
    pipeline = AutoPipelineForText2Image.from_pretrained(
        subject.folder, dtype=dtype, local_files_only=True, use_safetensors=True
    ).to(device)
    pipeline.set_progress_bar_config(disable=True)
    for part in (getattr(pipeline, name, None) for name in ("unet", "vae")):
        if part is not None:
            part.to(memory_format=torch.channels_last)
    return pipeline


def call(pipeline: Any, request: Request) -> dict[str, Any]:
    """The arguments of the pipeline's own call for the request, all of its pictures in one."""
    words = conditioning(pipeline, request)
    return call_arguments(pipeline, request, words, range(request.count))


def denoiser_of(pipeline: Any) -> Any:
    return pipeline.unet if getattr(pipeline, "unet", None) is not None else pipeline.transformer


class Work:
    """Counts what the jobs of one pipeline cost, on its real modules."""

    def __init__(self, pipeline: Any, like: Request) -> None:
        self._pipeline = pipeline
        self._like = like
        self._known: dict[tuple[int, bool], tuple[float, float]] = {}

    def flops(self, requests: Sequence[Request]) -> float:
        """Of the calls of all these jobs. A job's are a straight line over its steps."""
        total = 0.0
        for one in requests:
            base, step = self._line(one.count, one.guidance > 1)
            total += base + step * one.steps
        return total

    def _line(self, count: int, guided: bool) -> tuple[float, float]:
        if (count, guided) not in self._known:
            two, four = (self._count(steps, count, guided) for steps in (2, 4))
            step = (four - two) / 2
            self._known[count, guided] = (two - 2 * step, step)
        return self._known[count, guided]

    def _count(self, steps: int, count: int, guided: bool) -> int:
        from dataclasses import replace

        guidance = self._like.guidance if guided else 0.0
        request = replace(self._like, steps=steps, count=count, guidance=guidance)
        counter = FlopCounterMode(display=False)
        with counter, torch.no_grad():
            self._pipeline(**call(self._pipeline, request))
        return counter.get_total_flops()


def matmul_roof(device: str, dtype: torch.dtype, clock: Callable[[], float]) -> float:
    """Operations a second of one large matrix product, the most that anything here can reach."""
    size, rounds = (8192, 20) if device == "cuda" else (1024, 8)
    left = torch.randn(size, size, device=device, dtype=dtype)
    right = torch.randn(size, size, device=device, dtype=dtype)
    best = 0.0
    for _ in range(rounds):
        synchronize(device)
        began = clock()
        left @ right
        synchronize(device)
        took = clock() - began
        best = max(best, 2 * size**3 / took if took > 0 else 0.0)
    return best


def synchronize(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
