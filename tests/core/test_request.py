"""A request is a value: what is derived from it is another, and it survives being written down."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.edits import VARY_STRONG, Box, Edit, Op
from core.request import (
    GRID,
    MAX_SEED,
    Kind,
    Lane,
    Part,
    Request,
    Source,
    Visibility,
)
from tests.builders import request

ASKED = request(
    "a fox::2 snow", parts=(Part("a fox", 2.0), Part("snow")), avoid=("people",), count=2, seed=41
)


def test_a_request_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ASKED.seed = 1  # type: ignore[misc]


def test_a_variation_is_a_new_grid_near_one_picture() -> None:
    varied = ASKED.variation("blob.png", 99)
    assert varied == dataclasses.replace(
        ASKED, kind=Kind.VARIATION, seed=99, source=Source("blob.png", VARY_STRONG)
    )


def test_a_variation_of_a_grid_of_one_noise_differs_from_picture_to_picture() -> None:
    assert not dataclasses.replace(ASKED, same_seed=True).variation("blob.png", 99).same_seed


def test_an_upscale_is_the_one_picture_with_the_seed_that_made_it() -> None:
    picked = ASKED.upscale("blob.png", 1)
    assert (picked.kind, picked.count, picked.source) == (Kind.UPSCALE, 1, Source("blob.png", 0.0))
    assert picked.image_seed(0) == ASKED.image_seed(1)


def test_a_variation_of_the_one_picture_is_a_grid_again() -> None:
    assert ASKED.upscale("blob.png", 1).variation("blob.png", 99).count == GRID


def test_a_reroll_is_the_same_from_another_seed() -> None:
    again = ASKED.reroll(99)
    assert again == dataclasses.replace(ASKED, kind=Kind.REROLL, seed=99)
    assert again.reroll(5) == dataclasses.replace(ASKED, kind=Kind.REROLL, seed=5)


def test_a_rerolled_variation_still_starts_from_its_picture() -> None:
    again = ASKED.variation("blob.png", 99).reroll(5)
    assert (again.kind, again.source) == (Kind.VARIATION, Source("blob.png", VARY_STRONG))


@given(seed=st.integers(0, MAX_SEED))
def test_the_pictures_of_a_grid_have_seeds_of_their_own(seed: int) -> None:
    grid = request(seed=seed)
    seeds = [grid.image_seed(index) for index in range(8)]
    assert seeds[0] == seed
    assert len(set(seeds)) == 8
    assert all(0 <= one <= MAX_SEED for one in seeds)
    assert seeds == [request(seed=seed).image_seed(index) for index in range(8)]


def test_grids_of_neighbouring_seeds_share_no_picture() -> None:
    seeds = [request(seed=seed).image_seed(index) for seed in range(50) for index in range(4)]
    assert len(set(seeds)) == 200


def test_one_noise_for_the_whole_grid_when_asked() -> None:
    grid = request(seed=5, same_seed=True)
    assert {grid.image_seed(index) for index in range(4)} == {5}


@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        ({}, 24),
        ({"source": Source("b", 0.5)}, 12),
        ({"source": Source("b", 1.0)}, 24),
        ({"source": Source("b", 0.75), "steps": 5}, 3),
        ({"source": Source("b", 0.0)}, 0),
    ],
)
def test_a_picture_to_start_from_spares_steps(changes: dict[str, Any], steps: int) -> None:
    asked = request(**changes)
    assert asked.denoising_steps == steps
    assert asked.work == pytest.approx(4 * steps * 128 * 128 / 1e6)


def test_a_request_survives_being_written_down() -> None:
    asked = dataclasses.replace(
        ASKED,
        source=Source("b", 0.5),
        lane=Lane.RELAX,
        visibility=Visibility.STEALTH,
        aspect=(3, 2),
        sampler="DDIMScheduler",
    )
    assert Request.from_json(json.loads(json.dumps(asked.to_json()))) == asked
    assert Request.from_json(json.loads(json.dumps(ASKED.to_json()))) == ASKED


def test_what_is_done_to_a_picture_survives_being_written_down() -> None:
    for edit in (
        Edit(op=Op.ENLARGE, creative=True),
        Edit(op=Op.REGION, mask="m.png", parts=(Box(0, 0, 0.5, 1), Box(0.5, 0.5, 1, 1))),
        Edit(op=Op.EXTEND, keep=Box(0.25, 0.25, 0.75, 0.75)),
    ):
        asked = dataclasses.replace(ASKED, source=Source("b", 0.5), edit=edit)
        assert Request.from_json(json.loads(json.dumps(asked.to_json()))) == asked


def test_a_record_of_an_older_easel_says_nothing_of_edits() -> None:
    record = json.loads(json.dumps(ASKED.to_json()))
    del record["edit"]
    assert Request.from_json(record) == ASKED


def test_the_picture_that_an_edit_made_is_varied_and_picked_like_any_other() -> None:
    edited = dataclasses.replace(
        ASKED, kind=Kind.PAN, source=Source("old.png", 1.0), edit=Edit(op=Op.EXTEND)
    )
    assert edited.variation("new.png", 9).edit is None
    assert edited.upscale("new.png", 0).edit is None
    again = edited.reroll(9)
    assert (again.edit, again.source, again.kind) == (edited.edit, edited.source, Kind.PAN)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "dance"},
        {"aspect": [1]},
        {"aspect": [1, 2, 3]},
        {"parts": None},
        {"parts": [[1]]},
        {"lane": 5},
        {"unheard_of": 1},
        {"source": {"blob": "b"}},
        {"edit": {"op": "explode"}},
        {"edit": {"op": "extend", "keep": {"left": 0}}},
        {"aspect": ["a", "b"]},
    ],
    ids=str,
)
def test_a_record_that_is_no_request_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Request.from_json({**json.loads(json.dumps(ASKED.to_json())), **change})


@pytest.mark.parametrize("missing", ["text", "parts", "aspect", "kind", "seed"])
def test_a_record_with_a_hole_is_refused(missing: str) -> None:
    record = ASKED.to_json()
    del record[missing]
    with pytest.raises((KeyError, TypeError, ValueError)):
        Request.from_json(record)


def test_a_typed_seed_belongs_to_the_grid_it_was_typed_for() -> None:
    typed = request(seed_typed=True)
    derived = [typed.variation("a.png", 9), typed.reroll(9), typed.upscale("a.png", 1)]
    assert not any(other.seed_typed for other in derived)
    assert typed == request(seed_typed=False)


def test_each_stage_is_a_request_and_work_is_their_sum() -> None:
    plain = request(width=128, height=96, steps=20, count=2)
    assert plain.stages == (plain,)
    assert (plain.size, plain.denoising_steps) == ((128, 96), 20)
    large = dataclasses.replace(plain, hires=1.5)
    small, second = large.stages
    assert small == plain
    assert (second.width, second.height, second.denoising_steps) == (192, 144, 10)
    assert large.size == (192, 144)
    assert large.denoising_steps == 30
    assert large.work == pytest.approx(2 * (20 * 128 * 96 + 10 * 192 * 144) / 1e6)


def test_sizes_of_a_second_stage_are_what_models_take() -> None:
    for step, side in ((8, 168), (16, 160), (64, 192)):
        large = request(width=128, height=128, hires=1.3, step=step)
        assert large.size == (side, side)
        assert (large.stages[1].width, large.stages[1].height) == (side, side)


def test_a_stop_ends_every_stage_at_its_share() -> None:
    stopped = request(steps=25, stop=50)
    assert stopped.denoising_steps == 13
    assert dataclasses.replace(stopped, hires=2.0).denoising_steps == 13 + 6
    assert dataclasses.replace(stopped, source=Source("b", 0.5)).denoising_steps == 6


def test_a_variation_takes_a_step_and_a_picked_picture_none() -> None:
    asked = request(steps=4, hires=2.0)
    near = dataclasses.replace(asked, hires=1.0, source=Source("b", 0.05))
    assert near.denoising_steps == 1
    picked = asked.upscale("b", 1)
    assert (picked.denoising_steps, picked.work) == (0, 0)
    assert picked.size == asked.size
