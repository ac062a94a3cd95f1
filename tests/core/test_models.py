"""The operator's models.toml."""

from __future__ import annotations

import random

import pytest

from core.compose import Limits, compose
from core.errors import ModelNotFoundError, SettingsError
from core.models import EMBEDDED, PRESETS, Catalogue
from core.prompt import parse

THREE = """
[dreams]
source = "somebody/dreams"
title = "Dreams"
aliases = ["v6", "Dreamy"]
native_size = 768
guidance = 5

[sdxl]
guidance = 4.5
sampler = "Euler-A"
"""


def refusal(toml: str, default: str | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        Catalogue.parse(toml, default)
    return caught.value.sentence


def test_without_a_word_from_the_operator_there_is_the_model_in_the_box() -> None:
    catalogue = Catalogue.parse("")
    assert [model.name for model in catalogue] == [EMBEDDED]
    assert catalogue.default.name == EMBEDDED


def test_the_operators_first_model_is_the_default_and_the_box_stays_open() -> None:
    catalogue = Catalogue.parse(THREE)
    assert [model.name for model in catalogue] == [EMBEDDED, "dreams", "sdxl"]
    assert catalogue.default.name == "dreams"
    assert Catalogue.parse(THREE, "sdxl").default.name == "sdxl"


def test_a_preset_is_changed_where_the_operator_says_so_and_only_there() -> None:
    preset = next(model for model in PRESETS if model.name == "sdxl")
    changed = Catalogue.parse(THREE).get("sdxl")
    assert (changed.guidance, changed.sampler) == (4.5, "euler-a")
    assert (changed.source, changed.native_size) == (preset.source, preset.native_size)


def test_a_preset_can_be_the_default_without_a_table() -> None:
    assert Catalogue.parse("", "sd15").default.native_size == 512


@pytest.mark.parametrize("name", ["dreams", "DREAMS", "v6", "dreamy"])
def test_a_model_goes_by_its_name_and_aliases_in_any_case(name: str) -> None:
    assert Catalogue.parse(THREE).get(name).title == "Dreams"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("sdlx", "There is no model called “sdlx” here. Did you mean sdxl?"),
        ("xyz", "There is no model called “xyz” here. Use dreams, postcard, sdxl."),
    ],
)
def test_a_model_that_is_not_here_is_answered_with_those_that_are(name: str, sentence: str) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        Catalogue.parse(THREE).get(name)
    assert caught.value.sentence == sentence


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("[x", "models.toml is not valid TOML:"),
        ("steps = 5", "“steps” must be a table: [steps]."),
        ("[x]", "[x] needs a source: a folder or a Hub id."),
        ("[x]\nsourc = 'a'", "[x] has an unknown key “sourc”; did you mean “source”?"),
        ("[x]\nxyzzy = 'a'", "[x] has an unknown key “xyzzy”."),
        ("[x]\nsource = 5", "[x] source must be of type str."),
        ("[sdxl]\nsteps = 'many'", "[sdxl] steps must be of type int."),
        ("[sdxl]\nsteps = true", "[sdxl] steps must be of type int."),
        ("[sdxl]\nguidance = 'strong'", "[sdxl] guidance must be of type int or float."),
        ("[sdxl]\nsize_step = 0", "[sdxl] size_step must be above zero."),
        ("[sdxl]\nnative_size = -8", "[sdxl] native_size must be above zero."),
        ("[sdxl]\nmin_steps = 0", "[sdxl] min_steps must be above zero."),
        ("[sdxl]\ndraft_steps = 0", "[sdxl] draft_steps must be above zero."),
        ("[sdxl]\nmax_steps = 10", "[sdxl] steps must be from min_steps to max_steps, 1 to 10."),
        ("['my model']\nsource = 'a'", "members type “my model” behind --model,"),
        ("[sdxl]\naliases = ['x l']", "members type “x l” behind --model,"),
        ("[sdxl]\naliases = ['Postcard']", "[postcard] and [sdxl] are both called “postcard”."),
        ("[a]\nsource='a'\n[b]\nsource='b'\naliases=['A']", "[a] and [b] are both called “a”."),
    ],
    ids=lambda text: text.replace("\n", " "),
)
def test_a_mistake_in_the_file_is_named_by_table_and_key(toml: str, sentence: str) -> None:
    assert sentence in refusal(toml)


# Models that paint for others

PAINTED = """
[fill]
source = "somebody/fill"
aliases = ["filler"]
steps = 50

[dreams]
source = "somebody/dreams"
family = "sdxl"
native_size = 768
inpainting = "fill"

[also]
source = "somebody/also"
size_step = 16
inpainting = "fill"
"""


def test_a_model_that_paints_for_another_is_not_offered_and_never_the_default() -> None:
    here = Catalogue.parse(PAINTED)
    assert [model.name for model in here] == [EMBEDDED, "fill", "dreams", "also"]
    assert [model.name for model in here.offered] == [EMBEDDED, "dreams", "also"]
    assert here.default.name == "dreams"
    fill = here.get("filler")
    assert fill.paints
    assert [here.painter_of(model) for model in here] == [None, None, fill, fill]
    assert [model.name for model in here.painted_by(fill)] == ["dreams", "also"]
    assert here.choose("dreams") is here.default


