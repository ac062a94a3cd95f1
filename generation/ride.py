"""One task among those that share a device."""

# pyright: basic
from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from generation.grouping import Key
from generation.parking import Asked, Kind, attach
from generation.reuse import Reuse

if TYPE_CHECKING:
    from generation.batching import Batcher


@dataclass(frozen=True, slots=True)
class Setting:
    """A state of shared models that some tasks need, such as their adapters.

    `enter` and `leave` switch it, on the device's thread, between forwards. Tasks whose settings
    have one `name` share forwards. It matters to calls of these `kinds`, or of all.
    """

    name: Hashable
    enter: Callable[[], None]
    leave: Callable[[], None]
    kinds: frozenset[Kind] | None = None


class Ride:
    """One task on the device. Made by `Batcher.ride`, for one thread at a time."""

    def __init__(
        self,
        batcher: Batcher,
        *,
        job: str,
        owner: str,
        weight: float,
        steps: int,
        stop: threading.Event,
    ) -> None:
        self.job = job
        self.owner = owner
        self.weight = weight
        self.steps = steps
        self.stop = stop
        self.step = 0
        self.seconds = 0.0
        """Of the device so far."""
        self.unsettled = 0
        """Calls that were made and are not in `seconds` yet."""
        self.started: float | None = None
        self.setting: Setting | None = None
        self.reuses = False
        """Whether rounds of its pipelines may be estimated; to be said before `attach`."""
        self._reuse: dict[int, Reuse | None] = {}
        self.handed: tuple[float, Key, int] | None = None
        """When its last call was answered, which and of how many rows, until it parks the next."""
        self.hurried: float | None = None
        """When it was answered, until it parks the next, if that goes before those of others."""
        self.follows: dict[Key, Key] = {}
        """Which call came after which, the last time."""
        self._batcher = batcher

    @property
    def used_ms(self) -> int:
        """Milliseconds of the device, its share of what it shared. All that is computed is in it
        once the task has seen the result."""
        if self.unsettled:
            self._batcher.settle()
        return round(self.seconds * 1000)

    def setting_for(self, kind: Kind) -> Setting | None:
        """The one that a call of this kind needs."""
        setting = self.setting
        if setting is None or setting.kinds is None or kind in setting.kinds:
            return setting
        return None

    def progress(self, step: int) -> None:
        """The task has done `step` of its steps."""
        self.step = step

    def attach(self, pipeline: Any, setting: Setting | None = None) -> None:
        """From now on the models of `pipeline`, an object of this task, run on the device's thread,
        in company. Models that are to be the task's own are put into it before this."""
        self.setting = setting
        reuse = Reuse() if self.reuses else None
        self._reuse[id(pipeline)] = reuse
        attach(pipeline, self._park if reuse is None else reuse.through(pipeline, self._park))

    def reuse_of(self, pipeline: Any) -> Reuse | None:
        """What estimates rounds of a pipeline that was attached, where that is wanted."""
        return self._reuse.get(id(pipeline))

    def attach_beside(self, pipeline: Any, kind: Kind) -> None:
        """The same for a pipeline that the task has beside its own; all its calls are of this
        kind, and none of them is a step of the task."""
        attach(pipeline, lambda asked: self._park(replace(asked, kind=kind)))

    def run(self, function: Callable[[], Any], kind: Kind = "step", shape: Hashable = None) -> Any:
        """What `function` returns, run on the device's thread between two forwards. Those of one
        `kind` and `shape` take about as long as each other."""
        return self._batcher.run(self, function, kind=kind, shape=shape)

    def _park(self, asked: Asked) -> Any:
        return self._batcher.park(self, asked)

    def __enter__(self) -> Ride:
        return self

    def __exit__(self, *_: object) -> None:
        self._batcher.end(self)
