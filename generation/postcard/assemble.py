"""Puts the trained parts together as a StableDiffusionPipeline and writes it in half precision."""

import json
import os
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderTiny, StableDiffusionPipeline, UNet2DConditionModel
from PIL import Image
from transformers import CLIPTextModel, CLIPTokenizer

from generation.postcard.unet import new_scheduler

GUIDANCE = 4.0
STEPS = 24


def pipeline_of(
    tokenizer: CLIPTokenizer,
    text_encoder: CLIPTextModel,
    vae: AutoencoderTiny,
    unet: UNet2DConditionModel,
) -> StableDiffusionPipeline:
    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=new_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def save_parts(
    run: Path, unet_weights: dict[str, torch.Tensor], unet: UNet2DConditionModel
) -> Path:
    """Write `run/pipeline` in half precision from the parts in `run`, in one step."""
    tokenizer = CLIPTokenizer.from_pretrained(run / "tokenizer")
    shipped = UNet2DConditionModel.from_config(unet.config)
    shipped.load_state_dict(unet_weights)
    pipeline = pipeline_of(
        tokenizer,
        CLIPTextModel.from_pretrained(run / "text_encoder"),
        AutoencoderTiny.from_pretrained(run / "vae"),
        shipped,
    ).to(torch.float16)
    part, place = run / "pipeline.part", run / "pipeline"
    shutil.rmtree(part, ignore_errors=True)
    pipeline.save_pretrained(part, safe_serialization=True)
    _tidy(part)
    replace_folder(part, place)
    return place


def _tidy(folder: Path) -> None:
    """Leave out where the parts lay, and a setting that diffusers writes and then warns of."""
    for config in folder.glob("*/*config.json"):
        settings = json.loads(config.read_text())
        settings.pop("_name_or_path", None)
        if config.parent.name == "vae":
            settings.pop("block_out_channels", None)
        config.write_text(json.dumps(settings, indent=2) + "\n")
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def install(pipeline: Path, place: Path) -> None:
    """Copy a finished pipeline's folder to `place`, in one step."""
    part = place.with_name(place.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(pipeline, part)
    replace_folder(part, place)


def replace_folder(new: Path, place: Path) -> None:
    """Put the folder `new` at `place`; whoever looks there finds the old one or the new one."""
    old = place.with_name(place.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        os.rename(place, old)
    os.rename(new, place)
    shutil.rmtree(old, ignore_errors=True)


@torch.no_grad()
def pictures_for(
    pipeline: StableDiffusionPipeline,
    prompts: list[str],
    seeds: list[int],
    steps: int = STEPS,
    guidance: float = GUIDANCE,
    size: tuple[int, int] = (128, 128),
    batch: int = 16,
) -> list[Image.Image]:
    """One picture for each prompt, from its own seed."""
    pictures: list[Image.Image] = []
    for start in range(0, len(prompts), batch):
        generators = [torch.Generator().manual_seed(seed) for seed in seeds[start : start + batch]]
        pictures += pipeline(
            prompts[start : start + batch],
            num_inference_steps=steps,
            guidance_scale=guidance,
            width=size[0],
            height=size[1],
            generator=generators,
        ).images
    return pictures


def page(pictures: list[Image.Image], columns: int, gap: int = 4) -> Image.Image:
    """The pictures, all of one size, side by side in rows."""
    width, height = pictures[0].size
    rows = -(-len(pictures) // columns)
    sheet = Image.new(
        "RGB", (columns * (width + gap) + gap, rows * (height + gap) + gap), (255, 255, 255)
    )
    for index, picture in enumerate(pictures):
        x, y = index % columns, index // columns
        sheet.paste(picture, (gap + x * (width + gap), gap + y * (height + gap)))
    return sheet
