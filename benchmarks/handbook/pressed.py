"""Draws what buttons make of a picture, for docs/buttons.md:
`python -m benchmarks.handbook.pressed [NAME …]`.

Each press goes the way of a member's: derived as under a picture, drawn by the painter of the
worker. Nothing is picked by hand but the prompts, and each strip begins with what was pressed.
"""

import random
from pathlib import Path

from PIL import Image

from benchmarks.handbook.presses import PRESSES, SEED, Press
from core.actions import Action, Button
from core.compose import Limits, compose
from core.derive import Means, derive
from core.jobs import Image as Row
from core.prompt import parse
from core.regions import read_region
from core.request import Request
from generation.postcard.strips import CATALOGUE, GAP, Studio, draw_files, square

OUT = Path("docs/images/buttons")
JOB = "0" * 20
WHOLE = (Action.REROLL, Action.REMIX)


def strip(studio: Studio, press: Press) -> Image.Image:
    asked = read(press.line if press.grid else f"{press.line} --n 1")
    before = studio.made(asked, None)
    at = 1 if press.grid else 0
    path = studio.folder / f"{press.name}.png"
    before[at].save(path)
    width, height = before[at].size
    image = Row(
        job_id=JOB,
        number=at + 1,
        blob="key",
        width=width,
        height=height,
        seed=asked.image_seed(at),
    )
    # What was one picture of a grid gives grids.
    pressed = asked if press.grid else read(press.line)
    button = Button(press.action, JOB, 0 if press.action in WHOLE else at + 1, press.extra)
    edited = read(press.edited) if press.edited else None
    means = Means(
        model=CATALOGUE.get(asked.model),
        most=Limits().max_megapixels,
        seed=SEED,
        edited=edited,
        zoom=press.zoom,
        aspect=edited.aspect if edited and press.zoom else None,
        parts=read_region(press.region) if press.region else (),
    )
    derived = derive(pressed, button, image, means)
    made = [before[at]]
    if press.action is not Action.UPSCALE:
        made = studio.made(derived, path if derived.source is not None else None)
    return beside(square(before, gap=True), square(made, gap=True))


def read(line: str) -> Request:
    return compose(parse(line), CATALOGUE, Limits(), random.Random(0))


def beside(one: Image.Image, other: Image.Image) -> Image.Image:
    """The two, in the middle of their height, apart."""
    gap = 4 * GAP
    height = max(one.height, other.height)
    page = Image.new("RGB", (one.width + gap + other.width, height), "white")
    page.paste(one, (0, (height - one.height) // 2))
    page.paste(other, (one.width + gap, (height - other.height) // 2))
    return page


if __name__ == "__main__":
    draw_files(__doc__, OUT, PRESSES, strip)
