"""An autoencoder that keeps one number format, though pipelines would change it."""

# pyright: basic
from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def keep_steady(pipeline: Any, dtype: torch.dtype) -> None:
    """For pipelines, as SDXL's, that turn their autoencoder into float32 for a call and back again.

    The autoencoder is shared, and other tasks may be in the middle of it. So it keeps a format of
    its own: float32 in a model of float16, in which it would overflow, and `dtype` otherwise; what
    it is given is brought to that.
    """
    vae = getattr(pipeline, "vae", None)
    if dtype is torch.float32 or not hasattr(pipeline, "upcast_vae"):
        return
    if vae is None or not vae.config.get("force_upcast"):
        return
    vae.register_to_config(force_upcast=False)
    if dtype is torch.float16:
        vae.to(torch.float32)
    # A class of its own, so that copies of the module are steady too.
    vae.__class__ = type(type(vae).__name__, (_Steady, type(vae)), {})


class _Steady:
    """What is put before an autoencoder's class."""

    dtype: torch.dtype

    def encode(self, given: Tensor, *args: Any, **kwargs: Any) -> Any:
        return super().encode(given.to(self.dtype), *args, **kwargs)  # pyright: ignore[reportAttributeAccessIssue]

    def decode(self, given: Tensor, *args: Any, **kwargs: Any) -> Any:
        return super().decode(given.to(self.dtype), *args, **kwargs)  # pyright: ignore[reportAttributeAccessIssue]
