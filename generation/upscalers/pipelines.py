"""The upscaling pipelines of diffusers, unmodified: the picture is denoised whole by one sampler,
in windows that overlap, on the device's thread and beside the steps of others."""

# pyright: basic
from __future__ import annotations

import copy
import math
from functools import partial
from typing import Any

import diffusers
import torch
from torch import Tensor
from torch.nn import functional

from core.model import Model
from core.sentences import say
from core.speed import Speed
from core.upscalers import Upscaler
from generation import speed
from generation.edits.windows import use_windows
from generation.model_folder import Located
from generation.model_folder import locate as locate_folder
from generation.models import no_gaps
from generation.thrift import use_least_memory
from generation.upscalers.growing import (
    Growth,
    broken,
    reduced,
    shelf_name,
    smaller_and_smaller,
    unbelievable,
    unloadable,
)

STEPS = 20

_GUIDANCE, _NOISE = 6.0, 20
"""Of the one that reads the prompt: how much that counts, and how much of the small picture's grain
is not believed."""

_WINDOW, _WINDOW_THRIFTY = 256, 128
"""Pixels of the small picture along the side of a window."""

_DECODED_WHOLE = 1 << 20
"""Pixels of the large picture; above so many it is decoded in parts."""

SCALES = {"StableDiffusionUpscalePipeline": 4, "StableDiffusionLatentUpscalePipeline": 2}


class Pipeline:
    """A loaded pipeline; each picture has a copy of it, on the same weights."""

    def __init__(self, upscaler: Upscaler, shared: Any, held: speed.Held) -> None:
        self.upscaler = upscaler
        self.held = held
        self._shared = shared
        self._kind = type(shared).__name__

    @property
    def name(self) -> str:
        return shelf_name(self.upscaler)

    @property
    def scale(self) -> int:
        return SCALES[self._kind]

    @property
    def _unit(self) -> int:
        """Sides of small pictures must be multiples of it: no part of the denoiser or the
        autoencoder rounds then."""
        halvings = 2 ** (len(self._shared.unet.config.block_out_channels) - 1)
        cell = 2 ** (len(self._shared.vae.config.block_out_channels) - 1)
        latents = self.scale / cell
        return math.lcm(cell, max(1, round(halvings / latents)))

    def grown(self, pixels: Tensor, times: int, how: Growth) -> Tensor:
        height, width = pixels.shape[2:]
        unit = self._unit
        more = (0, -width % unit, 0, -height % unit)
        padded = functional.pad(pixels, more, mode="replicate")
        side = _WINDOW_THRIFTY if how.thrifty else _WINDOW
        work = partial(self._drawn, padded, how)
        large = smaller_and_smaller(work, side, self.upscaler.name)
        promised = tuple(side * self.scale for side in padded.shape[2:])
        if tuple(large.shape[2:]) != promised or not bool(torch.isfinite(large).all()):
            raise unbelievable(self.upscaler)
        large = large[:, :, : height * self.scale, : width * self.scale]
        return reduced(large, (height * times, width * times))

    def _drawn(self, pixels: Tensor, how: Growth, side: int) -> Tensor:
        own = copy.copy(self._shared)
        own.scheduler = type(own.scheduler).from_config(own.scheduler.config)
        how.ride.attach_beside(own, "decode")
        height, width = pixels.shape[2:]
        unit = self._unit
        high, wide = (min(one, max(unit, side // unit * unit)) for one in (height, width))
        if (high, wide) != (height, width):
            use_windows(own, (width, height), (wide, high))
        if how.thrifty or height * width * self.scale**2 > _DECODED_WHOLE:
            use_least_memory(own)
        try:
            return own(**self._arguments(pixels, how)).images.float().cpu()
        finally:
            # They refer to themselves, and would keep their tensors until somebody looks for that.
            vars(own.scheduler).clear()
            vars(own).clear()

    def _arguments(self, pixels: Tensor, how: Growth) -> dict[str, Any]:
        request = how.request
        arguments: dict[str, Any] = {
            "prompt": request.text,
            "image": pixels,
            "num_inference_steps": STEPS,
            "generator": torch.Generator("cpu").manual_seed(request.seed),
            "output_type": "pt",
        }
        if self.scale == 2:
            # Taught without words: they change little, and make every step twice as long.
            return arguments | {"guidance_scale": 0.0}
        avoid = ", ".join(request.avoid)
        return arguments | {
            "guidance_scale": _GUIDANCE,
            "negative_prompt": avoid or None,
            "noise_level": min(_NOISE, self._shared.config.max_noise_level),
        }


def locate(upscaler: Upscaler) -> Located:
    """Raises ModelBrokenError with the mend."""
    asked = Model(name=upscaler.name, source=upscaler.source, revision=upscaler.revision)
    return locate_folder(asked)


def load(upscaler: Upscaler, usual: Speed, device: torch.device, dtype: torch.dtype) -> Pipeline:
    """By diffusers' own call. Raises ModelBrokenError, OutOfMemoryError."""
    located = locate(upscaler)
    kind = located.pipeline
    if kind not in SCALES:
        raise broken(
            upscaler,
            say(
                "it is a {kind}, which draws nothing larger; use one of {kinds}.",
                kind=kind,
                kinds=", ".join(SCALES),
            ),
        )
    try:
        with no_gaps():
            pipeline = getattr(diffusers, kind).from_pretrained(
                located.source,
                dtype=dtype,
                variant=located.variant,
                revision=upscaler.revision,
                local_files_only=True,
                use_safetensors=True,
            )
        # Once for a picture is too seldom for what compiling takes.
        how = usual.over({"compile": "off", "quantize": "off", "feature_cache": "off"})
        held = speed.arrange(pipeline, upscaler.name, how, device, dtype)
    # The libraries raise a dozen kinds for files that do not fit together.
    except Exception as error:
        raise unloadable(upscaler, error) from error
    pipeline.set_progress_bar_config(disable=True)
    latents = pipeline.vae.config.latent_channels
    taken = pipeline.unet.config.in_channels
    wanted = latents + (3 if kind == "StableDiffusionUpscalePipeline" else latents)
    if taken != wanted:
        raise broken(
            upscaler,
            say(
                "its denoiser takes {taken} channels instead of {wanted}; use another.",
                taken=taken,
                wanted=wanted,
            ),
        )
    return Pipeline(upscaler, pipeline, held)
