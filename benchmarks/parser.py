"""How long a typed line takes to read, against the standard library's own splitter of such lines.

    python benchmarks/parser.py [--lines 100000] [--seed 1]

Lines are mutations of real-looking prompts and of lines built to be hard, up to the limit of 6,000
characters. Each is read by `core.prompt.parse` and split by `shlex.split`, the baseline, which has
less to do: it only parts words. The slowest lines are read again and their best time counts, so
that what else the machine does at that moment is not taken for the parser. Ends with status 1 when
anything but a PromptError comes out of the parser.
"""

from __future__ import annotations

import argparse
import random
import shlex
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable

from core.errors import PromptError
from core.flags import BY_SPELLING
from core.prompt import LIMIT, parse

PROMPTS = (
    "a red lighthouse at sunset --ar 3:2 --seed 7",
    "portrait of an old sailor::2 storm::-0.5 —ar 2:3 —n 2, --no text, watermark",
    "夕焼けの赤い灯台 --ar 16:9 --no人物、車",
    "isometric city--ar16:9--q 2 --sampler euler_a --stealth",
    "poppies - - ar 2:3 in a field --sedd 12 --drafty --xyzzy 5",
    "“OPEN” neon sign, rain, 35mm, (bokeh:1.2) –v postcard --cfg=7.5 --steps 30",
)
HARD = ("--x ", "--sedd 7 ", "a::", "a--n1", "- ", "-- ", "— ar ", "--ar ", "--no ", "é--x",
        "--seed 7 ", "--sampler x ", "::-", "--", "a", "\u3000", "９", "--ar 3:2 a ", "\u0301",
        "—ar 3:2", "“", "--no a, ", "--n 1--", "﷽--ar ")  # fmt: skip
SCRAPS = (*BY_SPELLING, "--", "—", "–", "::", "=", ",", " ", "3:2", "7", "-1", "“", "\u200b", "🗼")
AGAIN = 50
"""How many of the slowest lines are measured again."""


def lines(count: int, rng: random.Random) -> list[str]:
    made = [(scrap * LIMIT)[:LIMIT] for scrap in HARD]
    made += [prompt * (LIMIT // len(prompt)) for prompt in PROMPTS]
    while len(made) < count:
        letters = list(rng.choice(PROMPTS) * rng.choice((1, 1, 1, 2, 8)))
        for _ in range(rng.randint(0, 12)):
            at = rng.randrange(len(letters) + 1)
            letters[at : at + rng.randint(0, 3)] = rng.choice((*SCRAPS, chr(rng.randrange(0x3000))))
        made.append("".join(letters)[:LIMIT])
    return made[:count]


def seconds(read: Callable[[str], object], line: str, refusal: type[Exception]) -> float:
    begin = time.thread_time()
    try:
        read(line)
    except refusal:
        pass
    return time.thread_time() - begin


def measure(
    read: Callable[[str], object], typed: list[str], refusal: type[Exception]
) -> list[float]:
    times = [seconds(read, line, refusal) for line in typed]
    for at in sorted(range(len(times)), key=times.__getitem__)[-AGAIN:]:
        times[at] = min(times[at], *(seconds(read, typed[at], refusal) for _ in range(5)))
    return times


def peak_bytes(typed: list[str]) -> int:
    worst = 0
    tracemalloc.start()
    for line in typed:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        seconds(parse, line, PromptError)
        worst = max(worst, tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    return worst


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    typed = lines(args.lines, random.Random(args.seed))
    try:
        ours = measure(parse, typed, PromptError)
    except Exception as error:
        print(f"The parser raised {type(error).__name__}: {error}")
        return 1
    theirs = measure(shlex.split, typed, ValueError)
    print(f"{len(typed):,} lines, seed {args.seed}, {sum(map(len, typed)):,} characters")
    print(f"{'':12}{'median':>10}{'p99':>10}{'worst':>10}")
    for name, times in (("parse", ours), ("shlex.split", theirs)):
        p99 = statistics.quantiles(times, n=100)[-1]
        cells = (statistics.median(times), p99, max(times))
        print(f"{name:12}" + "".join(f"{1000 * cell:8.3f} ms"[-10:] for cell in cells))
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"median time, parse : shlex.split = {ratio:.2f} : 1")
    print(f"worst time,  parse : shlex.split = {max(ours) / max(theirs):.2f} : 1")
    slowest = typed[max(range(len(ours)), key=ours.__getitem__)]
    print(f"slowest line: {slowest[:60]!r}… ({len(slowest)} characters)")
    print(f"most memory one line took: {peak_bytes(typed[: len(HARD) + 200]) / 1024:.0f} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
