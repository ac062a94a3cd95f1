"""From a read prompt to a request with every default filled in, and back to a line."""

from __future__ import annotations

import random
from typing import Any

import pytest

from core.compose import DRAFT_SCALE, Limits, compose, render
from core.errors import PromptError
from core.models import Catalogue
from core.prompt import parse
from core.request import MAX_SEED, Lane, Part, Request, Visibility

CATALOGUE = Catalogue.parse(
    """
    [postcard]
    [sdxl]
    aliases = ["v6", "xl"]
    [turbo]
    source = "somebody/turbo"
    native_size = 512
    steps = 4
    min_steps = 2
    max_steps = 8
    draft_steps = 2
    guidance = 0.0
    sampler = "lcm"
    """
)


def make(
    line: str, *, limits: Limits | None = None, seed: int = 1, model: str | None = None
) -> Request:
    prompt = parse(line, text_needed=False)
    rng = random.Random(seed)
    return compose(prompt, CATALOGUE, limits or Limits(), rng, model=model, typed=line)


def refusal(line: str, **how: Any) -> PromptError:
    with pytest.raises(PromptError) as caught:
        make(line, **how)
    return caught.value


def test_a_bare_prompt_gets_the_default_models_own_settings() -> None:
    made = make("a fox")
    assert (made.model, made.width, made.height, made.aspect) == ("postcard", 128, 128, (1, 1))
    assert (made.steps, made.guidance, made.count, made.sampler) == (24, 4.0, 4, None)
    assert (made.text, made.parts, made.avoid) == ("a fox", (Part("a fox"),), ())
    assert (made.lane, made.visibility) == (Lane.FAST, Visibility.PUBLIC)
    assert (made.draft, made.same_seed, made.source) == (False, False, None)


def test_every_flag_finds_its_way_into_the_request() -> None:
    made = make(
        "a fox --ar 3:2 --no red, blue --seed 9 --sameseed --n 2 --steps 30 --cfg 7.5 "
        "--sampler ddim --draft --quality 2 --model xl --relax --stealth"
    )
    assert (made.aspect, made.avoid, made.seed, made.same_seed) == (
        (3, 2),
        ("red", "blue"),
        9,
        True,
    )
    assert (made.count, made.steps, made.guidance) == (2, 30, 7.5)
    assert (made.sampler, made.draft, made.quality) == ("ddim", True, 2.0)
    assert (made.model, made.lane, made.visibility) == ("sdxl", Lane.RELAX, Visibility.STEALTH)


def test_a_seed_nobody_typed_is_drawn_from_the_whole_range() -> None:
    assert make("a fox", seed=1).seed == make("a fox", seed=1).seed
    seeds = [make("a fox", seed=number).seed for number in range(40)]
    assert len(set(seeds)) == 40
    assert max(seeds) > MAX_SEED / 2


def test_a_typed_model_wins_over_the_commands_option_and_that_over_the_default() -> None:
    assert make("a fox").model == "postcard"
    assert make("a fox", model="turbo").model == "turbo"
    assert make("a fox --model XL", model="turbo").model == "sdxl"


def test_a_model_that_is_not_here_is_refused_with_the_nearest() -> None:
    error = refusal("a fox --model turbp")
    assert error.sentence == "There is no model called “turbp” here. Did you mean turbo?"
    assert error.typed == "a fox --model turbp"


@pytest.mark.parametrize(
    ("line", "size"),
    [
        ("a fox", (1024, 1024)),
        ("a fox --ar 3:2", (1256, 832)),
        ("a fox --ar 14:1", (3832, 272)),
        ("a fox --draft", (768, 768)),
    ],
)
def test_the_picture_has_the_models_area_in_the_shape_asked_for(
    line: str, size: tuple[int, int]
) -> None:
    made = make(line, model="sdxl")
    assert abs(made.width - size[0]) <= 8
    assert abs(made.height - size[1]) <= 8


@pytest.mark.parametrize(
    ("line", "steps"),
    [
        ("a fox", 24),
        ("a fox --quality .25", 6),
        ("a fox --quality 2", 48),
        ("a fox --quality 4", 60),
        ("a fox --draft", 8),
        ("a fox --draft --quality .5", 4),
        ("a fox --draft --quality 2", 9),
        ("a fox --draft --quality 4", 9),
        ("a fox --draft --quality 4 --steps 48", 48),
        ("a fox --steps 33 --quality 4", 33),
        ("a fox --draft --quality .25 --model turbo", 2),
    ],
)
def test_quality_and_drafts_scale_the_steps_within_the_models_range(line: str, steps: int) -> None:
    assert make(line).steps == steps


