"""Smaller weights of denoisers, at the price of slightly other pictures.

Only such kinds are here in which a row of a batch does not depend on the rows beside it, so that a
picture is the same in company as alone.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

import torch
from diffusers.hooks.layerwise_casting import apply_layerwise_casting
from diffusers.quantizers.pipe_quant_config import PipelineQuantizationConfig
from diffusers.quantizers.quantization_config import TorchAoConfig
from torch import nn

_FLOAT8_SINCE = (8, 9)
"""Compute capability of the first NVIDIA GPUs that multiply float8."""


def why_not(kind: str, device: torch.device, dtype: torch.dtype) -> str | None:
    """Why weights of this kind cannot be had here, with the mend, as the end of a sentence; None
    if they can."""
    if kind in ("int8", "float8") and find_spec("torchao") is None:
        return "torchao is not installed; run `pip install 'easel[quantize]'` or set it to off"
    if kind == "float8":
        if device.type != "cuda" or torch.cuda.get_device_capability(device) < _FLOAT8_SINCE:
            return (
                "it needs an NVIDIA GPU that multiplies float8 (Ada, Hopper or newer); use int8, "
                "float8-storage or off"
            )
        if dtype is not torch.bfloat16:
            return "it needs EASEL_DTYPE bfloat16; set that, or use int8 or float8-storage"
    return None


def while_loading(kind: str, parts: Iterable[str]) -> dict[str, Any]:
    """What `from_pretrained` is to be given besides, to quantise these parts as they are read."""
    if kind not in ("int8", "float8"):
        return {}
    from torchao.quantization import (
        Float8DynamicActivationFloat8WeightConfig,
        Int8WeightOnlyConfig,
        PerRow,
    )

    if kind == "int8":
        found: Any = Int8WeightOnlyConfig()
    else:
        # A scale for each row: one for a whole batch would make pictures depend on their company.
        found = Float8DynamicActivationFloat8WeightConfig(granularity=PerRow())
    mapping: Any = {part: TorchAoConfig(found) for part in parts}
    return {"quantization_config": PipelineQuantizationConfig(quant_mapping=mapping)}


def once_loaded(kind: str, part: nn.Module, dtype: torch.dtype) -> None:
    """For `float8-storage`: weights are kept in float8, and made `dtype` layer by layer when they
    are computed with."""
    if kind == "float8-storage":
        apply_layerwise_casting(part, storage_dtype=torch.float8_e4m3fn, compute_dtype=dtype)
