"""The flag table itself: what it promises, its parser, help and suggestions all read."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import request
from core.flags import (
    BY_SPELLING,
    ELSEWHERE,
    FLAGS,
    REPLACED,
    SAMPLERS,
    Takes,
    ValueProblem,
    nearest_flag,
    number,
    one_of,
    ratio,
    sampler,
    whole,
)


def test_no_spelling_means_two_things() -> None:
    spellings = [spelling for flag in FLAGS for spelling in (flag.name, *flag.aliases)]
    assert len(spellings) == len(set(spellings)) == len(BY_SPELLING)
    assert not set(spellings) & set(REPLACED)
    assert not set(spellings) & ELSEWHERE


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_every_flag_can_be_explained_to_a_member(flag: object) -> None:
    row = BY_SPELLING[flag.name]  # type: ignore[attr-defined]
    assert row.help[0].isupper()
    assert row.help.endswith((".", ")"))
    assert row.usage.startswith(f"--{row.name}")
    assert (row.takes is Takes.NOTHING) == (row.usage == f"--{row.name}")


def test_what_replaces_an_old_flag_is_itself_a_flag_or_a_button() -> None:
    for instead in REPLACED.values():
        name = instead.removeprefix("--").split()[0]
        assert name in BY_SPELLING or "button" in instead


def test_exclusions_come_in_pairs() -> None:
    groups = [flag.group for flag in FLAGS if flag.group]
    assert {group: groups.count(group) for group in groups} == {"lane": 3, "visibility": 2}


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


@pytest.mark.parametrize("typed", ["xyzzy", "chaos", "stop", "STYLE", "人物"])
def test_a_name_that_is_none_of_ours_finds_nothing(typed: str) -> None:
    assert nearest_flag(typed) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3:2", (3, 2)),
        ("6:4", (3, 2)),
        ("3X2", (3, 2)),
        ("3/2", (3, 2)),
        ("1920:1080", (16, 9)),
        ("14:1", (14, 1)),
        ("1:14", (1, 14)),
        ("100000000:50000000", (2, 1)),
    ],
)
def test_a_ratio_is_reduced(text: str, value: tuple[int, int]) -> None:
    assert ratio(text) == value


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("15:1", "14:1"),
        ("1:15", "1:14"),
        ("1.85:1", "37:20"),
        ("0.5:0.5", "1:1"),
        ("20.5:1", "14:1"),
        ("3", None),
        ("0:1", None),
        ("0.0:1", None),
        ("3:2:1", None),
    ],
)
def test_a_ratio_that_cannot_be_is_answered_with_the_nearest(
    text: str, nearest: str | None
) -> None:
    with pytest.raises(ValueProblem) as caught:
        ratio(text)
    assert caught.value.nearest == nearest


@given(text=st.text(alphabet="0123456789.+-e_, infa٣½", max_size=30) | st.text(max_size=12))
def test_a_number_is_read_or_refused_and_the_nearest_one_is_legal(text: str) -> None:
    for read in (whole(1, 8), number(0, 30), one_of(0.25, 0.5, 1, 2, 4), ratio, sampler):
        try:
            read(text)
        except ValueProblem as problem:
            assert problem.what
            if problem.nearest is not None:
                read(problem.nearest)


def test_numbers_keep_six_decimals_for_that_is_what_a_line_can_say() -> None:
    assert number(0, 30)("7.1234567") == 7.123457


def test_a_number_of_any_length_is_only_out_of_range() -> None:
    with pytest.raises(ValueProblem) as caught:
        whole(0, request.MAX_SEED)("9" * 5000)
    assert caught.value.what == "goes from 0 to 4294967295"


@pytest.mark.parametrize("typed", [*SAMPLERS, *SAMPLERS.values(), "EULER-A", "euler_a"])
def test_a_sampler_goes_by_its_friendly_name_and_by_its_own(typed: str) -> None:
    assert sampler(typed) in SAMPLERS.values()


def test_samplers_are_classes_of_diffusers_by_their_names() -> None:
    assert all(name.endswith("Scheduler") for name in SAMPLERS.values())
    assert inspect.getdoc(sampler)
