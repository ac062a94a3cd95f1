"""The flag table itself: what it promises, its parser, help and suggestions all read."""

from __future__ import annotations

from collections import Counter

import pytest

from core.flags import BY_SPELLING, FLAGS, nearest_flag
from core.legacy import REPLACED
from core.row import Takes


def test_no_spelling_means_two_things() -> None:
    spellings = [spelling for flag in FLAGS for spelling in (flag.name, *flag.aliases)]
    assert len(spellings) == len(set(spellings)) == len(BY_SPELLING)
    assert not set(spellings) & set(REPLACED)


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_every_flag_can_be_explained_to_a_member(flag: object) -> None:
    row = BY_SPELLING[flag.name]  # type: ignore[attr-defined]
    assert row.help[0].isupper()
    assert row.help.endswith((".", ")"))
    assert row.usage.startswith(f"--{row.name}")
    assert (row.takes is Takes.NOTHING) == (row.usage == f"--{row.name}")


def test_flags_that_exclude_each_other_are_of_one_group() -> None:
    assert Counter(flag.group for flag in FLAGS if flag.group) == {
        "size": 4,
        "stages": 3,
        "look": 3,
        "model": 2,
        "start": 2,
        "lane": 3,
        "visibility": 2,
    }


@pytest.mark.parametrize(
    ("one", "other", "excluded"),
    [
        ("ar", "size", True),
        ("ar", "width", True),
        ("width", "height", False),
        ("height", "width", False),
        ("hd", "sd", True),
        ("style", "stylize", False),
        ("raw", "style", True),
        ("raw", "stylize", True),
        ("seed", "n", False),
        ("seed", "seed", False),
    ],
)
def test_width_goes_with_height_and_neither_with_a_ratio(
    one: str, other: str, excluded: bool
) -> None:
    assert BY_SPELLING[one].excludes(BY_SPELLING[other]) is excluded
    assert BY_SPELLING[other].excludes(BY_SPELLING[one]) is excluded


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sedd", "seed"),
        ("SEDD", "seed"),
        ("aspct", "aspect"),
        ("drft", "draft"),
        ("modle", "model"),
    ],
)
def test_a_misspelt_flag_finds_the_nearest(typed: str, meant: str) -> None:
    assert nearest_flag(typed) == meant


@pytest.mark.parametrize("typed", ["xyzzy", "人物", "x" * 5000])
def test_a_name_that_is_none_of_ours_finds_nothing(typed: str) -> None:
    assert nearest_flag(typed) is None
