"""Attention whose queries, keys and values come of one multiplication instead of three.

diffusers lays the weights side by side, and computes the same sums: https://huggingface.co/docs/
diffusers/optimization/fp16. The weights one by one stay where they are, so that is memory for them
twice.
"""

# pyright: basic
from __future__ import annotations

from torch import nn


def why_not(part: nn.Module, *, quantize: str, adapted: bool) -> str | None:
    """Why the projections of a denoiser stay as they are; None if they can be fused. `adapted`:
    there are adapters for it."""
    if adapted:
        return "adapters change them one by one"
    if quantize != "off":
        return f"with {quantize} they are no plain numbers"
    if not callable(getattr(part, "fuse_qkv_projections", None)):
        return f"diffusers cannot with a {type(part).__name__}"
    return None


def fuse(part: nn.Module) -> None:
    part.fuse_qkv_projections()  # pyright: ignore[reportCallIssue]
