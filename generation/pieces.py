"""Decoding and encoding in pieces, between which steps of others can be made."""

# pyright: basic
from __future__ import annotations

from dataclasses import replace
from typing import Any

from generation.grouping import Call, by_itself

PIXELS = 1 << 20
"""Of pictures in a piece, if that is more than one picture. The same in any company, so that
company changes no picture."""


def pieces_of(call: Call) -> list[Call]:
    """The call, or several that together are the same; small ones may be made with others'."""
    if call.shape is None:
        return [call]
    rows = max(1, PIXELS // max(1, _pixels(call)))
    call.key = replace(call.key, most=rows)
    if call.module.config.get("norm_type") == "spatial":
        # Kandinsky's movq: its norms divide by how little a picture varies, which makes much of
        # what halves of numbers round otherwise in company: 15 dB were left of some pictures.
        call.key = by_itself(call.key)
    if rows >= call.rows:
        return [call]
    return [call.part(begin, min(begin + rows, call.rows)) for begin in range(0, call.rows, rows)]


def _pixels(call: Call) -> int:
    """Of one picture."""
    assert call.shape is not None
    height, width = call.values[call.shape.rows].shape[-2:]
    scale = _scale(call.module.config) if call.method == "decode" else 1
    return height * width * scale**2


def _scale(config: Any) -> int:
    """Pixels along a side for each one of the latents."""
    if (known := config.get("spatial_compression_ratio")) is not None:
        return known
    for name in ("block_out_channels", "decoder_block_out_channels"):
        if (blocks := config.get(name)) is not None:
            patch = config.get("patch_size") or 1
            return 2 ** (len(blocks) - 1) * (patch if isinstance(patch, int) else patch[-1])
    return 8
