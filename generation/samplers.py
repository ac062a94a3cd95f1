"""Samplers: which of diffusers' schedulers fit a model, and how they are made to fit."""

# pyright: basic
from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Mapping
from typing import Any

import diffusers
import torch
from diffusers.schedulers.scheduling_utils import KarrasDiffusionSchedulers, SchedulerMixin
from torch import Tensor

from core.samplers import BASIC, Sampler, sampler_called
from core.sentences import say
from generation.faults import UnfitRequestError
from generation.quiet import quiet

# For models that predict noise, or velocity: Stable Diffusion 1, 2 and XL. diffusers lists EDM's
# too, which is for models trained in another way, and leaves out five that work alike.
_NOISE = {kind.name for kind in KarrasDiffusionSchedulers} - {"EDMEulerScheduler"} | {
    "DDIMParallelScheduler",
    "DDPMParallelScheduler",
    "LCMScheduler",
    "SASolverScheduler",
    "TCDScheduler",
}
_FLOW = {
    "FlowMatchEulerDiscreteScheduler",
    "FlowMatchHeunDiscreteScheduler",
    "FlowMatchLCMScheduler",
    "LTXEulerAncestralRFScheduler",
}
_OWN_SIGMAS = {"FlowMatchEulerDiscreteScheduler", "FlowMatchLCMScheduler"}
"""Those that take the noise levels which a flow pipeline works out for itself."""

_SPREADS = ("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas")
"""Other ways to spread the steps, which do not go with a flow model's own."""
_LONG = {
    "HeunDiscreteScheduler",
    "KDPM2AncestralDiscreteScheduler",
    "KDPM2DiscreteScheduler",
}
_MOST_NOISE = 1000.0
"""Noise for one part of picture at the beginning, above which some lead nowhere: `_LONG` and the
older DPM-Solver, whose first step goes by both of its ends, and a spacing that is even in noise."""


def is_flow(scheduler: Any) -> bool:
    """Whether it is for a model that predicts the flow from noise to picture."""
    config = scheduler.config
    return (
        type(scheduler).__name__ in _FLOW
        or config.get("prediction_type") == "flow_prediction"
        or bool(config.get("use_flow_sigmas"))
    )


def sampler_for(pipeline: Any, name: str) -> type | None:
    """The scheduler class with which the sampler `name` can stand in for the pipeline's own; None
    if it cannot."""
    own = pipeline.scheduler
    called = sampler_called(name)
    kind = _class(called.flow if is_flow(own) else called.scheduler)
    if kind is None or kind is type(own):
        return kind
    if is_flow(own):
        able = kind.__name__ in _NOISE and "use_flow_sigmas" in _parameters(kind)
        return kind if kind.__name__ in _FLOW or able else None
    if not {kind.__name__, type(own).__name__} <= _NOISE:
        return None
    careful = (
        kind.__name__ not in _LONG
        and called.options.get("algorithm_type") != "dpmsolver"
        and not called.options.get("use_beta_sigmas")
    )
    return kind if careful or _most_noise(own) < _MOST_NOISE else None


def use_sampler(pipeline: Any, name: str, model: str) -> None:
    """Gives the pipeline a fresh scheduler, made from the config of its own.

    `name` is a sampler's in `core.samplers`, or a class of diffusers. Raises UnfitRequestError when
    there is none of the name or it does not fit the model.
    """
    kind = sampler_for(pipeline, name)
    if kind is None:
        fit = [known for known in BASIC if sampler_for(pipeline, known)]
        if not fit:
            raise UnfitRequestError(
                say(
                    "The sampler “{name}” does not fit the model “{model}”; leave --sampler out. "
                    "Nothing was charged.",
                    name=name,
                    model=model,
                )
            )
        raise UnfitRequestError(
            say(
                "The sampler “{name}” does not fit the model “{model}”; it has {samplers}. "
                "Nothing was charged.",
                name=name,
                model=model,
                samplers=", ".join(fit),
            )
        )
    own = pipeline.scheduler
    options = _options(sampler_called(name), kind, own)
    # DPM fast is the older of two algorithms, of which diffusers warns; its version is pinned.
    with quiet(FutureWarning, ".*algorithm_type"):
        pipeline.scheduler = kind.from_config(own.config, **options)
    if is_flow(own) and kind is not type(own):
        _fit_flow(pipeline.scheduler, own.config)
    elif not is_flow(own):
        _begin_at_the_beginning(pipeline.scheduler)


