"""What passes between Easel and the program that finds near looks. All little-endian."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Sequence
from enum import IntEnum

HEAD = struct.Struct("<BI")
"""Of a question: what is asked, and how many bytes follow."""

COUNT = struct.Struct("<I")
"""Of an answer: how many 64-bit numbers follow."""

LOOKS = struct.Struct("<I")
"""How many looks; their numbers follow, 64 bits each, then the looks."""

NEAR = struct.Struct("<I")
"""How many are wanted; a look follows."""

RANGE = struct.Struct("<qq")
"""Above which number and up to which; the numbers that are there follow."""


class Op(IntEnum):
    ADD = 1
    NEAR = 2
    RANK = 3
    CHECK = 4
    COUNT = 5
    EMPTY = 6


def numbers(ids: Sequence[int]) -> bytes:
    packed = array("q", ids)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def read_numbers(data: bytes) -> list[int]:
    packed = array("q")
    packed.frombytes(data)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tolist()


def looks(some: Sequence[tuple[int, bytes]]) -> bytes:
    """All of one dimension."""
    return b"".join(
        (LOOKS.pack(len(some)), numbers([id for id, _ in some]), *(look for _, look in some))
    )
