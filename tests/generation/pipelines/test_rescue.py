"""Pipelines of other families: they are gone on with in the same way, from their own classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    StableDiffusion3Pipeline,
)

from generation.checkpoints import Checkpoint, read, state_of, write
from generation.rescue import Idle, Rescue
from tests.generation import tiny

STEPS = 7


def vae() -> AutoencoderKL:
    """A picture of 32 x 32 has many latents."""
    return tiny.flow_vae(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(16, 16),
    )


def flux(folder: Path) -> tuple[Any, dict[str, Any]]:
    torch.manual_seed(0)
    transformer = tiny.flux_transformer(guidance_embeds=True)
    without = dict.fromkeys(("text_encoder", "tokenizer", "text_encoder_2", "tokenizer_2"))
    FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(), vae=vae(), transformer=transformer, **without
    ).save_pretrained(folder)
    words = {
        "prompt_embeds": torch.randn(2, 6, tiny.WIDTH),
        "pooled_prompt_embeds": torch.randn(2, tiny.WIDTH),
    }
    return FluxPipeline.from_pretrained(folder, use_safetensors=True, **without), words


def sd3(folder: Path) -> tuple[Any, dict[str, Any]]:
    torch.manual_seed(0)
    transformer = tiny.sd3_transformer()
    without = dict.fromkeys(
        f"{what}{number}" for what in ("text_encoder", "tokenizer") for number in ("", "_2", "_3")
    )
    StableDiffusion3Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(), vae=vae(), transformer=transformer, **without
    ).save_pretrained(folder)
    words: dict[str, Any] = {}
    for side in ("", "negative_"):
        words[f"{side}prompt_embeds"] = torch.randn(2, 6, 2 * tiny.WIDTH)
        words[f"{side}pooled_prompt_embeds"] = torch.randn(2, 2 * tiny.WIDTH)
    return StableDiffusion3Pipeline.from_pretrained(folder, use_safetensors=True, **without), words


@pytest.mark.parametrize("family", [flux, sd3])
def test_what_follows_is_what_would_have_followed(tmp_path: Path, family: Any):
    pipeline, words = family(tmp_path / "model")
    pipeline.set_progress_bar_config(disable=True)
    real = pipeline.transformer
    kept = tmp_path / "j.safetensors"

    def call(after: Any) -> torch.Tensor:
        return pipeline(
            **words,
            width=32,
            height=32,
            num_inference_steps=STEPS,
            generator=generators,
            output_type="pt",
            callback_on_step_end=after,
        ).images

    def keep(pipe: Any, index: int, _: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        if index == 3:
            checkpoint = Checkpoint(
                step=4,
                calls=4,
                used_ms=0,
                latents=tensors["latents"].clone(),
                scheduler=state_of(pipe.scheduler),
                generators=[one.get_state() for one in generators],
                pictures=[],
            )
            write(kept, checkpoint, "mark")
        return {}

    generators = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    whole = call(keep)
    saved = read(kept, "mark")
    assert saved is not None
    # Another scheduler and other noise: all that counts comes from the file.
    pipeline.scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
    generators = [torch.Generator().manual_seed(seed) for seed in (3, 4)]
    rescue = Rescue(pipeline, saved, generators)
    assert isinstance(pipeline.transformer, Idle)

    def go_on(pipe: Any, index: int, _: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        if pipe.transformer is real:
            return {}
        latents = rescue.after(pipe, index, tensors["latents"])
        return {} if latents is None else {"latents": latents}

    assert torch.equal(call(go_on), whole)
    assert pipeline.transformer is real


def module(**config: Any) -> Any:
    class Module:
        pass

    made: Any = Module()
    made.config = config
    return made


@pytest.mark.parametrize(
    ("config", "given", "shape"),
    [
        ({"in_channels": 4, "out_channels": 4}, (2, 4, 8, 8), (2, 4, 8, 8)),
        ({"in_channels": 9, "out_channels": 4}, (2, 9, 8, 8), (2, 4, 8, 8)),
        ({"in_channels": 4, "out_channels": 8}, (2, 4, 8, 8), (2, 8, 8, 8)),
        ({"in_channels": 64, "out_channels": None}, (2, 16, 64), (2, 16, 64)),
        ({"in_channels": 384, "out_channels": 64, "patch_size": 1}, (2, 16, 384), (2, 16, 64)),
        ({"in_channels": 64, "out_channels": 16, "patch_size": 2}, (2, 16, 64), (2, 16, 64)),
    ],
)
def test_nothing_has_the_shape_that_something_would_have(
    config: dict[str, Any], given: tuple[int, ...], shape: tuple[int, ...]
):
    idle = Idle(module(**config))
    for answer in (idle(torch.ones(given), 1), idle(hidden_states=torch.ones(given))):
        assert answer[0].shape == answer.sample.shape == shape
        assert not answer.sample.any()


def test_a_list_is_answered_with_a_list():
    idle = Idle(module(in_channels=16))
    (answer,) = idle([torch.ones(16, 1, 4, 4), torch.ones(16, 1, 8, 4)], 1)
    assert [tuple(one.shape) for one in answer] == [(16, 1, 4, 4), (16, 1, 8, 4)]
