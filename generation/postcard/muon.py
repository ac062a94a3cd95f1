"""Muon: momentum whose matrix updates are made orthogonal, for convolutions and linear layers.

After Keller Jordan's description (https://kellerjordan.github.io/posts/muon/): five steps of a
quintic Newton-Schulz iteration bring all singular values of the update near one.
"""

from collections import defaultdict

import torch
import torch.distributed as dist
from torch import Tensor, nn

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalised(updates: Tensor, steps: int = 5) -> Tensor:
    """Matrices (N x rows x columns) with the singular vectors of `updates` and values near one."""
    a, b, c = _COEFFICIENTS
    tall = updates.shape[1] > updates.shape[2]
    x = updates.mT if tall else updates
    x = (x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)).bfloat16().contiguous()
    for _ in range(steps):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return (x.mT if tall else x).to(updates.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum with Nesterov look-ahead and orthogonal updates, shared out over the processes.

    Every process must hold equal gradients. Parameters are taken in groups of one shape; process
    r works out every group whose number is r modulo the number of processes, and the results are
    exchanged.
    """

    def __init__(self, parameters: list[nn.Parameter], lr: float, momentum: float = 0.95) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            by_shape: dict[tuple[int, int], list[nn.Parameter]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    rows = parameter.shape[0]
                    by_shape[rows, parameter.numel() // rows].append(parameter)
            ahead = {shape: self._look_ahead(group, ps) for shape, ps in by_shape.items()}
            for shape, updates in self._orthogonalised_by_all(ahead).items():
                stretch = max(1.0, shape[0] / shape[1]) ** 0.5
                for parameter, update in zip(by_shape[shape], updates, strict=True):
                    parameter.add_(update.reshape(parameter.shape), alpha=-group["lr"] * stretch)

    def _look_ahead(self, group: dict, parameters: list[nn.Parameter]) -> Tensor:
        rows = []
        for parameter in parameters:
            state = self.state[parameter]
            gradient = parameter.grad.contiguous().view(parameter.shape[0], -1)
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(gradient)
            state["momentum"].lerp_(gradient, 1 - group["momentum"])
            rows.append(gradient.lerp(state["momentum"], group["momentum"]))
        return torch.stack(rows)

    def _orthogonalised_by_all(
        self, ahead: dict[tuple[int, int], Tensor]
    ) -> dict[tuple[int, int], Tensor]:
        if not dist.is_initialized():
            return {shape: orthogonalised(updates) for shape, updates in ahead.items()}
        rank, world = dist.get_rank(), dist.get_world_size()
        heaviest_first = sorted(ahead, key=lambda shape: (-ahead[shape].numel(), shape))
        parts = [
            orthogonalised(ahead[shape]).bfloat16()
            if number % world == rank
            else torch.zeros_like(ahead[shape], dtype=torch.bfloat16)
            for number, shape in enumerate(heaviest_first)
        ]
        flat = torch.cat([part.reshape(-1) for part in parts])
        dist.all_reduce(flat)
        sizes = [part.numel() for part in parts]
        return {
            shape: piece.view(ahead[shape].shape).float()
            for shape, piece in zip(heaviest_first, flat.split(sizes), strict=True)
        }
