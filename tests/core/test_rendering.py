"""Back to a line: whatever a request says, the line shown for it makes the same request again."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.compose import Limits, compose
from core.errors import PromptError
from core.flags import FLAGS
from core.models import Catalogue
from core.prompt import parse
from core.rendering import render, spell, strength_of, usual_steps
from core.request import MAX_SEED, HouseStyle, Request
from core.row import Takes
from core.samplers import SAMPLERS, SCHEDULERS
from tests.core.test_compose import CATALOGUE
from tests.core.test_prompt import LINES

POSTCARD = CATALOGUE.get("postcard")
STYLES = {"noir": HouseStyle(text="film noir"), "Fog-2": HouseStyle(blob="b" * 64)}
HOUSE = HouseStyle(text="watercolour")


def make(line: str, *, seed: int = 1, house: HouseStyle | None = None, **how: Any) -> Request:
    return compose(
        parse(line, text_needed=False),
        CATALOGUE,
        Limits(max_megapixels=1000),
        random.Random(seed),
        typed=line,
        house=house,
        styles=STYLES,
        **how,
    )


@pytest.mark.parametrize(
    ("flags", "shown"),
    [
        ("--size 160x96", "--size 160x96"),
        ("--width 160", "--size 160x128"),
        ("--hd", "--hd"),
        ("--sd", ""),
        ("--hires 2", "--hd"),
        ("--hires 1.5", "--hires 1.5"),
        ("--c 20 --w 7 --exp 5", "--chaos 20 --weird 7 --exp 5"),
        ("--raw", ""),
        ("--s 50", "--stylize 50"),
        ("--style NOIR", "--style noir"),
        ("--style noir --s 50", "--style noir --stylize 50"),
        ("--stop 50", "--stop 50"),
        ("--tile", "--tile"),
        ("--clip-skip 2", "--clip-skip 2"),
        ("--clip-skip 1", ""),
        ("--sampler dpm++ 2m karras", "--sampler dpm++2m-karras"),
    ],
)
def test_a_line_shows_what_is_not_a_default(flags: str, shown: str) -> None:
    line = render(make(f"a fox {flags}"), POSTCARD, seed=False)
    assert line == " ".join(filter(None, ["a fox", shown, "--model postcard"]))


@pytest.mark.parametrize(
    ("flags", "shown"),
    [("", ""), ("--s 50", "--stylize 50"), ("--raw", "--raw"), ("--style noir", "--style noir")],
)
def test_on_a_server_with_a_style_a_line_says_what_departs_from_it(flags: str, shown: str) -> None:
    line = render(make(f"a fox {flags}", house=HOUSE), POSTCARD, seed=False, house=HOUSE)
    assert line == " ".join(filter(None, ["a fox", shown, "--model postcard"]))


@pytest.mark.parametrize("flags", ["--raw", "--s 0", "--style raw"])
def test_whoever_left_out_a_servers_style_sees_so_wherever_it_is_shown(flags: str) -> None:
    """Whoever shows a job later does not know which style its server had."""
    named = HouseStyle(text="watercolour", name="wash")
    made = make(f"a fox {flags}", house=named)
    kept = Request.from_json(made.to_json())
    shown = render(kept, POSTCARD, seed=False)
    assert shown == "a fox --raw --model postcard"
    assert make(f"{shown} --seed {made.seed}", house=named) == made


def test_a_servers_style_is_shown_by_its_name_and_read_again() -> None:
    named = HouseStyle(text="film noir", name="noir")
    made = make("a fox", house=named)
    shown = render(made, POSTCARD)
    assert "--style noir" in shown
    assert make(shown, house=named) == make(shown) == made


def test_the_strength_of_a_start_is_shown_unless_it_is_the_usual() -> None:
    assert render(make("x", picture=True), POSTCARD, seed=False) == "x --model postcard"
    weighed = make("x --iw 3", picture=True)
    assert render(weighed, POSTCARD, seed=False) == "x --strength 0.25 --model postcard"
    # The strength of a button is not a member's to type.
    assert "strength" not in render(make("x").variation("b", 1), POSTCARD)


def test_a_brace_of_the_text_is_shown_so_that_it_stays_one() -> None:
    line = render(make(r"a \{b, c\} d --no \{e"), POSTCARD, seed=False)
    assert line == r"a \{b, c\} d --no \{e --model postcard"


def test_a_prompt_can_be_spelt_with_everything_in_it() -> None:
    line = r"https://a.org/b a \{fox::2 --no red, blue --lora a:0.5 --lora b --init https://a.org/c"
    assert spell(parse(line)) == line


def test_usual_steps_and_strengths() -> None:
    turbo = CATALOGUE.get("turbo")
    assert [usual_steps(turbo, False, quality) for quality in (0.25, 1, 4)] == [2, 4, 8]
    assert [strength_of(flags) for flags in ({}, {"iw": 0}, {"strength": 0.1, "iw": 3})] == [
        0.75,
        1.0,
        0.1,
    ]


NUMBERS = {
    "seed": (0, MAX_SEED),
    "n": (1, 8),
    "steps": (2, 8),
    "stop": (10, 100),
    "clip-skip": (1, 12),
    "chaos": (0, 100),
    "weird": (0, 3000),
    "exp": (0, 100),
    "stylize": (0, 1000),
}
SIDES = st.integers(1, 200).map(lambda side: 16 * side)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **{name: st.integers(*ends) for name, ends in NUMBERS.items()},
    "ar": st.tuples(st.integers(1, 60), st.integers(1, 60)).map(lambda two: f"{two[0]}:{two[1]}"),
    "size": st.tuples(SIDES, SIDES).map(lambda two: f"{two[0]}x{two[1]}"),
    "width": SIDES,
    "height": SIDES,
    "hires": st.floats(1, 4).map(lambda times: f"{times:.7f}"),
    "cfg": st.floats(0, 30).map(lambda scale: f"{scale:.7f}"),
    "strength": st.floats(0, 1).map(lambda share: f"{share:.7f}"),
    "iw": st.floats(0, 3).map(lambda weight: f"{weight:.7f}"),
    "quality": st.sampled_from([".25", ".5", "1", "2", "4"]),
    "sampler": st.sampled_from([*SAMPLERS, *SCHEDULERS]),
    "model": st.sampled_from(["postcard", "sdxl", "turbo", "XL", "v6", "6"]),
    "style": st.sampled_from(["raw", "noir", "FOG-2"]),
    "no": st.text(min_size=1, max_size=20),
}
ELSEWHERE = {"niji", "repeat", "init"}
"""Flags that a request does not keep: what they mean is in its model, its number, its source."""

TYPED = st.lists(
    st.sampled_from(
        [flag for flag in FLAGS if not flag.needs and flag.name not in ELSEWHERE]
    ).flatmap(
        lambda flag: VALUES.get(flag.name, st.just("")).map(lambda value: f"--{flag.name} {value}")
    ),
    max_size=8,
    unique_by=lambda typed: typed.split()[0],
).map(" ".join)


@given(
    text=LINES,
    typed=TYPED,
    seed=st.integers(0, MAX_SEED),
    house=st.sampled_from([None, HOUSE]),
    picture=st.booleans(),
)
def test_a_shown_line_makes_the_same_request_again(
    text: str, typed: str, seed: int, house: HouseStyle | None, picture: bool
) -> None:
    try:
        made = make(f"{text} {typed}", seed=seed, house=house, picture=picture)
    except PromptError:
        return
    model = CATALOGUE.get(made.model)
    shown = render(made, model, house=house)
    again = make(shown, house=house, picture=picture)
    assert again == made
    assert render(again, model, house=house) == shown


def test_every_flag_that_a_request_keeps_is_in_the_test_above() -> None:
    free = {flag.name for flag in FLAGS if flag.takes is not Takes.NOTHING and not flag.needs}
    assert free == VALUES.keys() | ELSEWHERE


def test_a_catalogue_of_other_defaults_shows_other_lines() -> None:
    toml = "[postcard]\nguidance = 7\nsampler = 'euler'"
    changed = Catalogue.parse(toml).get("postcard")
    shown = render(make("a fox"), changed, seed=False)
    assert shown == "a fox --cfg 4 --model postcard"
