"""SDXL's autoencoder in half precision, shared by tasks that would each change its format."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.pipelines.auto_pipeline import AutoPipelineForImage2Image, AutoPipelineForText2Image
from PIL import Image
from torch import Tensor

from generation.steady_vae import keep_steady

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


def load(folder: Path, dtype: torch.dtype) -> Any:
    pipeline = AutoPipelineForText2Image.from_pretrained(folder, dtype=dtype)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def draw(pipeline: Any, **more: Any) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    arguments = {"num_inference_steps": 2, "generator": generator, "output_type": "pt"}
    return pipeline("a cat", **arguments, **more).images.float()


def from_picture(pipeline: Any) -> Tensor:
    other = AutoPipelineForImage2Image.from_pipe(pipeline)
    other.set_progress_bar_config(disable=True)
    picture = Image.linear_gradient("L").resize((64, 64)).convert("RGB")
    return draw(other, image=picture, strength=0.5)


def test_in_float16_it_is_float32_throughout_and_the_pictures_are_the_same(
    folders: dict[str, Path],
):
    size = {"width": 64, "height": 64}
    plain = load(folders["xl"], torch.float16)
    wanted = draw(plain, **size), from_picture(plain)
    steady = load(folders["xl"], torch.float16)
    keep_steady(steady, torch.float16)
    formats: set[torch.dtype] = set()
    steady.vae.decoder.register_forward_hook(lambda *_: formats.add(steady.vae.dtype))
    steady.vae.encoder.register_forward_hook(lambda *_: formats.add(steady.vae.dtype))
    for made, asked in zip((draw(steady, **size), from_picture(steady)), wanted, strict=True):
        assert (made - asked).abs().max() < 2e-3
    assert formats == {torch.float32}
    assert steady.vae.dtype is torch.float32
    assert steady.unet.dtype is torch.float16
    assert type(steady.vae).__name__ == "AutoencoderKL"


def test_in_bfloat16_it_stays_what_it_is_and_so_do_copies(folders: dict[str, Path]):
    pipeline = load(folders["xl"], torch.bfloat16)
    keep_steady(pipeline, torch.bfloat16)
    from_picture(pipeline)
    assert pipeline.vae.dtype is torch.bfloat16
    own = copy.copy(pipeline.vae)
    assert own.decode(torch.zeros(1, 4, 8, 8)).sample.dtype is torch.bfloat16


def test_others_are_left_alone(folders: dict[str, Path]):
    for name, dtype in (("xl", torch.float32), ("sd", torch.float16)):
        pipeline = load(folders[name], dtype)
        kind = type(pipeline.vae)
        keep_steady(pipeline, dtype)
        assert type(pipeline.vae) is kind
        assert pipeline.vae.dtype is dtype
        assert pipeline.vae.config.force_upcast


def test_t5_keeps_what_overflows_in_float32(folders: dict[str, Path]):
    encoder = load(folders["flux"], torch.float16).text_encoder_2
    kept = {one.dtype for name, one in encoder.named_parameters() if ".wo." in name}
    assert (kept, encoder.dtype) == ({torch.float32}, torch.float16)
