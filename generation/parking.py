"""Stand-ins for a pipeline's models, which hand every call to somebody else.

A stand-in is a shallow copy: of the model's own class, with its weights, its configuration and all
its parts. Only the calls that pipelines make leave it, and what would change the model that all
tasks share stays in it.
"""

# pyright: basic
from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import torch
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from torch import nn

from generation.tokenizers import guard

Kind = Literal["step", "decode", "encode", "text"]

_HOOKS = (
    "_backward_pre_hooks",
    "_backward_hooks",
    "_forward_hooks",
    "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called",
    "_forward_pre_hooks",
    "_forward_pre_hooks_with_kwargs",
)
_REAL = "_easel_real"
_FLAGS = ("use_slicing", "use_tiling")


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that a pipeline made of a stand-in.

    `runner` is what `method` is called on, which is `module` unless the task has switches of its
    own on it. `dtype` is what the task asked the model to be for the time being, None for as it
    is.
    """

    module: nn.Module
    runner: nn.Module
    method: str
    kind: Kind
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    flags: tuple[bool, ...] = ()
    dtype: torch.dtype | None = None


class Park(Protocol):
    def __call__(self, asked: Asked, /) -> Any:
        """The answer to the call, once there is one."""
        ...


def real_of(module: Any) -> Any:
    """The model behind a stand-in; any other module is its own."""
    return vars(module).get(_REAL, module)


def attach(pipeline: Any, park: Park) -> None:
    """Puts stand-ins in the place of the models of `pipeline`, an object of one task."""
    for name in ("prior_pipe", "decoder_pipe"):
        inner = vars(pipeline).get(name)
        if isinstance(inner, DiffusionPipeline):
            object.__setattr__(pipeline, name, _own_inner(pipeline, inner, name, park))
    for name, component in list(pipeline.components.items()):
        if isinstance(component, nn.Module):
            # Past the pipeline's own __setattr__, which would write it into its configuration.
            object.__setattr__(pipeline, name, stand_in(component, _kind(name), park))
        else:
            guard(component)
    # Moves models about that all tasks share; whoever runs them sees to where they are.
    object.__setattr__(pipeline, "maybe_free_model_hooks", _nothing)


def _nothing() -> None:
    pass


def _no_cache(*_: Any, **__: Any) -> AbstractContextManager[None]:
    """Nothing is kept from step to step, so no model that all tasks share is told of a step."""
    return nullcontext()


def _own_inner(pipeline: Any, inner: Any, name: str, park: Park) -> Any:
    """A pipeline inside another: the task's own too, down to the scheduler."""
    own = copy.copy(inner)
    if name == "decoder_pipe":
        own.scheduler = pipeline.scheduler
    else:
        own.scheduler = type(inner.scheduler).from_config(inner.scheduler.config)
    attach(own, park)
    return own


def _kind(name: str) -> Kind:
    return "text" if "encoder" in name else "step"


def stand_in(module: nn.Module, kind: Kind, park: Park) -> Any:
    """A module that does as `module`, by way of `park`."""
    module = real_of(module)
    # A compiled model is a wrapper; pipelines look at what is in it.
    face = getattr(module, "_orig_mod", module)
    own = copy.copy(face)
    state = _State(module, own, kind, park)
    own.__dict__ |= {hooks: OrderedDict() for hooks in _HOOKS}
    own.__dict__ |= {_REAL: module, "_compiled_call_impl": None, "to": state.to}
    own.__dict__["forward"] = state.forward
    if callable(getattr(face, "cache_context", None)):
        own.__dict__["cache_context"] = _no_cache
    if callable(getattr(face, "decode", None)) and callable(getattr(face, "encode", None)):
        own.__dict__ |= {"decode": state.decode, "encode": state.encode}
    nets = getattr(face, "nets", None)
    if isinstance(nets, nn.ModuleList):
        # Several ControlNets in one: it is the inner ones that compute.
        del own.__dict__["forward"]
        own._modules = own._modules | {
            "nets": nn.ModuleList([stand_in(net, kind, park) for net in nets])
        }
    return own


@dataclass(slots=True, eq=False)
class _State:
    """What a task has switched on its stand-in `own`."""

    module: nn.Module
    own: Any
    kind: Kind
    park: Park
    dtype: torch.dtype | None = None

    def forward(self, *arguments: Any, **named: Any) -> Any:
        return self._ask(self.module, "forward", self.kind, arguments, named)

    def decode(self, *arguments: Any, **named: Any) -> Any:
        return self._ask(self.own, "decode", "decode", arguments, named)

    def encode(self, *arguments: Any, **named: Any) -> Any:
        return self._ask(self.own, "encode", "encode", arguments, named)

    def to(self, *arguments: Any, **named: Any) -> Any:
        """Notes the wish for another dtype. Where the model is, is not the task's to say."""
        given = (*arguments, *named.values())
        dtype = next((one for one in given if isinstance(one, torch.dtype)), None)
        if dtype is not None:
            self.dtype = None if dtype == getattr(self.module, "dtype", None) else dtype
        return self.own

    def _ask(
        self,
        runner: Any,
        method: str,
        kind: Kind,
        arguments: tuple[Any, ...],
        named: dict[str, Any],
    ) -> Any:
        flags = tuple(bool(vars(self.own).get(name)) for name in _FLAGS)
        if not any(flags):
            runner = self.module
        return self.park(
            Asked(self.module, runner, method, kind, arguments, named, flags, self.dtype)
        )


Runner = Callable[[tuple[Any, ...], dict[str, Any]], Any]


def runner_of(runner: Any, method: str) -> Runner:
    """What makes a call; for the thread that owns the device."""

    def run(arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if method == "forward":
            return runner(*arguments, **named)
        if _REAL in vars(runner):
            # A stand-in with switches of its own: its class computes, the stand-in would park.
            return getattr(type(runner), method)(runner, *arguments, **named)
        return getattr(runner, method)(*arguments, **named)

    return run
