"""Compiled blocks: the repeated parts of a denoiser, each kind compiled once for all shapes.

Members come and go at every step, so the number of rows changes all the time. The graphs are made
for sizes that are not known: one for a single row, one for two or more. So nothing is padded, and
nothing is compiled anew for another size of batch or picture.
"""

# pyright: basic
from __future__ import annotations

import logging
import threading
from typing import Any

import torch
from torch import nn

log = logging.getLogger(__name__)

_ALSO = {
    "UNet2DConditionModel": ("ResnetBlock2D",),
    "SD3Transformer2DModel": ("JointTransformerBlock",),
}
"""Blocks that diffusers does not name itself."""
_MOST_GRAPHS = 128
"""Kinds of blocks of all loaded models together, times two; torch's own limit is 8."""
_TRITON_SINCE = (7, 0)
_told = threading.local()
"""Which threads of it know what they are to do."""


def why_not(device: torch.device) -> str | None:
    """Why nothing can be compiled here, with the mend, as the end of a sentence; None if it can."""
    if device.type == "mps":
        return "torch compiles for NVIDIA GPUs and processors only; set it to auto"
    if device.type == "cuda":
        from torch.utils._triton import has_triton

        if torch.cuda.get_device_capability(device) < _TRITON_SINCE or not has_triton():
            return "torch needs triton and a GPU it knows (Volta or newer); set it to auto"
        return None
    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        get_cpp_compiler()
    except InvalidCxxCompiler:
        return "torch needs a C++ compiler; install g++, or set it to auto"
    return None


def is_wanted(choice: str, device: torch.device) -> bool:
    """`auto` is on for CUDA where it is possible: on processors compiling takes minutes."""
    return choice == "on" or (choice == "auto" and device.type == "cuda" and not why_not(device))


def compile_blocks(denoiser: nn.Module, backend: str = "inductor") -> int:
    """Has the blocks compiled when they are first called; returns how many there are.

    Where compiling fails, they are called as they are, and the log says so once.
    """
    kind = type(denoiser).__name__
    names = {*getattr(denoiser, "_repeated_blocks", ()), *_ALSO.get(kind, ())}
    found = [module for module in denoiser.modules() if type(module).__name__ in names]
    group = _Group(kind)
    for module in found:
        module.compile(fullgraph=True, dynamic=True, backend=backend)
        module._compiled_call_impl = _Guarded(module, group)
    return len(found)


def _settle() -> None:
    """What torch is told to do in a thread is told to that thread alone, since 2.13; and blocks are
    compiled where they are called, not where their model was loaded."""
    if vars(_told).get("all"):
        return
    import torch._dynamo
    import torch.fx.experimental._config as shapes

    # Two sizes that happen to be equal at first must not be taken for the same.
    shapes.use_duck_shape = False
    config: Any = torch._dynamo.config
    config.recompile_limit = max(config.recompile_limit, _MOST_GRAPHS)
    _told.all = True


class _Group:
    """The blocks of one denoiser, which are compiled all or none."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.failed = False


class _Guarded:
    """The call of a compiled block, or of the block as it is once compiling has failed."""

    def __init__(self, block: nn.Module, group: _Group) -> None:
        self._compiled: Any = block._compiled_call_impl
        self._plain = block._call_impl
        self._group = group

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self._group.failed:
            _settle()
            try:
                return self._compiled(*args, **kwargs)
            except _failures() as error:
                self._group.failed = True
                why = str(getattr(error, "inner_exception", error)).strip().partition("\n")[0]
                log.warning("%s is not compiled after all: %s", self._group.name, why)
        return self._plain(*args, **kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> None:
        """A copy of a block is not compiled: what is here would call the block it was copied of."""


def _failures() -> tuple[type[Exception], ...]:
    """What all of torch's compiler raises; not what a block raises by itself."""
    from torch._dynamo.exc import FailOnRecompileLimitHit, TorchDynamoException

    return TorchDynamoException, FailOnRecompileLimitHit
