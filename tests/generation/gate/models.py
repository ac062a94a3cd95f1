"""Tiny random pipelines of every family, saved by diffusers' own calls.

The large families' text encoders are left out: their pipelines take what an encoder would have
made of a prompt, and what is drawn depends on that alone.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers import (
    AutoencoderDC,
    AutoencoderKLFlux2,
    AutoencoderKLQwenImage,
    ControlNetModel,
    DDPMScheduler,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    KandinskyV22Pipeline,
    KandinskyV22PriorPipeline,
    PriorTransformer,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
    SanaPipeline,
    SanaSprintPipeline,
    SanaTransformer2DModel,
    SCMScheduler,
    UnCLIPScheduler,
    VQModel,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from transformers import (
    CLIPImageProcessor,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from tests.generation import tiny

DEEP = 24
"""Channels of the words that no encoder made."""


def save_sd2(folder: Path) -> Path:
    return tiny.save_sd(folder, seed=1, prediction_type="v_prediction")


def save_sd3_inpaint(folder: Path) -> Path:
    """With as many channels as diffusers' pipeline asks for."""
    tiny.save_sd3(folder)
    torch.manual_seed(11)
    tiny.sd3_transformer(in_channels=16, out_channels=16).save_pretrained(folder / "transformer")
    tiny.flow_vae(latent_channels=16).save_pretrained(folder / "vae")
    return folder


def save_klein(folder: Path) -> Path:
    torch.manual_seed(2)
    Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=AutoencoderKLFlux2(
            block_out_channels=(16,) * 4, latent_channels=4, norm_num_groups=8, sample_size=32
        ),
        text_encoder=None,
        tokenizer=None,
        transformer=Flux2Transformer2DModel(
            **tiny.TRANSFORMER,
            in_channels=16,
            num_single_layers=1,
            joint_attention_dim=DEEP,
            axes_dims_rope=(4, 4, 4, 4),
            guidance_embeds=False,
        ),
        is_distilled=False,
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def save_z_image(folder: Path) -> Path:
    torch.manual_seed(3)
    transformer = ZImageTransformer2DModel(
        in_channels=4,
        dim=32,
        n_layers=1,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=DEEP,
        axes_dims=[4, 6, 6],
        axes_lens=[128, 32, 32],
    )
    # Padding is learnt, and begins as whatever was in memory.
    for padding in (transformer.x_pad_token, transformer.cap_pad_token):
        torch.nn.init.normal_(padding)
    ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=tiny.flow_vae(scaling_factor=0.4, shift_factor=0.1),
        text_encoder=None,
        tokenizer=None,
        transformer=transformer,
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def save_qwen(folder: Path) -> Path:
    torch.manual_seed(4)
    QwenImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=AutoencoderKLQwenImage(
            base_dim=8,
            z_dim=4,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=1,
            temperal_downsample=[False, True, True],
            latents_mean=[0.0] * 4,
            latents_std=[1.0] * 4,
        ),
        text_encoder=None,
        tokenizer=None,
        transformer=QwenImageTransformer2DModel(
            **tiny.TRANSFORMER,
            in_channels=16,
            out_channels=4,
            joint_attention_dim=DEEP,
            axes_dims_rope=(4, 6, 6),
        ),
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def _sana(*, sprint: bool) -> dict[str, Any]:
    return {
        "tokenizer": None,
        "text_encoder": None,
        "vae": AutoencoderDC(
            latent_channels=4,
            attention_head_dim=2,
            encoder_block_types=("ResBlock", "EfficientViTBlock"),
            decoder_block_types=("ResBlock", "EfficientViTBlock"),
            encoder_block_out_channels=(8, 8),
            decoder_block_out_channels=(8, 8),
            encoder_qkv_multiscales=((), (5,)),
            decoder_qkv_multiscales=((), (5,)),
            encoder_layers_per_block=(1, 1),
            decoder_layers_per_block=(1, 1),
            downsample_block_type="conv",
            upsample_block_type="interpolate",
            decoder_norm_types="rms_norm",
            decoder_act_fns="silu",
            scaling_factor=0.4,
        ),
        "transformer": SanaTransformer2DModel(
            in_channels=4,
            out_channels=4,
            num_layers=1,
            num_attention_heads=2,
            attention_head_dim=8,
            num_cross_attention_heads=2,
            cross_attention_head_dim=8,
            cross_attention_dim=16,
            caption_channels=DEEP,
            sample_size=32,
            guidance_embeds=sprint,
            qk_norm="rms_norm_across_heads" if sprint else None,
        ),
    }


