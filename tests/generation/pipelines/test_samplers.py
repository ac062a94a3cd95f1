from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch

from core.flags import SAMPLERS
from generation.samplers import Estimate, sampler_for
from tests.generation.build import a_request
from tests.generation.pipelines.conftest import Make, furthest
from tests.generation.pipelines.test_painter import bare


@pytest.mark.parametrize("name", sorted(SAMPLERS.values()))
def test_a_sampler_is_diffusers_own(make: Make, folders: dict[str, Path], name: str):
    made = make(sampler=name, count=1, steps=5)
    pipeline = bare(folders["sd"])
    pipeline.scheduler = getattr(diffusers, name).from_config(pipeline.scheduler.config)
    expected = pipeline(
        prompt="a cat",
        width=64,
        height=64,
        num_inference_steps=5,
        guidance_scale=4.0,
        generator=[torch.Generator().manual_seed(a_request().seed)],
    ).images
    assert furthest(made.pictures[0], expected[0]) <= 1


@pytest.mark.parametrize("name", ["HeunDiscreteScheduler", "KDPM2DiscreteScheduler"])
def test_a_sampler_of_two_calls_a_step_counts_steps(make: Make, name: str):
    assert make(sampler=name, count=1, steps=6).steps == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("name", ["PNDMScheduler", *sorted(SAMPLERS.values())])
@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_the_estimate_finds_the_picture_from_the_first_step(name: str, prediction: str):
    """With a denoiser that always predicts the noise of one and the same picture."""
    torch.manual_seed(0)
    goal = torch.rand(1, 4, 4, 4)
    config = {"beta_schedule": "scaled_linear", "prediction_type": prediction}
    if name == "PNDMScheduler":
        config["skip_prk_steps"] = True
    if name == "LCMScheduler":
        config["original_inference_steps"] = 50
    scheduler: Any = getattr(diffusers, name).from_config(config)
    scheduler.set_timesteps(10)
    estimate = Estimate(scheduler)
    sample = torch.randn(1, 4, 4, 4) * scheduler.init_noise_sigma
    for time in scheduler.timesteps[:5]:
        alpha = scheduler.alphas_cumprod[int(time)]
        # What the denoiser is given: sqrt(alpha) goal + sqrt(1 - alpha) noise, for each of them.
        seen = scheduler.scale_model_input(sample, time)
        noise_seen = (seen - alpha**0.5 * goal) / (1 - alpha) ** 0.5
        output = noise_seen
        if prediction == "v_prediction":
            output = alpha**0.5 * noise_seen - (1 - alpha) ** 0.5 * goal
        sample = scheduler.step(output, time, sample, return_dict=False)[0]
        found = estimate.finished_latents(sample)
        assert torch.nn.functional.mse_loss(found, goal) < 0.05


def test_only_samplers_that_fit_are_offered(folders: dict[str, Path]):
    pipeline = bare(folders["sd"])
    for name in SAMPLERS.values():
        assert sampler_for(pipeline, name) is getattr(diffusers, name)
    for name in (
        "EDMEulerScheduler",
        "FlowMatchEulerDiscreteScheduler",
        "DPMSolverMultistepInverseScheduler",
        "StableDiffusionPipeline",
        "torch",
        "",
        "__doc__Scheduler",
    ):
        assert sampler_for(pipeline, name) is None
