"""Pictures in a local folder, named by what is in them.

A file appears under its name whole and durable, or not at all: it is written beside the others
under a passing name, synced, renamed, and the folder is synced. All of it happens in threads.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from core.errors import DiskFullError, NotFoundError

STALE_SECONDS = 3600.0
"""A passing file this old has lost its writer; no write takes nearly as long."""

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_KEY = re.compile(r"[0-9a-f]{64}(\.[a-z0-9]{1,8})")
_CHUNK = 2**20
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


class LocalBlobs:
    """The Blobs port on a folder: `ab/ab12….png` by SHA-256, passing files in `tmp/`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._passing = folder / "tmp"

    @classmethod
    async def open(cls, folder: Path, *, now: Callable[[], float] = time.time) -> LocalBlobs:
        """Makes the folder and clears what a killed writer left. Raises DiskFullError."""
        blobs = cls(folder)
        await asyncio.to_thread(blobs._prepare, now())
        return blobs

    async def put(self, data: bytes, suffix: str) -> str:
        """See the port. `suffix` is like `.png`; anything else raises ValueError."""
        return await asyncio.to_thread(self._put_bytes, data, suffix)

    async def put_file(self, path: Path) -> str:
        """See the port. Raises NotFoundError where there is no such file."""
        return await asyncio.to_thread(self._put, lambda: _chunks(path), path.suffix.lower())

    async def get(self, key: str) -> bytes:
        return await asyncio.to_thread(lambda: self._existing(key).read_bytes())

    async def local(self, key: str) -> Path:
        return await asyncio.to_thread(self._existing, key)

    def _path(self, key: str) -> Path:
        # A key may come out of a URL: only what `_put` makes ever becomes a path.
        if not _KEY.fullmatch(key):
            raise NotFoundError
        return self._folder / key[:2] / key

    def _existing(self, key: str) -> Path:
        path = self._path(key)
        if not path.is_file():
            raise NotFoundError
        return path

    def _put_bytes(self, data: bytes, suffix: str) -> str:
        key = hashlib.sha256(data).hexdigest() + suffix
        if _SUFFIX.fullmatch(suffix) and self._path(key).exists():
            self._sync(key)
            return key
        return self._put(lambda: [data], suffix)

    def _put(self, content: Callable[[], Iterable[bytes]], suffix: str) -> str:
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError(f"not a suffix for a blob: {suffix!r}")
        passing = self._passing / uuid4().hex
        try:
            return self._store(content(), suffix, passing)
        except FileNotFoundError as error:
            raise NotFoundError from error
        except OSError as error:
            if error.errno in _NO_SPACE:
                raise DiskFullError from error
            raise
        finally:
            # Already gone when all went well; on a full disk the space is given back.
            with suppress(OSError):
                passing.unlink()

    def _store(self, content: Iterable[bytes], suffix: str, passing: Path) -> str:
        digest = hashlib.sha256()
        with passing.open("wb") as file:
            for chunk in content:
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        key = digest.hexdigest() + suffix
        path = self._path(key)
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            passing.replace(path)
        self._sync(key)
        return key

    def _sync(self, key: str) -> None:
        """Makes the file's name durable. Also for one that was there already: whoever wrote it may
        have died between the rename and this."""
        _sync_folder(self._path(key).parent)
        _sync_folder(self._folder)

    def _prepare(self, now: float) -> None:
        try:
            self._passing.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if error.errno in _NO_SPACE:
                raise DiskFullError from error
            raise
        for file in self._passing.iterdir():
            # Another process may be writing here, or clearing up like this one.
            with suppress(FileNotFoundError):
                if now - file.stat().st_mtime > STALE_SECONDS:
                    file.unlink()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable; a rename alone may be lost with the power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