def with_seeds(scheduler: Any, seeds: list[int]) -> None:
    """Lets one that draws its noise from seeds of its own use those, one a picture."""
    if hasattr(scheduler, "noise_sampler_seed"):
        scheduler.noise_sampler_seed = seeds
        scheduler.noise_sampler = None


def _class(name: str) -> type | None:
    kind = getattr(diffusers, name, None) if name.endswith("Scheduler") else None
    # A class whose extra packages are missing here is present as a dummy of another type.
    return kind if isinstance(kind, type) and issubclass(kind, SchedulerMixin) else None


def _most_noise(scheduler: Any) -> float:
    """At the beginning, for one part of picture."""
    alpha = float(scheduler.alphas_cumprod[-1])
    return math.sqrt((1 - alpha) / alpha) if alpha > 0 else math.inf


def _parameters(kind: type) -> set[str]:
    return set(inspect.signature(kind).parameters)


def _options(sampler: Sampler, kind: type, own: Any) -> dict[str, Any]:
    known = _parameters(kind)
    options: dict[str, Any] = {
        name: value for name, value in sampler.options.items() if name in known
    }
    if is_flow(own) and "use_flow_sigmas" in known and kind is not type(own):
        options |= {
            "prediction_type": "flow_prediction",
            "use_flow_sigmas": True,
            "flow_shift": own.config.get("shift", own.config.get("flow_shift", 1.0)),
            # Its shift is set by `_fit_flow`, once the size of the picture is known.
            "use_dynamic_shifting": False,
        }
        options |= dict.fromkeys(_SPREADS, False)
    if kind.__name__ == "SASolverScheduler":
        # The word means something else to others, and may come from the model's own.
        options.setdefault("algorithm_type", "data_prediction")
    return {name: value for name, value in options.items() if name in known}


def _begin_at_the_beginning(scheduler: Any) -> None:
    """Steps of nearly the same noise can be rounded to the same time; a scheduler looks for the
    time that it is called with first, takes the second of two, and runs out of steps at the end."""
    original = scheduler.set_timesteps

    @functools.wraps(original)
    def set_timesteps(*arguments, **named):
        original(*arguments, **named)
        times = scheduler.timesteps
        if len(times) > 1 and times[0] == times[1] and hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(0)

    scheduler.set_timesteps = set_timesteps


def _fit_flow(scheduler: Any, own: Mapping[str, Any]) -> None:
    """Lets `scheduler` be called as flow pipelines call the one that their model came with.

    They name noise levels and a shift that others work out or are told in another way, and ask for
    noise to be mixed in by a name of its own. `own` is the configuration of the model's scheduler.
    """
    original = scheduler.set_timesteps
    name = type(scheduler).__name__
    shift = next((key for key in ("flow_shift", "shift") if key in scheduler.config), None)

    def set_timesteps(num_inference_steps=None, device=None, *, sigmas=None, mu=None):
        moving = mu is not None and own.get("use_dynamic_shifting")
        if name in _OWN_SIGMAS:
            return original(num_inference_steps, device=device, sigmas=sigmas, mu=mu)
        steps = num_inference_steps if sigmas is None else len(sigmas)
        if name == "LTXEulerAncestralRFScheduler":
            return original(steps, device=device, mu=mu if moving else None)
        if mu is not None and moving and shift is not None:
            linear = own.get("time_shift_type") == "linear"
            scheduler.register_to_config(**{shift: mu if linear else math.exp(mu)})
        return original(steps, device=device)

    def scale_noise(sample: Tensor, timestep: Any, noise: Tensor) -> Tensor:
        level = torch.as_tensor(timestep, device=sample.device, dtype=sample.dtype)
        level = (level / scheduler.config.num_train_timesteps).reshape(-1, *[1] * (sample.ndim - 1))
        return (1 - level) * sample + level * noise

    scheduler.set_timesteps = set_timesteps
    if not hasattr(scheduler, "scale_noise"):
        scheduler.scale_noise = scale_noise
