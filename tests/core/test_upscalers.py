"""What enlarges pictures: how an operator names it, how a member asks for it, where it is kept."""

from __future__ import annotations

import json
import random

import pytest

from core.actions import Action
from core.compose import Limits, compose
from core.edits import Op
from core.errors import PromptError, RefusedError, SettingsError
from core.find import read
from core.flags import BY_SPELLING
from core.manual import of_flag
from core.models import EMBEDDED, Catalogue
from core.prompt import parse
from core.rendering import render
from core.request import Kind, Request
from core.terms import all_terms, fits, terms_of, wanted
from core.upscalers import Upscaler
from core.works import ANYBODY, Showing
from tests.builders import ADA, NOON
from tests.core.test_derive import press

TWO = """
[upscalers]
sharp = "/srv/models/4x-sharp.safetensors"
"Soft.2" = { source = "somebody/soft-x2", revision = "main" }

[postcard]
[sana]
source = "somebody/sana"
family = "sana"
"""
HERE = Catalogue.parse(TWO)
NAMES = ("sharp", "Soft.2")


def asked(line: str, catalogue: Catalogue = HERE) -> Request:
    prompt = parse(line, text_needed=False)
    return compose(prompt, catalogue, Limits(), random.Random(1), typed=line)


# In models.toml


def test_upscalers_are_no_models_that_draw() -> None:
    assert HERE.upscalers == (
        Upscaler(name="sharp", source="/srv/models/4x-sharp.safetensors"),
        Upscaler(name="Soft.2", source="somebody/soft-x2", revision="main"),
    )
    assert [one.is_file for one in HERE.upscalers] == [True, False]
    assert HERE.find("upscalers") is None
    assert HERE.default.name == EMBEDDED
    assert HERE.upscaler("SOFT.2") == HERE.upscalers[1]
    assert Catalogue.parse("").upscalers == ()


