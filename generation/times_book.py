"""Keeps what forwards took from one start of the worker to the next, in a file (`core.kept_times`).

Of a model that is loaded, what is in the file is believed at once; what was learned since goes back
there from time to time and when the worker is asked to stop. Several workers may have one file: it
is read again before it is replaced, in one step. One that is damaged or of another version is left
alone until it is replaced, and a file that cannot be written costs nothing but a line in the log.
"""

# pyright: basic
from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from core.kept_times import Curve, Place, Table, joined, merged, read, written
from core.speed import Speed
from core.step_times import StepTimes
from generation.grouping import Size, serial_of
from generation.models import Loaded

log = logging.getLogger(__name__)

SAVE_EVERY = 300.0
"""Seconds between two times that the file is written while the worker works."""

Look = Callable[[], AbstractContextManager[StepTimes]]
"""The times, while nobody else looks at them."""


class TimesBook:
    """For several threads. `path` is None where nothing is to be kept; `usual` is how models are
    held that have no choice of their own."""

    def __init__(
        self,
        path: Path | None,
        times: Look,
        device: str,
        usual: Speed,
        dtype: torch.dtype,
        *,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], float] = time.time,
    ) -> None:
        self._path, self._times, self._device = path, times, device
        self._usual, self._dtype = usual, str(dtype).removeprefix("torch.")
        self._clock, self._today = clock, today
        self._lock = threading.Lock()
        there = self._there() if path is not None else {}
        here = (device, torch.__version__)
        self._known = {at: table for at, table in there.items() if (at.device, at.torch) == here}
        self._parts: dict[int, tuple[Place, str]] = {}
        """By the serial number of a module: where it computes, and what part of its model it is."""
        self._saved_at = clock()
        self._failed = False

    def greet(self, loaded: Loaded) -> None:
        """A model was loaded: what is known of it is believed."""
        if self._path is None:
            return
        place = self._place(loaded)
        with self._lock, self._times() as times:
            self._gather(times)
            # What a model that was let go of had is in the tables now.
            self._parts = {one: at for one, at in self._parts.items() if at[0] != place}
            serials: dict[str, int] = {}
            for name, module in _parts_of(loaded).items():
                if isinstance(module, nn.Module):
                    serials[name] = serial_of(module)
                    self._parts[serials[name]] = (place, name)
            table = self._known.get(place)
            for curve in table.curves if table is not None else ():
                if curve.part in serials:
                    size = Size(serials[curve.part], curve.call, curve.shape)
                    times.recall(size, curve.points)

    def save_now_and_then(self) -> None:
        """To be called whenever a task has ended."""
        if self._clock() - self._saved_at >= SAVE_EVERY:
            self.save()

    def save(self) -> None:
        """Raises nothing."""
        if self._path is None:
            return
        with self._lock:
            self._saved_at = self._clock()
            with self._times() as times:
                self._gather(times)
            if not self._known:
                return
            text = written(merged(self._there(), self._known))
            passing = self._path.with_name(f".{self._path.name}.{os.getpid()}")
            try:
                passing.write_text(text, encoding="utf-8")
                passing.replace(self._path)
            except OSError as error:
                # Where nothing can be written, nothing can be taken away either.
                with suppress(OSError):
                    passing.unlink()
                if not self._failed:
                    log.warning("step times are not kept: %s: %s", self._path, error.strerror)
                self._failed = True

    def _place(self, loaded: Loaded) -> Place:
        model = loaded.model
        speed = asdict(model.speed(self._usual)) | {"memory": loaded.held.memory}
        return Place(
            device=self._device,
            torch=torch.__version__,
            model="@".join(filter(None, (model.source, model.revision))),
            dtype=self._dtype,
            speed=" ".join(f"{name}={value}" for name, value in speed.items()),
        )

    def _gather(self, times: StepTimes) -> None:
        """Takes what has been learned into the tables."""
        found: dict[Place, list[Curve]] = {}
        for key, points in times.settled().items():
            if isinstance(key, Size) and key.model in self._parts:
                place, part = self._parts[key.model]
                curve = Curve(part, key.name, key.shape, tuple(points))
                found.setdefault(place, []).append(curve)
        for place, curves in found.items():
            old = self._known.get(place)
            # The newest last, so those first that are kept when there are too many.
            merged_curves = joined(old.curves if old is not None else (), reversed(curves))
            self._known[place] = Table(self._today(), merged_curves)

    def _there(self) -> dict[Place, Table]:
        assert self._path is not None
        try:
            return read(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            log.warning("step times kept in %s are not used: %s", self._path, why)
            return {}


def _parts_of(loaded: Loaded) -> dict[str, Any]:
    """Of whatever pipeline it has: they share all their components."""
    has = (getattr(loaded, name, None) for name in ("text_to_image", "image_to_image", "inpaint"))
    return next(one for one in has if one is not None).components


def device_in_full(name: str, device: torch.device) -> str:
    """`name`, and for a processor which it is and how many threads compute: what it is called is
    the same on all of them."""
    if device.type != "cpu":
        return name
    return f"{name} ({_processor()}, {torch.get_num_threads()} threads)"


def _processor(file: Path = Path("/proc/cpuinfo")) -> str:
    try:
        lines = file.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    found = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(found, os.uname().machine)
