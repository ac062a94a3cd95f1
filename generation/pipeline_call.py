"""What a pipeline's call is given for a request, and what it gives back."""

# pyright: basic
from __future__ import annotations

import inspect
from fractions import Fraction
from typing import Any

import numpy
import torch
from PIL import Image
from torch import Tensor

from core.request import Request
from generation import inpainting
from generation.conditioning import Words
from generation.sharpening import rescale_of


def call_arguments(
    pipeline: Any,
    request: Request,
    words: Words,
    indices: range,
    source: Image.Image | list[Image.Image] | None = None,
    mask: Image.Image | None = None,
) -> dict[str, Any]:
    """The arguments of the pipeline's call for the pictures `indices` (from 0) of the request; with
    a `mask`, only what is white in it is painted. Raises UnfitRequestError for words that the
    pipeline would not hear.

    Each picture has its own generator, on the CPU: its noise depends on its seed alone, not on the
    device or on the pictures beside it.
    """
    arguments: dict[str, Any] = {
        "width": request.width,
        "height": request.height,
        "num_inference_steps": request.steps,
        "guidance_scale": request.guidance,
        "num_images_per_prompt": len(indices),
        "generator": [
            torch.Generator("cpu").manual_seed(request.image_seed(index)) for index in indices
        ],
        "guidance_rescale": rescale_of(request.exp),
        "output_type": "pt",
    }
    arguments |= words.arguments(indices)
    if source is not None and request.source is not None:
        # One for each picture: not all pipelines repeat it.
        pictures = source if isinstance(source, list) else [source] * len(indices)
        # Some pipelines round the steps that are run, others those that are left out, so the share
        # must be exact, which no float is.
        strength = Fraction(request.schedule_steps, request.steps)
        arguments |= {"image": pictures, "strength": strength}
    known = inspect.signature(pipeline.__call__).parameters
    if mask is not None:
        arguments["mask_image"] = mask
        if "negative_prompt_embeds" in arguments.keys() - known.keys():
            raise inpainting.all_ears(request.model)
    return {name: value for name, value in arguments.items() if name in known}


def step_of(index: int, calls: int, steps: int) -> int:
    """The step (from 1) that call `index` (from 0) belongs to: some samplers call twice a step."""
    return max(1, min(steps, (index + 1) * steps // max(1, calls)))


def to_pictures(pixels: Tensor) -> list[Image.Image]:
    """N x 3 x H x W in 0..1 to pictures, rounded as diffusers' own `numpy_to_pil` does."""
    # Rounded where the pixels are, so that a quarter of the bytes cross to the host.
    whole = (pixels.float() * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu()
    return [from_tensor(one) for one in whole]


def to_tensor(picture: Image.Image) -> Tensor:
    """H x W x 3, in bytes."""
    return torch.from_numpy(numpy.array(picture))


def from_tensor(pixels: Tensor) -> Image.Image:
    """The inverse of `to_tensor`."""
    return Image.fromarray(pixels.numpy())
