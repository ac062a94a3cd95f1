"""What files of weights say of themselves, read without their weights."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

_LONGEST_HEADER = 100_000_000


def of_variant(files: list[Path], variant: str | None) -> list[Path]:
    """Those among a component's files that are read for a variant, such as fp16."""
    if variant:
        return [file for file in files if f".{variant}" in file.name] or files
    return [file for file in files if file.name.count(".") == 1] or files


def numbers_in(home: Path, variant: str | None) -> int:
    """How many numbers the weights in one component's folder are; damaged files have none."""
    return sum(
        math.prod(entry["shape"])
        for file in of_variant(sorted(home.glob("*.safetensors")), variant)
        if is_whole(file)
        for name, entry in _header(file)[1].items()
        if name != "__metadata__"
    )


def names_in(file: Path) -> list[str]:
    """What the tensors of a whole file are called."""
    return [name for name in _header(file)[1] if name != "__metadata__"]


def is_whole(file: Path) -> bool:
    """True if the header of a safetensors file can be read and its data is as long as it says.

    Format: https://huggingface.co/docs/safetensors: eight bytes of header length, a JSON header
    with the offsets of each tensor, the data.
    """
    try:
        size = file.stat().st_size
        length, header = _header(file)
        ends = [
            entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"
        ]
    except (OSError, ValueError, struct.error, KeyError, TypeError, AttributeError, IndexError):
        return False
    return 8 + length + max(ends, default=0) == size


def _header(file: Path) -> tuple[int, dict[str, Any]]:
    """The header and its length in bytes; raises ValueError where it is too long."""
    with file.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        if length > min(file.stat().st_size, _LONGEST_HEADER):
            raise ValueError("a header longer than its file")
        return length, json.loads(opened.read(length))
