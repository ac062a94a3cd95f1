"""What is done to a picture, as a value."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.edits import WHOLE, Box, Edit, Op, Painter

SHARES = st.floats(0, 1)
BOXES = st.builds(Box, SHARES, SHARES, SHARES, SHARES)
EDITS = st.builds(
    Edit,
    op=st.sampled_from(Op),
    creative=st.booleans(),
    mask=st.none() | st.text(max_size=70),
    parts=st.lists(BOXES, max_size=16).map(tuple),
    keep=st.none() | BOXES,
    passes=st.floats(0, 4),
    painter=st.none()
    | st.builds(
        Painter,
        model=st.text(max_size=9),
        steps=st.integers(1, 99),
        guidance=st.floats(0, 30),
        sampler=st.none() | st.text(max_size=9),
    ),
)


@given(edit=EDITS)
def test_an_edit_survives_being_written_down(edit: Edit) -> None:
    assert Edit.from_json(json.loads(json.dumps(asdict(edit)))) == edit


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"op": "explode"},
        {"op": "region", "parts": [1]},
        {"op": "extend", "new": 1},
        {"op": "extend", "painter": {"model": "fill"}},
        {"op": "extend", "painter": "fill"},
    ],
)
def test_a_record_that_is_no_edit_is_refused(record: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Edit.from_json(record)


def test_a_box_knows_how_much_of_the_picture_it_is() -> None:
    assert WHOLE.area == 1
    left_third = Box(0, 0, 1 / 3, 1)
    assert (left_third.width, left_third.height) == (1 / 3, 1)
    assert Box(0.6, 0, 0.4, 1).area == 0
