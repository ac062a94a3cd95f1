"""Sizes of pictures that are made from pictures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.canvas import base_size, centred, check_area, near, whole_steps
from core.errors import RefusedError
from core.jobs import Image
from core.models import Model
from core.request import Kind
from tests.builders import request

SIDES = st.integers(8, 4096)
MODEL = Model(name="m", source="m", native_size=512, size_step=8)


@given(inner=st.tuples(SIDES, SIDES), outer=st.tuples(SIDES, SIDES), factor=st.floats(1, 2))
def test_a_picture_lies_in_the_middle_of_its_canvas_in_its_own_shape(
    inner: tuple[int, int], outer: tuple[int, int], factor: float
) -> None:
    box = centred(inner, outer, factor)
    assert 0 <= box.left < box.right <= 1 and 0 <= box.top < box.bottom <= 1
    assert abs(box.left + box.right - 1) * outer[0] <= 1.001
    assert abs(box.top + box.bottom - 1) * outer[1] <= 1.001
    width, height = box.width * outer[0], box.height * outer[1]
    assert abs(width - inner[0] * height / inner[1]) <= 1 + inner[0] / inner[1]


def test_an_enlarged_picture_is_gone_back_to_the_size_its_model_draws_at() -> None:
    large = Image(job_id="j", number=1, blob="b", width=1536, height=1024, seed=1)
    assert base_size(request(kind=Kind.ENLARGE), large, MODEL) == (624, 416)
    assert base_size(request(kind=Kind.PAN), large, MODEL) == (1536, 1024)


def test_lengths_are_whole_steps() -> None:
    assert [whole_steps(length, 8) for length in (3, 5, 100, 104)] == [0, 8, 96, 104]


def test_a_ratio_that_was_asked_for_is_kept_while_it_is_nearly_true() -> None:
    assert near((3, 2), (624, 416), 208) == (3, 2)
    assert near((3, 2), (416, 416), 416) == (1, 1)
    assert near((1, 1), (32, 456), 8) == (1, 14)


def test_what_is_too_large_is_told_with_both_numbers() -> None:
    check_area(2000, 2000, 4)
    with pytest.raises(RefusedError, match=r"2008×2000 is 4\.0 megapixels; the limit here is 4"):
        check_area(2008, 2000, 4)
