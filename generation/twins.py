"""Models in a dtype of their own for a moment: some autoencoders are decoded in float32.

Pipelines convert such a model, call it and convert it back. Others use it meanwhile, so a copy
is converted instead, once.
"""

# pyright: basic
from __future__ import annotations

import copy
import weakref
from typing import Any

import torch
from torch import Tensor, nn

from generation.parking import Asked, Runner, real_of, runner_of


class Twins:
    """The copies, each as long as the model it is of."""

    def __init__(self) -> None:
        self._twins: weakref.WeakKeyDictionary[nn.Module, dict[torch.dtype, nn.Module]] = (
            weakref.WeakKeyDictionary()
        )

    def runner(self, asked: Asked) -> Runner:
        """What makes the call, in the dtype that was asked for."""
        if asked.dtype is None:
            return runner_of(asked.runner, asked.method)
        dtype = asked.dtype
        runner = self._twin(asked.module, dtype)
        if asked.runner is not asked.module:
            # The task's own switches; its weights are the twin's.
            own = copy.copy(runner)
            own.__dict__ |= {
                name: value for name, value in vars(asked.runner).items() if name.startswith("use_")
            }
            runner = own
        run = runner_of(runner, asked.method)

        def cast(value: Any) -> Any:
            if isinstance(value, Tensor) and value.is_floating_point():
                return value.to(dtype)
            return value

        return lambda arguments, named: run(
            tuple(map(cast, arguments)), {name: cast(value) for name, value in named.items()}
        )

    def _twin(self, module: nn.Module, dtype: torch.dtype) -> nn.Module:
        twins = self._twins.setdefault(module, {})
        if dtype not in twins:
            twins[dtype] = copy.deepcopy(real_of(module)).to(dtype)
        return twins[dtype]
