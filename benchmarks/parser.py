"""How long a typed line takes to read, against the standard library's own splitter of such lines.

    python -m benchmarks.parser [--lines 100000] [--seed 1]

Lines are mutations of published prompts and lines built to be hard, up to the limit of 6,000
characters (`tests/core/mutations.py`). Each is read as far as it goes: its permutations counted,
the first of them parsed and composed into a request. One in twenty is split by `shlex.split` too,
the baseline, which has less to do: it only parts words. Times are the processor's, not the clock's;
the slowest lines are read again and their best time counts, so that what else the machine does at
that moment is not taken for the parser. Ends with status 1 when anything but a PromptError comes
out.
"""

from __future__ import annotations

import argparse
import heapq
import random
import shlex
import statistics
import sys
import time
import tracemalloc
from array import array
from collections.abc import Callable

from core.compose import Limits, compose
from core.errors import PromptError
from core.models import Catalogue
from core.permutations import count, expand
from core.prompt import parse
from tests.core.mutations import HARD, mutations

AGAIN = 100
"""How many of the slowest lines are measured again."""

MOST = 1000
"""Lines that one may stand for; whoever allows more than that is told the number alone."""

BASELINE_EVERY = 20
WEIGHED = 400
"""Lines whose memory is measured, besides the hard ones."""

CATALOGUE = Catalogue.parse("[postcard]\naliases = ['5', '6', '6.1', '7']\n[sdxl]")
LIMITS, RNG = Limits(), random.Random(1)


def read(line: str) -> None:
    if count(line) > MOST:
        return
    first = next(expand(line))
    prompt = parse(first)
    picture = bool(prompt.images) or "init" in prompt.flags
    compose(prompt, CATALOGUE, LIMITS, RNG, typed=first, picture=picture)


def seconds(read: Callable[[str], object], line: str, refusal: type[Exception]) -> float:
    begin = time.thread_time()
    try:
        read(line)
    except refusal:
        pass
    return time.thread_time() - begin


def best(read: Callable[[str], object], line: str, refusal: type[Exception]) -> float:
    return min(seconds(read, line, refusal) for _ in range(7))


def peak_bytes(number: int, seed: int) -> int:
    worst = 0
    tracemalloc.start()
    for line in mutations(len(HARD) + number, seed):
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        seconds(read, line, PromptError)
        worst = max(worst, tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    return worst


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    ours, theirs = array("d"), array("d")
    slowest: list[tuple[float, str]] = []
    letters = 0
    for number, line in enumerate(mutations(args.lines, args.seed)):
        try:
            took = seconds(read, line, PromptError)
        except Exception as error:
            print(f"{type(error).__name__}: {error}\nfor line {number}, {line!r}")
            return 1
        ours.append(took)
        letters += len(line)
        heapq.heappush(slowest, (took, line))
        if len(slowest) > AGAIN:
            heapq.heappop(slowest)
        if number % BASELINE_EVERY == 0:
            theirs.append(best(shlex.split, line, ValueError))
    once = max(ours)
    again = [(best(read, line, PromptError), line) for _, line in slowest]
    worst, hardest = max(again)
    print(f"{len(ours):,} lines, seed {args.seed}, {letters:,} characters")
    print(f"{'':12}{'median':>10}{'p99':>10}{'worst':>10}")
    for name, times, most in (("read", ours, worst), ("shlex.split", theirs, max(theirs))):
        cells = (statistics.median(times), statistics.quantiles(times, n=100)[-1], most)
        print(f"{name:12}" + "".join(f"{1000 * cell:8.3f} ms"[-10:] for cell in cells))
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"median time, read : shlex.split = {ratio:.2f} : 1")
    print(f"worst time of a line read once: {1000 * once:.3f} ms")
    print(f"slowest line: {hardest[:60]!r}… ({len(hardest)} characters)")
    print(f"most memory one line took: {peak_bytes(WEIGHED, args.seed) / 1024:.0f} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
