"""Tiny pipelines with random weights, written to disk by diffusers' own `save_pretrained`.

Their pictures are noise, but every call is the real one and takes milliseconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    DDIMScheduler,
    DDPMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxFillPipeline,
    FluxPipeline,
    FluxTransformer2DModel,
    PNDMScheduler,
    SD3Transformer2DModel,
    StableDiffusion3InpaintPipeline,
    StableDiffusion3Pipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionLatentUpscalePipeline,
    StableDiffusionPipeline,
    StableDiffusionUpscalePipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from tokenizers import pre_tokenizers
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
)

WINDOW = 24
"""Tokens the tiny encoders take; a token is a letter."""
WIDTH = 32
TRANSFORMER: dict[str, Any] = {
    "num_layers": 1,
    "attention_head_dim": 16,
    "num_attention_heads": 2,
}
"""As small as those of the large families get."""


def tokenizer() -> CLIPTokenizer:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [
        *letters,
        *(f"{letter}</w>" for letter in letters),
        "<|startoftext|>",
        "<|endoftext|>",
    ]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    return CLIPTokenizer(vocabulary, [], model_max_length=WINDOW)


def text_config(words: CLIPTokenizer) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=WIDTH,
        intermediate_size=37,
        projection_dim=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=WINDOW,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
    )


def unet(**changes: object) -> UNet2DConditionModel:
    values: dict[str, object] = {
        "sample_size": 8,
        "in_channels": 4,
        "out_channels": 4,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "block_out_channels": (32, 64),
        "layers_per_block": 1,
        "cross_attention_dim": WIDTH,
        "attention_head_dim": 8,
        "norm_num_groups": 8,
    }
    return UNet2DConditionModel(**(values | changes))


def kl_vae(**changes: object) -> AutoencoderKL:
    values: dict[str, object] = {
        "in_channels": 3,
        "out_channels": 3,
        "latent_channels": 4,
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "block_out_channels": (16, 16, 32, 32),
        "norm_num_groups": 8,
        "sample_size": 64,
    }
    return AutoencoderKL(**(values | changes))


def flow_vae(**changes: object) -> AutoencoderKL:
    """As the families that follow a flow have it."""
    values: dict[str, object] = {
        "use_quant_conv": False,
        "use_post_quant_conv": False,
        "scaling_factor": 0.36,
        "shift_factor": 0.12,
    }
    return kl_vae(**(values | changes))


def flux_transformer(**changes: object) -> FluxTransformer2DModel:
    values: dict[str, object] = {
        "patch_size": 1,
        "in_channels": 16,
        "num_single_layers": 1,
        "joint_attention_dim": WIDTH,
        "pooled_projection_dim": WIDTH,
        "axes_dims_rope": (4, 4, 8),
        "guidance_embeds": False,
    }
    return FluxTransformer2DModel(**(TRANSFORMER | values | changes))


def sd3_transformer(**changes: object) -> SD3Transformer2DModel:
    values: dict[str, object] = {
        "sample_size": 16,
        "patch_size": 2,
        "in_channels": 4,
        "out_channels": 4,
        "caption_projection_dim": WIDTH,
        "joint_attention_dim": WIDTH * 2,
        "pooled_projection_dim": WIDTH * 2,
        "pos_embed_max_size": 32,
    }
    return SD3Transformer2DModel(**(TRANSFORMER | values | changes))


def tiny_vae() -> AutoencoderTiny:
    return AutoencoderTiny(
        encoder_block_out_channels=(16,) * 4, decoder_block_out_channels=(16,) * 4
    )


def save_sd(
    folder: Path,
    *,
    seed: int = 0,
    tiny: bool = False,
    inpaint: bool = False,
    **scheduler: object,
) -> Path:
    """A Stable Diffusion 1.x pipeline; `tiny` gives it an AutoencoderTiny, as `postcard` has, and
    `inpaint` a denoiser that is shown a mask."""
    torch.manual_seed(seed)
    words = tokenizer()
    kind = StableDiffusionInpaintPipeline if inpaint else StableDiffusionPipeline
    kind(
        vae=tiny_vae() if tiny else kl_vae(),
        text_encoder=CLIPTextModel(text_config(words)),
        tokenizer=words,
        unet=unet(in_channels=9 if inpaint else 4),
        scheduler=PNDMScheduler(
            **(
                {"beta_schedule": "scaled_linear", "skip_prk_steps": True, "steps_offset": 1}
                | scheduler
            )
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def save_x4(folder: Path, *, seed: int = 0, **how: object) -> Path:
    """A StableDiffusionUpscalePipeline, whose latents are as large as the small picture; `how` is
    of its UNet."""
    torch.manual_seed(seed)
    words = tokenizer()
    noise: dict[str, Any] = {"beta_schedule": "scaled_linear"}
    StableDiffusionUpscalePipeline(
        vae=kl_vae(
            down_block_types=("DownEncoderBlock2D",) * 3,
            up_block_types=("UpDecoderBlock2D",) * 3,
            block_out_channels=(16, 16, 32),
            scaling_factor=0.08333,
        ),
        text_encoder=CLIPTextModel(text_config(words)),
        tokenizer=words,
        unet=unet(**({"in_channels": 7, "num_class_embeds": 1000} | how)),
        low_res_scheduler=DDPMScheduler(**noise),
        scheduler=DDIMScheduler(prediction_type="v_prediction", **noise),
        max_noise_level=350,
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def save_x2(folder: Path, *, seed: int = 0) -> Path:
    """A StableDiffusionLatentUpscalePipeline, which denoises latents of twice the side."""
    torch.manual_seed(seed)
    words = tokenizer()
    StableDiffusionLatentUpscalePipeline(
        vae=kl_vae(),
        text_encoder=CLIPTextModel(text_config(words)),
        tokenizer=words,
        # The last channel is a variance, which is not used; 64 and 64 numbers tell the noise.
        unet=unet(in_channels=8, out_channels=5, time_cond_proj_dim=128 + WIDTH),
        scheduler=EulerDiscreteScheduler(prediction_type="sample"),
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def save_sdxl(folder: Path, *, seed: int = 0, inpaint: bool = False) -> Path:
    torch.manual_seed(seed)
    words = tokenizer()
    config = text_config(words)
    kind = StableDiffusionXLInpaintPipeline if inpaint else StableDiffusionXLPipeline
    kind(
        vae=kl_vae(),
        text_encoder=CLIPTextModel(config),
        text_encoder_2=CLIPTextModelWithProjection(config),
        tokenizer=words,
        tokenizer_2=words,
        unet=unet(
            in_channels=9 if inpaint else 4,
            cross_attention_dim=WIDTH * 2,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            # Six numbers of eight channels each, and the pooled text.
            projection_class_embeddings_input_dim=6 * 8 + WIDTH,
        ),
        scheduler=EulerDiscreteScheduler(beta_schedule="scaled_linear", steps_offset=1),
        add_watermarker=False,
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def t5_tokenizer() -> T5TokenizerFast:
    """A token for each letter."""
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -1.0)]
    pieces += [(chr(letter), -2.0) for letter in range(33, 127)]
    return T5TokenizerFast(vocab=pieces, extra_ids=0, model_max_length=WINDOW)


def t5_encoder(letters: T5TokenizerFast, width: int) -> T5EncoderModel:
    return T5EncoderModel(
        T5Config(
            vocab_size=len(letters),
            d_model=width,
            d_kv=8,
            d_ff=37,
            num_layers=2,
            num_heads=4,
        )
    )


def save_flux(folder: Path, *, seed: int = 0) -> Path:
    """A FLUX.1 schnell: a distilled transformer and two text encoders."""
    torch.manual_seed(seed)
    words, letters = tokenizer(), t5_tokenizer()
    FluxPipeline(
        vae=flow_vae(),
        text_encoder=CLIPTextModel(text_config(words)),
        text_encoder_2=t5_encoder(letters, WIDTH),
        tokenizer=words,
        tokenizer_2=letters,
        transformer=flux_transformer(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=1.0),
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def save_flux_fill(folder: Path, *, seed: int = 0) -> Path:
    """Its transformer is shown what stays beside what it denoises, and every pixel of the mask."""
    torch.manual_seed(seed)
    words, letters = tokenizer(), t5_tokenizer()
    FluxFillPipeline(
        vae=flow_vae(),
        text_encoder=CLIPTextModel(text_config(words)),
        text_encoder_2=t5_encoder(letters, WIDTH),
        tokenizer=words,
        tokenizer_2=letters,
        transformer=flux_transformer(
            in_channels=16 + 16 + 256, out_channels=16, guidance_embeds=True
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def save_sd3(folder: Path, *, seed: int = 0, inpaint: bool = False) -> Path:
    """A Stable Diffusion 3: a transformer, two CLIP encoders and a T5."""
    torch.manual_seed(seed)
    words, letters = tokenizer(), t5_tokenizer()
    kind = StableDiffusion3InpaintPipeline if inpaint else StableDiffusion3Pipeline
    # Shown a mask, it has as many channels as diffusers' pipeline asks for.
    channels = {"in_channels": 33, "out_channels": 16} if inpaint else {}
    kind(
        vae=flow_vae(latent_channels=16 if inpaint else 4),
        text_encoder=CLIPTextModelWithProjection(text_config(words)),
        text_encoder_2=CLIPTextModelWithProjection(text_config(words)),
        text_encoder_3=t5_encoder(letters, WIDTH * 2),
        tokenizer=words,
        tokenizer_2=words,
        tokenizer_3=letters,
        transformer=sd3_transformer(**channels),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    ).save_pretrained(folder, safe_serialization=True)
    return folder
