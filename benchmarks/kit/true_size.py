"""Pipelines as large as the published ones, with random weights: nothing is downloaded.

Denoisers, autoencoders and text encoders have the sizes of Stable Diffusion 1.5, SDXL and FLUX.1
schnell, so that each forward costs what it costs there; the pictures are noise. The vocabularies
are of letters, which saves memory and no time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    T5Config,
    T5EncoderModel,
)

from tests.generation.tiny import t5_tokenizer, tokenizer

WINDOW, T5_WINDOW = 77, 512


def sd15_unet() -> UNet2DConditionModel:
    """0.860 billion parameters."""
    return UNet2DConditionModel(sample_size=64, cross_attention_dim=768)


def sdxl_unet() -> UNet2DConditionModel:
    """2.567 billion parameters."""
    return UNet2DConditionModel(
        sample_size=128,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=(320, 640, 1280),
        transformer_layers_per_block=(1, 2, 10),
        attention_head_dim=(5, 10, 20),
        cross_attention_dim=2048,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=2816,
    )


def flux_transformer() -> FluxTransformer2DModel:
    """11.89 billion parameters."""
    return FluxTransformer2DModel(guidance_embeds=False)


def vae(size: int, **changes: Any) -> AutoencoderKL:
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(128, 256, 512, 512),
        layers_per_block=2,
        sample_size=size,
        **changes,
    )


def clip(words: Any, *, width: int, layers: int, heads: int) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=width,
        intermediate_size=4 * width,
        projection_dim=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        max_position_embeddings=WINDOW,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
    )


def letters() -> Any:
    words = tokenizer()
    words.model_max_length = WINDOW
    return words


def sd15() -> StableDiffusionPipeline:
    words = letters()
    return StableDiffusionPipeline(
        vae=vae(512),
        text_encoder=CLIPTextModel(clip(words, width=768, layers=12, heads=12)),
        tokenizer=words,
        unet=sd15_unet(),
        scheduler=EulerDiscreteScheduler(beta_schedule="scaled_linear", steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def sdxl() -> StableDiffusionXLPipeline:
    words = letters()
    return StableDiffusionXLPipeline(
        vae=vae(1024, scaling_factor=0.13025),
        text_encoder=CLIPTextModel(clip(words, width=768, layers=12, heads=12)),
        text_encoder_2=CLIPTextModelWithProjection(clip(words, width=1280, layers=32, heads=20)),
        tokenizer=words,
        tokenizer_2=words,
        unet=sdxl_unet(),
        scheduler=EulerDiscreteScheduler(beta_schedule="scaled_linear", steps_offset=1),
        add_watermarker=False,
    )


def flux() -> FluxPipeline:
    words, pieces = letters(), t5_tokenizer()
    pieces.model_max_length = T5_WINDOW
    return FluxPipeline(
        vae=vae(
            1024,
            latent_channels=16,
            use_quant_conv=False,
            use_post_quant_conv=False,
            scaling_factor=0.3611,
            shift_factor=0.1159,
        ),
        text_encoder=CLIPTextModel(clip(words, width=768, layers=12, heads=12)),
        text_encoder_2=T5EncoderModel(
            T5Config(
                vocab_size=len(pieces),
                d_model=4096,
                d_kv=64,
                d_ff=10240,
                num_layers=24,
                num_heads=64,
                feed_forward_proj="gated-gelu",
            )
        ),
        tokenizer=words,
        tokenizer_2=pieces,
        transformer=flux_transformer(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=1.0),
    )


BUILD: dict[str, Callable[[], Any]] = {"sd15": sd15, "sdxl": sdxl, "flux": flux}


def save(name: str, folder: Path, *, device: str, dtype: torch.dtype) -> Path:
    """Builds it where there is room and speed, and writes it with diffusers' own call."""
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            pipeline = BUILD[name]()
    finally:
        torch.set_default_dtype(before)
    pipeline.save_pretrained(folder, safe_serialization=True)
    del pipeline
    if device == "cuda":
        torch.cuda.empty_cache()
    return folder
