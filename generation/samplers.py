"""Samplers: the diffusers schedulers that fit a model, and what they expect at the end."""

# pyright: basic
from __future__ import annotations

import functools
from difflib import get_close_matches
from typing import Any

import diffusers
from diffusers.schedulers.scheduling_utils import SchedulerMixin
from torch import Tensor

from generation.faults import UnfitRequestError


def samplers_for(pipeline: Any) -> dict[str, type]:
    """The scheduler classes that can stand in for the pipeline's own, by name."""
    # Classes whose extra packages are missing here are present as dummies of another type.
    return {
        kind.__name__: kind
        for kind in (type(pipeline.scheduler), *pipeline.scheduler.compatibles)
        if isinstance(kind, type) and issubclass(kind, SchedulerMixin)
    }


def use_sampler(pipeline: Any, name: str, model: str) -> None:
    """Gives the pipeline a fresh scheduler of class `name`, made from the config of its own.

    Raises UnfitRequestError when there is none of the name or it does not fit the model.
    """
    fitting = samplers_for(pipeline)
    if name not in fitting:
        near = get_close_matches(name, fitting, n=1)
        mend = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(fitting))}."
        exists = hasattr(diffusers, name) and name.endswith("Scheduler")
        what = "does not fit" if exists else "is no sampler of"
        raise UnfitRequestError(f"“{name}” {what} the model “{model}”; {mend}")
    pipeline.scheduler = fitting[name].from_config(pipeline.scheduler.config)


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
