"""Tests with torch; all of this folder is slow."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import diffusers  # noqa: F401
    import torch

torch.set_num_threads(1)
