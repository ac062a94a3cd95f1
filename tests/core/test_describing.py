"""Prompts for a picture."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.describing import MOST, from_record, nearest_aspect, png_size, with_aspect
from core.models import PRESETS
from core.prompt import parse
from core.request import HouseStyle, Lane, Part
from tests.builders import request
from tests.fakes.worker import png

POSTCARD = PRESETS[0]


def test_a_record_gives_its_prompt_the_words_and_the_very_picture() -> None:
    made = request("a red fox", width=152, height=104, aspect=(3, 2), lane=Lane.RELAX, tile=True)
    exact, words, again = from_record(made, 3, POSTCARD)
    assert exact == "a red fox --ar 3:2 --tile --model postcard"
    assert words == "a red fox"
    assert again == (
        f"a red fox --ar 3:2 --tile --seed {made.image_seed(2)} --n 1 --model postcard"
    )


def test_a_seed_that_was_typed_is_told_only_where_it_makes_the_picture() -> None:
    made = request("a red fox", seed_typed=True)
    exact, _, again = from_record(made, 0, POSTCARD)
    assert "--seed" not in exact
    assert again == "a red fox --seed 7 --model postcard"


def test_a_style_of_another_server_is_left_out() -> None:
    made = request("a fox", style=HouseStyle(name="inky", text="ink"), stylize=300)
    assert "--style inky" in from_record(made, 1, POSTCARD, {"inky"})[0]
    assert "inky" not in from_record(made, 1, POSTCARD)[0]


def test_braces_and_weights_come_back_as_they_were() -> None:
    made = request("a {fox}::2 dog", parts=(Part("a {fox}", 2.0), Part("dog")))
    for line in from_record(made, 1, POSTCARD):
        assert parse(line).text == "a {fox}::2 dog"


def test_captions_are_only_words_with_the_ratio_of_the_picture() -> None:
    said = ["A red fox --ar 9:16 in {snow}.", "a red  fox", "a red fox", "", " . ", "::2 cats"]
    assert with_aspect(said, (1536, 1024)) == [
        "A red fox ar 9:16 in \\{snow\\} --ar 3:2",
        "a red fox --ar 3:2",
        "2 cats --ar 3:2",
    ]
    assert with_aspect(["x" * 400], (64, 64)) == ["x" * 300]
    assert len(with_aspect([f"cat {n}" for n in range(9)], (64, 64))) == MOST


@given(st.lists(st.text(max_size=80), max_size=5))
def test_whatever_a_model_says_is_a_prompt_without_flags(said: list[str]) -> None:
    for line in with_aspect(said, (100, 100)):
        assert not line.isspace()
        assert "--" not in line


@pytest.mark.parametrize(
    ("size", "aspect"),
    [
        ((1024, 1024), (1, 1)),
        ((1000, 1040), (1, 1)),
        ((1920, 1080), (16, 9)),
        ((832, 1216), (2, 3)),
        ((4000, 100), (21, 9)),
    ],
)
def test_the_nearest_usual_ratio(size: tuple[int, int], aspect: tuple[int, int]) -> None:
    assert nearest_aspect(size) == aspect


def test_the_size_is_read_from_our_own_files() -> None:
    assert png_size(png(40, 24, [[1]])) == (40, 24)
    for data in (b"", b"GIF89a" + b"\0" * 30, png(40, 24, [[1]])[:20]):
        with pytest.raises(ValueError, match="PNG"):
            png_size(data)


def test_a_record_with_nothing_in_it_gives_its_flags_alone() -> None:
    assert from_record(replace(request(""), parts=()), 0, POSTCARD)[0] == "--model postcard"
