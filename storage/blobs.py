"""Pictures in a local folder, named by what is in them.

A file appears under its name whole and durable, or not at all: it is written beside the others
under a passing name, synced, renamed, and the folder is synced. All of it happens in threads.

A file's time is when it was last put, so that one that is old and that nothing names may go
(`storage.sweep`). It goes in two steps, with a look at its time between them: whoever puts the same
content at that moment finds the file and makes it young, or finds none and writes it again.
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
from core.thumbs import thumb_names

STALE_SECONDS = 3600.0
"""A passing file this old has lost its writer; no write takes nearly as long."""

_GOING = ".going"
"""Behind the key of a file that is on its way out, in the passing folder."""

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_KEY = re.compile(r"[0-9a-f]{64}(\.[a-z0-9]{1,8})")
_HEX = re.compile(r"[0-9a-f]{2}")
_CHUNK = 2**20
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


class LocalBlobs:
    """The Blobs port on a folder: `ab/ab12….png` by SHA-256, passing files in `tmp/`. `thumbs` is
    the folder of small copies, if there is one: they go with their picture."""

    def __init__(self, folder: Path, thumbs: Path | None = None) -> None:
        self._folder = folder
        self._passing = folder / "tmp"
        self._thumbs = thumbs

    @classmethod
    async def open(
        cls, folder: Path, *, thumbs: Path | None = None, now: Callable[[], float] = time.time
    ) -> LocalBlobs:
        """Makes the folder and clears what a killed writer left. Raises DiskFullError."""
        blobs = cls(folder, thumbs)
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

    async def size(self, key: str) -> int:
        """In bytes. Raises NotFoundError."""
        return await asyncio.to_thread(lambda: self._existing(key).stat().st_size)

    async def local(self, key: str) -> Path:
        return await asyncio.to_thread(self._existing, key)

    async def folders(self) -> list[str]:
        """The names of the folders that files are in."""
        return await asyncio.to_thread(
            lambda: sorted(one.name for one in os.scandir(self._folder) if _HEX.fullmatch(one.name))
        )

    async def older(self, folder: str, before: float) -> list[str]:
        """The keys of the files in one of `folders` that were last put before that moment."""
        return await asyncio.to_thread(self._older, folder, before)

    async def remove(self, key: str, before: float) -> bool:
        """Deletes the file, unless it has been put since; tells whether it is gone."""
        return await asyncio.to_thread(self._remove, key, before)

    def _older(self, folder: str, before: float) -> list[str]:
        found: list[str] = []
        for one in os.scandir(self._folder / folder):
            if _KEY.fullmatch(one.name) and one.name.startswith(folder):
                with suppress(FileNotFoundError):
                    if one.stat().st_mtime < before:
                        found.append(one.name)
        return found

    def _remove(self, key: str, before: float) -> bool:
        path, going = self._path(key), self._passing / (key + _GOING)
        try:
            path.replace(going)
            if going.stat().st_mtime >= before:
                going.replace(path)
                return False
            # First its copies: whoever makes one now finds no picture, and takes it away again.
            if self._thumbs is not None:
                for name in thumb_names(key):
                    (self._thumbs / name).unlink(missing_ok=True)
            going.unlink()
        except FileNotFoundError:
            # Another process opened the folder in between and put it back.
            return False
        return True

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
        if _SUFFIX.fullmatch(suffix) and self._renew(key):
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
        if not self._renew(key):
            path.parent.mkdir(exist_ok=True)
            passing.replace(path)
        self._sync(key)
        return key

    def _renew(self, key: str) -> bool:
        """Makes the file as young as one that is written now. False where there is none, or none
        that is ours to change: it has to be written."""
        try:
            os.utime(self._path(key))
        except OSError:
            return False
        return True

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
        for file in self._passing.glob(f"*{_GOING}"):
            # Whoever was deleting it was killed and had maybe not looked at its time yet.
            with suppress(FileNotFoundError, NotFoundError):
                file.replace(self._path(file.name.removesuffix(_GOING)))
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
