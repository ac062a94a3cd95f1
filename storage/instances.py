"""Which Easel processes live. Each holds a file lock for its life, which the system takes from it
even when it is killed; so a job's holder can be known to be gone without waiting for its lease."""

from __future__ import annotations

import re
from contextlib import ExitStack, suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from core.errors import BusyError, SettingsError

_ID = re.compile(r"(?P<folder>[0-9a-f]{8})-(?P<process>[0-9a-f]{12})")
_SERVING = "serving"
_WAIT_SECONDS = 5.0
_PROBE_SECONDS = 0.5


class Instance:
    """This process among those that share a data folder. `id` goes into the leases of jobs."""

    def __init__(self, folder: Path, id: str, held: ExitStack) -> None:
        self.id = id
        self._folder = folder
        self._held = held

    @classmethod
    def open(cls, data: Path) -> Instance:
        """Takes a lock of its own under `data/instances` and removes those of the dead.

        Raises BusyError when another process opens for longer than five seconds.
        """
        folder = data / "instances"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            # One opens at a time: nobody sweeps a file between its making and its locking.
            with _lock(folder, "opening").acquire(timeout=_WAIT_SECONDS):
                id = f"{_folder_id(folder)}-{uuid4().hex[:12]}"
                held = ExitStack()
                held.enter_context(_lock(folder, id).acquire(timeout=_WAIT_SECONDS))
                instance = cls(folder, id, held)
                instance._sweep()
        except Timeout as error:
            raise BusyError from error
        return instance

    def close(self) -> None:
        """Gives the locks back."""
        self._held.close()
        (self._folder / f"{self.id}.lock").unlink(missing_ok=True)

    def is_dead(self, holder: str) -> bool:
        """Whether the process of that id is surely gone. One that holds leases from another data
        folder, maybe on another machine, cannot be asked: False."""
        match = _ID.fullmatch(holder)
        if match is None or match["folder"] != _folder_id(self._folder):
            return False
        return holder != self.id and not _is_held(self._folder, holder)

    def serve(self) -> None:
        """Makes this process the one that serves the data folder, until it is closed.

        Raises SettingsError when another does.
        """
        try:
            lock = _lock(self._folder, _SERVING).acquire(timeout=_PROBE_SECONDS)
        except Timeout as error:
            raise SettingsError(
                "Another `easel run` serves this data folder already; stop it, or give this one "
                "another folder with EASEL_DATA."
            ) from error
        self._held.enter_context(lock)

    def is_served(self) -> bool:
        """Whether a living process, maybe this one, serves the data folder."""
        return _is_held(self._folder, _SERVING)

    def _sweep(self) -> None:
        for file in self._folder.glob("*.lock"):
            if self.is_dead(file.stem):
                file.unlink(missing_ok=True)


def _lock(folder: Path, name: str) -> FileLock:
    return FileLock(folder / f"{name}.lock", thread_local=False)


def _is_held(folder: Path, name: str) -> bool:
    if not (folder / f"{name}.lock").exists():
        return False
    try:
        with _lock(folder, name).acquire(blocking=False):
            return False
    except Timeout:
        return True


def _folder_id(folder: Path) -> str:
    """Eight hex digits that name the data folder, made once."""
    file = folder / "folder.id"
    with suppress(FileNotFoundError):
        return file.read_text()
    passing = file.with_suffix(".tmp")
    passing.write_text(uuid4().hex[:8])
    passing.replace(file)
    return file.read_text()
