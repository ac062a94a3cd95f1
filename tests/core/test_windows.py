"""Large pictures are denoised in windows, and are estimated to cost what those do."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actions import Action
from core.edits import Box, Edit, Op
from core.windows import passes, starts, windows_of
from tests.builders import request
from tests.core.test_derive import press

LARGER = Edit(op=Op.ENLARGE)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((128, 128), (128, 128)),
        ((192, 128), (192, 128)),
        ((256, 256), (160, 160)),
        ((512, 96), (256, 96)),
        ((96, 512), (96, 256)),
    ],
)
def test_windows_are_of_a_size_that_the_model_draws(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert windows_of(*size, 128, 8) == expected


@given(length=st.integers(1, 4000), window=st.integers(8, 1500))
def test_windows_reach_from_one_end_to_the_other(length: int, window: int) -> None:
    found = starts(length, window)
    assert found[0] == 0
    assert found[-1] == max(0, length - window)
    for one, other in pairwise(found):
        assert 0 < other - one <= window * 0.75 + 1


def test_a_picture_that_is_drawn_whole_is_drawn_once() -> None:
    assert passes(LARGER, 160, 128, 128, 8) == 1.0


def test_windows_that_overlap_are_counted_each() -> None:
    # Four of 160 pixels on a picture of 256.
    assert passes(LARGER, 256, 256, 128, 8) == pytest.approx(4 * 160**2 / 256**2)


def test_only_windows_with_something_to_paint_are_counted() -> None:
    # Two of 224 x 96 on 384 x 96, the left one of which stays as it is.
    whole = passes(LARGER, 384, 96, 128, 8)
    panned = passes(Edit(op=Op.EXTEND, keep=Box(0, 0, 2 / 3, 1)), 384, 96, 128, 8)
    assert panned == pytest.approx(whole / 2)
    corner = Edit(op=Op.REGION, parts=(Box(0, 0, 0.1, 0.1),))
    assert passes(corner, 384, 96, 128, 8) == pytest.approx(whole / 2)
    # What is in a mask is not known yet.
    assert passes(replace(corner, mask="key"), 384, 96, 128, 8) == pytest.approx(whole)


def test_an_upscale_is_estimated_at_what_its_windows_cost() -> None:
    grid = request("a red fox", width=128, height=128, count=4)
    large = press(grid, Action.ENLARGE_SUBTLE)
    alone = large.denoising_steps * 256 * 256 / 1e6
    assert large.work == pytest.approx(alone * 4 * 160**2 / 256**2)
    # Re-rolled it costs the same; what tiles is drawn whole.
    assert press(large, Action.REROLL).work == large.work
    assert press(replace(grid, tile=True), Action.ENLARGE_SUBTLE).work == pytest.approx(alone)
