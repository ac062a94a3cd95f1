"""What computes attention: torch's own function, or another library's where it is installed."""

# pyright: basic
from __future__ import annotations

from typing import Any

import torch
from diffusers.models.attention_dispatch import (
    AttentionBackendName,
    _AttentionBackendRegistry,
    _check_attention_backend_requirements,
)

_BACKENDS = {
    "native": AttentionBackendName.NATIVE,
    "flash": AttentionBackendName.FLASH,
    "flash-3": AttentionBackendName._FLASH_3,
    "cudnn": AttentionBackendName._NATIVE_CUDNN,
    "efficient": AttentionBackendName._NATIVE_EFFICIENT,
    "sage": AttentionBackendName.SAGE,
    "xformers": AttentionBackendName.XFORMERS,
}
"""diffusers' names; those that it would fetch from the network are left out."""

_MENDS = {
    "flash": "install flash-attn 2.6.3 or newer",
    "flash-3": "install flash-attn 3",
    "sage": "install sageattention 2.1.1 or newer",
    "xformers": "install xformers 0.0.29 or newer",
}
_WITHOUT_MASKS = ("flash", "flash-3", "sage")
"""Backends that cannot leave out tokens."""
_NEEDS_NO_MASKS = ("FluxTransformer2DModel", "Flux2Transformer2DModel")
"""Denoisers that never leave out any."""


def why_not(name: str, device: torch.device, dtype: torch.dtype) -> str | None:
    """Why it cannot be had here, with the mend, as the end of a sentence; None if it can."""
    if name in ("auto", "native"):
        return None
    if device.type != "cuda":
        return f"it runs on NVIDIA GPUs only, and this is “{device.type}”; set it to auto"
    if name in _WITHOUT_MASKS and dtype not in (torch.bfloat16, torch.float16):
        return "it needs EASEL_DTYPE bfloat16 or float16; set that, or this to auto"
    try:
        _check_attention_backend_requirements(_BACKENDS[name])
    except RuntimeError:
        return f"it is not installed; {_MENDS[name]}, or set it to auto"
    return None


def use(denoiser: Any, name: str) -> str | None:
    """Makes the denoiser compute attention so; returns why it stays with torch's own, if it does.

    Every row of a batch attends to itself alone, so company changes nothing.
    """
    if name == "auto":
        return None
    kind = type(denoiser).__name__
    if name in _WITHOUT_MASKS and kind not in _NEEDS_NO_MASKS:
        return f"{kind} may leave out tokens, which {name} cannot"
    takes = any(
        hasattr(getattr(module, "processor", None), "_attention_backend")
        for module in denoiser.modules()
    )
    if takes:
        # It would also become everybody else's.
        usual = _AttentionBackendRegistry.get_active_backend()[0]
        denoiser.set_attention_backend(_BACKENDS[name].value)
        _AttentionBackendRegistry.set_active_backend(usual)
        return None
    if name == "xformers":
        denoiser.enable_xformers_memory_efficient_attention()
        return None
    return None if name == "native" else f"{kind} knows torch's own and xformers only"
