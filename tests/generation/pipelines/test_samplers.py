from __future__ import annotations

import copy
import functools
import inspect
import os
import warnings
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
from diffusers.schedulers.scheduling_utils import SchedulerMixin

from core.samplers import BASIC, SAMPLERS, SCHEDULERS
from generation.checkpoints import described
from generation.conditioning import Words
from generation.estimate import Estimate
from generation.faults import UnfitRequestError
from generation.pipeline_call import call_arguments
from generation.samplers import is_flow, sampler_for, use_sampler, with_seeds
from tests.generation.build import a_request
from tests.generation.pipelines.conftest import Make, furthest
from tests.generation.pipelines.test_painter import bare

STEPS = 3
SIDE = 32
EVERY = "EASEL_ALL_SAMPLERS" in os.environ
SPREAD = "" if EVERY else ("euler-", "dpm++2m-k", "dpm++2m-lu", "lms-k", "unipc-b")
"""Of the names that spread the steps in another way, those of these; all of them with
`EASEL_ALL_SAMPLERS=1`, which takes a minute more."""
NOISE = [
    name for name in SAMPLERS if name != "ipndm" and (name in BASIC or name.startswith(SPREAD))
] + [
    "DDIMParallelScheduler",
    "DDPMParallelScheduler",
    "EulerDiscreteScheduler",
    "DPMSolverSDEScheduler",
]
FLOW = [name for name, one in SAMPLERS.items() if one.flow] + [
    "FlowMatchEulerDiscreteScheduler",
    "UniPCMultistepScheduler",
]
CLASSES = sorted({SAMPLERS[name].scheduler for name in BASIC} - {"IPNDMScheduler"})
DISTINCT = ("DDIMScheduler", "DEISMultistepScheduler", "EulerDiscreteScheduler", "TCDScheduler")


@pytest.fixture(scope="module")
def loaded(folders: dict[str, Path]) -> dict[str, Any]:
    return {name: bare(folders[name]) for name in ("sd", "sd3", "flux")}


def latents_of(pipeline: Any, generator: torch.Generator) -> torch.Tensor:
    """Made by diffusers alone."""
    return pipeline(
        prompt="a cat",
        width=SIDE,
        height=SIDE,
        num_inference_steps=STEPS,
        guidance_scale=4.0,
        generator=[generator],
        output_type="latent",
    ).images


def ours(pipeline: Any, name: str) -> torch.Tensor:
    """Made as the painter does."""
    own = copy.copy(pipeline)
    own.scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
    use_sampler(own, name, "tiny")
    estimate = Estimate(own.scheduler)
    request = a_request("a cat", count=1, steps=STEPS, width=SIDE, height=SIDE)
    arguments = call_arguments(own, request, Words({"prompt": "a cat"}), range(1))
    estimate.generators = arguments["generator"]
    with_seeds(own.scheduler, [request.seed])
    return own(**(arguments | {"output_type": "latent"})).images


