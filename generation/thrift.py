"""Least memory: what can be switched on a pipeline so that it needs less, and takes longer."""

# pyright: basic
from __future__ import annotations

from typing import Any


def use_least_memory(pipeline: Any, *, whole: bool = False) -> None:
    """Lets a pipeline, whose autoencoder is its own (`generation.parking`), decode picture by
    picture and tile by tile; `whole`: not tile by tile, which would give pictures edges.

    Attention is not sliced: torch's own already needs memory in proportion to the pixels only, and
    diffusers' slices need more.
    """
    vae = getattr(pipeline, "vae", None)
    for what in ("slicing",) if whole else ("slicing", "tiling"):
        if hasattr(vae, f"enable_{what}"):
            getattr(vae, f"enable_{what}")()
