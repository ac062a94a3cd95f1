"""`postcard`: the small diffusion model that comes with Easel. This module never imports torch."""

from pathlib import Path

from generation.postcard.world import ATTRIBUTES, vocabulary

WEIGHTS = Path(__file__).parent / "weights"
NATIVE_SIZE = 128
SIDE_MULTIPLE = 8

__all__ = ["ATTRIBUTES", "NATIVE_SIZE", "SIDE_MULTIPLE", "WEIGHTS", "vocabulary"]
