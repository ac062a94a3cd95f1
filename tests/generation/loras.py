"""Tiny random adapters, made by peft and saved by diffusers' own `save_lora_weights`."""

# pyright: basic
from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers.utils.state_dict_utils import convert_state_dict_to_diffusers
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from torch import nn

from core.adapters import Adapter

TARGETS = {
    # Attention, and convolutions of every kind: the first, those in blocks, those that shrink.
    "unet": ["to_q", "to_v", "to_out.0", "conv1", "conv_in", "conv"],
    "transformer": ["to_q", "to_k", "to_out.0"],
    "text_encoder": ["q_proj", "v_proj"],
    "text_encoder_2": ["q_proj", "out_proj"],
}


def save_lora(
    pipeline: Any,
    folder: Path,
    seed: int,
    parts: Sequence[str] = (),
    *,
    rank: int = 4,
    std: float = 0.2,
) -> Path:
    """An adapter of `parts` (its denoiser, if none are named), whose influence can be seen; the
    pipeline stays as it is. Returns the file."""
    usual = "unet" if getattr(pipeline, "unet", None) is not None else "transformer"
    lot = torch.Generator().manual_seed(seed)
    given: dict[str, Any] = {}
    for part in parts or (usual,):
        module = copy.deepcopy(getattr(pipeline, part))
        # Not one number for each rank: what loads it has to read that from the file.
        config = LoraConfig(
            r=rank, lora_alpha=rank - 1, target_modules=TARGETS[part], init_lora_weights=False
        )
        module.add_adapter(config)
        with torch.no_grad():
            for name, weights in module.named_parameters():
                if "lora_" in name:
                    weights.copy_(torch.randn(weights.shape, generator=lot) * std)
        layers = get_peft_model_state_dict(module)
        if part.startswith("text"):
            layers = convert_state_dict_to_diffusers(layers)
        given[f"{part}_lora_layers"] = layers
        given[f"{part}_lora_adapter_metadata"] = module.peft_config["default"].to_dict()
    type(pipeline).save_lora_weights(folder, **given, safe_serialization=True)
    return folder / "pytorch_lora_weights.safetensors"


def adapter(name: str, file: Path) -> Adapter:
    return Adapter(name=name, source=str(file), family="any")


def made_of(module: nn.Module) -> list[object]:
    """What a module is made of, to compare by: names, kinds, where its weights are, notes."""
    return [
        (
            name,
            type(part),
            [(one.data_ptr(), one.requires_grad) for one in part.parameters(recurse=False)],
            [name for name in vars(part) if "peft" in name],
        )
        for name, part in module.named_modules()
    ]
