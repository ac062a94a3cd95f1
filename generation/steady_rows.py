"""Layers whose answer to a row is the same, bit for bit, whatever rows are beside it.

On a processor the libraries below torch have ways of their own for small inputs, which round
otherwise: for matrices of fewer than 16 rows, and for convolutions of one small picture. A task
would then draw slightly other pictures in company than alone. Such inputs are made a little larger.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

FEWEST_ROWS = 16
"""Measured with MKL: from there on rows are independent of their number, whatever the widths."""

SMALL_PICTURE = 20480
"""Numbers in the input of a convolution up to which torch makes a single one in a way of its own:
`ConvParams::use_mkldnn` in ATen's Convolution.cpp."""


def keep_rows_steady(pipeline: Any, device: torch.device, dtype: torch.dtype) -> None:
    """For models in float32 on a processor; elsewhere rows agree to rounding, not to the bit."""
    models = [model for model in pipeline.components.values() if isinstance(model, nn.Module)]
    make_steady(models, device, dtype)


def make_steady(modules: Iterable[nn.Module], device: torch.device, dtype: torch.dtype) -> None:
    """The same for single modules."""
    if device.type != "cpu" or dtype is not torch.float32:
        return
    for module in modules:
        for layer in module.modules():
            steady = _STEADY.get(type(layer))
            if steady is not None:
                layer.__class__ = steady


class SteadyLinear(nn.Linear):
    def forward(self, input: Tensor) -> Tensor:
        rows = input.reshape(-1, self.in_features)
        missing = FEWEST_ROWS - len(rows)
        if missing <= 0:
            return super().forward(input)
        answer = super().forward(functional.pad(rows, (0, 0, 0, missing)))
        return answer[: len(rows)].reshape(*input.shape[:-1], self.out_features)


class SteadyConv(nn.Conv2d):
    def forward(self, input: Tensor) -> Tensor:
        if len(input) > 1 or input.dim() < 4 or input.numel() > SMALL_PICTURE:
            return super().forward(input)
        return super().forward(input.expand(2, -1, -1, -1))[:1]


_STEADY: dict[type[nn.Module], type[nn.Module]] = {
    nn.Linear: SteadyLinear,
    nn.Conv2d: SteadyConv,
}
