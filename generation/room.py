"""The gate of a device's memory: tasks enter where they fit, wait where they do not yet, and go
alone with least memory where they never will."""

# pyright: basic
from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

from core.room import OVERTAKEN, Need, Needs, Verdict, verdict
from generation.run import StoppedError

_LOOK_SECONDS = 0.05
"""How often a task that waits looks whether it was stopped, and how much is free."""

_GROUP = Path("/sys/fs/cgroup")


class Memory(Protocol):
    """Of one device, in bytes; None where it cannot be told."""

    def free(self) -> int | None: ...

    def begin(self) -> None:
        """The peak is counted from here."""
        ...

    def peak(self) -> int | None:
        """The most since `begin`, beyond what there was then."""
        ...


class CudaMemory:
    """What torch has kept for itself and does not use is free too."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._began = 0

    def free(self) -> int:
        free, _ = torch.cuda.mem_get_info(self._device)
        reserved = torch.cuda.memory_reserved(self._device)
        return free + reserved - torch.cuda.memory_allocated(self._device)

    def begin(self) -> None:
        torch.cuda.reset_peak_memory_stats(self._device)
        self._began = torch.cuda.memory_allocated(self._device)

    def peak(self) -> int:
        return max(0, torch.cuda.max_memory_allocated(self._device) - self._began)


class HostMemory:
    """Of this process on Linux, also in a container with a limit; elsewhere nothing is told."""

    def __init__(self, proc: Path = Path("/proc"), group: Path = _GROUP) -> None:
        self._proc, self._group = proc, group
        self._began: int | None = None

    def free(self) -> int | None:
        available = _kib(self._proc / "meminfo", "MemAvailable:")
        limit, used = _number(self._group / "memory.max"), _number(self._group / "memory.current")
        if available is None or limit is None or used is None:
            return available
        return min(available, max(0, limit - used))

    def begin(self) -> None:
        try:
            # Sets the peak to what there is now.
            (self._proc / "self" / "clear_refs").write_text("5")
        except OSError:
            self._began = None
            return
        self._began = _kib(self._proc / "self" / "status", "VmRSS:")

    def peak(self) -> int | None:
        most = _kib(self._proc / "self" / "status", "VmHWM:")
        return None if most is None or self._began is None else max(0, most - self._began)


@dataclass(eq=False, slots=True)
class _Guest:
    model: str
    pixels: int
    need: Need
    overtaken: int = 0
    alone: bool = True
    """Nobody else was inside all the time."""


class Room:
    """Who is inside, and who waits. Safe for several threads at once."""

    def __init__(self, memory: Memory, needs: Needs | None = None) -> None:
        self._memory = memory
        self._needs = needs or Needs()
        self._change = threading.Condition()
        self._inside: list[_Guest] = []
        self._queue: list[_Guest] = []

    @contextmanager
    def enter(
        self,
        model: str,
        pixels: int,
        stop: threading.Event,
        *,
        largest: int | None = None,
        usual: bool = True,
    ) -> Iterator[bool]:
        """Waits for room; inside, says whether to be cautious: to make one picture at a time and
        decode it in tiles. `pixels` are those of all pictures together, `largest` what of them is
        computed at once if not all. What it needs tells of the model's other tasks if it is a
        `usual` one. Raises StoppedError if stopped before there was room."""
        guest, cautious = self._wait(model, pixels, largest, stop)
        try:
            yield cautious
        finally:
            self._leave(guest, learn=usual and not cautious and largest is None)

    def has_room(self, model: str, pixels: int) -> bool:
        """Whether a task of so many pixels would be let in at once, and not be cautious. Nobody
        else is inside."""
        with self._change:
            need = self._needs.of(model, pixels)
            return verdict(need, (), self._memory.free()) is Verdict.ENTER

    def _wait(
        self, model: str, pixels: int, largest: int | None, stop: threading.Event
    ) -> tuple[_Guest, bool]:
        with self._change:
            guest = _Guest(model, pixels, self._needs.of(model, pixels, largest=largest))
            self._queue.append(guest)
            try:
                while not stop.is_set():
                    guest.need = self._needs.of(model, pixels, largest=largest)
                    if self._may_pass(guest):
                        inside = [one.need for one in self._inside]
                        found = verdict(guest.need, inside, self._memory.free())
                        if found is not Verdict.WAIT:
                            self._let_in(guest)
                            return guest, found is Verdict.CAUTIOUS
                    self._change.wait(_LOOK_SECONDS)
            finally:
                self._queue.remove(guest)
                self._change.notify_all()
        raise StoppedError

    def _may_pass(self, guest: _Guest) -> bool:
        """Nobody before it has been overtaken too often."""
        before = self._queue[: self._queue.index(guest)]
        return all(one.overtaken < OVERTAKEN for one in before)

    def _let_in(self, guest: _Guest) -> None:
        for one in self._queue[: self._queue.index(guest)]:
            one.overtaken += 1
        self._inside.append(guest)
        if len(self._inside) == 1:
            self._memory.begin()
            return
        for one in self._inside:
            one.alone = False

    def _leave(self, guest: _Guest, *, learn: bool) -> None:
        with self._change:
            self._inside.remove(guest)
            if learn and guest.alone and (peak := self._memory.peak()) is not None:
                self._needs.note(guest.model, guest.pixels, peak)
            self._change.notify_all()


def room_of(device: torch.device) -> Room:
    return Room(CudaMemory(device) if device.type == "cuda" else HostMemory())


def _kib(path: Path, name: str) -> int | None:
    """Bytes of a line that says them in KiB."""
    try:
        for line in path.read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


def _number(path: Path) -> int | None:
    """None also for a limit that says `max`."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
