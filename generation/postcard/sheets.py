"""Sample pages for the documentation: `python -m generation.postcard.sheets --out DIR`.

One page for each kind of word, made from the same few seeds whatever the words are, nothing
picked by hand.
"""

import argparse
from pathlib import Path

import torch
from diffusers.utils import logging as diffusers_logging
from PIL import Image
from transformers.utils import logging as transformers_logging

from generation.postcard import WEIGHTS
from generation.postcard.assemble import page, pictures_for
from generation.postcard.evaluate import load
from generation.postcard.wording import plain_phrase as _said
from generation.postcard.world import (
    COLOURS,
    DISTANCES,
    GROUNDS,
    POSITIONS,
    STYLES,
    SUBJECTS,
    TIMES,
    WEATHERS,
)

SEEDS = (101, 102)

# Page name: (prompts, how many stand in a row).
PAGES: dict[str, tuple[list[str], int]] = {
    "subjects": ([f"a {subject}" for subject in SUBJECTS], 6),
    "colours": ([f"a {colour} castle in the snow" for colour in COLOURS], 8),
    "times": ([f"a red boat at sea, {time}" for time in TIMES], 4),
    "grounds": ([f"a white lighthouse by day, {ground}" for ground in GROUNDS], 5),
    "weathers": (
        [f"a yellow house in a meadow by day, {_said('weather', value)}" for value in WEATHERS],
        4,
    ),
    "lights": (
        [f"a green tree at night, {_said('light', value)}" for value in ("moon", "stars")]
        + [f"a green tree by day, {_said('light', value)}" for value in ("sun", "moon")],
        4,
    ),
    "distances": (
        [f"a red balloon in the snow by day, {_said('distance', value)}" for value in DISTANCES],
        2,
    ),
    "styles": ([f"a blue boat at sunset, {_said('style', value)}" for value in STYLES], 3),
    "positions": ([f"a purple cat at sunset, {position}" for position in POSITIONS], 3),
    "blank": ([""] * 8, 8),
}
# Every subject in every colour, one seed after the other.
WORLD_SEED = 700
SHAPES = ((160, 104), (104, 160))


def sheet(pipeline, prompts: list[str], across: int) -> Image.Image:
    """Rows of `across` prompts, each row twice: once for each seed."""
    rows: list[Image.Image] = []
    for start in range(0, len(prompts), across):
        part = prompts[start : start + across]
        for row, seed in enumerate(SEEDS):
            # A blank prompt has nothing else to tell its pictures apart by than the seed.
            seeds = [seed + (10 * (k + row) if not part[k] else 0) for k in range(len(part))]
            rows += pictures_for(pipeline, part, seeds)
    return page(rows, across)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--out", type=Path, default=Path("docs/images/postcard"))
    options = parser.parse_args()
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    pipeline = load(options.weights)
    for name, (prompts, across) in PAGES.items():
        sheet(pipeline, prompts, across).save(options.out / f"{name}.png", optimize=True)
        print(options.out / f"{name}.png", flush=True)
    pairs = [f"a {colour} {subject}" for colour in COLOURS for subject in SUBJECTS]
    pictures = pictures_for(pipeline, pairs, [WORLD_SEED + k for k in range(len(pairs))])
    path = options.out / "world.png"
    page(pictures, len(SUBJECTS)).quantize(256).save(path, optimize=True)
    print(path, flush=True)
    for size in SHAPES:
        pictures = pictures_for(
            pipeline, ["a red lighthouse at sunset, sea"] * 3, [101, 102, 103], size=size
        )
        path = options.out / f"{size[0]}x{size[1]}.png"
        page(pictures, 3).save(path, optimize=True)
        print(path, flush=True)


if __name__ == "__main__":
    main()
