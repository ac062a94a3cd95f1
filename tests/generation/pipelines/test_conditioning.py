"""Weighted parts and what to avoid, as embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from core.request import Part, Request
from generation.conditioning import conditioning
from tests.generation.build import a_request
from tests.generation.pipelines.conftest import Make
from tests.generation.pipelines.test_painter import bare

SIDES = {"sd": ("prompt_embeds",), "xl": ("prompt_embeds", "pooled_prompt_embeds")}


@pytest.fixture(scope="module", params=["sd", "xl"])
def pipeline(request: pytest.FixtureRequest, folders: dict[str, Path]) -> Any:
    made = bare(folders[request.param])
    made.sides = SIDES[request.param]
    return made


def arguments(pipeline: Any, request: Request, *, distilled: bool = False) -> dict[str, Any]:
    """Those of one picture."""
    found = conditioning(pipeline, request, distilled=distilled).arguments(range(1))
    if "prompt" not in found:
        assert found.pop("num_images_per_prompt") == 1
    return found


def words(pipeline: Any, *parts: Part, **changes: Any) -> dict[str, Any]:
    return arguments(pipeline, a_request(parts=parts, **changes))


def embedded(pipeline: Any, text: str) -> dict[str, torch.Tensor]:
    """What the encoder makes of one text."""
    found = words(pipeline, Part(text), Part(text))
    return {side: found[side] for side in pipeline.sides}


def none(pipeline: Any) -> dict[str, torch.Tensor]:
    """The negative side when nothing is to be avoided."""
    found = words(pipeline, Part("a"), Part("b"))
    return {side: found[f"negative_{side}"] for side in pipeline.sides}


@torch.no_grad()
def said(pipeline: Any, prompt: str, avoid: str | None, **changes: Any) -> dict[str, Any]:
    """What the bare pipeline makes of its texts."""
    given = {"prompt": prompt, "negative_prompt": avoid, "device": "cpu"} | changes
    words, negative, *pooled = pipeline.encode_prompt(
        **given, num_images_per_prompt=1, do_classifier_free_guidance=True
    )
    found = {"prompt_embeds": words, "negative_prompt_embeds": negative}
    names = ("pooled_prompt_embeds", "negative_pooled_prompt_embeds")
    return found | dict(zip(names, pooled, strict=False))


@pytest.mark.parametrize("weight", [1.0, 0.3, 7.0])
@pytest.mark.parametrize("avoid", [(), ("fog", "rain")])
def test_a_single_part_is_what_the_bare_pipeline_hears_whatever_its_weight(
    pipeline: Any, weight: float, avoid: tuple[str, ...]
):
    found = words(pipeline, Part("a cat", weight), avoid=avoid)
    expected = said(pipeline, "a cat", ", ".join(avoid) or None)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_parts_are_averaged_by_their_weights(pipeline: Any):
    found = words(pipeline, Part("a cat", 3.0), Part("snow", 1.0))
    cat, snow = embedded(pipeline, "a cat"), embedded(pipeline, "snow")
    for side in pipeline.sides:
        torch.testing.assert_close(found[side], 0.75 * cat[side] + 0.25 * snow[side])


def test_only_the_ratio_of_the_weights_counts(pipeline: Any):
    one = words(pipeline, Part("a cat", 1.0), Part("snow", 0.5))
    other = words(pipeline, Part("a cat", 4.0), Part("snow", 2.0))
    for side in pipeline.sides:
        assert torch.equal(one[side], other[side])


@pytest.mark.parametrize(("weight", "share"), [(-0.125, 0.25), (-0.5, 1.0), (-0.9, 1.0)])
def test_a_negative_part_takes_its_share_of_the_negative_side(
    pipeline: Any, weight: float, share: float
):
    found = words(pipeline, Part("a cat"), Part("fog", weight))
    fog, empty = embedded(pipeline, "fog"), none(pipeline)
    for side in pipeline.sides:
        expected = (1 - share) * empty[side] + share * fog[side]
        torch.testing.assert_close(found[f"negative_{side}"], expected)


def test_what_to_avoid_and_negative_parts_share_the_negative_side(pipeline: Any):
    found = words(pipeline, Part("a cat"), Part("fog", -0.5), avoid=("rain", "mud"))
    fog, rain = embedded(pipeline, "fog"), embedded(pipeline, "rain, mud")
    for side in pipeline.sides:
        torch.testing.assert_close(found[f"negative_{side}"], (fog[side] + rain[side]) / 2)


def test_without_guidance_there_is_no_negative_side(pipeline: Any):
    found = words(pipeline, Part("a cat"), Part("fog", -0.5), guidance=1.0)
    assert set(found) == set(pipeline.sides)


@pytest.mark.parametrize("model", ["sd", "xl"])
def test_equal_requests_in_other_words_give_the_same_pixels(make: Make, model: str):
    plain = make("a cat", model=model, count=1)
    twice = make("a cat", model=model, count=1, parts=(Part("a cat"), Part("a cat")))
    assert plain.pixels == twice.pixels
    avoid = make("a cat", model=model, count=1, avoid=("fog",))
    negative = make("a cat", model=model, count=1, parts=(Part("a cat"), Part("fog", -0.5)))
    assert avoid.pixels == negative.pixels


@pytest.mark.parametrize("guidance", [0.0, 0.25, 0.75])
def test_below_one_the_prompt_is_heard_only_so_far(pipeline: Any, guidance: float):
    found = words(pipeline, Part("a cat"), guidance=guidance)
    cat, empty = embedded(pipeline, "a cat"), none(pipeline)
    assert set(found) == set(pipeline.sides)
    for side in pipeline.sides:
        expected = guidance * cat[side] + (1 - guidance) * empty[side]
        torch.testing.assert_close(found[side], expected)


def test_at_nothing_two_prompts_are_one(make: Make):
    cat, dog, heard = (
        make(text, guidance=guidance).pixels
        for text, guidance in (("a cat", 0.0), ("a dog", 0.0), ("a dog", 1.0))
    )
    assert cat == dog != heard


def test_at_nothing_what_to_avoid_is_all_there_is(pipeline: Any):
    found = words(pipeline, Part("a cat"), avoid=("fog",), guidance=0.0)
    fog = embedded(pipeline, "fog")
    for side in pipeline.sides:
        torch.testing.assert_close(found[side], fog[side])


def test_a_distilled_model_hears_its_prompt_at_nothing(pipeline: Any):
    request = a_request(parts=(Part("a cat"),), guidance=0.0)
    found, expected = arguments(pipeline, request, distilled=True), said(pipeline, "a cat", None)
    assert set(found) == set(pipeline.sides)
    assert all(torch.equal(found[side], expected[side]) for side in pipeline.sides)


def test_an_unknown_encoder_hears_whole_prompts_only():
    class Other:
        """Takes a text, and has no words to be moved."""

        def __call__(self, prompt: str) -> None: ...

    def heard(guidance: float) -> dict[str, Any]:
        return arguments(Other(), a_request(parts=(Part("a cat"),), guidance=guidance))

    assert heard(0.4) == {"prompt": ""}
    assert heard(0.6) == {"prompt": "a cat"}
