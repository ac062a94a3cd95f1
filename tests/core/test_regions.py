"""A part of a picture, as people name it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.edits import WHOLE, Box
from core.errors import RefusedError
from core.regions import CELLS, LONGEST, MOST, cell, read_region

THIRD = pytest.approx(1 / 3)


def only(typed: str) -> tuple[float, float, float, float]:
    (box,) = read_region(typed)
    return box.left, box.top, box.right, box.bottom


@pytest.mark.parametrize(
    ("typed", "box"),
    [
        ("left", (0, 0, 0.5, 1)),
        ("the left half", (0, 0, 0.5, 1)),
        ("Left third.", (0, 0, THIRD, 1)),
        ("left-hand side", (0, 0, 0.5, 1)),
        ("lefthand", (0, 0, 0.5, 1)),
        ("right quarter", (0.75, 0, 1, 1)),
        ("left two thirds", (0, 0, pytest.approx(2 / 3), 1)),
        ("bottom", (0, 0.5, 1, 1)),
        ("lower 1/3", (0, pytest.approx(2 / 3), 1, 1)),
        ("sky above", (0, 0, 1, 0.5)),
        ("top left", (0, 0, 0.5, 0.5)),
        ("top-left quarter", (0, 0, 0.5, 0.5)),
        ("the bottom right corner", (pytest.approx(2 / 3), pytest.approx(2 / 3), 1, 1)),
        ("centre", (0.25, 0.25, 0.75, 0.75)),
        ("in the middle", (0.25, 0.25, 0.75, 0.75)),
        ("middle third", (THIRD, 0, pytest.approx(2 / 3), 1)),
        ("middle left", (0, 0.25, 0.5, 0.75)),
        ("everything", (0, 0, 1, 1)),
        ("左边三分之一", (0, 0, THIRD, 1)),
        ("下半部分", (0, 0.5, 1, 1)),
        ("右上角", (pytest.approx(2 / 3), 0, 1, THIRD)),
        ("中间", (0.25, 0.25, 0.75, 0.75)),
        ("左上四分之一", (0, 0, 0.5, 0.5)),
        ("天空", (0, 0, 1, 0.5)),
    ],
)
def test_a_part_is_named_in_words(typed: str, box: tuple[float, ...]) -> None:
    assert only(typed) == box


def test_cells_are_numbered_from_the_top_left_along_the_rows() -> None:
    assert cell(1) == Box(0, 0, 1 / CELLS, 1 / CELLS)
    assert cell(CELLS) == Box(1 - 1 / CELLS, 0, 1, 1 / CELLS)
    assert cell(MOST) == Box(1 - 1 / CELLS, 1 - 1 / CELLS, 1, 1)
    assert sum(cell(number).area for number in range(1, MOST + 1)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("1", [1]),
        ("1 2 5", [1, 2, 5]),
        ("1, 2 and 5", [1, 2, 5]),
        ("cells 3-6", [3, 4, 5, 6]),
        ("3 to 5", [3, 4, 5]),
        ("3..5", [3, 4, 5]),
        ("3…5", [3, 4, 5]),
        ("no. 5", [5]),
        ("２、３", [2, 3]),
        ("第7格和第8格", [7, 8]),
        ("5 5 5", [5]),
    ],
)
def test_cells_go_by_their_numbers(typed: str, numbers: list[int]) -> None:
    assert read_region(typed) == tuple(map(cell, numbers))


def test_several_parts_are_meant_together() -> None:
    assert read_region("left third, 16") == (Box(0, 0, 1 / 3, 1), cell(16))
    assert read_region("top left and bottom right") == (
        Box(0, 0, 0.5, 0.5),
        Box(0.5, 0.5, 1, 1),
    )


def test_the_border_goes_all_the_way_round_and_leaves_the_middle() -> None:
    border = read_region("edges")
    assert sum(box.area for box in border) == pytest.approx(1 - (2 / 3) ** 2)


@pytest.mark.parametrize(
    "typed", ["", " , ", "the cat", "left right", "half", "left top x", "!", "no sky"]
)
def test_words_that_name_no_part_are_answered_with_some_that_do(typed: str) -> None:
    with pytest.raises(RefusedError, match=r"names no part of the picture\. Say “left third”"):
        read_region(typed)


@pytest.mark.parametrize("typed", ["0", "17", "1-17", "9999", "5-2"])
def test_there_are_only_so_many_cells(typed: str) -> None:
    with pytest.raises(RefusedError, match=f"they go from 1 to {MOST}"):
        read_region(typed)


WORDS = st.lists(
    st.sampled_from(["left", "top", "third", "1", "16", "-", "and", ",", "左", "角", "的", "x"])
).map(" ".join)


@given(typed=st.text(max_size=LONGEST + 10) | WORDS)
@example("²")
@example("٣")
def test_whatever_is_typed_is_a_part_of_the_picture_or_refused(typed: str) -> None:
    try:
        boxes = read_region(typed)
    except RefusedError:
        return
    assert boxes and len(set(boxes)) == len(boxes)
    for box in boxes:
        assert 0 <= box.left < box.right <= 1 and 0 <= box.top < box.bottom <= 1
        assert box.area <= WHOLE.area
