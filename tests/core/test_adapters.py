"""Adapters: how an operator names them, how a member asks for them, and what is told of them."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from core.adapters import MOST, Adapter
from core.compose import Limits, compose
from core.errors import PromptError, SettingsError
from core.find import read
from core.flags import BY_SPELLING
from core.manual import of_flag, pages
from core.models import LORA, Catalogue
from core.prompt import parse
from core.rendering import render
from core.request import Lora, Request
from core.terms import all_terms, fits, terms_of, wanted
from core.works import ANYBODY, Showing
from tests.builders import ADA, NOON

TOML = """
[sdxl]
inpainting = "xl-fill"
[xl-fill]
source = "somebody/xl-fill"
[flux]
[dreams]
source = "somebody/dreams"
family = "sdxl"

[adapters.Ink]
source = "/srv/loras/ink.safetensors"
family = "SDXL"
words = ["inkwash", "sumi"]
weight = 0.8

[adapters.foil]
source = "somebody/foil"
weight_name = "v2/foil.safetensors"
revision = "main"
models = ["flux", "dreams"]

[adapters.grain]
source = "/srv/loras/grain"
models = ["flux"]

[adapters."old.one"]
source = "/srv/loras/old.safetensors"
family = "sd3"
"""
HERE = Catalogue.parse(TOML)


def make(line: str, catalogue: Catalogue = HERE) -> Request:
    return compose(parse(line), catalogue, Limits(), random.Random(1), typed=line)


def refusal(line: str) -> tuple[str, str | None]:
    with pytest.raises(PromptError) as caught:
        make(line)
    return caught.value.sentence, caught.value.mended


# What the operator writes


def test_adapters_are_no_models_that_draw() -> None:
    assert [adapter.name for adapter in HERE.adapters] == ["Ink", "foil", "grain", "old.one"]
    assert HERE.adapters[1] == Adapter(
        name="foil",
        source="somebody/foil",
        weight_name="v2/foil.safetensors",
        revision="main",
        models=("flux", "dreams"),
    )
    assert HERE.find("adapters") is None
    assert HERE.default.name == "sdxl"
    assert Catalogue.parse("").adapters == ()


def test_a_model_may_use_those_of_its_family_and_those_that_name_it() -> None:
    may = {model.name: [adapter.name for adapter in model.adapters] for model in HERE}
    assert may == {
        "postcard": [],
        "sdxl": ["Ink"],
        "xl-fill": ["Ink"],
        "flux": ["foil", "grain"],
        "dreams": ["Ink", "foil"],
    }
    flag = BY_SPELLING["lora"]
    assert [model.name for model in HERE if model.can(flag)] == [*may][1:]
    assert HERE.get("sdxl").adapter("INK") is HERE.adapters[0]
    assert HERE.get("sdxl").adapter("foil") is None


def test_the_model_in_the_box_is_of_its_family_by_name_only() -> None:
    toml = "[sd15]\n[adapters.a]\nsource = 'a'\nfamily = 'sd'"
    assert [model.honours for model in Catalogue.parse(toml)] == [(), (LORA,)]
    named = Catalogue.parse(f"{toml}\nmodels = ['postcard']")
    assert [model.honours for model in named] == [(LORA,), (LORA,)]


def test_what_fits_a_model_fits_the_one_that_paints_for_it() -> None:
    toml = TOML.replace('models = ["flux", "dreams"]', 'models = ["sdxl"]')
    assert Catalogue.parse(toml).get("xl-fill").adapter("foil") is not None


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("adapters = 3", "“adapters” must be tables: [adapters.NAME]."),
        ("[adapters]\na = 3", "“adapters.a” must be a table: [adapters.a]."),
        ("[adapters.a]\nfamily='sd'", "[adapters.a] needs a source: a .safetensors file,"),
        ("[adapters.a]\nsource='x'", "[adapters.a] needs a family, such as sdxl, or models:"),
        ("[adapters.a]\nsorce='x'", "has an unknown key “sorce”; did you mean “source”?"),
        ("[adapters.a]\nqqq='x'", "[adapters.a] has an unknown key “qqq”."),
        ("[adapters.a]\nsource=3", "[adapters.a] source must be of type str."),
        ("[adapters.a]\nweight=true", "[adapters.a] weight must be of type int or float."),
        ("[adapters.a]\nmodels='sdxl'", "[adapters.a] models must be of type list."),
        (
            "[adapters.a]\nsource='x'\nfamily='sd'\nweight=2.5",
            "[adapters.a] weight must be from -2 to 2.",
        ),
        (
            "[adapters.a]\nsource='x.PT'\nfamily='sd'",
            "“x.PT” is a pickle, which can run code when it is opened; use a .safetensors file",
        ),
        (
            "[adapters.a]\nsource='x'\nweight_name='lora.bin'\nfamily='sd'",
            "“lora.bin” is a pickle",
        ),
        (
            "[adapters.a]\nsource='x'\nweight_name='../y.safetensors'\nfamily='sd'",
            "[adapters.a] weight_name must be the name of a file in the source.",
        ),
        (
            "[adapters.a]\nsource='x'\nweight_name='/y.safetensors'\nfamily='sd'",
            "weight_name must be the name of a file",
        ),
        (
            "[adapters.'a b']\nsource='x'\nfamily='sd'",
            "members type “a b” behind --lora, so it must be made of letters,",
        ),
        (
            "[adapters.a]\nsource='x'\nfamily='sd'\n[adapters.A]\nsource='x'\nfamily='sd'",
            "[adapters.a] and [adapters.A] have one name.",
        ),
        (
            "[sdxl]\n[adapters.a]\nsource='x'\nmodels=['sdlx']",
            "models names “sdlx”, which is not here; did you mean “sdxl”?",
        ),
        (
            "[sdxl]\n[adapters.a]\nsource='x'\nmodels=['qq']",
            "models names “qq”, which is not here; use postcard, sdxl.",
        ),
    ],
    ids=lambda text: text.replace("\n", " "),
)
def test_a_mistake_in_the_file_is_named_by_table_and_key(toml: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Catalogue.parse(toml)
    assert sentence in caught.value.sentence


# What a member types


def test_an_adapter_has_the_weight_that_was_typed_or_its_own() -> None:
    assert make("a fox --lora ink").loras == (Lora("Ink", 0.8),)
    assert make("a fox --lora INK:1").loras == (Lora("Ink", 1.0),)
    assert make("<lora:ink:-2> a fox").loras == (Lora("Ink", -2.0),)
    two = make("a fox --lora foil:.5 <lora:ink> --model dreams")
    assert two.loras == (Lora("foil", 0.5), Lora("Ink", 0.8))
    assert make("a fox").loras == ()


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("a fox --lora ink", "a fox --lora Ink --model sdxl"),
        ("a fox --lora ink:0.8", "a fox --lora Ink --model sdxl"),
        ("a fox --lora ink:1", "a fox --lora Ink:1 --model sdxl"),
        ("a fox --lora ink:-0.5", "a fox --lora Ink:-0.5 --model sdxl"),
        ("a fox --lora ink:0", "a fox --lora Ink:0 --model sdxl"),
        (
            "a fox --lora foil --lora grain:2 --model flux",
            "a fox --lora foil --lora grain:2 --model flux",
        ),
    ],
)
def test_the_line_that_is_shown_makes_the_same_again(line: str, shown: str) -> None:
    made = make(line)
    assert render(made, HERE.get(made.model), seed=False) == shown
    assert make(f"{shown} --seed {made.seed}") == made
    # Whatever the operator says later, the picture's weight is known.
    later = Catalogue.parse(TOML.replace("weight = 0.8", "weight = 0.3"))
    again = render(made, later.get(made.model))
    assert make(again, later) == made


def test_a_record_keeps_them() -> None:
    made = make("a fox --lora ink:0.5")
    kept = Request.from_json(json.loads(json.dumps(made.to_json())))
    assert kept == made
    old = made.to_json()
    del old["loras"]
    assert Request.from_json(old) == replace(made, loras=())


def test_what_is_derived_from_a_picture_keeps_them() -> None:
    made = make("a fox --lora ink")
    for derived in (made.variation("b", 1), made.upscale("b", 1), made.reroll(5)):
        assert derived.loras == made.loras


def test_a_search_finds_them_by_name_in_any_case_and_by_weight() -> None:
    made = make("a fox --lora foil --lora ink:0.5 --model dreams")
    works = all_terms(terms_of(made, ADA, 7), Showing.PUBLIC, 7, age_rated=False)

    def found(line: str) -> bool:
        return fits(wanted(read(line, now=NOON), ANYBODY), works)

    assert found("--lora") and found("--lora INK") and found("--lora ink:0.5 --lora foil")
    assert not found("--lora grain") and not found("--lora ink:0.8")


# What cannot be done


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    assert refusal("a fox --lora inc:0.5 --n 1") == (
        "There is no adapter called “inc” here. The nearest: Ink.",
        "a fox --lora Ink:0.5 --n 1",
    )
    assert refusal("a fox --lora ../../etc --n 1")[0].startswith("--lora needs a name")
    assert refusal("a fox --lora zzz") == (
        "There is no adapter called “zzz” here. There are: Ink, foil, grain, old.one.",
        None,
    )


def test_one_that_does_not_fit_names_the_models_which_can() -> None:
    assert refusal("a fox --lora foil") == (
        "sdxl cannot use the adapter “foil”. Of the models here, flux, dreams can.",
        None,
    )
    assert refusal("a fox --lora grain") == (
        "sdxl cannot use the adapter “grain”. Of the models here, flux can.",
        "a fox --lora grain --model flux",
    )
    assert refusal("a fox --lora ink --model postcard")[0] == (
        "postcard cannot use the adapter “Ink”. Of the models here, sdxl, dreams can."
    )
    assert refusal("a fox --lora old.one")[0] == (
        "sdxl cannot use the adapter “old.one”. No model here can; leave it out."
    )


def test_together_they_need_a_model_that_takes_them_all() -> None:
    assert refusal("a fox --lora ink --lora foil") == (
        "sdxl cannot use the adapter “foil”. Of the models here, flux, dreams can.",
        "a fox --lora ink --lora foil --model dreams",
    )
    sentence, mended = refusal("a fox --lora ink --lora grain")
    assert "“grain”. Of the models here, flux can." in sentence
    assert mended is None


def test_one_is_named_once_and_only_so_many_go_together() -> None:
    assert refusal("a fox --lora ink --lora INK:0.5")[0] == (
        "--lora names “INK” twice. Name it once."
    )
    many = "\n".join(f"[adapters.a{n}]\nsource='x'\nmodels=['postcard']" for n in range(MOST + 1))
    here = Catalogue.parse(many)
    fits = " ".join(f"--lora a{n}" for n in range(MOST))
    assert len(make(f"a fox {fits}", here).loras) == MOST
    with pytest.raises(PromptError) as caught:
        make(f"a fox {fits} --lora a{MOST}", here)
    assert caught.value.sentence == "A picture takes 4 adapters at most. Leave some out."


# What is told of them


def test_help_lists_them_with_their_models_and_words() -> None:
    said = str(of_flag(BY_SPELLING["lora"], HERE))
    assert said.endswith(
        "There are: `Ink` for sdxl, dreams, knows “inkwash”, “sumi”, `foil` for flux, dreams, "
        "`grain` for flux, `old.one` for no model here."
    )
    everything = "\n".join(str(page.text) for page in pages(HERE, []))
    assert said in everything
    assert "No model here can." in str(of_flag(BY_SPELLING["lora"], Catalogue.parse("")))


def test_a_long_list_ends_somewhere() -> None:
    many = "\n".join(f"[adapters.a{n}]\nsource='x'\nmodels=['postcard']" for n in range(30))
    here = Catalogue.parse(many)
    assert str(of_flag(BY_SPELLING["lora"], here)).endswith("`a24` for postcard, and 5 more.")
    everything = "\n".join(str(page.text) for page in pages(here, []))
    assert "`a4` for postcard, and 25 more." in everything
