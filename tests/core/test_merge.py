"""How the flags of a server and of a person join those that were typed."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import PromptError
from core.merge import Layers, Replaced, merge, read_flags
from core.prompt import Prompt, parse


def flags(line: str, *, default: str = "", suffix: str = "", forced: str = "", **how: Any) -> Any:
    return joined(line, default, suffix, forced, **how).flags


def joined(line: str, default: str = "", suffix: str = "", forced: str = "", **how: Any) -> Prompt:
    return merge(parse(line), layers(default, suffix, forced), **how)[0]


def layers(default: str = "", suffix: str = "", forced: str = "") -> Layers:
    return Layers(default=read_flags(default), suffix=read_flags(suffix), forced=read_flags(forced))


def test_without_layers_a_prompt_stays_as_it_is() -> None:
    prompt = parse("a fox:: a hat::2 --ar 3:2 --no fog, rain")
    assert merge(prompt, Layers()) == (prompt, ())


def test_each_layer_goes_before_the_one_below() -> None:
    everywhere = {"default": "--cfg 1", "suffix": "--cfg 2", "forced": "--cfg 4"}
    assert flags("a fox --cfg 3", **everywhere) == {"cfg": 4}
    assert flags("a fox --cfg 3", default="--cfg 1", suffix="--cfg 2") == {"cfg": 3}
    assert flags("a fox", default="--cfg 1", suffix="--cfg 2") == {"cfg": 2}
    assert flags("a fox", default="--cfg 1") == {"cfg": 1}


def test_flags_of_different_names_come_together() -> None:
    assert flags("a fox --seed 7", default="--ar 3:2", suffix="--relax", forced="--stealth") == {
        "ar": (3, 2),
        "relax": True,
        "seed": 7,
        "stealth": True,
    }


@pytest.mark.parametrize(
    ("below", "above"),
    [
        ("--relax", "--turbo"),
        ("--public", "--stealth"),
        ("--ar 3:2", "--size 640x512"),
        ("--size 640x512", "--width 512"),
        ("--hd", "--sd"),
        ("--stylize 400", "--raw"),
        ("--model sdxl", "--niji 6"),
        ("--model sdxl", "--v 6"),
    ],
)
def test_a_flag_takes_the_place_of_those_that_exclude_it(below: str, above: str) -> None:
    alone = parse(f"a fox {above}").flags
    assert flags(f"a fox {above}", default=below) == alone
    assert flags("a fox", default=below, suffix=above) == alone
    assert flags(f"a fox {below}", forced=above) == alone


def test_what_may_stand_beside_each_other_does() -> None:
    both = {"style": "ink", "stylize": 400}
    assert flags("a fox --style ink", default="--stylize 400") == both
    sides = {"width": 512, "height": 640}
    assert flags("a fox --width 512", default="--height 640") == sides


def test_the_words_to_keep_out_add_up() -> None:
    prompt = joined("a fox --no fog", "--no rain, fog", "--no snow", "--no text")
    assert prompt.avoid == ("fog", "snow", "rain", "text")


def test_a_model_named_beside_the_line_goes_before_defaults_only() -> None:
    chosen = {"model_chosen": True}
    assert flags("a fox", default="--model sdxl", suffix="--niji 6", **chosen) == {}
    assert flags("a fox --model xl", default="--model sdxl", **chosen) == {"model": "xl"}
    assert flags("a fox", forced="--model sdxl", **chosen) == {"model": "sdxl"}


def test_the_weight_of_a_picture_waits_for_a_picture() -> None:
    kept = {"suffix": "--iw 2", "forced": "--strength 0.5"}
    assert flags("a fox", **kept) == {}
    assert flags("a fox", suffix="--iw 2", picture=True) == {"iw": 2}
    assert flags("https://cdn.discordapp.com/a.png a fox", suffix="--iw 2") == {"iw": 2}
    # Typed, it is a mistake that is told.
    assert flags("a fox --iw 2") == {"iw": 2}


def test_what_a_server_forced_out_is_told() -> None:
    typed = parse("a fox --turbo --cfg 3 --ar 3:2 --seed 7")
    _, replaced = merge(typed, layers("--ar 1:2", "--cfg 9", "--relax --cfg 4 --seed 7"))
    assert replaced == (Replaced("--turbo", "--relax"), Replaced("--cfg 3", "--cfg 4"))


@pytest.mark.parametrize("line", ["", "--ar 3:2", "--relax --no fog", "-- ar 3:2"])
def test_flags_can_be_kept(line: str) -> None:
    assert read_flags(line).text == ""


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("oil painting --ar 3:2", "“oil painting” is no flag"),
        ("https://cdn.discordapp.com/a.png", "is no flag"),
        ("--relax --repeat 3", "--repeat is about one command"),
        ("--ar {1:1, 2:1}", "Braces"),
        ("--ar {1:1", "brace is opened"),
        ("--relax --turbo", "exclude"),
        ("--xyzzyx", "no flag --xyzzyx"),
    ],
)
def test_anything_else_is_refused(line: str, says: str) -> None:
    with pytest.raises(PromptError, match=says):
        read_flags(line)


def test_every_problem_is_listed_at_once() -> None:
    with pytest.raises(PromptError) as refusal:
        read_flags("--ar 99:1 --steps many --cfg 99")
    assert len(refusal.value.problems) == 3
