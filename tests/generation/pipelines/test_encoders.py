"""What encoders make of texts: emphasis, long prompts, layers left out, styles, and refusals."""

# pyright: basic
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from core.events import Failed, FailureKind, Finished
from core.request import HouseStyle, Part
from generation.conditioning import conditioning
from generation.encoders import TRUE_GUIDANCE, encoder_of
from generation.faults import UnfitRequestError
from generation.pipeline_call import call_arguments
from generation.texts import Text
from tests.generation.build import a_request
from tests.generation.pipelines.conftest import Make
from tests.generation.pipelines.test_painter import bare, seeds

LONG = "a red lighthouse, a grey sea, seven white gulls and a boat"
"""More than two windows of the tiny encoders."""


@pytest.fixture(scope="module")
def pipelines(folders: dict[str, Path]) -> dict[str, Any]:
    return {name: bare(folder) for name, folder in folders.items()}


@torch.no_grad()
def embedded(pipeline: Any, typed: str, **changes: Any) -> torch.Tensor:
    encoder = encoder_of(pipeline)
    assert encoder is not None
    return encoder.encode(Text.read(typed), **changes).words


def arguments(pipeline: Any, text: str = "a cat", **changes: Any) -> dict[str, Any]:
    request = a_request(text, **changes)
    return call_arguments(pipeline, request, conditioning(pipeline, request), range(1))


def latents(pipeline: Any, given: dict[str, Any]) -> torch.Tensor:
    return pipeline(**{**given, "output_type": "latent"}).images


@pytest.mark.parametrize("model", ["sd", "sd2", "xl", "sd3"])
def test_layers_left_out_are_those_diffusers_leaves_out(pipelines: dict[str, Any], model: str):
    pipeline = pipelines[model]
    given = arguments(pipeline, avoid=("fog",), clip_skip=1)
    expected = latents(
        pipeline,
        {
            "prompt": "a cat",
            "negative_prompt": "fog",
            "clip_skip": 1,
            "width": 64,
            "height": 64,
            "num_inference_steps": 4,
            "guidance_scale": 4.0,
            "generator": seeds(a_request(count=1)),
        },
    )
    found = latents(pipeline, given)
    assert torch.equal(found, expected)
    assert not torch.equal(found, latents(pipeline, arguments(pipeline, avoid=("fog",))))
    # Words that are encoded first hear the same layers, and what to avoid hears all.
    mixed = latents(
        pipeline,
        arguments(pipeline, parts=(Part("a cat"),) * 2, avoid=("fog",), clip_skip=1),
    )
    torch.testing.assert_close(mixed, expected)


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("flux", "--clip-skip does not work with the model “flux”; leave it out. Nothing"),
        (
            "sd",
            "The model “sd” can leave out 2 layers of its text encoder at most; use --clip-skip",
        ),
    ],
)
def test_layers_that_are_not_there_are_refused(make: Make, model: str, sentence: str):
    ending = make(model=model, clip_skip=3).ending
    assert isinstance(ending, Failed)
    assert ending.kind is FailureKind.REQUEST
    assert ending.sentence.startswith(sentence)
    assert ending.sentence.endswith("Nothing was charged.")


def test_a_weighed_word_is_longer_and_all_are_as_long_together(pipelines: dict[str, Any]):
    for name in ("sd", "xl", "flux"):
        plain = embedded(pipelines[name], "a cat")
        heavy = embedded(pipelines[name], "a (cat:1.5)")
        places = slice(2, 5) if name != "flux" else slice(3, 6)
        ratio = heavy.norm(dim=-1) / plain.norm(dim=-1)
        rest = ratio[0, 0].item()
        torch.testing.assert_close(ratio[0, places], torch.full((3,), 1.5 * rest)), name
        assert rest < 1
        torch.testing.assert_close(heavy.abs().mean(), plain.abs().mean())


def test_stable_diffusion_3_weighs_the_word_in_both_its_halves(pipelines: dict[str, Any]):
    ratio = embedded(pipelines["sd3"], "a (cat:1.5)") / embedded(pipelines["sd3"], "a cat")
    rest = ratio[0, 0, 0].item()
    heavy = torch.isclose(ratio[0].nan_to_num(0).amax(dim=-1), torch.tensor(1.5 * rest))
    assert heavy.nonzero().flatten().tolist() == [2, 3, 4, *range(24 + 2, 24 + 6)]


@pytest.mark.parametrize("typed", ["a (cat:1.0)", r"a (cat)\(1\)", "a (cat"])
def test_markup_is_never_read(pipelines: dict[str, Any], typed: str):
    for pipeline in pipelines.values():
        found = arguments(pipeline, typed)
        plain = Text.read(typed).plain
        expected = embedded(pipeline, plain)
        assert found["prompt_embeds"].shape == expected.shape
        assert torch.equal(found["prompt_embeds"], expected) == Text.read(typed).is_even


def test_what_to_avoid_can_be_weighed(pipelines: dict[str, Any]):
    for name in ("sd", "xl", "sd3"):
        light = arguments(pipelines[name], avoid=("fog", "rain"))
        heavy = arguments(pipelines[name], avoid=("(fog:1.6)", "rain"))
        plain = embedded(pipelines[name], "fog, rain")
        assert torch.equal(light["negative_prompt_embeds"], plain)
        expected = embedded(pipelines[name], "(fog:1.6), rain")
        assert torch.equal(heavy["negative_prompt_embeds"], expected)


