"""The weights of a loaded pipeline: which parts have them, and how many bytes they take."""

# pyright: basic
from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from core.speed import DENOISERS, Weights


def parts_of(pipeline: Any) -> dict[str, nn.Module]:
    """The components with weights, by their names in the pipeline."""
    return {name: part for name, part in pipeline.components.items() if isinstance(part, nn.Module)}


def denoisers_of(pipeline: Any) -> dict[str, nn.Module]:
    return {name: part for name, part in parts_of(pipeline).items() if name in DENOISERS}


def bytes_of(module: nn.Module) -> int:
    """Of its parameters and buffers, quantised ones included."""
    return sum(map(_bytes, module.parameters())) + sum(map(_bytes, module.buffers()))


def weights_of(pipeline: Any) -> Weights:
    return Weights(
        sum(map(bytes_of, denoisers_of(pipeline).values())),
        sum(map(bytes_of, parts_of(pipeline).values())),
    )


def _bytes(tensor: Tensor) -> int:
    # A quantised tensor says nothing of its own size, but of what it is made of.
    flatten = getattr(tensor, "__tensor_flatten__", None)
    if flatten is not None and type(tensor.data) is not torch.Tensor:
        names, _ = flatten()
        return sum(_bytes(getattr(tensor, name)) for name in names)
    return tensor.numel() * tensor.element_size()
