"""Least memory: what can be switched on a pipeline so that it needs less, and takes longer."""

# pyright: basic
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from generation.models import free_memory


@contextmanager
def least_memory(pipeline: Any, wanted: bool, *, whole: bool = False) -> Iterator[None]:
    """Decodes picture by picture and tile by tile inside the block; `whole`: not tile by tile,
    which would give pictures edges.

    Attention is not sliced: torch's own already needs memory in proportion to the pixels only, and
    diffusers' slices need more.
    """
    vae = getattr(pipeline, "vae", None) if wanted else None
    switches = [
        (f"enable_{what}", f"disable_{what}")
        for what in (("slicing",) if whole else ("slicing", "tiling"))
        if hasattr(vae, f"enable_{what}")
    ]
    if wanted:
        free_memory()
    for enable, _ in switches:
        getattr(vae, enable)()
    try:
        yield
    finally:
        for _, disable in switches:
            getattr(vae, disable)()
