"""What a sampler expects the finished latents to be, seen and, where that is wanted, changed."""

# pyright: basic
from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from generation.samplers import is_flow

Adjust = Callable[[Tensor, float], Tensor]
"""From finished latents, as expected, to those that are wanted; the other argument is the noise
level they were expected at, 1 for noise alone and 0 for none."""

_CLEAN = 0.02
"""A noise level below which nothing is changed any more: it would be divided by."""


class Estimate:
    """Watches a scheduler of one task: what it expects the finished latents to be, so far.

    Almost every scheduler works that out on its way and pipelines throw it away. Nothing the
    scheduler computes is changed unless `adjust` is given; then the denoiser's answers are, to
    what they would have been had it expected the adjusted latents.
    """

    def __init__(self, scheduler: Any, adjust: Adjust | None = None) -> None:
        self._scheduler = scheduler
        self._flow = is_flow(scheduler)
        self._given: Tensor | None = None
        self._step: tuple[Tensor, Any, Tensor] | None = None
        self.generators: list[torch.Generator] = []
        """For the noise of schedulers whose pipelines hand on none: one a picture."""
        original = scheduler.step
        takes_generator = "generator" in inspect.signature(original).parameters

        @functools.wraps(original)
        def step(model_output, timestep, sample, *args, return_dict=True, **kwargs):
            if adjust is not None:
                model_output = self._adjusted(adjust, model_output, timestep, sample)
            if takes_generator and not args and kwargs.get("generator") is None:
                kwargs["generator"] = self.generators or None
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
        if self._step is None:
            return latents
        output, timestep, sample = self._step
        mix = self._mix(timestep)
        found = None if mix is None else self._finished(output, sample, *mix)
        return latents if found is None else found

    @property
    def level(self) -> float:
        """The noise level of the last step: 1 is noise alone, 0 none."""
        mix = self._mix(self._step[1]) if self._step is not None else None
        return mix[1] / sum(mix) if mix is not None else 0.0

    def _mix(self, timestep: Any) -> tuple[float, float] | None:
        """How much picture and how much noise there is in what the denoiser sees at `timestep`."""
        if self._flow:
            level = float(timestep) / self._scheduler.config.num_train_timesteps
            return 1 - level, level
        alphas = getattr(self._scheduler, "alphas_cumprod", None)
        if alphas is None:
            return None
        # Times between the trained ones are in use too.
        below = min(max(int(timestep), 0), len(alphas) - 1)
        above = min(below + 1, len(alphas) - 1)
        alpha = torch.lerp(alphas[below], alphas[above], float(timestep) - below).clamp(0, 1).item()
        return alpha**0.5, (1 - alpha) ** 0.5

    def _finished(self, output: Tensor, seen: Tensor, part: float, noise: float) -> Tensor | None:
        match "flow" if self._flow else self._scheduler.config.get("prediction_type"):
            case "flow":
                return seen - noise * output
            case "epsilon" if part > 0:
                return (seen - noise * output) / part
            case "v_prediction":
                return part * seen - noise * output
            case "sample":
                return output
        return None

    def _adjusted(self, adjust: Adjust, output: Tensor, timestep: Any, sample: Tensor) -> Tensor:
        """The answer of a denoiser that expects what `adjust` makes of the finished latents."""
        mix = self._mix(timestep)
        if mix is None:
            return output
        part, noise = mix
        level = noise / (part + noise)
        if level < _CLEAN:
            return output
        scale = getattr(self._scheduler, "scale_model_input", None)
        seen = sample if self._flow or scale is None else scale(sample, timestep)
        finished = self._finished(output, seen, part, noise)
        if finished is None:
            return output
        change = adjust(finished, level) - finished
        match "flow" if self._flow else self._scheduler.config.get("prediction_type"):
            case "flow" | "v_prediction":
                return output - change / noise
            case "epsilon":
                return output - change * (part / noise)
        return output + change
