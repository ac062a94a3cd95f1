"""What the arguments of a model's call mean, so that calls of several tasks can be made as one.

Told by name for the models that are known, never guessed: a call of anything else, or with an
argument that is not told here, is made by itself.
"""

# pyright: basic
from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from torch import nn


class Role(Enum):
    """What an argument is to the rows of a batch."""

    ROWS = auto()
    """A tensor with a row for each, or a tuple, list or dict of such."""
    TIME = auto()
    """As ROWS, or one number for all rows."""
    EACH = auto()
    """A list with a tensor for each row."""
    EACH_ALIKE = auto()
    """A list with a plain value for each row; whose are equal may share."""
    ALIKE = auto()
    """A tensor for all rows in common; whose are equal may share."""
    ROWS_ALIKE = auto()
    """A tensor with a row for each, of which the model reads the first; whose are equal may
    share."""
    PLAIN = auto()
    """No tensors in it; whose are equal may share."""
    UNUSED = auto()
    """Taken, and not looked at."""


@dataclass(frozen=True, slots=True)
class CallShape:
    """The arguments of one method. `rows` names the one that is counted."""

    rows: str
    roles: Mapping[str, Role]
    lists: bool = False
    """Whether the answer is a list with a tensor for each row."""
    lengths_differ: frozenset[str] = frozenset()
    """Those of EACH whose tensors may be of different lengths."""
    times_mix: bool = False
    """Whether whole and broken times mean the same: the model makes float32 of them at once."""
    order: tuple[str, ...] = field(default=(), compare=False)
    """The names of the arguments in the order in which they may be given without names."""


def _shape(rows: str, *more: str, plain: tuple[str, ...] = (), **roles: Role) -> CallShape:
    named = dict.fromkeys((rows, *more), Role.ROWS) | roles
    return CallShape(rows, named | dict.fromkeys(("return_dict", *plain), Role.PLAIN))


def _timed(shape: CallShape) -> CallShape:
    return CallShape(shape.rows, {**shape.roles, "timestep": Role.TIME}, times_mix=True)


_CONTROLS = ("controlnet_block_samples", "controlnet_single_block_samples")

_SHAPES: dict[tuple[str, str], CallShape] = {
    ("UNet2DConditionModel", "forward"): _timed(
        _shape(
            "sample",
            "encoder_hidden_states",
            "class_labels",
            "timestep_cond",
            "attention_mask",
            "added_cond_kwargs",
            "down_block_additional_residuals",
            "mid_block_additional_residual",
            "down_intrablock_additional_residuals",
            "encoder_attention_mask",
            plain=("cross_attention_kwargs",),
        )
    ),
    ("ControlNetModel", "forward"): _timed(
        _shape(
            "sample",
            "encoder_hidden_states",
            "controlnet_cond",
            "class_labels",
            "timestep_cond",
            "attention_mask",
            "added_cond_kwargs",
            plain=("conditioning_scale", "cross_attention_kwargs", "guess_mode"),
        )
    ),
    ("PriorTransformer", "forward"): _timed(
        _shape("hidden_states", "proj_embedding", "encoder_hidden_states", "attention_mask")
    ),
    ("SD3Transformer2DModel", "forward"): _shape(
        "hidden_states",
        "encoder_hidden_states",
        "pooled_projections",
        "timestep",
        "block_controlnet_hidden_states",
        plain=("joint_attention_kwargs", "skip_layers"),
    ),
    ("FluxTransformer2DModel", "forward"): _shape(
        "hidden_states",
        "encoder_hidden_states",
        "pooled_projections",
        "timestep",
        "guidance",
        *_CONTROLS,
        img_ids=Role.ALIKE,
        txt_ids=Role.ALIKE,
        plain=("joint_attention_kwargs", "controlnet_blocks_repeat"),
    ),
    ("Flux2Transformer2DModel", "forward"): _shape(
        "hidden_states",
        "encoder_hidden_states",
        "timestep",
        "guidance",
        img_ids=Role.ROWS_ALIKE,
        txt_ids=Role.ROWS_ALIKE,
        plain=("joint_attention_kwargs", "num_ref_tokens", "ref_fixed_timestep"),
    ),
    ("QwenImageTransformer2DModel", "forward"): _shape(
        "hidden_states",
        "encoder_hidden_states",
        "encoder_hidden_states_mask",
        "timestep",
        "guidance",
        "controlnet_block_samples",
        "additional_t_cond",
        img_shapes=Role.EACH_ALIKE,
        plain=("attention_kwargs",),
    ),
    ("SanaTransformer2DModel", "forward"): _shape(
        "hidden_states",
        "encoder_hidden_states",
        "timestep",
        "guidance",
        "encoder_attention_mask",
        "attention_mask",
        "controlnet_block_samples",
        plain=("attention_kwargs",),
    ),
    ("ZImageTransformer2DModel", "forward"): CallShape(
        "x",
        {
            "x": Role.EACH,
            "t": Role.ROWS,
            "cap_feats": Role.EACH,
            "return_dict": Role.PLAIN,
            "patch_size": Role.PLAIN,
            "f_patch_size": Role.PLAIN,
            "joint_attention_kwargs": Role.PLAIN,
        },
        lists=True,
        lengths_differ=frozenset({"cap_feats"}),
    ),
    ("AutoencoderKL", "decode"): _shape("z", generator=Role.UNUSED),
    ("AutoencoderKL", "encode"): _shape("x"),
    ("AutoencoderTiny", "decode"): _shape("x", generator=Role.UNUSED),
    ("AutoencoderTiny", "encode"): _shape("x"),
    ("AutoencoderDC", "decode"): _shape("z"),
    ("AutoencoderDC", "encode"): _shape("x"),
    ("AutoencoderKLFlux2", "decode"): _shape("z", generator=Role.UNUSED),
    ("AutoencoderKLFlux2", "encode"): _shape("x"),
    ("AutoencoderKLQwenImage", "decode"): _shape("z"),
    ("AutoencoderKLQwenImage", "encode"): _shape("x"),
    ("VQModel", "decode"): _shape("h", plain=("force_not_quantize", "shape")),
    ("VQModel", "encode"): _shape("x"),
}

_READERS = _shape(
    "input_ids",
    "attention_mask",
    "position_ids",
    "token_type_ids",
    "pixel_values",
    plain=("output_hidden_states", "output_attentions", "use_cache"),
)
"""Text and image encoders, all of which take the same."""


@functools.cache
def shape_of(kind: type[nn.Module], method: str) -> CallShape | None:
    """None for what is not known; a class that does the same in a way of its own is not."""
    function = getattr(kind, method, None)
    if function is None:
        return None
    for base in kind.__mro__:
        known = _SHAPES.get((base.__name__, method))
        if known is not None and getattr(base, method) is function:
            return _ordered(known, function)
    if method == "forward" and "PreTrainedModel" in {base.__name__ for base in kind.__mro__}:
        order = tuple(inspect.signature(function).parameters)[1:]
        rows = next((name for name in ("input_ids", "pixel_values") if name in order), None)
        if rows is not None:
            return CallShape(rows, _READERS.roles, order=order)
    return None


def _ordered(shape: CallShape, function: Callable[..., Any]) -> CallShape:
    return CallShape(
        shape.rows,
        shape.roles,
        shape.lists,
        shape.lengths_differ,
        shape.times_mix,
        tuple(inspect.signature(function).parameters)[1:],
    )
