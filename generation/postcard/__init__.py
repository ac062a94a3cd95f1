"""`postcard`: the small diffusion model that comes with Easel. This module never imports torch."""

from pathlib import Path

from generation.postcard.world import ATTRIBUTES, vocabulary

WEIGHTS = Path(__file__).parent / "weights"
READER = Path(__file__).parent / "reader.safetensors"
NATIVE_SIZE = 128
SIDE_MULTIPLE = 8

__all__ = ["ATTRIBUTES", "NATIVE_SIZE", "READER", "SIDE_MULTIPLE", "WEIGHTS", "vocabulary"]
