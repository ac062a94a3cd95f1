"""The words of a request as a pipeline takes them: plain text, or a blend of weighted parts."""

# pyright: basic
from __future__ import annotations

import inspect
import logging
from typing import Any

import torch
from torch import Tensor

from core.request import Request

log = logging.getLogger(__name__)

FULL_NEGATIVE = 0.5
"""The weight at which what to avoid counts as a whole negative prompt; `--no` has it."""


def conditioning(pipeline: Any, request: Request, *, distilled: bool = False) -> dict[str, Any]:
    """The pipeline's arguments for the words, by name.

    A request with one part, and nothing negative but `--no`, is passed on as text, so that it
    gives the pixels of the bare pipeline. Otherwise the parts are encoded one by one: the positive
    ones are averaged by weight; the negative ones too, and take a share of the negative side that
    grows with their weight, the rest being what the pipeline has when there is no negative prompt.
    Pipelines whose encoder is not known here get the parts joined.

    Pipelines take a guidance scale below 1 for 1: the prompt, unguided. Classifier-free guidance
    (https://arxiv.org/abs/2207.12598, with scale 1 for the plain prediction) means less than that
    by it, and nothing of the prompt at 0, so the words themselves are moved that far towards the
    negative side. A `distilled` model, which takes no guidance, hears its prompt at 0.
    """
    positive = [(part.text, part.weight) for part in request.parts if part.weight > 0]
    negative = [(part.text, -part.weight) for part in request.parts if part.weight < 0]
    avoid = ", ".join(request.avoid)
    texts = [text for text, _ in positive + negative] + [avoid]
    _log_cut(pipeline, texts)
    if request.guidance < 1 and not distilled:
        return _half_heard(pipeline, positive or [("", 1.0)], negative, avoid, request.guidance)
    if len(positive) <= 1 and not negative:
        return _plain(pipeline, positive[0][0] if positive else "", avoid)
    if not can_blend(pipeline):
        joined = ", ".join(text for text, _ in sorted(positive, key=lambda part: -part[1]))
        return _plain(
            pipeline, joined, ", ".join([text for text, _ in negative] + [avoid] * bool(avoid))
        )
    if avoid:
        negative.append((avoid, FULL_NEGATIVE))
    return _blended(pipeline, positive or [("", 1.0)], negative, guided=request.guidance > 1)


def _half_heard(
    pipeline: Any,
    positive: list[tuple[str, float]],
    negative: list[tuple[str, float]],
    avoid: str,
    share: float,
) -> dict[str, Any]:
    """The words with only `share` (0..1) of the prompt in them."""
    if not can_blend(pipeline):
        # Whole prompts only: it is heard from half on.
        return _plain(pipeline, ", ".join(text for text, _ in positive) if share >= 0.5 else "", "")
    if avoid:
        negative = [*negative, (avoid, FULL_NEGATIVE)]
    sides = _blended(pipeline, positive, negative, guided=True)
    return {
        name: torch.lerp(sides[f"negative_{name}"], words, share)
        for name, words in sides.items()
        if not name.startswith("negative_")
    }


def _plain(pipeline: Any, prompt: str, avoid: str) -> dict[str, Any]:
    words = {"prompt": prompt}
    if avoid and "negative_prompt" in inspect.signature(pipeline.__call__).parameters:
        words["negative_prompt"] = avoid
    return words


def can_blend(pipeline: Any) -> bool:
    """True for the encoders of Stable Diffusion 1, 2 and XL."""
    if not hasattr(pipeline, "encode_prompt") or not hasattr(pipeline, "unet"):
        return False
    known = inspect.signature(pipeline.encode_prompt).parameters
    return {"num_images_per_prompt", "do_classifier_free_guidance", "negative_prompt"} <= set(known)


@torch.no_grad()
def _blended(
    pipeline: Any,
    positive: list[tuple[str, float]],
    negative: list[tuple[str, float]],
    *,
    guided: bool,
) -> dict[str, Any]:
    encoded = [(_encode(pipeline, text, guided), weight) for text, weight in positive]
    embeds = _average([(one["prompt"], weight) for one, weight in encoded])
    sides = {"": embeds}
    if guided:
        none = encoded[0][0]["negative_prompt"]
        sides["negative_"] = none
        if negative:
            share = min(1.0, sum(weight for _, weight in negative) / FULL_NEGATIVE)
            away = _average(
                [(_encode(pipeline, text, False)["prompt"], weight) for text, weight in negative]
            )
            sides["negative_"] = tuple(
                torch.lerp(empty, full, share) for empty, full in zip(none, away, strict=True)
            )
    arguments: dict[str, Any] = {}
    for side, (words, *pooled) in sides.items():
        arguments[f"{side}prompt_embeds"] = words
        if pooled:
            arguments[f"{side}pooled_prompt_embeds"] = pooled[0]
    return arguments


def _encode(pipeline: Any, text: str, guided: bool) -> dict[str, tuple[Tensor, ...]]:
    """The embeddings of one text: (words, pooled) for XL, (words,) for the others."""
    found = pipeline.encode_prompt(
        prompt=text,
        device=pipeline._execution_device,
        num_images_per_prompt=1,
        do_classifier_free_guidance=guided,
    )
    # encode_prompt returns prompt, negative, pooled prompt, pooled negative; the last two in XL.
    return {"prompt": tuple(found[0::2]), "negative_prompt": tuple(found[1::2])}


def _average(parts: list[tuple[tuple[Tensor, ...], float]]) -> tuple[Tensor, ...]:
    whole = sum(weight for _, weight in parts)
    # Summed in double precision: a::1 a::1 is then a, to the last bit.
    return tuple(
        torch.stack([one[index].double() * (weight / whole) for one, weight in parts])
        .sum(0)
        .to(parts[0][0][index].dtype)
        for index in range(len(parts[0][0]))
    )


def _log_cut(pipeline: Any, texts: list[str]) -> None:
    for name in ("tokenizer", "tokenizer_2"):
        tokenizer = getattr(pipeline, name, None)
        limit = getattr(tokenizer, "model_max_length", 0)
        if tokenizer is None or not 0 < limit < 100_000:
            continue
        cut = [max(0, len(tokenizer(text).input_ids) - limit) for text in texts if text]
        if any(cut):
            log.warning("%s: %d tokens do not fit and are left out", name, sum(cut))
