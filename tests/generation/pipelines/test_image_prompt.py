"""A picture given with a prompt, by what a member types, on the embedded model."""

from __future__ import annotations

import random
import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from core.compose import Limits, compose
from core.events import Event, Finished, ImageReady, Task
from core.models import PRESETS, Catalogue
from core.prompt import parse
from core.request import Request
from generation.painter import Painter

CATALOGUE = Catalogue(PRESETS)
WORDS = "a blue boat at night --n 1 --seed 5 --steps 12"


def read(line: str, *, picture: bool = True) -> Request:
    return compose(parse(line), CATALOGUE, Limits(), random.Random(0), picture=picture)


@pytest.fixture(scope="module")
def postcard() -> Painter:
    return Painter(CATALOGUE, device="cpu", preview_every=1000)


@pytest.fixture(scope="module")
def source(postcard: Painter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Something else altogether."""
    request = read("a red house in the desert at noon --n 1 --seed 21 --steps 12", picture=False)
    return draw(postcard, request, tmp_path_factory.mktemp("source"))[0]


def draw(painter: Painter, request: Request, folder: Path, start: Path | None = None) -> list[Path]:
    path = str(start) if start else None
    task = Task(job_id="j1", request=request, spool=str(folder), source_path=path)
    events: list[Event] = []
    ending = painter.make(task, events.append, threading.Event())
    assert isinstance(ending, Finished), ending
    return [Path(event.path) for event in events if isinstance(event, ImageReady)]


def distance(request: Request, postcard: Painter, source: Path, folder: Path) -> float:
    """From the picture that was given, as the mean difference of a channel (0..255)."""
    folder.mkdir()
    with Image.open(source) as given:
        fitted = ImageOps.fit(given.convert("RGB"), (request.width, request.height))
    start = np.asarray(fitted).astype(float)
    (made,) = draw(postcard, request, folder, source)
    return float(np.abs(np.asarray(Image.open(made)) - start).mean())


@pytest.mark.parametrize(
    "flags",
    [
        [f"--iw {weight}" for weight in (0, 0.75, 1.5, 2.25, 3)],
        [f"--strength {strength}" for strength in (1, 0.8, 0.6, 0.4, 0.2)],
    ],
    ids=["iw", "strength"],
)
def test_the_more_a_picture_weighs_the_nearer_the_grid_is_to_it(
    flags: list[str], postcard: Painter, source: Path, tmp_path: Path
) -> None:
    distances = [
        distance(read(f"{WORDS} {flag}"), postcard, source, tmp_path / str(number))
        for number, flag in enumerate(flags)
    ]
    for more, less in pairwise(distances):
        assert less < more * 0.95, distances
