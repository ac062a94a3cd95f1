"""Inpainting models: those whose denoisers are shown, beside what they denoise, what stays of a
picture and where something is to be painted."""

# pyright: basic
from __future__ import annotations

import inspect
from typing import Any

import diffusers
import numpy
from diffusers.pipelines.auto_pipeline import AutoPipelineForInpainting
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from PIL import Image

from core.errors import ModelBrokenError
from core.models import Model
from core.sentences import say
from generation.faults import UnfitRequestError
from generation.model_folder import Located


def load(located: Located, **how: Any) -> Any:
    """The pipeline that the folder names, if it takes a mask, else the one that paints with such a
    model: files that were put together by others often name the usual one. `how` is for diffusers.
    Raises what that raises."""
    named = getattr(diffusers, located.pipeline, None)
    kind = DiffusionPipeline if takes_mask(named) else AutoPipelineForInpainting
    return kind.from_pretrained(located.source, **how)


def takes_mask(pipeline: Any) -> bool:
    """Of a pipeline or its class; False for anything else."""
    call = getattr(pipeline, "__call__", None)  # noqa: B004
    return call is not None and "mask_image" in inspect.signature(call).parameters


def check_steps(pipeline: Any, model: Model) -> None:
    """Raises ModelBrokenError where the sizes of `model` are not those that the pipeline draws: it
    would draw others."""
    step = pipeline.image_processor.config.vae_scale_factor
    if model.size_step % step:
        raise ModelBrokenError(
            f"The model “{model.name}” paints in steps of {step} pixels, not of {model.size_step}; "
            f"give it and the models it paints for size_step = {step} in models.toml."
        )


def cells_of(painted: Image.Image, pipeline: Any) -> Image.Image:
    """The mask as the pipeline is told it: white for whole cells of its latents, wherever anything
    is `painted` in them. What it makes of the rest of these cells is not seen in the end."""
    step = pipeline.vae_scale_factor
    tones = numpy.asarray(painted)
    height, width = (-(-length // step) for length in tones.shape)
    whole = numpy.zeros((height * step, width * step), numpy.uint8)
    whole[: tones.shape[0], : tones.shape[1]] = tones
    cells = whole.reshape(height, step, width, step).max(axis=(1, 3))
    grown = cells.repeat(step, axis=0).repeat(step, axis=1)
    return Image.fromarray(grown[: tones.shape[0], : tones.shape[1]])


def only_paints(model: str) -> UnfitRequestError:
    return UnfitRequestError(
        say(
            "The model “{model}” paints parts of pictures and draws none from words; use another "
            "one. Nothing was charged.",
            model=model,
        )
    )


def all_ears(model: str) -> UnfitRequestError:
    return UnfitRequestError(
        say(
            "The model “{model}”, which paints parts of pictures, cannot keep anything out of "
            "them; leave --no and negative weights out. Nothing was charged.",
            model=model,
        )
    )
