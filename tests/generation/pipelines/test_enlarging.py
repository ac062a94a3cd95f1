"""Pictures drawn at twice the side: detail is added, and what they show stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import pytest
from PIL import Image

from core.edits import ENLARGE_CREATIVE, ENLARGE_SUBTLE, Edit, Op
from core.events import Finished
from core.request import Source
from generation.painter import Painter
from tests.generation.pipelines.conftest import Made, Make
from tests.generation.pipelines.test_edits import FAMILIES, box, draw, narrow, scene, tones

__all__ = ["box", "draw", "narrow", "scene"]


def larger(*, creative: bool = False, side: int = 256) -> dict[str, Any]:
    strength = ENLARGE_CREATIVE if creative else ENLARGE_SUBTLE
    return {
        "edit": Edit(op=Op.ENLARGE, creative=creative),
        "source": Source("key", strength),
        "width": side,
        "height": side,
        "count": 1,
        "same_seed": True,
    }


def likeness(picture: Image.Image, source: Image.Image) -> float:
    """Of the picture at the source's size to the source, in decibels."""
    small = picture.resize(source.size, Image.Resampling.BOX)
    return float(10 * numpy.log10(255**2 / ((tones(small) - tones(source)) ** 2).mean()))


def test_subtle_stays_the_picture_and_creative_goes_further(draw: Callable[..., Made], scene: str):
    words, source = "a lighthouse by day, meadow", Image.open(scene)
    base = source.convert("RGB").resize((256, 256), Image.Resampling.LANCZOS)
    subtle = draw(words, source_path=scene, **larger()).pictures[0]
    creative = draw(words, source_path=scene, **larger(creative=True)).pictures[0]
    assert subtle.size == creative.size == (256, 256)
    assert likeness(subtle, source) >= 28
    changed = [numpy.abs(tones(one) - tones(base)).mean() for one in (subtle, creative)]
    assert 0.5 < changed[0] < changed[1]
    # Two windows of 160 along each side, so there are edges at 96 and at 160.
    for picture in (subtle, creative):
        sharper = steps(picture) / steps(base)
        assert sharper[[95, 159]].mean() <= 1.5 * sharper.mean()


def steps(picture: Image.Image) -> numpy.ndarray:
    """The mean steps of the tones from each column to the next."""
    return numpy.abs(numpy.diff(tones(picture).mean(axis=2), axis=1)).mean(axis=0)


@pytest.mark.parametrize("model", FAMILIES)
def test_every_family_enlarges_in_windows(make: Make, narrow: Painter, shape: str, model: str):
    changes = {"model": model, "steps": 10, "source_path": shape, **larger(side=128)}
    made = make(by=narrow, **changes)
    assert isinstance(made.ending, Finished)
    assert made.steps == [1, 2]
    assert made.pictures[0].size == (128, 128)
    assert make(by=narrow, cautious=True, **changes).steps == [1, 2]


@pytest.mark.parametrize("model", ["sd", "xl"])
def test_a_tile_is_enlarged_whole(make: Make, narrow: Painter, shape: str, model: str):
    made = make(by=narrow, model=model, steps=10, tile=True, source_path=shape, **larger(side=128))
    assert isinstance(made.ending, Finished)
    assert made.pictures[0].size == (128, 128)
