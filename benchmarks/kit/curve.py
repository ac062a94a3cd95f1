"""How long one forward of a denoiser takes for so many rows: where a larger batch stops paying."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.kit.figures import Result
from benchmarks.kit.models import call, denoiser_of, synchronize
from core.request import Request

ROWS = (1, 2, 4, 8, 16, 32)
_PROBE = 3
"""Pictures of the call that is looked at: no other size of the models is 3 or 6."""


class _Looked(Exception):
    pass


def one_call(pipeline: Any, request: Request) -> dict[str, Any]:
    """What the pipeline gives its denoiser, by name, with one row of everything that has rows."""
    found: dict[str, Any] = {}

    def look(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        import inspect

        names = list(inspect.signature(module.forward).parameters)
        found.update(dict(zip(names, args, strict=False)) | kwargs)
        raise _Looked

    probe = replace(request, count=_PROBE, steps=2)
    handle = denoiser_of(pipeline).register_forward_pre_hook(look, with_kwargs=True)
    try:
        with torch.no_grad():
            pipeline(**call(pipeline, probe))
    except _Looked:
        pass
    finally:
        handle.remove()
    return {name: rows_of(value, 1) for name, value in found.items()}


def rows_of(value: Any, rows: int) -> Any:
    """The same with so many rows, wherever it had one or as many as the probe."""
    if isinstance(value, dict):
        return {name: rows_of(each, rows) for name, each in value.items()}
    if isinstance(value, Tensor) and value.ndim and value.shape[0] in (1, _PROBE, 2 * _PROBE):
        return value[:1].repeat(rows, *[1] * (value.ndim - 1)).contiguous()
    return value


def curve(result: Result, pipeline: Any, request: Request, device: str, roof: float) -> None:
    """Adds a table of 1 to 32 rows, and of the compiled forward on CUDA."""
    denoiser = denoiser_of(pipeline)
    one = one_call(pipeline, request)
    ways: dict[str, Any] = {"eager": denoiser}
    if device == "cuda":
        ways["compiled"] = torch.compile(denoiser, fullgraph=True, dynamic=False)
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        denoiser(**rows_of(one, 1))
    flops = counter.get_total_flops()
    table: list[list[Any]] = []
    for name, forward in ways.items():
        for rows in ROWS:
            inputs = rows_of(one, rows)
            wall, processor = seconds(lambda f=forward, i=inputs: f(**i), device)
            rate = flops * rows / wall
            table.append(
                [
                    f"{name}, {rows}",
                    wall * 1e3,
                    wall / rows * 1e3,
                    processor / rows * 1e3,
                    rate / 1e12,
                    f"{100 * rate / roof:.1f}%",
                ]
            )
    result.show(
        "One forward of the denoiser",
        ("rows", "ms", "ms a row", "processor ms a row", "TFLOP/s", "of a matrix product"),
        table,
    )


@torch.no_grad()
def seconds(forward: Any, device: str, tries: int = 7) -> tuple[float, float]:
    """Medians of the clock and of the processor, after three unmeasured."""
    walls, processors = list[float](), list[float]()
    for number in range(-3, tries):
        synchronize(device)
        wall, processor = time.perf_counter(), time.process_time()
        forward()
        synchronize(device)
        if number >= 0:
            walls.append(time.perf_counter() - wall)
            processors.append(time.process_time() - processor)
    return statistics.median(walls), statistics.median(processors)
