"""What previews, files, the queue and the database cost a busy worker: all of them on, against off.

    python -m benchmarks.busy_tax [--model postcard|tiny|…] [--device cpu|cuda] [--jobs 8]
        [--rounds 3] [--together 8] [--threads 0] [--json PATH]

The same jobs of four pictures are made in turns by the sharing of steps alone, to pictures in
memory; by the worker's painter in this process, with previews of all pictures, and files; and by
the whole service, from the typed line through the database and the worker process to the row that
says done. The first is the baseline. `benchmarks/service_tax.py` measures one grid with nobody
else at work.

Ratios are the median of the rounds' ratios, by the clock and by the processor's time of everybody
who worked for it. What is done beside the device, on another core, costs processor time and no
pictures. Ends with status 1 where the whole service makes less than 0.97 of the pictures.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.kit.arms import Bare, Direct, Painted, rates, take_turns, times_faster
from benchmarks.kit.figures import Result
from benchmarks.kit.jobs import mixed
from benchmarks.kit.models import Work
from benchmarks.kit.options import add_options, prepared
from benchmarks.kit.service import Service

PROMISE = 0.97


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_options(parser)
    parser.set_defaults(model="postcard")
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--together", type=int, default=8)
    options = parser.parse_args(arguments)
    with prepared(options) as (found, dtype, setting):
        result = Result(
            "busy_tax",
            f"{setting}; {options.jobs} jobs of four pictures, {options.together} together, "
            f"{options.rounds} rounds",
        )
        print(result.setting, flush=True)
        requests = mixed(options.jobs, model="bench", side=found.side, count=4, guided=found.guided)
        flops = Work(Bare(found, options.device, dtype).pipeline, requests[0]).flops(requests)
        off = Direct(found, options.device, dtype, options.together)
        painted = Painted(found, options.device, dtype, options.together)
        service = Service(found, options.device, dtype, options.together)
        try:
            took = take_turns([off, painted, service], requests, options.rounds)
        finally:
            service.close()
    base = took[off.name]
    rows = [
        [name, *rates(times, 4 * len(requests), flops), *times_faster(base, times)]
        for name, times in took.items()
    ]
    head = ("the same jobs", "s", "processor s", "pictures/s", "TFLOP/s", "on ÷ off")
    result.show("All on against off", (*head, "by processor"), rows)
    for arm, promise in ((painted, None), (service, PROMISE)):
        what = f"{arm.name} ÷ steps shared and no more, pictures/s"
        clock, processor = times_faster(base, took[arm.name])
        result.add(f"{what} by the clock", clock, promise)
        result.add(f"{what} by the processor", processor)
    result.add(
        "tones between a picture of the whole service and the same of steps shared",
        service.seen.furthest_from(off.seen),
        3,
        floor=False,
    )
    return result.tell(options.json)


if __name__ == "__main__":
    sys.exit(main())
