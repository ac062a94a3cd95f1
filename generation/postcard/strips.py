"""Draws the pictures of docs/prompting.md: `python -m generation.postcard.strips [NAME …]`.

Each line goes the way of a member's: parsed, composed, drawn by the painter of the worker. Nothing
is picked by hand but the lines themselves.
"""

import argparse
import random
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, TypeVar

import torch
from PIL import Image

from core.compose import Limits, compose
from core.events import Finished, ImageReady, Task
from core.models import PRESETS, Catalogue
from core.prompt import parse
from core.request import Request
from generation.painter import Painter
from generation.postcard.effects import EFFECTS, INK, SOURCE, WORDS, Effect

OUT = Path("docs/images/prompting")
GAP = 4
WEBP_QUALITY = 88
CATALOGUE = Catalogue(PRESETS)


class Studio:
    """Draws lines; keeps nothing but the picture that others start from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._painter = Painter(CATALOGUE, device="cpu", preview_every=1000, checkpoint_every=0)
        self._number = 0
        self.source = folder / "source.png"
        self.draw(SOURCE, 1)[0].save(self.source)

    def draw(self, line: str, count: int, *, start: bool = False) -> list[Image.Image]:
        prompt = parse(line)
        prompt.flags.setdefault("n", count)
        styles = {INK.name: INK}
        request = compose(
            prompt, CATALOGUE, Limits(), random.Random(0), styles=styles, picture=start
        )
        return self.made(request, self.source if start else None)

    def made(self, request: Request, source: Path | None) -> list[Image.Image]:
        self._number += 1
        spool = self.folder / str(self._number)
        spool.mkdir()
        files: list[str] = []
        task = Task(
            job_id=str(self._number),
            request=request,
            spool=str(spool),
            source_path=str(source) if source else None,
        )

        def take(event: object) -> None:
            if isinstance(event, ImageReady):
                files.append(event.path)

        ending = self._painter.make(task, take, threading.Event())
        if not isinstance(ending, Finished):
            raise SystemExit(f"{request.text}: {ending}")
        return [Image.open(path).convert("RGB") for path in sorted(files)]


def strip(studio: Studio, effect: Effect) -> Image.Image:
    cells = [Image.open(studio.source).convert("RGB")] if effect.start else []
    for line in effect.lines:
        pictures = studio.draw(line, effect.count, start=effect.start)
        cells.append(square(pictures * 4 if effect.joined else pictures, gap=not effect.joined))
    height = max(cell.height for cell in cells)
    width = sum(cell.width for cell in cells) + GAP * (len(cells) - 1)
    page = Image.new("RGB", (width, height), "white")
    at = 0
    for cell in cells:
        page.paste(cell, (at, height - cell.height))
        at += cell.width + GAP
    return page


def square(pictures: list[Image.Image], *, gap: bool) -> Image.Image:
    """One picture as it is; four as two by two."""
    if len(pictures) == 1:
        return pictures[0]
    width, height = pictures[0].size
    between = GAP // 2 if gap else 0
    page = Image.new("RGB", (2 * width + between, 2 * height + between), "white")
    for number, picture in enumerate(pictures):
        at = (number % 2) * (width + between), (number // 2) * (height + between)
        page.paste(picture, at)
    return page


class Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


def draw_files(
    about: str | None,
    out: Path,
    all_of_them: Iterable[N],
    strip: Callable[[Studio, N], Image.Image],
) -> None:
    """The program: a file for each thing, or for those that the command line names."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--out", type=Path, default=out)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder))
        for one in all_of_them:
            if options.names and one.name not in options.names:
                continue
            path = options.out / f"{one.name}.webp"
            strip(studio, one).save(path, quality=WEBP_QUALITY, method=6)
            print(path, path.stat().st_size, flush=True)


if __name__ == "__main__":
    draw_files(__doc__, OUT, (*WORDS, *EFFECTS.values()), strip)
