"""What the shipped model makes of prompts, read by the shipped classifier; small samples of what
the evaluation counts in hundreds."""

from collections.abc import Iterator

import pytest
import torch
from diffusers import StableDiffusionPipeline

from generation.postcard import READER, WEIGHTS
from generation.postcard.assemble import pictures_for
from generation.postcard.classifier import Classifier, accuracy_on_renders, cached_classifier
from generation.postcard.evaluate import asked_scenes, load, prompts_for, score
from generation.postcard.measures import make, pictures, share_of, variety

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    # diffusers' samplers convert tensors in a way that numpy 2 has marked as going away.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

STEPS = 10
SEEDS = range(40, 48)


@pytest.fixture(scope="module")
def pipeline() -> Iterator[StableDiffusionPipeline]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield load(WEIGHTS)
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def reader() -> Classifier:
    assert READER.stat().st_size < 1_000_000
    return cached_classifier(READER, seed=9001, report=lambda _: None)


def test_the_reader_reads_drawings(reader: Classifier) -> None:
    right = accuracy_on_renders(reader, 120, seed=3)
    assert min(right[name] for name in ("subject", "colour", "time")) > 0.95


def test_subject_colour_and_time_obey_on_unseen_prompts(
    pipeline: StableDiffusionPipeline, reader: Classifier
) -> None:
    scenes = asked_scenes(48, seed=77)
    asked = prompts_for(scenes, seed=78)
    texts = [prompt.text for prompt in asked]
    seeds = [500 + k for k in range(48)]
    guided = score(reader, pictures_for(pipeline, texts, seeds, STEPS), scenes, asked)
    assert guided.right["subject"] >= 0.8
    assert guided.right["colour"] >= 0.8
    assert guided.right["time"] >= 0.9
    unheard = pictures_for(pipeline, [""] * 48, seeds, STEPS, guidance=1.0)
    assert score(reader, unheard, scenes, asked).all_three < 0.3 < guided.all_three


def test_a_word_to_avoid_stays_out(pipeline: StableDiffusionPipeline, reader: Classifier) -> None:
    def trees(avoid: tuple[str, ...]) -> float:
        parts = [("a tree", 2.0), ("a house", 1.0)]
        return share_of(reader, make(pipeline, parts, avoid, SEEDS, STEPS), "tree")

    assert trees(()) > 0.5
    assert trees(("tree",)) < 0.2


def test_weights_move_the_picture(pipeline: StableDiffusionPipeline, reader: Classifier) -> None:
    def castles(castle: float, boat: float) -> float:
        parts = [("a castle", castle), ("a boat", boat)]
        return share_of(reader, make(pipeline, parts, (), SEEDS, STEPS), "castle")

    assert castles(4, 1) > 0.8
    assert castles(1, 4) < 0.2


def test_blank_prompts_show_many_things(
    pipeline: StableDiffusionPipeline, reader: Classifier
) -> None:
    blank = variety(pipeline, reader, 16, STEPS)
    assert blank.values["subject"] >= 4
    assert blank.values["time"] >= 3
    assert blank.apart > 25


def test_strength_keeps_the_layout_and_masks_keep_the_rest(
    pipeline: StableDiffusionPipeline,
) -> None:
    kept = pictures(pipeline, 6, 12)
    assert kept.kept > max(0.85, kept.fresh + 0.15)
    assert kept.changed_inside > 3 * kept.changed_outside
    assert kept.changed_outside < 5
