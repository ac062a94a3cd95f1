"""Many pictures as one zip, which is written while it is read: one picture of it is in memory.

The pictures are packed as they are, since PNGs hardly get smaller. So the length of the whole is
known before its first byte, and a browser can say how long it will take.
"""

from __future__ import annotations

import asyncio
import re
import struct
import zlib
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from core.errors import NotFoundError, RefusedError
from core.sentences import say
from core.viewing import may_view
from core.works import Viewer, Work, Works

MOST_PICTURES = 500
MOST_BYTES = 1_000_000_000
"""Of one zip; and few programs of old read one beyond four times as much."""

PIECE = 2**17
"""Bytes that are given at a time."""

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION = 20
_UNIX = 3 << 8
_PLAIN_FILE = 0o100644 << 16
_OTHER = re.compile(r"[^A-Za-z0-9_-]")


class Files(Protocol):
    """Stored pictures, by key. Both raise NotFoundError."""

    async def get(self, key: str) -> bytes: ...

    async def size(self, key: str) -> int:
        """In bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """`name` in the zip, `key` of the stored file, its `size` in bytes, when it was made."""

    name: str
    key: str
    size: int
    at: float

    @property
    def cost(self) -> int:
        """Bytes of the zip that are its."""
        return _LOCAL.size + _CENTRAL.size + 2 * len(self.name) + self.size


@dataclass(frozen=True, slots=True)
class Bundle:
    """`left_out`: pictures that were wanted and that are over the limits."""

    entries: tuple[Entry, ...]
    files: Files = field(repr=False)
    left_out: int = 0

    @property
    def length(self) -> int:
        """Bytes of the zip."""
        return _END.size + sum(entry.cost for entry in self.entries)

    def parts(self, most_bytes: int) -> tuple[Sequence[Bundle], Sequence[Entry]]:
        """The same in as few zips of at most so many bytes as their order allows, and the pictures
        that do not fit into one alone."""
        parts: list[list[Entry]] = []
        too_large: list[Entry] = []
        room = 0
        for entry in self.entries:
            if _END.size + entry.cost > most_bytes:
                too_large.append(entry)
                continue
            if not parts or entry.cost > room:
                parts.append([])
                room = most_bytes - _END.size
            parts[-1].append(entry)
            room -= entry.cost
        return [replace(self, entries=tuple(part), left_out=0) for part in parts], too_large

    async def stream(self) -> AsyncGenerator[bytes]:
        """The zip in pieces, `length` bytes in all. Raises NotFoundError in the middle for a file
        that was deleted meanwhile: what was given till then is no whole zip."""
        directory: list[bytes] = []
        at = 0
        for entry in self.entries:
            data = await self.files.get(entry.key)
            if len(data) != entry.size:
                raise NotFoundError
            crc = await asyncio.to_thread(zlib.crc32, data)
            begin = _local(entry, crc)
            directory.append(_central(entry, crc, at))
            at += len(begin) + len(data)
            yield begin
            for piece in _pieces(data):
                yield piece
        listed = b"".join(directory)
        count = len(directory)
        yield listed + _END.pack(b"PK\5\6", 0, 0, count, count, len(listed), at, 0)

    async def whole(self) -> bytes:
        """All of it in memory, for one that is small."""
        return b"".join([piece async for piece in self.stream()])


class Bundler:
    def __init__(self, works: Works, files: Files) -> None:
        self._works = works
        self._files = files

    async def of(
        self,
        viewer: Viewer,
        work_ids: Sequence[str],
        *,
        most: int = MOST_PICTURES,
        most_bytes: int = MOST_BYTES,
    ) -> Bundle:
        """A zip of these works as far as the viewer may see them, in their order, each once; those
        behind the limits are left out. Raises RefusedError where there are none."""
        entries: list[Entry] = []
        left_out, length = 0, _END.size
        for work_id in dict.fromkeys(work_ids):
            if len(entries) >= most:
                left_out += 1
                continue
            entry = await self._entry(viewer, work_id)
            if entry is None:
                continue
            if length + entry.cost > most_bytes:
                left_out += 1
                continue
            length += entry.cost
            entries.append(entry)
        if not entries:
            raise RefusedError(say("There are no pictures to download."))
        return Bundle(tuple(entries), self._files, left_out)

    async def _entry(self, viewer: Viewer, work_id: str) -> Entry | None:
        try:
            work = await self._works.get(work_id)
            if not may_view(viewer, work):
                return None
            size = await self._files.size(work.blob)
        except NotFoundError:
            return None
        return Entry(_name(work), work.blob, size, work.created_at)


def _name(work: Work) -> str:
    """Of ids alone: nothing that somebody typed names a file on somebody else's disk."""
    suffix = work.blob.rpartition(".")[2]
    return f"{_OTHER.sub('_', work.id)}.{_OTHER.sub('_', suffix)}"


def _pieces(data: bytes) -> Iterator[bytes]:
    for begin in range(0, len(data), PIECE):
        yield data[begin : begin + PIECE]


def _local(entry: Entry, crc: int) -> bytes:
    name = entry.name.encode()
    head = _LOCAL.pack(
        b"PK\3\4", _VERSION, 0, 0, *_clock(entry.at), crc, entry.size, entry.size, len(name), 0
    )
    return head + name


def _central(entry: Entry, crc: int, at: int) -> bytes:
    name = entry.name.encode()
    head = _CENTRAL.pack(
        b"PK\1\2",
        _UNIX | _VERSION,
        _VERSION,
        0,
        0,
        *_clock(entry.at),
        crc,
        entry.size,
        entry.size,
        len(name),
        0,
        0,
        0,
        0,
        _PLAIN_FILE,
        at,
    )
    return head + name


def _clock(at: float) -> tuple[int, int]:
    """The time and the day as a zip has them, from 1980 on and in steps of two seconds; in UTC."""
    when = datetime.fromtimestamp(max(0.0, at), UTC)
    year = min(max(when.year - 1980, 0), 127)
    day = year << 9 | when.month << 5 | when.day
    return when.hour << 11 | when.minute << 5 | when.second // 2, day