def test_a_model_that_paints_has_the_shape_of_the_first_it_paints_for() -> None:
    fill = Catalogue.parse(PAINTED).get("fill")
    assert (fill.family, fill.native_size, fill.size_step, fill.steps) == ("sdxl", 768, 8, 50)
    other = Catalogue.parse(PAINTED.replace('"somebody/fill"', '"f"\nfamily = "flux"')).get("fill")
    assert (other.family, other.native_size) == ("flux", 768)


def test_who_wants_to_draw_with_a_painter_is_told_who_draws() -> None:
    here = Catalogue.parse(PAINTED)
    with pytest.raises(ModelNotFoundError) as caught:
        here.choose("Filler")
    assert caught.value.sentence == (
        "The model “fill” paints parts of pictures and draws none from words; use dreams, also."
    )
    # It is no help to somebody who mistypes another name either.
    for typed, near in (("fil", "Use also, dreams, postcard."), ("dream", "Did you mean dreams?")):
        with pytest.raises(ModelNotFoundError, match=near):
            here.get(typed)


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("[sdxl]\ninpainting = 5", "[sdxl] inpainting must be of type str."),
        (
            "[sdxl]\ninpainting = 'fill'",
            "inpainting names “fill”, and there is no table [fill]; add it, with its source.",
        ),
        (
            PAINTED.replace('inpainting = "fill"', 'inpainting = "fil"'),
            "[dreams] inpainting names “fil”, and there is no table [fil]; did you mean “fill”?",
        ),
        (
            "[sdxl]\ninpainting = 'postcard'",
            "“postcard”, which draws from words; name the table of an inpainting model.",
        ),
        ("[sdxl]\ninpainting = 'sd15'\n[sd15]", "inpainting names “sd15”, which draws from words;"),
        ("[a]\nsource='a'\ninpainting='a'", "[a] inpainting names “a”, which draws from words;"),
        (
            "[a]\nsource='a'\ninpainting='b'\n[b]\nsource='b'\ninpainting='c'\n[c]\nsource='c'",
            "[a] inpainting names “b”, which draws from words;",
        ),
        (
            "[sdxl]\ninpainting='fill'\n[fill]\nsource='f'\nsize_step=16",
            "[fill], which paints for it, in steps of 16; give [sdxl] size_step = 16.",
        ),
    ],
)
def test_a_painter_that_cannot_be_one_is_refused_at_the_start(toml: str, sentence: str) -> None:
    assert refusal(toml).startswith("models.toml: ")
    assert sentence in refusal(toml)


def test_a_painter_cannot_be_the_default() -> None:
    assert refusal(PAINTED, "filler") == (
        "EASEL_MODEL: [fill] paints parts of pictures and draws none from words; name the model it "
        "paints for."
    )


def test_what_paints_is_not_for_the_operator_to_mark() -> None:
    assert "unknown key “paints”" in refusal("[sdxl]\npaints = true")


def test_an_alias_that_repeats_the_name_is_harmless() -> None:
    assert Catalogue.parse("[sdxl]\naliases = ['SDXL']").get("sdxl").name == "sdxl"


def test_a_default_that_is_not_there_is_named_by_its_setting() -> None:
    assert refusal("", "dreams").startswith("EASEL_MODEL: There is no model called “dreams” here.")


@pytest.mark.parametrize(
    "toml",
    ["", "[sd15]", "[sdxl]", "[flux]", *(f"[a]\nsource = 'b'\nsteps = {n}" for n in (3, 4, 8, 50))],
)
@pytest.mark.parametrize("ratio", ["1:1", "3:2", "9:16"])
def test_a_draft_of_any_model_and_quality_costs_under_a_quarter(toml: str, ratio: str) -> None:
    here = Catalogue.parse(toml)
    whole, *drafts = (
        compose(parse(f"a fox --ar {ratio} {flags}"), here, Limits(), random.Random(1)).work
        for flags in ("", *(f"--draft --quality {quality}" for quality in (0.25, 0.5, 1, 2, 4)))
    )
    assert drafts == sorted(drafts)
    assert drafts[-1] < whole / 4


def test_every_model_has_a_look_and_the_operator_may_say_which() -> None:
    assert all(model.house_style for model in PRESETS)
    assert Catalogue.parse("[sdxl]\nhouse_style = 'pencil'").get("sdxl").house_style == "pencil"
    assert "house_style must be of type str" in refusal("[sdxl]\nhouse_style = 5")


def test_what_a_model_can_do_is_not_for_the_operator_to_say() -> None:
    assert "unknown key “honours”" in refusal("[sdxl]\nhonours = ['lora']")


def test_a_model_is_found_or_not() -> None:
    catalogue = Catalogue.parse("")
    assert catalogue.find("POSTCARD") is catalogue.default
    assert catalogue.find("xyzzy") is None


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("Tongyi-MAI/Z-Image", "z-image"),
        ("/srv/models/My dreams (v3)/", "my-dreams-v3"),
        ("./猫", "猫"),
    ],
)
def test_any_folder_or_hub_id_may_be_the_default_in_one_line(source: str, name: str):
    catalogue = Catalogue.parse("", source)
    assert catalogue.default.name == name
    assert catalogue.default.source == source
    assert catalogue.get(EMBEDDED).name == EMBEDDED


def test_a_folder_named_like_a_model_wants_another_name():
    with pytest.raises(SettingsError, match="there is a model called “postcard” already"):
        Catalogue.parse("", "/srv/models/postcard")