@pytest.mark.parametrize(
    ("model", "name"),
    [*(("sd", name) for name in NOISE), *(("sd3", name) for name in FLOW)],
)
def test_a_sampler_is_diffusers_own(loaded: dict[str, Any], model: str, name: str):
    """With its configuration written out as anybody would who reads diffusers' pages."""
    pipeline = copy.copy(loaded[model])
    one, config = SAMPLERS.get(name), pipeline.scheduler.config
    kind = getattr(diffusers, (one.flow if model == "sd3" else one.scheduler) if one else name)
    known = inspect.signature(kind).parameters
    options = {key: value for key, value in (one.options if one else {}).items() if key in known}
    if model == "sd3" and "use_flow_sigmas" in known:
        options |= {"prediction_type": "flow_prediction", "use_flow_sigmas": True}
        options["flow_shift"] = config.shift
    generator = torch.Generator().manual_seed(a_request().seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        pipeline.scheduler = kind.from_config(config, **options)
    if hasattr(pipeline.scheduler, "noise_sampler_seed"):
        pipeline.scheduler.noise_sampler_seed = [a_request().seed]
    if model == "sd3" and "generator" in inspect.signature(kind.step).parameters:
        # The pipeline would draw from torch's global state.
        pipeline.scheduler.step = functools.partial(pipeline.scheduler.step, generator=[generator])
    expected = latents_of(pipeline, generator)
    found = ours(loaded[model], name)
    assert found.isfinite().all()
    assert torch.linalg.norm(found - expected) <= 1e-4 * torch.linalg.norm(expected)


@pytest.mark.parametrize("name", [name for name in BASIC if SAMPLERS[name].flow])
def test_a_sampler_runs_where_the_pipeline_names_noise_levels_itself(
    loaded: dict[str, Any], name: str
):
    found, again = ours(loaded["flux"], name), ours(loaded["flux"], name)
    assert found.isfinite().all()
    assert torch.equal(found, again)
    if name != "euler":
        assert not torch.allclose(found, ours(loaded["flux"], "euler"), rtol=1e-3)


def test_a_size_moves_the_schedule_of_every_sampler_of_a_model_that_wants_it(
    loaded: dict[str, Any],
):
    pipeline = copy.copy(loaded["flux"])
    moving = {"use_dynamic_shifting": True, "shift": 3.0}
    pipeline.scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config, **moving)
    for name in ("euler", "dpm++2m", "unipc", "heun", "euler-a", "sa-solver"):
        own = copy.copy(pipeline)
        use_sampler(own, name, "tiny")
        middle = []
        for mu in (0.5, 1.15):
            own.scheduler.set_timesteps(sigmas=[1.0, 0.75, 0.5, 0.25], mu=mu)
            middle.append(float(own.scheduler.timesteps[len(own.scheduler.timesteps) // 2]))
        assert middle[0] < middle[1]


def test_the_painter_draws_with_the_sampler_that_was_asked_for(make: Make):
    drawn = {
        name: make(sampler=name, count=1, steps=STEPS).pixels[0]
        for name in ("euler", "euler-a", "dpm++2m-karras", "dpm++sde", "lms", "ddim", *DISTINCT)
    }
    assert drawn["ddim"] == drawn["DDIMScheduler"]
    assert drawn["euler"] == drawn["EulerDiscreteScheduler"]
    assert len(set(drawn.values())) == len(drawn) - 2


@pytest.mark.parametrize("name", ["dpm++sde", "dpm++2m-sde", "euler-a", "lcm"])
def test_noise_on_the_way_is_of_the_pictures_own_seed(make: Make, name: str):
    grid = make(sampler=name, count=3, seed=4, steps=STEPS)
    alone = make(sampler=name, count=1, seed=a_request(seed=4).image_seed(2), steps=STEPS)
    assert furthest(alone.pictures[0], grid.pictures[2]) <= 1


@pytest.mark.parametrize("name", ["euler-a", "lcm", "dpm++2m-sde"])
@pytest.mark.parametrize("model", ["sd3", "flux"])
def test_nothing_is_drawn_from_elsewhere(make: Make, model: str, name: str):
    torch.manual_seed(1)
    one = make(model=model, sampler=name, count=1)
    torch.manual_seed(2)
    assert make(model=model, sampler=name, count=1).pixels == one.pixels


@pytest.mark.parametrize("name", ["heun", "dpm2", "dpm++sde"])
def test_a_sampler_of_two_calls_a_step_counts_steps(make: Make, name: str):
    assert make(sampler=name, count=1, steps=6).steps == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("name", CLASSES)
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


def test_the_estimate_of_a_flow_finds_the_picture_from_the_first_step():
    torch.manual_seed(0)
    goal, sample = torch.rand(1, 4, 4, 4), torch.randn(1, 4, 4, 4)
    scheduler: Any = diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0)
    scheduler.set_timesteps(10)
    estimate = Estimate(scheduler)
    for time in scheduler.timesteps[:5]:
        output = (sample - goal) / (time / 1000)
        sample = scheduler.step(output, time, sample, return_dict=False)[0]
        assert torch.allclose(estimate.finished_latents(sample), goal, atol=1e-5)


def test_only_samplers_that_fit_are_offered(loaded: dict[str, Any]):
    for name in NOISE:
        assert sampler_for(loaded["sd"], name)
    for name in FLOW:
        assert sampler_for(loaded["sd3"], name)
        assert sampler_for(loaded["flux"], name)
    for name in (
        "ipndm",
        "EDMEulerScheduler",
        "FlowMatchEulerDiscreteScheduler",
        "DPMSolverMultistepInverseScheduler",
        "StableDiffusionPipeline",
        "torch",
        "",
        "__doc__Scheduler",
    ):
        assert sampler_for(loaded["sd"], name) is None
    for name in ("ddim", "dpm++2m-karras", "lms", "EulerDiscreteScheduler", "PiflowScheduler"):
        assert sampler_for(loaded["sd3"], name) is None


def test_a_sampler_that_does_not_fit_is_refused_with_those_that_do(loaded: dict[str, Any]):
    with pytest.raises(UnfitRequestError) as refused:
        use_sampler(copy.copy(loaded["flux"]), "ddim", "flux")
    assert refused.value.sentence == (
        "The sampler “ddim” does not fit the model “flux”; it has euler, euler-a, dpm++2m, "
        "dpm++2m-sde, dpm++2m-sde-heun, dpm++3m, dpm++3m-sde, dpm++2s, dpm++2s-a, heun, unipc, "
        "deis, sa-solver, lcm. Nothing was charged."
    )


def test_every_scheduler_of_diffusers_is_known_by_name():
    there = {name for name in dir(diffusers) if name.endswith("Scheduler")}
    assert set(SCHEDULERS) == there
    for one in SAMPLERS.values():
        for name in filter(None, (one.scheduler, one.flow)):
            assert issubclass(getattr(diffusers, name), SchedulerMixin)


def test_a_sampler_is_described_alike_in_every_process(loaded: dict[str, Any]):
    for name in ("dpm++2m-karras", "sa-solver", "dpm++sde"):
        own = copy.copy(loaded["sd"])
        use_sampler(own, name, "sd")
        assert " at 0x" not in str(described(own.scheduler))
        assert not is_flow(own.scheduler)