@pytest.mark.parametrize("step", [8, 16, 48, 64])
def test_a_second_stage_ends_in_whole_steps_of_the_model(step: int) -> None:
    toml = f"[wide]\nsource = '/srv/wide'\nnative_size = 960\nsize_step = {step}"
    wide = Catalogue.parse(toml)
    limits = Limits(max_megapixels=100)
    for hires in (1.1, 1.3, 2.7):
        asked = parse(f"a fox --ar 3:2 --hires {hires}")
        made = compose(asked, wide, limits, random.Random(1), model="wide")
        for side, first in zip(made.size, (made.width, made.height), strict=True):
            assert side % step == 0
            assert abs(side - first * hires) <= step / 2


def test_a_draft_is_smaller_and_cheaper() -> None:
    assert make("a fox --draft").width == 128 * DRAFT_SCALE
    assert make("a fox --draft").work < make("a fox").work / 4


def test_steps_the_model_does_not_take_come_back_as_a_line_with_the_nearest() -> None:
    line = "a fox::2 snow --no red, blue --ar 3:2 --q .5 --steps 100 --cfg 7 --sampler ddim --draft"
    error = refusal(line)
    assert error.sentence == ("postcard takes 1 to 60 steps, not 100. The nearest is --steps 60.")
    assert error.mended is not None
    assert make(error.mended) == make(line.replace("100", "60"))
    assert refusal("a fox --steps 1 --model turbo").mended == "a fox --steps 2 --model turbo"
    assert refusal("--steps 100").mended == "--steps 60"


def test_a_picture_above_the_servers_limit_is_refused_with_what_would_help() -> None:
    limits = Limits(max_megapixels=0.5)
    assert refusal("a fox", limits=limits, model="sdxl").sentence == (
        "1024×1024 is 1.0 megapixels; the limit here is 0.5. Add --draft or choose a smaller model."
    )
    assert refusal("a fox --draft", limits=limits, model="sdxl").sentence.endswith(
        "limit here is 0.5. Choose a smaller model."
    )


def test_everything_the_model_does_not_allow_is_said_at_once() -> None:
    error = refusal("a fox --steps 150 --model turbo", limits=Limits(max_megapixels=0.01))
    assert len(error.problems) == 2
    assert error.mended is None


# Back to a line


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("a fox", "a fox --seed 3 --model postcard"),
        ("a fox --quality 1 --n 4 --cfg 4 --public --fast", "a fox --seed 3 --model postcard"),
        ("a  fox —ar 6:4,--n1", "a fox --ar 3:2 --seed 3 --n 1 --model postcard"),
        ("a fox --no red,blue", "a fox --no red, blue --seed 3 --model postcard"),
        ("a fox --draft --q .5", "a fox --seed 3 --draft --quality 0.5 --model postcard"),
        ("a fox --steps 8 --cfg 7.50", "a fox --seed 3 --steps 8 --cfg 7.5 --model postcard"),
        ("a fox --sampler Euler_A --v xl", "a fox --seed 3 --sampler euler-a --model sdxl"),
        ("a fox --relax --private", "a fox --seed 3 --model postcard --relax --stealth"),
        ("a fox --turbo", "a fox --seed 3 --model postcard --turbo"),
        ("a fox --sameseed", "a fox --seed 3 --sameseed --model postcard"),
        ("", "--seed 3 --model postcard"),
    ],
    ids=lambda line: line or "only a picture",
)
def test_the_line_shown_holds_what_is_not_a_default(line: str, shown: str) -> None:
    made = make(f"{line} --seed 3")
    assert render(made, CATALOGUE.get(made.model)) == shown


def test_a_seed_can_be_left_out_unless_the_member_typed_it() -> None:
    postcard = CATALOGUE.get("postcard")
    assert render(make("a fox"), postcard, seed=False) == "a fox --model postcard"
    typed = make("a fox --seed 3")
    assert render(typed, postcard, seed=False) == "a fox --seed 3 --model postcard"
    assert render(typed.reroll(4), postcard, seed=False) == "a fox --model postcard"


def test_the_models_own_sampler_and_steps_do_not_show() -> None:
    turbo = CATALOGUE.get("turbo")
    assert turbo.sampler == "lcm"
    assert render(make("a fox --seed 3 --v turbo"), turbo) == "a fox --seed 3 --model turbo"
