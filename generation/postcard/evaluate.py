"""Scores the model's obedience: `python -m generation.postcard.evaluate [--prompts N]`.

Half of the prompts ask for (subject, colour, time) triples that were kept out of training, the
other half for any other; seeds and wordings are fresh. A classifier that has seen rendered scenes
only says what each picture shows. Beside the score stand those of guidance 1 (the prompt alone)
and 0 (the prompt unheard), and the classifier's own on fresh renders. A second table has what the
words around a prompt do.
"""

import argparse
import random
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoPipelineForText2Image, StableDiffusionPipeline
from diffusers.utils import logging as diffusers_logging
from PIL import Image
from torch import Tensor
from transformers.utils import logging as transformers_logging

from generation.postcard import READER, WEIGHTS, measures
from generation.postcard.assemble import GUIDANCE, STEPS, page, pictures_for
from generation.postcard.classifier import (
    Classifier,
    accuracy_on_renders,
    cached_classifier,
    classes_of,
    read,
)
from generation.postcard.wording import Caption, asking_caption
from generation.postcard.world import (
    ATTRIBUTES,
    SUBJECTS,
    Scene,
    held_out_scenes,
    training_scenes,
)

SEED = 9_000_001
_ALL_THREE = [list(ATTRIBUTES).index(name) for name in ("subject", "colour", "time")]


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of pictures that show what was asked for."""

    right: dict[str, float]
    all_three: float
    by_subject: dict[str, float]
    taken_for: dict[str, str]


def load(weights: Path) -> StableDiffusionPipeline:
    pipeline = AutoPipelineForText2Image.from_pretrained(weights, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def asked_scenes(count: int, seed: int) -> list[Scene]:
    """Half held-out triples, half ordinary ones; subjects evenly in both halves."""
    half = count // 2
    return held_out_scenes(half, seed) + training_scenes(count - half, seed + 1)


def prompts_for(scenes: list[Scene], seed: int) -> list[Caption]:
    """A fresh wording for each scene: subject, colour and time, and what else people say."""
    rng = random.Random(seed)
    return [asking_caption(scene, rng) for scene in scenes]


def score(
    classifier: Classifier,
    pictures: list[Image.Image],
    scenes: list[Scene],
    prompts: list[Caption],
) -> Score:
    """An attribute counts for the pictures whose prompt names it."""
    seen, wanted = read(classifier, pictures), classes_of(scenes)
    right = seen == wanted
    named = torch.tensor([[name in prompt.names for name in ATTRIBUTES] for prompt in prompts])
    counted = (right & named).sum(dim=0) / named.sum(dim=0).clamp(min=1)
    shares = dict(zip(ATTRIBUTES, counted.tolist(), strict=True))
    return Score(
        right=shares,
        all_three=right[:, _ALL_THREE].all(dim=1).float().mean().item(),
        by_subject={
            subject: right[wanted[:, 0] == k, 0].float().mean().item()
            for k, subject in enumerate(SUBJECTS)
            if (wanted[:, 0] == k).any()
        },
        taken_for={
            subject: _most_seen_instead(seen[wanted[:, 0] == k, 0], k)
            for k, subject in enumerate(SUBJECTS)
        },
    )


def _most_seen_instead(seen: Tensor, wanted: int) -> str:
    wrong = seen[seen != wanted]
    return SUBJECTS[int(wrong.mode().values)] if len(wrong) else ""


def chance() -> dict[str, float]:
    return {name: 1 / len(values) for name, values in ATTRIBUTES.items()}


def table(columns: dict[str, dict[str, float]]) -> str:
    """A Markdown table, one row for each attribute and one for all three, shares in percent."""
    rows = [*ATTRIBUTES, "all three"]
    lines = [
        "| right | " + " | ".join(columns) + " |",
        "| --- |" + " ---: |" * len(columns),
    ]
    for row in rows:
        cells = (f"{column[row]:.1%}" if row in column else "" for column in columns.values())
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def with_all_three(result: Score) -> dict[str, float]:
    return {**result.right, "all three": result.all_three}


def quick_check(weights: Path, classifier: Classifier, prompts: int, steps: int) -> Score:
    """A small score to watch a training run by; always the same prompts and seeds."""
    scenes = asked_scenes(prompts, SEED + 100)
    seeds = [SEED + 101 + index for index in range(prompts)]
    asked = prompts_for(scenes, SEED + 102)
    texts = [prompt.text for prompt in asked]
    with torch.autocast("cpu", torch.bfloat16):
        pictures = pictures_for(load(weights), texts, seeds, steps, GUIDANCE)
    return score(classifier, pictures, scenes, asked)


def evaluate(
    weights: Path, classifier: Classifier, prompts: int, steps: int, guidance: float
) -> tuple[str, Image.Image]:
    """The report, and a page of the first pictures, one subject to a column."""
    pipeline = load(weights)
    scenes = asked_scenes(prompts, SEED)
    asked = prompts_for(scenes, SEED + 2)
    texts = [prompt.text for prompt in asked]
    seeds = [SEED + 3 + index for index in range(prompts)]
    started = time.monotonic()
    pictures = pictures_for(pipeline, texts, seeds, steps, guidance)
    seconds = time.monotonic() - started
    whole = score(classifier, pictures, scenes, asked)
    half = prompts // 2
    kept_out = score(classifier, pictures[:half], scenes[:half], asked[:half])
    plain = score(classifier, pictures_for(pipeline, texts, seeds, steps, 1.0), scenes, asked)
    # What classifier-free guidance of 0 is by its formula: the unconditional prediction alone.
    deaf = pictures_for(pipeline, [""] * prompts, seeds, steps, 1.0)
    blank = score(classifier, deaf, scenes, asked)
    columns = {
        f"guidance {guidance:g}": with_all_three(whole),
        "of these, held-out triples": with_all_three(kept_out),
        "guidance 1": with_all_three(plain),
        "guidance 0": with_all_three(blank),
        "chance": chance(),
        "classifier on renders": accuracy_on_renders(classifier, 600, SEED + 4),
    }
    subjects = "\n".join(
        f"| {subject} | {share:.0%} | {whole.taken_for[subject]} |"
        for subject, share in whole.by_subject.items()
    )
    report = (
        f"{prompts} prompts, {steps} steps, {seconds:.0f} s for the first column\n\n"
        f"{table(columns)}\n\n"
        f"| subject | right | else most often |\n| --- | ---: | --- |\n{subjects}\n"
    )
    return report, page(pictures[: 6 * len(SUBJECTS)], len(SUBJECTS))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--prompts", type=int, default=600)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--guidance", type=float, default=GUIDANCE)
    parser.add_argument("--reader", type=Path, default=READER, help="trained if not there")
    parser.add_argument("--out", type=Path, default=Path("data/postcard-evaluation"))
    options = parser.parse_args()
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    options.out.mkdir(parents=True, exist_ok=True)
    classifier = cached_classifier(
        options.reader,
        seed=9001,
        report=lambda values: print("classifier:", values, flush=True),
    )
    report, sheet = evaluate(
        options.weights, classifier, options.prompts, options.steps, options.guidance
    )
    sheet.save(options.out / "page.png")
    print(report, flush=True)
    pipeline = load(options.weights)
    report += "\n" + measures.table(
        measures.words(pipeline, classifier, 20, options.steps),
        measures.pictures(pipeline, 24, options.steps),
        measures.variety(pipeline, classifier, 48, options.steps),
    )
    (options.out / "report.md").write_text(report + "\n")
    print(report[report.rindex("| measure") :])


if __name__ == "__main__":
    main()
