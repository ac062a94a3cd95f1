"""Which small copies of a picture there can be."""

from __future__ import annotations

import pytest

from core.thumbs import SIDES, enough, thumb_name, thumb_names

KEY = "ab" * 32 + ".png"


@pytest.mark.parametrize(
    ("size", "side", "asked"),
    [
        ((1024, 1024), 160, 160),
        ((1024, 1024), 640, 640),
        ((1024, 1024), 1280, 1280),
        ((128, 128), 1280, 160),
        ((128, 320), 640, 320),
        ((321, 128), 640, 640),
        ((4096, 512), 1280, 1280),
    ],
)
def test_no_copy_is_made_twice(size: tuple[int, int], side: int, asked: int) -> None:
    assert enough(*size, side) == asked


def test_each_copy_has_a_name_of_its_own_in_the_folder_of_its_picture() -> None:
    names = thumb_names(KEY)
    assert len(set(names)) == len(SIDES)
    assert thumb_name(KEY, 320) == f"ab/{'ab' * 32}-320.webp"
    assert all(name.startswith("ab/") for name in names)
