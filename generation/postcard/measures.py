"""What the words around a prompt do on `postcard`, counted: `--no`, `::` weights, strength, masks.

Each measure makes its pictures twice from the same seeds, with the words and without (or with the
weights swapped), so that the words are the only difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from typing import Any

import numpy as np
import torch
from diffusers import (
    AutoPipelineForImage2Image,
    AutoPipelineForInpainting,
    StableDiffusionPipeline,
)
from PIL import Image

from core.request import Part, Request
from generation.conditioning import conditioning
from generation.pipeline_call import call_arguments
from generation.postcard.assemble import GUIDANCE, STEPS, pictures_for
from generation.postcard.classifier import Classifier, read
from generation.postcard.world import ATTRIBUTES, GROUNDS, SUBJECTS, TIMES

SEED = 5_000_001
KEEPING_STRENGTH = 0.3
PLACES = tuple(f"{ground}, {time}" for ground, time in product(("a meadow", "snow"), TIMES))
WEIGHTS = ((4, 1), (2, 1), (1, 1), (1, 2), (1, 4))
PAIRS = (("castle", "boat"), ("tree", "rocket"), ("cat", "pyramid"), ("house", "mushroom"))


@dataclass(frozen=True, slots=True)
class Words:
    """How a prompt's parts and what to avoid bear on the pictures. All shares are 0..1."""

    trees: float
    trees_avoided: float
    first_by_weight: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pictures:
    """How far pictures follow another: correlations of pixels, and changes of tone (0..255)."""

    kept: float
    fresh: float
    changed_inside: float
    changed_outside: float


@dataclass(frozen=True, slots=True)
class Variety:
    """How blank prompts differ: distinct values seen of each attribute, and the mean difference
    of two pictures in tones (0..255)."""

    values: dict[str, int]
    apart: float


def make(
    pipeline: StableDiffusionPipeline,
    parts: Sequence[tuple[str, float]],
    avoid: tuple[str, ...],
    seeds: Sequence[int],
    steps: int = STEPS,
) -> list[Image.Image]:
    """One picture for each seed, from weighted parts, as the worker makes them."""
    request = Request(
        text=parts[0][0],
        parts=tuple(Part(text, weight) for text, weight in parts),
        avoid=avoid,
        model="postcard",
        width=128,
        height=128,
        seed=seeds[0],
        steps=steps,
        guidance=GUIDANCE,
    )
    words = conditioning(pipeline, request)
    pictures: list[Image.Image] = []
    for start in range(0, len(seeds), 16):
        some = seeds[start : start + 16]
        pictures += pipeline(
            **{"num_images_per_prompt": len(some), **words.arguments(range(len(some)))},
            num_inference_steps=steps,
            guidance_scale=GUIDANCE,
            generator=[torch.Generator().manual_seed(seed) for seed in some],
        ).images
    return pictures


@torch.no_grad()
def requested(
    pipeline: StableDiffusionPipeline, text: str, *, seed: int, **changes: Any
) -> list[Image.Image]:
    """The grid of a request whose other fields are `changes`, as the worker makes it."""
    values = {
        "text": text,
        "parts": (Part(text),),
        "model": "postcard",
        "width": 128,
        "height": 128,
        "seed": seed,
        "steps": STEPS,
        "guidance": GUIDANCE,
    }
    request = Request(**(values | changes))
    words = conditioning(pipeline, request)
    given = call_arguments(pipeline, request, words, range(request.count))
    return pipeline(**(given | {"output_type": "pil"})).images


def apart(pictures: list[Image.Image]) -> float:
    """The mean difference of two of the pictures, in tones (0..255)."""
    pairs = list(combinations(_stack(pictures), 2))
    return float(np.mean([np.abs(a - b).mean() for a, b in pairs]))


def moved(pictures: list[Image.Image], others: list[Image.Image]) -> float:
    """The mean difference of each picture from its counterpart, in tones (0..255)."""
    return float(np.abs(_stack(pictures) - _stack(others)).mean())


def share_of(classifier: Classifier, pictures: list[Image.Image], subject: str) -> float:
    """Share of the pictures that show `subject`."""
    return float((read(classifier, pictures)[:, 0] == SUBJECTS.index(subject)).float().mean())


