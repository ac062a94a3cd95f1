"""What flags that act on the words do to the shipped model's pictures, at five values each."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline

from core.request import HouseStyle
from generation.postcard import READER, WEIGHTS
from generation.postcard.classifier import Classifier, cached_classifier, read
from generation.postcard.evaluate import load
from generation.postcard.measures import apart, moved, requested
from generation.postcard.world import STYLES, SUBJECTS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    # diffusers' samplers convert tensors in a way that numpy 2 has marked as going away.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

INK = HouseStyle(text="ink drawing")
STEPS = 5


@pytest.fixture(scope="module")
def pipeline() -> Iterator[StableDiffusionPipeline]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield load(WEIGHTS)
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def reader() -> Classifier:
    return cached_classifier(READER, seed=9001, report=lambda _: None)


def rises(values: list[float]) -> bool:
    return all(one < next_one for one, next_one in pairwise(values))


def shown(reader: Classifier, pictures: list[Any], subject: str) -> int:
    """How many of the pictures show it."""
    return int((read(reader, pictures)[:, 0] == SUBJECTS.index(subject)).sum())


def test_chaos_moves_a_grid_apart_and_leaves_it_pictures(
    pipeline: StableDiffusionPipeline, reader: Classifier
) -> None:
    found: list[float] = []
    for chaos in (0, 25, 50, 75, 100):
        grids = [
            requested(pipeline, text, seed=seed, steps=STEPS, chaos=chaos)
            for text, seed in (("a red lighthouse by day", 5), ("a cat in a meadow", 6))
        ]
        found.append(sum(map(apart, grids)) / 2)
        if chaos == 50:
            assert shown(reader, grids[0], "lighthouse") + shown(reader, grids[1], "cat") >= 7
    assert rises(found), found
    assert found[-1] > 1.3 * found[0]


def test_weird_leads_further_from_the_ordinary(pipeline: StableDiffusionPipeline) -> None:
    plain, *grids = (
        requested(pipeline, "a cat in a meadow", seed=6, steps=STEPS, count=2, weird=weird)
        for weird in (0, 200, 500, 1000, 2000, 3000)
    )
    found = [moved(grid, plain) for grid in grids]
    assert rises([0, *found]), found


def test_a_style_shows_more_the_more_it_weighs(
    pipeline: StableDiffusionPipeline, reader: Classifier
) -> None:
    plain, *grids = (
        requested(pipeline, "a red house", seed=3, steps=STEPS, count=2, style=INK, stylize=stylize)
        for stylize in (0, 100, 250, 500, 750, 1000)
    )
    found = [moved(grid, plain) for grid in grids]
    assert rises([0, *found]), found
    ink = read(reader, plain + grids[-1])[:, -1] == STYLES.index("ink")
    assert ink.tolist() == [False] * 2 + [True] * 2


def test_a_style_that_is_to_be_avoided_does_not_come(
    pipeline: StableDiffusionPipeline, reader: Classifier
) -> None:
    given: dict[str, Any] = {"seed": 3, "steps": STEPS, "style": INK, "stylize": 300}
    pictures = requested(pipeline, "a red house", avoid=("ink drawing",), **given)
    assert STYLES.index("ink") not in read(reader, pictures)[:, -1].tolist()


def test_a_word_in_brackets_is_drawn_rather(
    pipeline: StableDiffusionPipeline, reader: Classifier
) -> None:
    castle, boat = (
        requested(pipeline, text, seed=1, steps=STEPS)
        for text in ("a (castle:1.7) and a boat", "a castle and a (boat:1.7)")
    )
    assert shown(reader, castle, "castle") >= 3
    assert shown(reader, boat, "boat") >= 3


def test_without_guidance_the_prompt_is_heard_less(
    pipeline: StableDiffusionPipeline, reader: Classifier
) -> None:
    heard = [
        sum(
            shown(reader, requested(pipeline, text, seed=5, steps=STEPS, guidance=scale), subject)
            for text, subject in (("a red lighthouse by day", "lighthouse"), ("a cat", "cat"))
        )
        for scale in (0.0, 4.0)
    ]
    assert heard[0] <= 3 < 7 <= heard[1], heard


def test_the_end_of_a_long_prompt_is_drawn(
    pipeline: StableDiffusionPipeline, reader: Classifier
) -> None:
    scene = (
        "on the left, near, by day, under a clear sky, in the snow, with the sun, and with nothing "
        "else at all in it, seen from near by, on a day with a clear sky, "
    )
    castles, mushrooms = (
        requested(pipeline, scene + text, seed=2, steps=STEPS, count=2)
        for text in ("a red castle", "a red mushroom")
    )
    assert shown(reader, castles, "castle") == 2
    assert shown(reader, mushrooms, "castle") == 0


def test_a_layer_left_out_is_another_picture(pipeline: StableDiffusionPipeline) -> None:
    plain, skipped = (
        requested(pipeline, "a cat", seed=2, steps=STEPS, count=2, clip_skip=skip)
        for skip in (0, 1)
    )
    assert moved(skipped, plain) > 2