@pytest.mark.parametrize("model", ["sd", "sd2", "xl"])
def test_a_long_prompt_is_read_window_by_window(pipelines: dict[str, Any], model: str):
    pipeline = pipelines[model]
    given = arguments(pipeline, LONG, avoid=("fog",))
    words = given["prompt_embeds"]
    assert words.shape[1] == 3 * 24
    assert given["negative_prompt_embeds"].shape == words.shape
    windows = ("a red lighthouse, a grey", "sea, seven white gulls and", "a boat")
    for index, window in enumerate(windows):
        mine = words[:, 24 * index : 24 * (index + 1)]
        torch.testing.assert_close(mine, embedded(pipeline, window))
    negative = given["negative_prompt_embeds"]
    torch.testing.assert_close(negative[:, :24], embedded(pipeline, "fog"))
    torch.testing.assert_close(negative[:, 24:48], embedded(pipeline, ""))
    assert not torch.equal(
        latents(pipeline, given), latents(pipeline, arguments(pipeline, LONG[:-4], avoid=("fog",)))
    )


def test_parts_of_different_lengths_are_mixed(pipelines: dict[str, Any]):
    found = arguments(pipelines["sd"], parts=(Part(LONG, 3.0), Part("snow")))["prompt_embeds"]
    long, short = embedded(pipelines["sd"], LONG), embedded(pipelines["sd"], "snow", length=3)
    torch.testing.assert_close(found, 0.75 * long + 0.25 * short)


@torch.no_grad()
def test_a_single_window_is_what_the_pipeline_itself_reads(pipelines: dict[str, Any]):
    for name in ("sd", "sd2", "xl", "sd3", "flux"):
        pipeline = pipelines[name]
        own = pipeline.encode_prompt(
            prompt="a cat",
            device=torch.device("cpu"),
            num_images_per_prompt=1,
            **({"prompt_2": None} if name in ("flux", "sd3") else {}),
            **({"prompt_3": None} if name == "sd3" else {}),
            **({"do_classifier_free_guidance": False} if name != "flux" else {}),
        )[0]
        assert torch.equal(embedded(pipeline, "a cat"), own)


@pytest.mark.parametrize(
    ("model", "text", "words"),
    [
        ("sd", "a" * 800, "“" + "a" * 40 + "…”"),
        ("xl", "b" * 704 + " end", "“end”"),
        ("flux", "a" * 600, "“" + "a" * 40 + "…”"),
        ("sd3", "a" * 260 + "tail", None),
        ("sd", LONG, None),
    ],
)
def test_what_is_not_read_is_told(
    pipelines: dict[str, Any], model: str, text: str, words: str | None
):
    note = conditioning(pipelines[model], a_request(text, model=model)).note
    if words is None and model == "sd3":
        words = "“" + text[254:] + "”" if note else None
    expected = (
        f"The prompt is longer than the model “{model}” can read; left out is all from {words} on."
    )
    assert note == (expected if words else "")


@pytest.mark.parametrize(("stylize", "share"), [(0, 0.0), (250, 0.25), (1000, 1.0)])
def test_a_style_is_mixed_in_as_if_it_were_typed(
    pipelines: dict[str, Any], stylize: int, share: float
):
    style = HouseStyle(text="(ink:1.2)")
    for name in ("sd", "xl", "sd3", "flux"):
        pipeline = pipelines[name]
        found = arguments(pipeline, "a cat", style=style, stylize=stylize)
        plain, styled = embedded(pipeline, "a cat"), embedded(pipeline, "a cat, (ink:1.2)")
        torch.testing.assert_close(found["prompt_embeds"], torch.lerp(plain, styled, share))


def test_a_style_keeps_the_weights_of_the_parts(pipelines: dict[str, Any]):
    found = arguments(
        pipelines["sd"],
        parts=(Part("a cat", 3.0), Part("snow")),
        avoid=("ink",),
        style=HouseStyle(text="ink"),
        stylize=1000,
    )
    cat, snow = (embedded(pipelines["sd"], text) for text in ("a cat, ink", "snow, ink"))
    torch.testing.assert_close(found["prompt_embeds"], 0.75 * cat + 0.25 * snow)
    assert torch.equal(found["negative_prompt_embeds"], embedded(pipelines["sd"], "ink"))


def test_flux_keeps_away_by_a_guidance_of_its_own(make: Make, pipelines: dict[str, Any]):
    given = arguments(pipelines["flux"], avoid=("fog",))
    assert given["true_cfg_scale"] == TRUE_GUIDANCE
    plain, away = (make(model="flux", count=1, avoid=avoid) for avoid in ((), ("fog",)))
    assert isinstance(away.ending, Finished)
    assert plain.pixels != away.pixels


class Other:
    """Takes a text, and has no words to be moved."""

    def __call__(self, prompt: str) -> None: ...


@pytest.mark.parametrize("flag", ["chaos", "weird", "clip_skip"])
def test_what_an_unknown_encoder_cannot_do_is_refused(flag: str):
    with pytest.raises(UnfitRequestError, match="does not work with the model “tiny”"):
        conditioning(Other(), a_request(**{flag: 1}))


def test_an_unknown_encoder_reads_texts_without_markup():
    style = HouseStyle(text="ink")
    request = a_request(parts=(Part("a (cat:1.4)"), Part("[snow]", 3)), style=style, stylize=100)
    assert conditioning(Other(), request).same == {"prompt": "snow, a cat"}
    strong = a_request(parts=(Part("a (cat:1.4)"),), style=style, stylize=600)
    assert conditioning(Other(), strong).same == {"prompt": "a cat, ink"}
