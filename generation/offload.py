"""Less memory of the device: parts of a model rest in the machine's memory until they are called.

All of it hangs on the modules' own calls, so pipelines need not know. The modules are shared by
all tasks, so they are called by one thread at a time. diffusers' own offloading of whole parts is
not used: it takes its hooks off and puts them on again at the end of each pipeline's call, while
other tasks are in the middle of theirs.
"""

# pyright: basic
from __future__ import annotations

from typing import Any

import torch
from accelerate.hooks import ModelHook, add_hook_to_module
from diffusers.hooks.group_offloading import apply_group_offloading
from torch import Tensor, nn

from generation.weights import bytes_of, denoisers_of, parts_of

_WHOLE = 2 * 2**30
"""Bytes of a part that may come to the device as a whole; larger ones come layer by layer."""


class Guests:
    """Parts that take turns on the device: at most one is there, and none while a denoiser runs.

    What came goes without being copied back: its weights in the machine's memory are never
    changed.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.largest = 0
        """Bytes of the largest of them."""
        self._here: _Guest | None = None

    def invite(self, module: nn.Module) -> None:
        """From here on the module rests until it is called; autoencoders also by `encode` and
        `decode`."""
        add_hook_to_module(module, _Guest(self, module))
        self.largest = max(self.largest, bytes_of(module))

    def leave_before(self, module: nn.Module) -> None:
        """All guests leave whenever this module, which stays, is called."""
        module.register_forward_pre_hook(lambda *_: self.receive(None))

    def receive(self, guest: _Guest | None) -> None:
        if self._here is guest:
            return
        if self._here is not None:
            self._here.go()
        self._here = guest
        if guest is not None:
            guest.come()


class _Guest(ModelHook):
    """diffusers' pipelines read `execution_device`, and their autoencoders call `pre_forward`."""

    def __init__(self, guests: Guests, module: nn.Module) -> None:
        self.execution_device = guests.device
        self._guests = guests
        self._homes: list[tuple[Tensor, Tensor]] = []
        self._module = module
        staying = _called_by_itself(module)
        self._left = {id(tensor) for tensor in staying}
        for tensor in staying:
            tensor.data = tensor.data.to(guests.device)
        if guests.device.type == "cuda":
            # Copies from pinned memory are several times faster.
            for tensor in self._tensors():
                tensor.data = tensor.data.pin_memory()

    def pre_forward(self, module: nn.Module, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        self._guests.receive(self)
        return args, kwargs

    def __deepcopy__(self, memo: dict[int, Any]) -> _Guest:
        """A copy on the same weights is the same guest."""
        return self

    def come(self) -> None:
        self._homes = [(tensor, tensor.data) for tensor in self._tensors()]
        for tensor, home in self._homes:
            tensor.data = home.to(self._guests.device, non_blocking=True, copy=True)

    def go(self) -> None:
        for tensor, home in self._homes:
            tensor.data = home
        self._homes = []

    def _tensors(self) -> list[Tensor]:
        found = (*self._module.parameters(), *self._module.buffers())
        return [tensor for tensor in found if id(tensor) not in self._left]


def _called_by_itself(module: nn.Module) -> list[Tensor]:
    """A few kilobytes that always stay: pipelines call the last norm of CLIP's encoders past the
    encoder when layers are left out (`clip_skip`)."""
    return [
        tensor
        for name, part in module.named_modules()
        if name.rpartition(".")[2] == "final_layer_norm"
        for tensor in part.parameters()
    ]


def place(pipeline: Any, memory: str, device: torch.device, *, whole: int = _WHOLE) -> int:
    """Puts a pipeline's weights, which are in the machine's memory, where `memory` (high, medium or
    low) says; parts above `whole` bytes never come in one piece unless it is high.

    Returns the bytes of the device that its weights take at most.
    """
    if memory == "high":
        pipeline.to(device)
        return sum(map(bytes_of, parts_of(pipeline).values()))
    denoisers = denoisers_of(pipeline)
    guests = Guests(device)
    most = staying = 0
    for name, part in parts_of(pipeline).items():
        if name in denoisers:
            if memory == "low":
                most = max(most, _by_blocks(part, device))
            else:
                part.to(device)
                staying += bytes_of(part)
            guests.leave_before(part)
        elif bytes_of(part) > whole:
            _by_leaves(part, device)
        else:
            guests.invite(part)
    return staying + max(most, guests.largest)


def _by_blocks(module: nn.Module, device: torch.device) -> int:
    """Its blocks come one by one, the next while one computes; returns the bytes of two."""
    blocks = [
        bytes_of(block)
        for child in module.children()
        if isinstance(child, nn.ModuleList | nn.Sequential)
        for block in child
    ]
    rest = bytes_of(module) - sum(blocks)
    apply_group_offloading(
        module,
        onload_device=device,
        offload_type="block_level",
        num_blocks_per_group=1,
        use_stream=device.type == "cuda",
    )
    return rest + sum(sorted(blocks)[-2:])


def _by_leaves(module: nn.Module, device: torch.device) -> None:
    """Its layers come one by one: other than blocks, all encoders have those."""
    apply_group_offloading(
        module,
        onload_device=device,
        offload_type="leaf_level",
        use_stream=device.type == "cuda",
    )