def words(
    pipeline: StableDiffusionPipeline, classifier: Classifier, per_prompt: int, steps: int = STEPS
) -> Words:
    """Trees in scenes that name no subject, with and without `--no tree`; and how often the first
    of two subjects is drawn as its weight falls."""
    seeds = [SEED + index for index in range(per_prompt)]
    plain: list[Image.Image] = []
    avoided: list[Image.Image] = []
    for place in PLACES:
        plain += make(pipeline, [(place, 1)], (), seeds, steps)
        avoided += make(pipeline, [(place, 1)], ("tree",), seeds, steps)
    first: list[float] = []
    for left, right in WEIGHTS:
        shares = [
            share_of(
                classifier, make(pipeline, [(one, left), (other, right)], (), seeds, steps), one
            )
            for one, other in PAIRS
        ]
        first.append(sum(shares) / len(shares))
    return Words(
        share_of(classifier, plain, "tree"), share_of(classifier, avoided, "tree"), tuple(first)
    )


def pictures(pipeline: StableDiffusionPipeline, count: int, steps: int = STEPS) -> Pictures:
    """Image-to-image at strength 0.3 against a fresh picture of the same words; and inpainting of
    the right half with another subject."""
    prompts = [
        f"a {subject} by day, {ground}"
        for subject, ground in zip(SUBJECTS * 9, GROUNDS * 99, strict=False)
    ][:count]
    sources = pictures_for(pipeline, prompts, [SEED + k for k in range(count)], steps)
    fresh = pictures_for(pipeline, prompts, [SEED + 500 + k for k in range(count)], steps)
    again = AutoPipelineForImage2Image.from_pipe(pipeline)(
        prompts,
        image=sources,
        strength=KEEPING_STRENGTH,
        num_inference_steps=steps,
        guidance_scale=GUIDANCE,
        generator=[torch.Generator().manual_seed(SEED + 700 + k) for k in range(count)],
    ).images
    mask = Image.new("L", sources[0].size, 0)
    mask.paste(255, (72, 16, 124, 124))
    painted = AutoPipelineForInpainting.from_pipe(pipeline)(
        [prompt + ", a mushroom on the right" for prompt in prompts],
        image=sources,
        mask_image=[mask] * count,
        strength=1.0,
        width=128,
        height=128,
        num_inference_steps=steps,
        guidance_scale=GUIDANCE,
        generator=[torch.Generator().manual_seed(SEED + 900 + k) for k in range(count)],
    ).images
    inside = np.asarray(mask) > 0
    change = np.abs(_stack(painted) - _stack(sources)).mean(axis=3)
    return Pictures(
        kept=_likeness(again, sources),
        fresh=_likeness(fresh, sources),
        changed_inside=float(change[:, inside].mean()),
        changed_outside=float(change[:, ~inside].mean()),
    )


def variety(
    pipeline: StableDiffusionPipeline, classifier: Classifier, count: int, steps: int = STEPS
) -> Variety:
    """What `count` blank prompts show."""
    made = pictures_for(pipeline, [""] * count, [SEED + k for k in range(count)], steps)
    seen = read(classifier, made)
    values = {name: len(set(seen[:, k].tolist())) for k, name in enumerate(ATTRIBUTES)}
    apart = [float(np.abs(a - b).mean()) for a, b in pairwise(_stack(made))]
    return Variety(values, sum(apart) / len(apart))


def table(said: Words, kept: Pictures, blank: Variety) -> str:
    """All of it as a Markdown table."""
    weights = ", ".join(
        f"{left}:{right} {share:.0%}"
        for (left, right), share in zip(WEIGHTS, said.first_by_weight, strict=True)
    )
    shown = ", ".join(f"{count} of {len(ATTRIBUTES[k])} {k}" for k, count in blank.values.items())
    rows = {
        "trees where no subject is named": f"{said.trees:.1%}",
        "the same with `--no tree`": f"{said.trees_avoided:.1%}",
        "the first of two subjects is drawn, by weights": weights,
        "likeness to the source, strength 0.3": f"{kept.kept:.2f}",
        "likeness of a fresh picture of the same words": f"{kept.fresh:.2f}",
        "inpainting: tones changed under the mask": f"{kept.changed_inside:.1f}",
        "inpainting: tones changed elsewhere": f"{kept.changed_outside:.1f}",
        "blank prompts show": shown,
        "blank prompts: tones between two pictures": f"{blank.apart:.0f}",
    }
    lines = ["| measure | value |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| {name} | {value} |" for name, value in rows.items())])


def _stack(some: list[Image.Image]) -> np.ndarray:
    """N x height x width x 3 tones, 0..255."""
    return np.stack([np.asarray(picture.convert("RGB"), np.float32) for picture in some])


def _likeness(some: list[Image.Image], others: list[Image.Image]) -> float:
    """Mean correlation of the pixels, picture by picture."""
    pairs = zip(_stack(some), _stack(others), strict=True)
    return float(np.mean([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in pairs]))
