"""Samplers: the diffusers schedulers that fit a model, and what they expect at the end."""

# pyright: basic
from __future__ import annotations

import functools
from typing import Any

import diffusers
from diffusers.schedulers.scheduling_utils import KarrasDiffusionSchedulers, SchedulerMixin
from torch import Tensor

from core.flags import SAMPLERS
from generation.faults import UnfitRequestError

# The samplers of Stable Diffusion 1, 2 and XL. diffusers lists EDM's too, which is for models
# trained in another way, and leaves out two that its documentation uses with them.
_INTERCHANGEABLE = {kind.name for kind in KarrasDiffusionSchedulers} - {"EDMEulerScheduler"} | {
    "LCMScheduler",
    "TCDScheduler",
}


def sampler_for(pipeline: Any, name: str) -> type | None:
    """The scheduler class `name`, if it can stand in for the pipeline's own; None if it cannot."""
    kind = getattr(diffusers, name, None) if name.endswith("Scheduler") else None
    # A class whose extra packages are missing here is present as a dummy of another type.
    if not isinstance(kind, type) or not issubclass(kind, SchedulerMixin):
        return None
    own = type(pipeline.scheduler)
    return kind if kind is own or {name, own.__name__} <= _INTERCHANGEABLE else None


def use_sampler(pipeline: Any, name: str, model: str) -> None:
    """Gives the pipeline a fresh scheduler of class `name`, made from the config of its own.

    Raises UnfitRequestError when there is none of the name or it does not fit the model.
    """
    kind = sampler_for(pipeline, name)
    if kind is None:
        words = {words for words, other in SAMPLERS.items() if sampler_for(pipeline, other)}
        offer = f"it has {', '.join(sorted(words))}" if words else "leave --sampler out"
        raise UnfitRequestError(
            f"The sampler “{name}” does not fit the model “{model}”; {offer}. Nothing was charged."
        )
    pipeline.scheduler = kind.from_config(pipeline.scheduler.config)


class Estimate:
    """Watches a scheduler of one task: what it expects the finished latents to be, so far.

    Almost every scheduler works that out on its way and pipelines throw it away. Nothing the
    scheduler computes is changed.
    """

    def __init__(self, scheduler: Any) -> None:
        self._scheduler = scheduler
        self._given: Tensor | None = None
        self._step: tuple[Any, Any, Any] | None = None
        original = scheduler.step

        @functools.wraps(original)
        def step(model_output, timestep, sample, *args, return_dict=True, **kwargs):
            result = original(model_output, timestep, sample, *args, return_dict=True, **kwargs)
            self._given = getattr(result, "pred_original_sample", None)
            self._step = (model_output, timestep, sample)
            return result if return_dict else result.to_tuple()

        scheduler.step = step

    def finished_latents(self, latents: Tensor) -> Tensor:
        """The estimate after the last step; `latents`, as they are, where there is none."""
        if self._given is not None:
            return self._given
        config = self._scheduler.config
        if config.get("predict_x0") or str(config.get("algorithm_type")).endswith("++"):
            kept = getattr(self._scheduler, "model_outputs", None)
            if kept and kept[-1] is not None:
                return kept[-1]
        alphas = getattr(self._scheduler, "alphas_cumprod", None)
        if alphas is None or self._step is None:
            return latents
        output, timestep, sample = self._step
        alpha = alphas.to(sample.device)[min(int(timestep), len(alphas) - 1)]
        match config.get("prediction_type"):
            case "epsilon":
                return (sample - (1 - alpha) ** 0.5 * output) / alpha**0.5
            case "v_prediction":
                return alpha**0.5 * sample - (1 - alpha) ** 0.5 * output
            case "sample":
                return output
        return latents
