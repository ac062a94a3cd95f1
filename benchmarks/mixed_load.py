"""Who waits how long on a busy server: Easel against one job at a time, first come first served.

    python -m benchmarks.mixed_load [--model postcard|tiny|…] [--jobs 460] [--load 0.95]
        [--overload 1.3] [--seeds 1] [--together 64] [--clock wall|processor] [--real]
        [--threads 1] [--json PATH]

Jobs of four pictures arrive at random: drafts of 4 steps (35%), 20 (20%), 30 (35%) and 50 (10%).
One member asks for half of them, twenty others for the rest. They come so fast that the baseline
is busy for 0.95 of the time, and in a second run 1.3 times faster than it can serve them, for as
long as it takes it to serve `--jobs`. How long its queue becomes is chance: runs of several seeds
are counted together. The baseline is diffusers' own pipeline, a job's four pictures in one batch,
one job after the other in the order they came, each shown for the first time after three steps (a
draft after one), which costs the baseline nothing. Easel is the queue's own schedule in front of
the worker's painter, `--together` jobs in it at once, with previews and files; a first look is a
preview that was written.

The baseline is timed job by job, beforehand, and its queue is computed from that; with `--real`
both queues run in real time. With `--clock processor` time is what this process computes, and
spans in which nothing waits are skipped: for machines that have other work, and `--threads 1`.

Ends with status 1 where a promise is broken.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.kit.clocks import Clock, ProcessorClock, WallClock
from benchmarks.kit.figures import Result, p95
from benchmarks.kit.jobs import (
    MIX,
    Arrival,
    Served,
    first_look,
    of_light,
    one_at_a_time,
    poisson,
    request,
)
from benchmarks.kit.models import Subject, Work, call, load
from benchmarks.kit.options import add_options, prepared
from benchmarks.kit.threads import in_a_thread
from core.events import Event, Finished, Preview, Task
from core.jobs import Waiting
from core.models import Catalogue
from core.request import Lane, Request
from core.schedule import Choice, Schedule

LOOK_EVERY = 3
TRIES = 5
"""How often each kind of job is timed for the baseline."""


class Baseline:
    """The bare pipeline and what its jobs take: seconds by steps, to the first look and whole."""

    def __init__(self, subject: Subject, device: str, dtype: object, clock: type[Clock]) -> None:
        self.pipeline = load(subject, device, dtype)  # type: ignore[arg-type]
        self._subject = subject
        self._clock = clock
        self._looks: dict[int, float] = {}
        self._costs: dict[int, float] = {}

    def cost(self, steps: int) -> float:
        return self._costs[steps]

    def look(self, steps: int) -> float:
        return self._looks[steps]

    def calibrate(self) -> float:
        """Times every kind of job; returns the mean cost of a job of the mix."""
        self.draw(self.request(0, 4), lambda _: None)
        found: dict[int, list[tuple[float, float]]] = {steps: [] for steps in MIX}
        for number in range(TRIES):
            for steps, times in found.items():
                looks = list[float]()
                clock = self._clock()
                self.draw(
                    self.request(number, steps), lambda _, c=clock, s=looks: s.append(c.now())
                )
                times.append((looks[first_look(steps, LOOK_EVERY) - 1], clock.now()))
        for steps, times in found.items():
            self._looks[steps] = statistics.median(look for look, _ in times)
            self._costs[steps] = statistics.median(cost for _, cost in times)
        return sum(share * self._costs[steps] for steps, share in MIX.items())

    def request(self, number: int, steps: int) -> Request:
        subject = self._subject
        return request(
            number,
            model=subject.name,
            side=subject.side,
            steps=steps,
            guidance=4.0 if subject.guided else 0.0,
            count=4,
        )

    def draw(self, wanted: Request, step_done: Callable[[int], None]) -> None:
        def after_step(pipe: object, index: int, _: object, tensors: object) -> dict[str, object]:
            step_done(index + 1)
            return {}

        arguments = call(self.pipeline, wanted) | {"output_type": "pil"}
        self.pipeline(**arguments, callback_on_step_end=after_step)

    def serve(self, arrivals: Sequence[Arrival]) -> list[Served]:
        """All of them in real time, first come first served."""
        served: list[Served] = []
        clock = self._clock()
        for number, one in enumerate(arrivals):
            clock.idle_until(one.at)
            looks = list[float]()
            self.draw(self.request(number, one.steps), lambda _, s=looks: s.append(clock.now()))
            look = looks[first_look(one.steps, LOOK_EVERY) - 1]
            served.append(Served(one, look - one.at, clock.now() - one.at))
        return served


class Ours:
    """The queue's schedule before the worker's painter."""

    def __init__(
        self,
        subject: Subject,
        device: str,
        dtype: object,
        together: int,
        clock: type[Clock],
        request: Callable[[int, int], Request],
    ) -> None:
        from generation.painter import Painter

        self._painter = Painter(
            Catalogue.parse(subject.toml),
            device=device,
            dtype=str(dtype).removeprefix("torch."),
            preview_every=LOOK_EVERY,
        )
        self._together = together
        self._clock = clock
        self._request = request

    def close(self) -> None:
        self._painter.close()

    def serve(self, arrivals: Sequence[Arrival], cost: Callable[[int], float]) -> list[Served]:
        """All of them, in real time. `cost` is what the queue believes of a job, in seconds."""
        schedule, woken = Schedule(devices=1), threading.Event()
        running: dict[int, Future[Served]] = {}
        served: list[Served] = []
        coming = list(enumerate(arrivals))
        with (
            TemporaryDirectory(prefix="easel-load-") as folder,
            ThreadPoolExecutor(self._together, thread_name_prefix="task") as threads,
        ):
            clock = self._clock()
            while len(served) < len(arrivals):
                woken.clear()
                for number, future in [*running.items()]:
                    if future.done():
                        served.append(future.result())
                        del running[number]
                        schedule.ended(str(number), None, clock.now())
                if coming and not running and not len(schedule):
                    clock.idle_until(coming[0][1].at)
                while coming and coming[0][1].at <= clock.now():
                    number, one = coming.pop(0)
                    schedule.add(waiting(number, one, cost(one.steps)), one.at)
                while len(running) < self._together:
                    held = crowding(running, arrivals, self._together)
                    job = schedule.pick(Choice(clock.now(), held=held))
                    if job is None:
                        break
                    schedule.take(job.id, clock.now())
                    number = int(job.id)
                    spool = Path(folder) / job.id
                    spool.mkdir()
                    running[number] = threads.submit(
                        self._make, number, arrivals[number], spool, clock
                    )
                    running[number].add_done_callback(lambda _: woken.set())
                if len(served) < len(arrivals):
                    clock.wait(woken, coming[0][1].at if coming else clock.now() + 1)
        return served

    def _make(self, number: int, one: Arrival, spool: Path, clock: Clock) -> Served:
        looks = list[float]()

        def listen(event: Event) -> None:
            if isinstance(event, Preview):
                looks.append(clock.now())

        task = Task(
            job_id=str(number),
            request=self._request(number, one.steps),
            spool=str(spool),
            owner=f"1:{one.owner}",
        )
        ending = self._painter.make(task, listen, threading.Event())
        if not isinstance(ending, Finished):
            raise SystemExit(f"a job was not made: {ending}")
        done = clock.now() - one.at
        return Served(one, looks[0] - one.at if looks else done, done)


def waiting(number: int, one: Arrival, cost: float) -> Waiting:
    """The job as the queue has it."""
    return Waiting(
        id=str(number),
        owner_id=one.owner,
        server_id=1,
        lane=Lane.FAST,
        reserve_ms=round(1000 * cost),
        created_at=one.at,
        model="bench",
    )


def crowding(
    running: dict[int, Future[Served]], arrivals: Sequence[Arrival], together: int
) -> list[tuple[int, int]]:
    """Members who have as many jobs running as there are places left, as the queue counts it."""
    free = together - len(running)
    owners = [arrivals[number].owner for number in running]
    return [(1, owner) for owner in set(owners) if owners.count(owner) >= max(1, free)]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_options(parser)
    parser.set_defaults(model="postcard")
    parser.add_argument("--jobs", type=int, default=460, help="that the baseline makes in a run")
    parser.add_argument("--load", type=float, default=0.95)
    parser.add_argument("--overload", type=float, default=1.3)
    parser.add_argument("--together", type=int, default=64)
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall")
    parser.add_argument("--real", action="store_true", help="run the baseline's queue, too")
    parser.add_argument("--seeds", type=int, default=1, help="runs of each load")
    options = parser.parse_args(arguments)
    clock = WallClock if options.clock == "wall" else ProcessorClock
    with prepared(options) as (found, dtype, setting):
        baseline = Baseline(found, options.device, dtype, clock)
        mean = in_a_thread(baseline.calibrate)
        result = Result(
            "mixed_load",
            f"{setting}; {options.jobs} jobs at load 1, {options.together} together, "
            f"{options.seeds} {'run' if options.seeds == 1 else 'runs'} of each load, "
            f"by the {options.clock}; the baseline's queue "
            f"{'run' if options.real else 'computed'}, {mean:.3f} s a job",
        )
        print(result.setting, flush=True)
        work = Work(baseline.pipeline, baseline.request(0, 4))
        ours = Ours(found, options.device, dtype, options.together, clock, baseline.request)
        # Whatever is loaded, measured or compiled at first is there when the clock starts.
        ours.serve([Arrival(0.0, owner, 20) for owner in range(options.together)], baseline.cost)
        for load_of in (options.load, options.overload):
            runs = [
                poisson(round(load_of * options.jobs), load_of, baseline.cost, seed=1 + number)
                for number in range(options.seeds)
            ]
            fifo, made = list[list[Served]](), list[list[Served]]()
            for arrivals in runs:
                fifo.append(
                    in_a_thread(partial(baseline.serve, arrivals))
                    if options.real
                    else one_at_a_time(arrivals, baseline.cost, baseline.look)
                )
                made.append(ours.serve(arrivals, baseline.cost))
            requests = [
                baseline.request(n, one.steps) for each in runs for n, one in enumerate(each)
            ]
            compare(result, load_of, fifo, made, work.flops(requests), overload=load_of >= 1)
        ours.close()
        drift = in_a_thread(baseline.calibrate) / mean
        result.add("the baseline's jobs after ÷ before: how the machine changed", drift)
    return result.tell(options.json)


def compare(
    result: Result,
    load_of: float,
    runs_of_fifo: Sequence[Sequence[Served]],
    runs_made: Sequence[Sequence[Served]],
    flops: float,
    *,
    overload: bool,
) -> None:
    """Adds a table of one load, and the figures that are promised of it."""
    fifo, made = ([one for run in runs for one in run] for runs in (runs_of_fifo, runs_made))

    def looks(all_of: Sequence[Served]) -> list[float]:
        return [one.look for one in all_of]

    def ends(all_of: Sequence[Served], steps: int | None = None) -> list[float]:
        return [one.done for one in all_of if steps in (None, one.arrival.steps)]

    pairs = {
        "first preview": (p95(looks(fifo)), p95(looks(made))),
        "done": (p95(ends(fifo)), p95(ends(made))),
        **{
            f"done, {steps} steps": (p95(ends(fifo, steps)), p95(ends(made, steps)))
            for steps in MIX
        },
        "first preview, light members": (p95(looks(of_light(fifo))), p95(looks(of_light(made)))),
        "done, light members": (p95(ends(of_light(fifo))), p95(ends(of_light(made)))),
        "median to done": (statistics.median(ends(fifo)), statistics.median(ends(made))),
    }
    spans = [
        sum(max(one.arrival.at + one.done for one in run) for run in runs)
        for runs in (runs_of_fifo, runs_made)
    ]
    rows = [[what, theirs, mine, theirs / mine] for what, (theirs, mine) in pairs.items()]
    rows.append(["pictures/s", *(4 * len(fifo) / span for span in spans), spans[0] / spans[1]])
    rows.append(["TFLOP/s", *(flops / span / 1e12 for span in spans), spans[0] / spans[1]])
    result.show(
        f"Load {load_of:g}: 95 of 100 wait no longer than, s",
        ("", "one at a time", "Easel", "times better"),
        rows,
    )

    def better(what: str) -> float:
        theirs, mine = pairs[what]
        return theirs / mine

    at = f"load {load_of:g}"
    if overload:
        light = better("done, light members")
        result.add(f"{at}: light members, done, p95: one at a time ÷ Easel", light, 8, aim=10)
        return
    look, draft = better("first preview"), better("done, 4 steps")
    result.add(f"{at}: first preview, p95: one at a time ÷ Easel", look, 20, aim=50)
    result.add(f"{at}: drafts of 4 steps, done, p95: one at a time ÷ Easel", draft, 8, aim=12)
    long = 1 / better("done, 50 steps")
    result.add(f"{at}: 50 steps, done, p95: Easel ÷ one at a time", long, 1.5, floor=False)
    result.add(f"{at}: pictures/s: Easel ÷ one at a time", spans[0] / spans[1])


if __name__ == "__main__":
    sys.exit(main())
