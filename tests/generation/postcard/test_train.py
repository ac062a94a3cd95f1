"""The training command, small: it ends with a pipeline that loads and beats chance."""

import csv
from pathlib import Path

import numpy as np
import pytest

from generation.postcard import READER
from generation.postcard.assemble import pictures_for
from generation.postcard.classifier import cached_classifier
from generation.postcard.evaluate import asked_scenes, chance, load, prompts_for, score
from generation.postcard.train import TINY, train

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1500),
    # diffusers' samplers convert tensors in a way that numpy 2 has marked as going away.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("postcard-run")
    train(folder, TINY, processes=2)
    return folder


def test_the_loss_falls(run: Path) -> None:
    with (run / "denoiser.csv").open() as lines:
        losses = [float(row["loss"]) for row in csv.DictReader(lines)]
    assert len(losses) >= 2
    assert losses[-1] < 0.8 * losses[0]


def test_night_is_darker_than_day(run: Path) -> None:
    pipeline = load(run / "pipeline")

    def brightness(time: str) -> float:
        prompts = [f"a red house in the snow, {time}"] * 6
        pictures = pictures_for(pipeline, prompts, list(range(6)), steps=10)
        return float(np.mean([np.asarray(picture)[:40].mean() for picture in pictures]))

    assert brightness("night") < brightness("day") - 25


def test_the_evaluation_finds_more_right_than_chance(run: Path) -> None:
    """So early a model knows light and land; subjects come later."""
    reader = cached_classifier(READER, seed=9001, report=lambda _: None)
    scenes = asked_scenes(96, seed=5)
    asked = prompts_for(scenes, seed=6)
    made = pictures_for(
        load(run / "pipeline"), [prompt.text for prompt in asked], list(range(96)), steps=10
    )
    right, blind = score(reader, made, scenes, asked).right, chance()
    assert right["time"] > 1.5 * blind["time"]
    # Of a single one of these, 96 pictures say too little.
    early = ("time", "ground", "light", "style")
    assert sum(right[name] for name in early) > 1.4 * sum(blind[name] for name in early)


def test_running_it_again_does_nothing_over(run: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (run / "cache").iterdir()}
    train(run, TINY, processes=2)
    assert before == {path: path.stat().st_mtime_ns for path in (run / "cache").iterdir()}