def test_models_honour_them_that_can_refine_what_they_make() -> None:
    assert HERE.get("postcard").honours == ("upscaler",)
    assert HERE.get("sana").honours == ()
    assert Catalogue.parse("[postcard]").get("postcard").honours == ()


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("upscalers = 5", "“upscalers” must be a table"),
        ("[upscalers]\nsharp = 5", "sharp. must be a file, a folder or a Hub id, or a table"),
        ("[upscalers.sharp]", "sharp. needs a source"),
        ("[upscalers]\nsharp = ''", "sharp. needs a source: a file, a folder or a Hub id"),
        ("[upscalers.sharp]\nsource = 5", "sharp. source must be of type str"),
        ("[upscalers.sharp]\nsorce = 'x'", "unknown key “sorce”; it takes source and revision"),
        ("[upscalers]\n'a b' = 'x'", "members type “a b” behind --upscaler"),
        ("[upscalers]\na = 'x'\nA = 'y'", "“a” and “A” are the same to members"),
        ("[upscalers]\na = 'x.pth'", "“x.pth” is a pickle.*use its .safetensors file"),
        ("[upscalers]\na = 'x.PT'", "is a pickle"),
        ("[upscalers]\na = 'x.ckpt'", "is a pickle"),
        (
            "[upscalers]\na = { source = 'x.safetensors', revision = 'y' }",
            "a file has no revision",
        ),
    ],
)
def test_a_wrong_entry_is_named(toml: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Catalogue.parse(toml)


# In a prompt


def test_the_flag_survives_in_the_operators_spelling() -> None:
    request = asked("a fox --hires 1.5 --upscaler SOFT.2")
    assert (request.upscaler, request.enlarger) == ("Soft.2", "Soft.2")
    line = render(request, HERE.get("postcard"))
    assert " --hires 1.5 --upscaler Soft.2 " in line
    assert asked(line) == request
    assert Request.from_json(json.loads(json.dumps(request.to_json()))) == request


def test_without_a_second_stage_it_waits_for_a_button() -> None:
    request = asked("a fox --upscaler sharp")
    assert (request.upscaler, request.enlarger) == ("sharp", "")
    assert asked(render(request, HERE.get("postcard"))) == request


def test_what_is_not_here_is_answered_with_what_is() -> None:
    for typed, mend in (
        ("shar", "The nearest is --upscaler sharp."),
        ("esrgan", "The upscalers are sharp, Soft.2."),
    ):
        with pytest.raises(PromptError) as caught:
            asked(f"a fox --upscaler {typed}")
        assert caught.value.sentence == f"There is no upscaler called “{typed}” here. {mend}"
    with pytest.raises(PromptError) as caught:
        asked("a fox --upscaler shar --hd")
    assert caught.value.mended == "a fox --upscaler sharp --hd"


def test_where_none_is_configured_the_flag_is_refused_by_its_name() -> None:
    with pytest.raises(PromptError) as caught:
        asked("a fox --upscaler sharp", Catalogue.parse("[postcard]"))
    assert caught.value.sentence == "No model here can do --upscaler. Leave --upscaler out."
    with pytest.raises(PromptError) as caught:
        asked("a fox --upscaler sharp --model sana")
    assert caught.value.sentence.startswith("sana cannot do --upscaler.")


def test_pictures_are_found_by_it() -> None:
    marks = terms_of(asked("a fox --upscaler sharp"), ADA, 7)
    terms = all_terms(marks, Showing.PUBLIC, 7, age_rated=False)
    for line, there in (("--upscaler sharp", True), ("--upscaler soft", False)):
        assert fits(wanted(read(line, now=NOON, person_id=7), ANYBODY), terms) is there


def test_help_says_which_there_are() -> None:
    told = of_flag(BY_SPELLING["upscaler"], HERE)
    assert told.endswith("There are: `sharp`, `Soft.2`.")
    assert of_flag(BY_SPELLING["upscaler"], Catalogue.parse("")).endswith("No model here can.")


# Under a button


def test_a_button_takes_what_the_prompt_says_and_else_the_first() -> None:
    for line, enlarger in (
        ("a fox", "sharp"),
        ("a fox --upscaler soft.2", "Soft.2"),
    ):
        large = press(asked(line), Action.ENLARGE_SUBTLE, upscalers=NAMES)
        assert large.edit is not None
        assert (large.edit.op, large.edit.upscaler, large.enlarger) == (
            Op.ENLARGE,
            enlarger,
            enlarger,
        )
    assert press(asked("a fox"), Action.ENLARGE_CREATIVE).enlarger == ""


def test_what_nobody_asked_for_is_in_no_prompt_and_in_nothing_that_is_made_later() -> None:
    large = press(asked("a fox"), Action.ENLARGE_SUBTLE, upscalers=NAMES)
    assert "--upscaler" not in render(large, HERE.get("postcard"))
    varied = press(large, Action.VARY_STRONG, upscalers=NAMES)
    assert (varied.upscaler, varied.enlarger) == ("", "")
    panned = press(asked("a fox --upscaler sharp"), Action.PAN, "left", upscalers=NAMES)
    assert (panned.upscaler, panned.enlarger) == ("sharp", "")


def test_an_upscaler_that_is_gone_is_not_missed_where_there_is_another() -> None:
    large = press(asked("a fox --upscaler sharp"), Action.ENLARGE_SUBTLE, upscalers=NAMES)
    for left, enlarger in ((("Soft.2",), "Soft.2"), ((), "")):
        assert press(large, Action.REROLL, upscalers=left).enlarger == enlarger


def test_a_second_stage_is_not_made_with_another_than_was_asked_for() -> None:
    grid = asked("a fox --hires 1.5 --upscaler sharp")
    assert press(grid, Action.REROLL, upscalers=NAMES).enlarger == "sharp"
    with pytest.raises(RefusedError, match="no upscaler called “sharp” here any more"):
        press(grid, Action.REROLL, upscalers=("Soft.2",))
    picked = press(grid, Action.UPSCALE, upscalers=())
    assert picked.kind is Kind.UPSCALE
