"""Pictures a second: Easel against diffusers' own pipeline looped over the same jobs.

    python -m benchmarks.throughput [--model tiny|postcard|sd15|sdxl|flux] [--device cpu|cuda]
        [--jobs 16] [--rounds 5] [--together 16] [--threads 0] [--service] [--all] [--curve]
        [--json PATH]

Jobs of four pictures with 4, 8, 20 and 30 steps and three guidance scales, and the same number of
jobs of one picture, are made by Easel and by the baseline in turns. The baseline is
`pipeline(...)` with a job's pictures in one batch, one job after the other, to pictures in memory,
its weights laid out as the worker lays them out; on CUDA there is a second one with its denoiser
compiled. Easel is the worker's painter in this process, with previews and files; with `--service`
also everything from the typed line to the row that says done. `--all` adds the sharing of
steps alone, and a baseline that makes the pictures one at a time; `--curve` how long a forward
takes for 1 to 32 rows.

Ratios are the median of the rounds' ratios, by the clock and by the processor's time of all
threads, which other programs disturb less. Operations are counted by torch on the real modules.
Models but `postcard` have random weights of the true sizes, made here. Pictures are compared.

Ends with status 1 where a promise is broken.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.kit.arms import (
    Arm,
    Bare,
    Direct,
    Painted,
    Timed,
    rates,
    take_turns,
    times_faster,
)
from benchmarks.kit.curve import curve
from benchmarks.kit.figures import Result, middle, ratios
from benchmarks.kit.jobs import mixed
from benchmarks.kit.models import Work, matmul_roof
from benchmarks.kit.options import add_options, prepared
from benchmarks.kit.threads import in_a_thread
from core.request import Request

PROMISES = {"four": (1.0, 1.35), "one": (1.5, 2.3)}
TITLES = {"four": "jobs of four pictures", "one": "jobs of one picture"}
TONES = 3
"""A rounding in the last place of a float may move a pixel by a tone or so, never more."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_options(parser)
    parser.add_argument("--jobs", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--together", type=int, default=16)
    parser.add_argument("--service", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--curve", action="store_true")
    options = parser.parse_args(arguments)
    with prepared(options) as (found, dtype, setting):
        result = Result("throughput", f"{setting}; {options.jobs} jobs, {options.rounds} rounds")
        roof = in_a_thread(lambda: matmul_roof(options.device, dtype, time.perf_counter))
        print(f"{result.setting}; a matrix product: {roof / 1e12:.3g} TFLOP/s", flush=True)
        bare = Bare(found, options.device, dtype)
        painted = Painted(found, options.device, dtype, options.together)
        arms: list[Arm] = [bare, painted]
        if options.all:
            arms.append(Direct(found, options.device, dtype, options.together))
            arms.append(Bare(found, options.device, dtype, each=True))
        if options.device == "cuda":
            arms.append(Bare(found, options.device, dtype, compiled=True))
        service = None
        if options.service:
            from benchmarks.kit.service import Service

            service = Service(found, options.device, dtype)
            arms.append(service)
        try:
            for kind, count in (("four", 4), ("one", 1)):
                requests = mixed(
                    options.jobs, model="bench", side=found.side, count=count, guided=found.guided
                )
                work = Work(bare.pipeline, requests[0])
                took = take_turns(arms, requests, options.rounds)
                tell(result, kind, took, requests, work.flops(requests), roof)
                ours = [painted] if service is None else [painted, service]
                for arm in ours:
                    result.add(
                        f"{TITLES[kind]}: tones between a picture of the {arm.name} and the same "
                        "of the bare pipeline",
                        arm.seen.furthest_from(bare.seen),
                        TONES,
                        floor=False,
                    )
        finally:
            if service is not None:
                service.close()
        if options.curve:
            in_a_thread(lambda: curve(result, bare.pipeline, requests[0], options.device, roof))
    return result.tell(options.json)


def tell(
    result: Result,
    kind: str,
    took: dict[str, list[Timed]],
    requests: Sequence[Request],
    flops: float,
    roof: float,
) -> None:
    """Adds a table of all ways, and the figures of Easel's against each baseline."""
    pictures = sum(request.count for request in requests)
    base = took["bare pipeline"]
    rows: list[list[Any]] = []
    for name, times in took.items():
        each = rates(times, pictures, flops)
        share = f"{100 * each[-1] * 1e12 / roof:.1f}%"
        rows.append([name, *each, share, *times_faster(base, times)])
    head = (TITLES[kind], "s", "processor s", "pictures/s", "TFLOP/s", "of a matrix product")
    result.show(
        f"{TITLES[kind]}, {len(requests)} jobs", (*head, "times bare", "by processor"), rows
    )
    for name, times in took.items():
        if name.startswith(("painter", "steps", "whole")):
            promise, aim = PROMISES[kind]
            for how in ("wall", "processor"):
                clock = "the clock" if how == "wall" else "the processor"
                these, those = ([getattr(one, how) for one in each] for each in (base, times))
                spread = ratios(these, those)
                print(f"{name} by {clock}: {min(spread):.2f} to {max(spread):.2f}")
                result.add(
                    f"{TITLES[kind]}: {name} ÷ bare pipeline, pictures/s by {clock}",
                    middle(these, those),
                    promise if how == "wall" else None,
                    aim=aim if how == "wall" else None,
                )


if __name__ == "__main__":
    sys.exit(main())
