"""What computes attention: torch's own, or another library's where the model can take it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import FluxTransformer2DModel, UNet2DConditionModel
from diffusers.models.attention_dispatch import _AttentionBackendRegistry

from core.speed import CHOICES
from generation.attention import use, why_not

CUDA = torch.device("cuda")


def backends_of(module: Any) -> set[Any]:
    return {
        one.processor._attention_backend
        for one in module.modules()
        if hasattr(getattr(one, "processor", None), "_attention_backend")
    }


def test_a_transformer_takes_what_it_is_given_and_nobody_else_does(folders: dict[str, Path]):
    usual = _AttentionBackendRegistry.get_active_backend()
    one, other = (
        FluxTransformer2DModel.from_pretrained(folders["flux"], subfolder="transformer")
        for _ in range(2)
    )
    assert use(one, "efficient") is None
    assert {backend.value for backend in backends_of(one)} == {"_native_efficient"}
    assert backends_of(other) == {None}
    assert _AttentionBackendRegistry.get_active_backend() == usual
    assert use(other, "auto") is None
    assert backends_of(other) == {None}


def test_a_unet_stays_with_torchs_own(folders: dict[str, Path]):
    unet = UNet2DConditionModel.from_pretrained(folders["sd"], subfolder="unet")
    assert use(unet, "native") is None
    assert use(unet, "cudnn") == "UNet2DConditionModel knows torch's own and xformers only"
    assert use(unet, "sage") == "UNet2DConditionModel may leave out tokens, which sage cannot"


@pytest.mark.parametrize("name", ["flash", "flash-3", "sage", "xformers"])
def test_a_library_that_is_not_installed_is_named_with_the_mend(name: str):
    sentence = why_not(name, CUDA, torch.bfloat16)
    assert sentence is not None
    assert sentence.startswith("it is not installed; install ")
    assert sentence.endswith(", or set it to auto")


def test_every_choice_is_known_and_asks_for_what_it_needs():
    for name in CHOICES["attention"]:
        assert (why_not(name, torch.device("cpu"), torch.float32) is None) == (
            name in ("auto", "native")
        )
    for name in ("cudnn", "efficient"):
        assert why_not(name, CUDA, torch.bfloat16) is None
    assert why_not("sage", CUDA, torch.float32) == (
        "it needs EASEL_DTYPE bfloat16 or float16; set that, or this to auto"
    )