def save_sana(folder: Path) -> Path:
    torch.manual_seed(5)
    SanaPipeline(
        **_sana(sprint=False), scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0)
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def save_sprint(folder: Path) -> Path:
    torch.manual_seed(6)
    SanaSprintPipeline(**_sana(sprint=True), scheduler=SCMScheduler()).save_pretrained(
        folder, safe_serialization=True
    )
    return folder


def save_kandinsky(folder: Path) -> Path:
    torch.manual_seed(7)
    KandinskyV22Pipeline(
        unet=_kandinsky_unet(in_channels=4),
        scheduler=DDPMScheduler(
            beta_schedule="linear", beta_start=0.00085, beta_end=0.012, clip_sample=False
        ),
        movq=VQModel(
            block_out_channels=(32,) * 4,
            down_block_types=("DownEncoderBlock2D",) * 3 + ("AttnDownEncoderBlock2D",),
            up_block_types=("AttnUpDecoderBlock2D",) + ("UpDecoderBlock2D",) * 3,
            latent_channels=4,
            num_vq_embeddings=12,
            vq_embed_dim=4,
            norm_num_groups=8,
            norm_type="spatial",
        ),
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def save_kandinsky_inpaint(folder: Path) -> Path:
    save_kandinsky(folder)
    torch.manual_seed(8)
    _kandinsky_unet(in_channels=9).save_pretrained(folder / "unet")
    return folder


def _kandinsky_unet(in_channels: int) -> Any:
    return tiny.unet(
        in_channels=in_channels,
        out_channels=8,
        addition_embed_type="image",
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        encoder_hid_dim=tiny.WIDTH,
        encoder_hid_dim_type="image_proj",
        cross_attention_dim=tiny.WIDTH,
        resnet_time_scale_shift="scale_shift",
        class_embed_type=None,
    )


def save_prior(folder: Path) -> Path:
    torch.manual_seed(9)
    words = tiny.tokenizer()
    prior = PriorTransformer(
        num_attention_heads=2,
        attention_head_dim=12,
        embedding_dim=tiny.WIDTH,
        num_layers=1,
        num_embeddings=tiny.WINDOW,
    )
    # As a trained one has it: what it makes is scaled by this.
    prior.clip_std = torch.nn.Parameter(torch.ones(prior.clip_std.shape))
    KandinskyV22PriorPipeline(
        prior=prior,
        image_encoder=CLIPVisionModelWithProjection(
            CLIPVisionConfig(
                hidden_size=tiny.WIDTH,
                image_size=32,
                projection_dim=tiny.WIDTH,
                intermediate_size=37,
                num_attention_heads=4,
                num_hidden_layers=1,
                patch_size=16,
            )
        ),
        text_encoder=CLIPTextModelWithProjection(tiny.text_config(words)),
        tokenizer=words,
        scheduler=UnCLIPScheduler(
            variance_type="fixed_small_log",
            prediction_type="sample",
            num_train_timesteps=1000,
            clip_sample=True,
            clip_sample_range=10.0,
        ),
        image_processor=CLIPImageProcessor(),
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def controlnet_for(unet: Any) -> ControlNetModel:
    """One whose influence can be seen: a fresh one has none."""
    torch.manual_seed(10)
    net = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(8, 8, 16, 16))
    for part in (*net.controlnet_down_blocks, net.controlnet_mid_block):
        torch.nn.init.normal_(part.weight, std=0.03)
    torch.nn.init.normal_(net.controlnet_cond_embedding.conv_out.weight, std=0.1)
    return net.eval()


SAVE: Mapping[str, Callable[[Path], Path]] = {
    "sd": tiny.save_sd,
    "sd2": save_sd2,
    "sd-fill": partial(tiny.save_sd, inpaint=True),
    "sdxl": tiny.save_sdxl,
    "sdxl-fill": partial(tiny.save_sdxl, inpaint=True),
    "sd3": tiny.save_sd3,
    "sd3-inpaint": save_sd3_inpaint,
    "flux": tiny.save_flux,
    "flux-fill": tiny.save_flux_fill,
    "klein": save_klein,
    "z-image": save_z_image,
    "qwen": save_qwen,
    "sana": save_sana,
    "sprint": save_sprint,
    "kandinsky": save_kandinsky,
    "kandinsky-inpaint": save_kandinsky_inpaint,
    "prior": save_prior,
}

WORDLESS = {"klein", "z-image", "qwen", "sana", "sprint"}
"""Families without their text encoders."""

PIPELINES: Mapping[str, Mapping[str, str]] = {
    "sd": {
        "text": "StableDiffusionPipeline",
        "image": "StableDiffusionImg2ImgPipeline",
        "inpaint": "StableDiffusionInpaintPipeline",
        "control": "StableDiffusionControlNetPipeline",
    },
    "sd2": {
        "text": "StableDiffusionPipeline",
        "image": "StableDiffusionImg2ImgPipeline",
        "inpaint": "StableDiffusionInpaintPipeline",
    },
    "sd-fill": {"inpaint": "StableDiffusionInpaintPipeline"},
    "sdxl-fill": {"inpaint": "StableDiffusionXLInpaintPipeline"},
    "flux-fill": {"inpaint": "FluxFillPipeline"},
    "sdxl": {
        "text": "StableDiffusionXLPipeline",
        "image": "StableDiffusionXLImg2ImgPipeline",
        "inpaint": "StableDiffusionXLInpaintPipeline",
        "control": "StableDiffusionXLControlNetPipeline",
    },
    "sd3": {
        "text": "StableDiffusion3Pipeline",
        "image": "StableDiffusion3Img2ImgPipeline",
    },
    "sd3-inpaint": {"inpaint": "StableDiffusion3InpaintPipeline"},
    "flux": {
        "text": "FluxPipeline",
        "image": "FluxImg2ImgPipeline",
        "inpaint": "FluxInpaintPipeline",
    },
    "klein": {"text": "Flux2KleinPipeline", "inpaint": "Flux2KleinInpaintPipeline"},
    "z-image": {
        "text": "ZImagePipeline",
        "image": "ZImageImg2ImgPipeline",
        "inpaint": "ZImageInpaintPipeline",
    },
    "qwen": {
        "text": "QwenImagePipeline",
        "image": "QwenImageImg2ImgPipeline",
        "inpaint": "QwenImageInpaintPipeline",
    },
    "sana": {"text": "SanaPipeline"},
    "sprint": {"text": "SanaSprintPipeline", "image": "SanaSprintImg2ImgPipeline"},
    "kandinsky": {"text": "KandinskyV22Pipeline", "image": "KandinskyV22Img2ImgPipeline"},
    "kandinsky-inpaint": {"inpaint": "KandinskyV22InpaintPipeline"},
    "prior": {"text": "KandinskyV22PriorPipeline"},
}
"""What diffusers has for each family, by what a picture is made from."""


def load(family: str, mode: str, folder: Path, dtype: torch.dtype = torch.float32) -> Any:
    """The pipeline, saved into `folder` if it is not there."""
    place = folder / family
    if not place.exists():
        SAVE[family](place)
    kinds = PIPELINES[family]
    left_out = {"text_encoder": None, "tokenizer": None} if family in WORDLESS else {}
    first = getattr(diffusers, next(iter(kinds.values())))
    base = first.from_pretrained(place, dtype=dtype, **left_out)
    kind = getattr(diffusers, kinds[mode])
    more = {"controlnet": controlnet_for(base.unet).to(dtype)} if mode == "control" else {}
    pipeline = kind.from_pipe(base, **more) if kind is not type(base) else base
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
