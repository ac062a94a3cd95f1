"""What flags that act on the words do to the pictures of the embedded model, at five values each.

    python -m benchmarks.words [--grids 6] [--steps 12]

For each value the same prompts and seeds are drawn. Told are the mean difference of two pictures of
a grid for --chaos, and of each picture from the one without the flag for the others, in tones
(0..255); beside it the share of pictures in which the model's own reader still sees the subject,
and for --stylize the share that is ink, which its style asks for.

Ends with status 1 where a row does not rise from value to value, as the small --chaos 25 may not in
fewer grids. It takes some four minutes on one core.
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise
from typing import Any

from core.request import HouseStyle
from generation.postcard import READER, WEIGHTS
from generation.postcard.classifier import cached_classifier, read
from generation.postcard.evaluate import load
from generation.postcard.measures import apart, moved, requested
from generation.postcard.world import STYLES, SUBJECTS

PROMPTS = (
    ("lighthouse", "a red lighthouse by day"),
    ("cat", "a cat in a meadow"),
    ("castle", "a blue castle at night"),
    ("boat", "a boat"),
)
INK = HouseStyle(text="ink drawing")
ROWS: dict[str, tuple[int, ...]] = {
    "chaos": (0, 25, 50, 75, 100),
    "weird": (0, 250, 1000, 2000, 3000),
    "stylize": (0, 100, 300, 600, 1000),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grids", type=int, default=6)
    parser.add_argument("--steps", type=int, default=12)
    options = parser.parse_args()
    pipeline = load(WEIGHTS)
    reader = cached_classifier(READER, seed=9001, report=lambda _: None)
    asked = [(*PROMPTS[number % len(PROMPTS)], 100 + number) for number in range(options.grids)]

    def grids(**changes: Any) -> list[Any]:
        return [
            requested(pipeline, text, seed=seed, steps=options.steps, **changes)
            for _, text, seed in asked
        ]

    plain, risen = grids(), True
    print(f"{options.grids} grids of four, {options.steps} steps\n")
    print(
        "| flag | value | difference | subject seen | ink seen |\n"
        "| --- | ---: | ---: | ---: | ---: |"
    )
    for flag, values in ROWS.items():
        found: list[float] = []
        for value in values:
            more = {"style": INK} if flag == "stylize" else {}
            made = grids(**{flag: value}, **more) if value else plain
            far = [
                apart(one) if flag == "chaos" else moved(one, other)
                for one, other in zip(made, plain, strict=True)
            ]
            found.append(sum(far) / len(far))
            seen = [read(reader, one) for one in made]
            right = sum(
                int((shown[:, 0] == SUBJECTS.index(subject)).sum())
                for shown, (subject, _, _) in zip(seen, asked, strict=True)
            )
            ink = sum(int((shown[:, -1] == STYLES.index("ink")).sum()) for shown in seen)
            count = 4 * len(asked)
            print(
                f"| --{flag} | {value} | {found[-1]:.1f} | {right / count:.0%} "
                f"| {ink / count:.0%} |",
                flush=True,
            )
        risen = risen and all(one < after for one, after in pairwise(found))
    return 0 if risen else 1


if __name__ == "__main__":
    sys.exit(main())
