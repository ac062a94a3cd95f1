"""The jobs of the gate: each unlike the others in all that may differ inside one forward."""

# pyright: basic
from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import diffusers
import numpy
import torch
from PIL import Image
from torch import Tensor

from tests.generation import tiny
from tests.generation.gate.models import DEEP

SIDE = 64
SAMPLERS: Mapping[str, tuple[str, ...]] = {
    "sd": (
        "PNDMScheduler",
        "EulerAncestralDiscreteScheduler",
        "DPMSolverMultistepScheduler",
        "DDIMScheduler",
        "HeunDiscreteScheduler",
        "UniPCMultistepScheduler",
    ),
    "sd2": ("DDIMScheduler", "EulerDiscreteScheduler", "DPMSolverMultistepScheduler"),
    "sdxl": (
        "EulerDiscreteScheduler",
        "LCMScheduler",
        "EulerAncestralDiscreteScheduler",
        "TCDScheduler",
    ),
}
"""Those a job may have instead of its model's own."""
TURBO = {"LCMScheduler", "TCDScheduler"}


@dataclass(frozen=True, slots=True)
class Job:
    """One call of a pipeline; `number` decides all about it."""

    family: str
    mode: str
    number: int
    output: str = "latent"

    @property
    def count(self) -> int:
        return 1 + self.number % 3

    @property
    def steps(self) -> int:
        return (3, 5, 2, 4, 6)[self.number % 5]

    @property
    def sampler(self) -> str | None:
        known = SAMPLERS.get(self.family)
        return known[self.number % len(known)] if known else None

    def pipeline(self, shared: Any) -> Any:
        """A pipeline of its own; the models are `shared`'s."""
        own = copy.copy(shared)
        config = shared.scheduler.config
        kind = getattr(diffusers, self.sampler) if self.sampler else type(shared.scheduler)
        own.scheduler = kind.from_config(config)
        return own

    def draw(self, pipeline: Any) -> Tensor:
        """What the pipeline makes of it."""
        arguments = self.arguments()
        for name, value in arguments.items():
            # What an encoder makes comes in the dtype of its pipeline.
            if isinstance(value, Tensor) and value.is_floating_point():
                arguments[name] = value.to(pipeline.dtype)
        made = pipeline(**arguments)
        tensor = made[0] if self.family == "prior" else made.images
        assert isinstance(tensor, Tensor)
        return tensor

    def arguments(self) -> dict[str, Any]:
        seeds = [100 * self.number + index for index in range(self.count)]
        guidance = (1.0, 4.0, 7.5, 2.5)[self.number % 4]
        steps = self.steps
        if self.family.startswith("kandinsky"):
            # Without guidance the pipeline forgets to repeat its words for each picture.
            guidance += 1
        if self.sampler in TURBO:
            guidance = 1.0 + self.number % 2 / 2
        if self.sampler == "HeunDiscreteScheduler":
            steps = max(3, steps)
        arguments: dict[str, Any] = {
            "num_inference_steps": steps,
            "num_images_per_prompt": self.count,
            "generator": [torch.Generator().manual_seed(seed) for seed in seeds],
            "output_type": "pt" if self.family == "prior" else self.output,
            "guidance_scale": guidance,
        }
        if self.family == "prior":
            arguments["generator"] = arguments["generator"][0]
        else:
            arguments |= {"width": SIDE, "height": SIDE}
        if self.mode in ("image", "inpaint"):
            pictures = [self._picture(seed) for seed in seeds]
            # Some repeat one for each that is to be drawn, others do not.
            repeats = self.mode == "inpaint" or self.family == "kandinsky"
            arguments |= {"image": pictures[0] if repeats else pictures}
            if not self.family.startswith("kandinsky") or self.mode == "image":
                arguments |= {"strength": (0.9, 0.6, 0.75)[self.number % 3]}
            arguments["num_inference_steps"] = steps + 2
        arguments |= self._words(guidance)
        if self.mode == "inpaint":
            arguments |= {"mask_image": self._mask()}
        if self.mode == "control":
            arguments |= {
                "image": self._picture(seeds[0]),
                "controlnet_conditioning_scale": (0.8, 0.4)[self.number % 2],
            }
        return arguments

    def _words(self, guidance: float) -> dict[str, Any]:
        match self.family:
            case "klein":
                return self._embeds("prompt_embeds", 16) | self._embeds(
                    "negative_prompt_embeds", 16
                )
            case "z-image":
                lengths = (7, 40, 20)
                return {
                    name: [self._noise(lengths[self.number % 3], salt)[0]]
                    for salt, name in enumerate(("prompt_embeds", "negative_prompt_embeds"))
                }
            case "qwen":
                length = (12, 12, 9)[self.number % 3]
                whole = torch.ones(1, length, dtype=torch.long)
                return {
                    **self._embeds("prompt_embeds", length),
                    **self._embeds("negative_prompt_embeds", 12),
                    "prompt_embeds_mask": whole,
                    "negative_prompt_embeds_mask": torch.ones(1, 12, dtype=torch.long),
                    "true_cfg_scale": guidance,
                    "guidance_scale": None,
                }
            case "sana" | "sprint":
                mask = torch.ones(1, 16, dtype=torch.long)
                mask[:, 5 + self.number % 6 :] = 0
                words = self._embeds("prompt_embeds", 16) | {
                    "prompt_attention_mask": mask,
                    "use_resolution_binning": False,
                }
                if self.family == "sprint":
                    return words | {"num_inference_steps": 2, "intermediate_timesteps": 1.3}
                return words | {
                    "negative_prompt": None,
                    **self._embeds("negative_prompt_embeds", 16),
                    "negative_prompt_attention_mask": torch.ones(1, 16, dtype=torch.long),
                }
            case "kandinsky" | "kandinsky-inpaint":
                return {
                    name: _seeded(self.number, salt, 1, tiny.WIDTH)
                    for salt, name in enumerate(("image_embeds", "negative_image_embeds"))
                }
        text = ("a red house", "two dogs at dusk", "x", "a lighthouse in the snow")
        words = {"prompt": text[self.number % 4]}
        if not self.family.startswith("flux"):
            words |= {"negative_prompt": ("fog", "")[self.number % 2]}
        return words

    def _embeds(self, name: str, length: int) -> dict[str, Any]:
        return {name: self._noise(length, salt=len(name))}

    def _noise(self, length: int, salt: int) -> Tensor:
        return _seeded(self.number, salt, 1, length, DEEP)

    def _picture(self, seed: int) -> Image.Image:
        dots = numpy.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=numpy.uint8)
        return Image.fromarray(dots).resize((SIDE, SIDE), Image.Resampling.BICUBIC)

    def _mask(self) -> Image.Image:
        mask = Image.new("L", (SIDE, SIDE), 0)
        mask.paste(255, (8 * (self.number % 3), 8, 40, 56))
        return mask


def _seeded(number: int, salt: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1000 * number + salt))


def numbers(seed: int, count: int) -> list[int]:
    """Of jobs, in an order drawn by lot."""
    found = list(range(count))
    random.Random(seed).shuffle(found)
    return found
