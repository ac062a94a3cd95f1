"""Chaos, weird and the guidance that goes with them, on tiny models of every family."""

# pyright: basic
from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from core.events import Finished
from core.request import HouseStyle, Part, Source
from generation.conditioning import conditioning
from generation.pipeline_call import call_arguments
from generation.steering import Guidance, Steering
from tests.generation.build import a_request
from tests.generation.pipelines.conftest import Make, furthest
from tests.generation.pipelines.test_checkpoints import interrupted
from tests.generation.pipelines.test_painter import bare

INK = HouseStyle(text="ink")
EVERYTHING: dict[str, Any] = {
    "parts": (Part("a (cat:1.4)", 2.0), Part("snow"), Part("mud", -0.2)),
    "avoid": ("(fog)",),
    "chaos": 40,
    "weird": 700,
    "style": INK,
    "stylize": 500,
}


@pytest.fixture(scope="module")
def pipeline(folders: dict[str, Path]) -> Any:
    return bare(folders["sd"])


def steering(pipeline: Any, **changes: Any) -> Steering:
    found = conditioning(pipeline, a_request("a cat", **changes)).steering
    assert found is not None
    return found


def test_every_flag_changes_the_pictures_of_every_family(make: Make, folders: dict[str, Path]):
    changes: dict[str, dict[str, Any]] = {
        "chaos": {"chaos": 60},
        "weird": {"weird": 1500},
        "stylize": {"style": INK, "stylize": 800},
        "emphasis": {"parts": (Part("a (cat:1.5)"),)},
        "weights": {"parts": (Part("a cat", 3.0), Part("snow"))},
    }
    for model in folders:
        plain = make(model=model, count=2, steps=2)
        for name, change in changes.items():
            made = make(model=model, count=2, steps=2, **change)
            assert isinstance(made.ending, Finished), (model, name)
            assert not set(plain.pixels) & set(made.pixels), (model, name)


@pytest.mark.parametrize("guidance", [0.0, 0.5, 1.0, 4.0])
def test_all_at_once_make_pictures_with_every_family(
    make: Make, folders: dict[str, Path], guidance: float
):
    for model in folders:
        made = make(model=model, count=2, steps=2, guidance=guidance, **EVERYTHING)
        assert isinstance(made.ending, Finished), model
        assert len(set(made.pixels)) == 2


def test_a_variation_is_moved_too(make: Make, folders: dict[str, Path], tmp_path: Path):
    Image.effect_noise((64, 64), 90).convert("RGB").save(tmp_path / "source.png")
    start: dict[str, Any] = {
        "source": Source("key", 0.6),
        "source_path": str(tmp_path / "source.png"),
        "count": 2,
    }
    for model in folders:
        plain, moved = (make(model=model, **start, **more) for more in ({}, EVERYTHING))
        assert isinstance(moved.ending, Finished), model
        assert {picture.size for picture in moved.pictures} == {(64, 64)}, model
        assert not set(plain.pixels) & set(moved.pixels), model


def test_a_careful_task_moves_each_picture_as_a_grid_does(make: Make):
    whole, careful = make(**EVERYTHING), make(cautious=True, **EVERYTHING)
    for one, other in zip(whole.pictures, careful.pictures, strict=True):
        assert furthest(one, other) <= 1


def test_a_moved_picture_can_be_made_again_alone(make: Make):
    request = a_request(seed=11)
    grid = make(seed=11, chaos=80, weird=900)
    for index, picture in enumerate(grid.pictures):
        alone = make(seed=request.image_seed(index), count=1, chaos=80, weird=900)
        assert furthest(alone.pictures[0], picture) <= 1


@pytest.mark.parametrize("cautious", [False, True])
def test_a_rescued_grid_is_moved_to_the_same_bit(make: Make, tmp_path: Path, cautious: bool):
    kept = tmp_path / "kept" / "j.safetensors"
    changes: dict[str, Any] = {"steps": 9, "count": 2, "cautious": cautious, **EVERYTHING}
    interrupted(make, kept, 7, **changes)
    rescued = make(checkpoint=str(kept), resume=True, **changes)
    assert rescued.steps[0] > 1
    assert rescued.pixels == make(**changes).pixels


def test_chaos_moves_pictures_of_one_seed_apart_and_weird_does_not(make: Make):
    assert len(set(make(same_seed=True, chaos=80).pixels)) == 4
    first, *others = make(same_seed=True, weird=2000).pictures
    assert all(furthest(first, other) <= 1 for other in others)


@pytest.mark.parametrize(
    ("flag", "values"), [("chaos", (1, 10, 30, 60, 100)), ("weird", (1, 300, 1000, 2000, 3000))]
)
def test_words_move_further_with_every_value(pipeline: Any, flag: str, values: tuple[int, ...]):
    def moved(value: int) -> float:
        own = steering(pipeline, **{flag: value})
        return float((own.embeds(1).words - own.words.words).norm())

    far = [moved(value) for value in values]
    assert far == sorted(far)
    assert len(set(far)) == 5


def test_tokens_keep_their_length_and_the_first_its_place(pipeline: Any):
    own = steering(pipeline, weird=3000)
    moved, words = own.embeds(0).words, own.words.words
    torch.testing.assert_close(moved.norm(dim=-1), words.norm(dim=-1))
    assert torch.equal(moved[:, 0], words[:, 0])
    assert not torch.isclose(moved[:, 1:], words[:, 1:]).all(dim=-1).any()


def test_a_blank_prompt_is_moved_too(make: Make, folders: dict[str, Path]):
    for model in folders:
        plain, moved = (make("", model=model, count=1, weird=weird) for weird in (0, 3000))
        assert isinstance(moved.ending, Finished), model
        assert plain.pixels != moved.pixels, model


def test_a_direction_is_not_the_noise(pipeline: Any):
    """Seeds and nothing else make directions, and chaos and weird take different ones."""
    weird, chaos = steering(pipeline, weird=3000), steering(pipeline, chaos=100)
    again = steering(pipeline, weird=3000)
    assert torch.equal(weird.embeds(2).words, again.embeds(2).words)
    other = replace(weird, request=replace(weird.request, seed=8))
    assert not torch.equal(weird.embeds(2).words, other.embeds(2).words)
    assert not torch.isclose(weird.embeds(2).words, chaos.embeds(2).words).all()


def test_guidance_differs_more_with_more_chaos_and_stays_guidance(pipeline: Any):
    def scales(chaos: int, guidance: float = 4.0) -> list[float]:
        own = steering(pipeline, chaos=chaos, guidance=guidance)
        return [own.guidance(index) for index in range(4)]

    def spread(chaos: int) -> float:
        return max(abs(one - 4.0) for one in scales(chaos))

    assert 0 < spread(20) < spread(60) < spread(100) < 2
    assert min(scales(100, guidance=1.01)) > 1


def test_a_guidance_of_each_picture_is_one_number_to_whoever_asks(pipeline: Any):
    request = a_request("a cat", chaos=50)
    found = call_arguments(pipeline, request, conditioning(pipeline, request), range(4))
    guidance = found["guidance_scale"]
    assert guidance > 1
    assert guidance == 4.0
    assert guidance * 2 == 8.0
    assert torch.equal(guidance * torch.ones(3), torch.full((3,), 4.0))
    assert found["num_images_per_prompt"] == 1


def test_each_picture_is_guided_by_its_own():
    rows = torch.ones(2, 3, 4, 4, dtype=torch.float16)
    found = Guidance(3.0, [2.0, 5.0]) * rows
    assert found.dtype == torch.float16
    assert found[0].unique().tolist() == [2.0]
    assert found[1].unique().tolist() == [5.0]
