"""The weights that ship: they load with diffusers' own calls and do what the prompt says."""

from collections.abc import Iterator

import diffusers
import numpy as np
import pytest
import torch
from diffusers import (
    AutoPipelineForImage2Image,
    AutoPipelineForInpainting,
    AutoPipelineForText2Image,
    StableDiffusionPipeline,
)
from PIL import Image

from generation.postcard import READER, WEIGHTS
from generation.postcard.classifier import cached_classifier, read
from generation.postcard.world import ATTRIBUTES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    # diffusers' samplers convert tensors in a way that numpy 2 has marked as going away.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

GUIDANCE = 4.0


@pytest.fixture(scope="module")
def pipeline() -> Iterator[StableDiffusionPipeline]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    pipeline = AutoPipelineForText2Image.from_pretrained(WEIGHTS, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    yield pipeline
    torch.set_num_threads(threads)


def make(
    pipeline: StableDiffusionPipeline, prompt: str, seeds: range, steps: int = 8, **more: object
) -> np.ndarray:
    """N x height x width x 3, 0..255."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    images = pipeline(
        [prompt] * len(seeds),
        num_inference_steps=steps,
        guidance_scale=GUIDANCE,
        generator=generators,
        **more,
    ).images
    return np.stack([np.asarray(image) for image in images]).astype(float)


def test_files_are_safetensors_and_small() -> None:
    files = [path for path in WEIGHTS.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".safetensors", ".json"}
    assert sum(path.stat().st_size for path in files) <= 25_000_000


def test_default_size_is_native(pipeline: StableDiffusionPipeline) -> None:
    assert make(pipeline, "a tree", range(1), steps=2).shape == (1, 128, 128, 3)


def test_same_seed_same_pixels_other_seed_other_pixels(pipeline: StableDiffusionPipeline) -> None:
    first, again, other = (
        make(pipeline, "a red boat", range(seed, seed + 1), 6) for seed in (3, 3, 4)
    )
    assert np.array_equal(first, again)
    assert np.abs(first - other).mean() > 4


@pytest.mark.parametrize(
    ("subject", "one", "channel", "other"),
    [
        ("castle", "red", 0, "blue"),
        ("balloon", "blue", 2, "orange"),
        ("mountain", "green", 1, "purple"),
    ],
)
def test_colour_obeys(
    pipeline: StableDiffusionPipeline, subject: str, one: str, channel: int, other: str
) -> None:
    def strength(colour: str) -> float:
        """How far the channel stands out in the middle, where the subject is."""
        prompt = f"a {colour} {subject} in the snow by day, in the middle"
        middle = make(pipeline, prompt, range(3))[:, 24:112, 32:96]
        rest = [k for k in range(3) if k != channel]
        return float((middle[..., channel] - middle[..., rest].mean(axis=-1)).mean())

    assert strength(one) > strength(other) + 8


def test_time_of_day_obeys(pipeline: StableDiffusionPipeline) -> None:
    sky = {
        time: make(pipeline, f"a tree in a meadow at {time}", range(2))[:, :24].mean((0, 1, 2))
        for time in ("dawn", "noon", "sunset", "night")
    }
    assert sky["night"].mean() < min(sky[time].mean() for time in ("dawn", "noon", "sunset")) - 40
    assert sky["noon"][2] > sky["noon"][0] + 50
    assert sky["sunset"][0] > sky["sunset"][1] + 20
    assert sky["dawn"].min() > sky["sunset"].min() + 30


def test_blank_prompt_gives_varied_scenes(pipeline: StableDiffusionPipeline) -> None:
    pictures = make(pipeline, "", range(6))
    assert pictures.std(axis=0).mean() > 20


@pytest.mark.parametrize("size", [(160, 104), (104, 160), (168, 96), (192, 80)])
def test_other_shapes(pipeline: StableDiffusionPipeline, size: tuple[int, int]) -> None:
    pictures = make(pipeline, "a red boat at sea", range(1), 4, width=size[0], height=size[1])
    assert pictures.shape == (1, size[1], size[0], 3)


@pytest.mark.parametrize(
    "name",
    [
        "DDIMScheduler",
        "EulerDiscreteScheduler",
        "EulerAncestralDiscreteScheduler",
        "UniPCMultistepScheduler",
        "PNDMScheduler",
        "LCMScheduler",
    ],
)
def test_other_samplers_draw_the_same_thing(pipeline: StableDiffusionPipeline, name: str) -> None:
    own = pipeline.scheduler
    try:
        pipeline.scheduler = getattr(diffusers, name).from_config(own.config)
        pictures = make(pipeline, "a green castle at night", range(3), 12)
    finally:
        pipeline.scheduler = own
    reader = cached_classifier(READER, seed=9001, report=lambda _: None)
    shown = read(reader, [Image.fromarray(picture.astype(np.uint8)) for picture in pictures])
    names = list(ATTRIBUTES)
    for what, value in {"subject": "castle", "colour": "green", "time": "night"}.items():
        assert set(shown[:, names.index(what)].tolist()) == {ATTRIBUTES[what].index(value)}


def test_image_to_image_keeps_the_layout(pipeline: StableDiffusionPipeline) -> None:
    source = make(pipeline, "a red castle in the snow by day, on the left", range(1))[0]
    fresh = make(pipeline, "a red castle by day", range(5, 6))[0]
    varied = (
        AutoPipelineForImage2Image.from_pipe(pipeline)(
            "a red castle by day",
            image=Image.fromarray(source.astype(np.uint8)),
            strength=0.3,
            num_inference_steps=12,
            guidance_scale=GUIDANCE,
            generator=torch.Generator().manual_seed(5),
        )
        .images[0]
        .convert("RGB")
    )

    def likeness(picture: np.ndarray) -> float:
        return float(np.corrcoef(picture.ravel(), source.ravel())[0, 1])

    assert likeness(np.asarray(varied).astype(float)) > max(0.85, likeness(fresh) + 0.1)


def test_inpainting_changes_the_masked_part(pipeline: StableDiffusionPipeline) -> None:
    source = make(pipeline, "a red house in a meadow by day, on the left", range(1))[0]
    mask = np.zeros((128, 128), np.uint8)
    mask[24:120, 72:] = 255
    made = AutoPipelineForInpainting.from_pipe(pipeline)(
        "a blue tree in a meadow by day, on the right",
        image=Image.fromarray(source.astype(np.uint8)),
        mask_image=Image.fromarray(mask),
        strength=1.0,
        width=128,
        height=128,
        num_inference_steps=12,
        guidance_scale=GUIDANCE,
        generator=torch.Generator().manual_seed(1),
    ).images[0]
    change = np.abs(np.asarray(made).astype(float) - source).mean(axis=2)
    assert change[mask == 0].mean() < 6
    assert change[mask == 255].mean() > 2.5 * change[mask == 0].mean()
