"""What the model, the server or the installation cannot do: each is said, with the mend."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from core.compose import Limits, compose
from core.errors import PromptError
from core.flags import BY_SPELLING, FLAGS
from core.models import PRESETS, Catalogue, Model
from core.prompt import parse
from core.request import HouseStyle, Request

SMALL = replace(PRESETS[0], name="small", aliases=("v6",))
ABLE = Model(name="able", source="able", honours=("lora", "video"))
ALSO = Model(name="also", source="also", honours=("lora",), house_style="")
FLOW = Model(name="flow", source="flow", family="flux")
CATALOGUE = Catalogue((SMALL, ABLE, ALSO), "small")
NOIR = HouseStyle(text="film noir")


def make(line: str, **context: Any) -> Request:
    limits: Limits = context.pop("limits", Limits())
    return compose(parse(line), CATALOGUE, limits, random.Random(1), typed=line, **context)


def refusal(line: str, **context: Any) -> tuple[str, str | None]:
    with pytest.raises(PromptError) as caught:
        make(line, **context)
    assert caught.value.typed == line
    return caught.value.sentence, caught.value.mended


# Versions


@pytest.mark.parametrize("typed", ["v6", "6", "V6"])
def test_a_version_goes_by_the_alias_that_the_operator_gave_it(typed: str) -> None:
    assert make(f"a fox --v {typed}").model == "small"


def test_niji_without_a_number_is_the_newest_there_is() -> None:
    old, new = (Model(name=name, source=name) for name in ("niji5", "niji6"))
    here = Catalogue((SMALL, old, new), "small")
    prompt = parse("a fox --niji")
    assert compose(prompt, here, Limits(), random.Random(1)).model == "niji6"


def test_a_version_that_is_not_here_is_mended_to_the_usual_model() -> None:
    assert refusal("a fox --v 7 --n 1") == (
        "Version 7 is not among the models here: small, able, also. Use --model small.",
        "a fox --model small --n 1",
    )
    assert refusal("a fox --niji", model="able")[1] == "a fox --model able"
    assert refusal("a fox --niji 6")[0].startswith("Version niji 6 is not among")


def test_a_model_option_that_is_not_here_is_refused() -> None:
    sentence, mended = refusal("a fox --v 7", model="xyzzy")
    assert "There is no model called “xyzzy” here." in sentence
    assert mended is None


# What a model can do


def test_a_flag_that_only_others_can_do_names_them() -> None:
    assert refusal("a fox --lora ink") == (
        "small cannot do --lora. Of the models here, able, also can.",
        None,
    )
    assert refusal("a fox --video --bs 1") == (
        "small cannot do --video, --bs. Of the models here, able can.",
        "a fox --video --bs 1 --model able",
    )
    assert refusal("a fox --video --v small")[1] == "a fox --video --model able"


def test_a_flag_that_a_family_can_do_nothing_with_names_the_others() -> None:
    both = Catalogue((FLOW, SMALL), "flow")
    prompt = parse("a fox --tile --clip-skip 2 --n 1")
    with pytest.raises(PromptError) as caught:
        compose(prompt, both, Limits(), random.Random(1))
    assert caught.value.sentence == (
        "flow cannot do --tile. Of the models here, small can. "
        "flow cannot do --clip-skip. Of the models here, small can."
    )
    assert caught.value.mended == "a fox --tile --clip-skip 2 --n 1 --model small"


A_PICTURE = "https://example.org/a.png"
NEEDY = {
    "sref": "random",
    "sw": "200",
    "cref": A_PICTURE,
    "cw": "50",
    "oref": A_PICTURE,
    "ow": "50",
    "edit": A_PICTURE,
    "zoom": "1.5",
    "lora": "ink:0.5",
    "embedding": "ink",
    "control": f"canny:{A_PICTURE}",
    "control-weight": "0.5",
    "profile": "abc1",
    "vae": "soft",
    "upscaler": "sharp",
    "video": "",
    "motion": "low",
    "loop": "",
    "end": A_PICTURE,
    "bs": "2",
}
"""A value for each flag that needs what not every model has."""


def test_every_flag_with_a_need_is_among_these() -> None:
    assert NEEDY.keys() == {flag.name for flag in FLAGS if flag.needs}


@pytest.mark.parametrize(("name", "value"), NEEDY.items())
def test_a_flag_with_a_need_is_refused_by_its_name_and_with_who_has_it(
    name: str, value: str
) -> None:
    able = Model(name="has", source="has", honours=(BY_SPELLING[name].needs,))
    prompt = parse(f"a fox --{name} {value}")
    for others, sentence, mended in (
        (
            (able,),
            f"small cannot do --{name}. Of the models here, has can.",
            " ".join(f"a fox --{name} {value}".split()) + " --model has",
        ),
        ((FLOW,), f"No model here can do --{name}. Leave --{name} out.", "a fox"),
    ):
        with pytest.raises(PromptError) as caught:
            compose(prompt, Catalogue((SMALL, *others), "small"), Limits(), random.Random(1))
        assert (caught.value.sentence, caught.value.mended) == (sentence, mended)


def test_a_flag_that_none_can_do_is_left_out() -> None:
    assert refusal("a fox --vae soft --n 1") == (
        "No model here can do --vae. Leave --vae out.",
        "a fox --n 1",
    )


# The picture to start from


@pytest.mark.parametrize(
    ("flags", "strength"),
    [
        ("", 0.75),
        ("--iw 0", 1.0),
        ("--iw 1", 0.75),
        ("--iw 3", 0.25),
        ("--strength 0.3", 0.3),
        ("--strength 0", 0.0),
    ],
)
def test_a_picture_is_kept_as_far_as_it_weighs(flags: str, strength: float) -> None:
    made = make(f"a fox {flags}", picture=True)
    assert made.source is not None
    assert (made.source.blob, made.source.strength) == ("", strength)


def test_without_a_picture_there_is_nothing_to_weigh() -> None:
    assert make("a fox").source is None
    assert refusal("a fox --iw 2")[0] == (
        "--iw needs a picture to start from. Send one with the command, or leave --iw out."
    )
    assert "--strength needs a picture" in refusal("a fox --strength 0.5")[0]


@pytest.mark.parametrize("line", ["https://a.org/b.png a fox", "a fox --init https://a.org/b"])
def test_links_count_only_once_they_were_followed(line: str) -> None:
    assert refusal(line) == (
        "Links to pictures are not followed here. Send the picture with the command.",
        None,
    )
    assert make(line, picture=True).source is not None


# Sizes


@pytest.mark.parametrize(
    ("flags", "size", "aspect"),
    [
        ("--size 160x96", (160, 96), (5, 3)),
        ("--width 160 --height 96", (160, 96), (5, 3)),
        ("--width 160", (160, 128), (5, 4)),
        ("--height 160", (128, 160), (4, 5)),
        ("--size 160x96 --draft", (160, 96), (5, 3)),
    ],
)
def test_an_exact_size_is_exact(flags: str, size: tuple[int, int], aspect: tuple[int, int]) -> None:
    made = make(f"a fox {flags}")
    assert ((made.width, made.height), made.aspect, made.exact_size) == (size, aspect, True)


@pytest.mark.parametrize(
    ("flags", "sentence", "mended"),
    [
        (
            "--size 165x99 --n 1",
            "small draws sides of 16 pixels or more in steps of 8, not 165×99. The nearest is",
            "a fox --size 168x96 --n 1",
        ),
        ("--width 3", "The nearest is --size 16x128.", "a fox --size 16x128"),
        ("--size 16x800", "16×800 is longer than 14:1.", None),
    ],
)
def test_a_size_the_model_cannot_draw_is_answered_with_the_nearest(
    flags: str, sentence: str, mended: str | None
) -> None:
    said, line = refusal(f"a fox {flags}")
    assert sentence in said
    assert line == mended


def test_the_limit_counts_the_finished_picture() -> None:
    limits = Limits(max_megapixels=0.05)
    assert make("a fox --hires 1.5", limits=limits).hires == 1.5
    assert refusal("a fox --hd --n 1", limits=limits) == (
        "256×256 is 0.1 megapixels; the limit here is 0.05. Leave --hd out.",
        "a fox --n 1",
    )
    assert refusal("a fox --hires 3", limits=limits)[1] == "a fox"


# Styles


def test_a_style_is_weighed_where_there_is_one_or_where_it_was_asked_for() -> None:
    assert (make("a fox").style, make("a fox").stylize) == (None, 0)
    own = make("a fox --s 250")
    assert (own.style, own.stylize) == (HouseStyle(text=SMALL.house_style), 250)
    served = make("a fox", house=NOIR)
    assert (served.style, served.stylize) == (NOIR, 100)
    assert make("a fox --s 7", house=NOIR).stylize == 7


@pytest.mark.parametrize("flags", ["--raw", "--style raw", "--s 0", "--raw --s 0"])
def test_a_style_can_be_declined(flags: str) -> None:
    made = make(f"a fox {flags}", house=NOIR)
    assert (made.style, made.stylize) == (None, 0)


def test_a_style_goes_by_its_name() -> None:
    styles = {"Noir": NOIR, "pastel": HouseStyle(text="pastel colours")}
    made = make("a fox --style noir", styles=styles, house=styles["pastel"])
    assert (made.style, made.stylize) == (replace(NOIR, name="Noir"), 100)
    assert refusal("a fox --style niro", styles=styles) == (
        "There is no style called “niro” here. The nearest is --style Noir.",
        "a fox --style Noir",
    )
    assert refusal("a fox --style x", styles=styles)[0].endswith("The styles are Noir, pastel.")


def test_a_model_without_a_look_has_nothing_to_weigh() -> None:
    assert refusal("a fox --model also --s 50") == (
        "also has no house style for --stylize to weigh. Leave --stylize out.",
        "a fox --model also",
    )
    assert make("a fox --model also --s 50", house=NOIR).style == NOIR


def test_everything_is_said_at_once_and_mended_together() -> None:
    sentence, mended = refusal("a fox --v 7 --vae x --size 165x99 --steps 100")
    for part in ("Version 7 is", "do --vae.", "not 165×99.", "not 100."):
        assert part in sentence
    assert mended == "a fox --model small --size 168x96 --steps 60"


# Models that paint for others

FILL = replace(ABLE, name="fill", paints=True, aliases=("v7", "niji6"))
PAINTED = Catalogue((replace(SMALL, inpainting="fill"), FILL, ALSO), "small")


@pytest.mark.parametrize(
    ("line", "option"),
    [("--model fill", None), ("--v 7", None), ("--niji 6", None), ("", "fill")],
)
def test_a_model_that_only_paints_is_mended_to_one_it_paints_for(
    line: str, option: str | None
) -> None:
    with pytest.raises(PromptError) as caught:
        compose(parse(f"a fox {line}"), PAINTED, Limits(), random.Random(1), model=option)
    assert caught.value.sentence == (
        "The model “fill” paints parts of pictures and draws none from words; use small."
    )
    assert caught.value.mended == "a fox --model small"


def test_a_model_that_only_paints_is_no_help_to_who_needs_another() -> None:
    with pytest.raises(PromptError) as caught:
        compose(parse("a fox --v 9"), PAINTED, Limits(), random.Random(1))
    assert "the models here: small, also." in caught.value.sentence
    with pytest.raises(PromptError, match="No model here can do --video"):
        compose(parse("a fox --video"), PAINTED, Limits(), random.Random(1))
