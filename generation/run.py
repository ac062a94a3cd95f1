"""What is known of a task while it is being made: how far it is, what it cost, whether to stop."""

# pyright: basic
from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from PIL import Image

from core.events import Event, Progress, Task
from generation.checkpoints import Checkpoint, state_of
from generation.pipeline_call import to_tensor

if TYPE_CHECKING:
    from generation.batching import Ride


_LEAST_PIXELS = 1 << 18
"""What a task takes for itself does not shrink with its pictures; fewer would be taken for much
memory a pixel."""


class StoppedError(Exception):
    """The task was asked to stop."""


class Run:
    """One task on its way. `request` is what is asked of the model that makes it; `ride` is set
    once it is on the device."""

    def __init__(self, task: Task, send: Callable[[Event], None], stop: threading.Event) -> None:
        self.task = task
        self.request = task.request.drawn
        self.send = send
        self.stop = stop
        self.spool = Path(task.spool)
        self.batch = task.request.count
        self.steps = max(1, task.request.denoising_steps)
        self.careful = False
        """Whether its pictures are made one by one, with as little memory as can be."""
        if task.cautious:
            self.be_careful()
        self.step = 0
        self.note = ""
        """What the member is to know of the result, "" for nothing."""
        self.distilled = False
        self.rescuing = False
        """Whether a checkpoint is being gone back to, and nothing is computed yet."""
        self.ride: Ride | None = None
        self._earlier_ms = 0
        """What counts beside those of the ride: from before, less what is done again."""

    def be_careful(self) -> None:
        """Before its first step."""
        if not self.careful:
            self.careful, self.batch = True, 1
            self.steps *= self.request.count

    @property
    def pixels(self) -> int:
        """Of all its pictures, at their largest; no less than `_LEAST_PIXELS`."""
        size = max(stage.width * stage.height for stage in self.request.stages)
        return max(_LEAST_PIXELS, size * self.request.count)

    def used_ms(self) -> int:
        """Milliseconds of the device so far: the task's share of every forward."""
        return self._earlier_ms + (self.ride.used_ms if self.ride is not None else 0)

    def begin(self) -> None:
        """What was computed until here counts for nothing."""
        self._earlier_ms -= self.used_ms()

    def reached(self, step: int) -> None:
        """Tells the member, and whoever decides what the device does next."""
        self.step = step
        if self.ride is not None:
            self.ride.progress(step)
        self.send(Progress(self.task.job_id, step, self.steps))

    def go_on_from(self, checkpoint: Checkpoint) -> None:
        """What was computed before counts; what was computed since, and is done again, does not."""
        self.rescuing = False
        self._earlier_ms += checkpoint.used_ms - self.used_ms()
        self.reached(checkpoint.step)

    def stand(
        self,
        pictures: list[Image.Image],
        generators: list[torch.Generator],
        stage: int,
        calls: int,
        pipeline: Any,
        latents: torch.Tensor,
        reuse: list[Any],
    ) -> Checkpoint:
        """Where it stands: `calls` rounds into a `stage` of the batch after the `pictures`."""
        return Checkpoint(
            step=self.step,
            stage=stage,
            calls=calls,
            used_ms=self.used_ms(),
            latents=latents.clone(),
            scheduler=state_of(pipeline.scheduler),
            generators=[generator.get_state() for generator in generators],
            pictures=[to_tensor(picture) for picture in pictures],
            reuse=reuse,
        )

    def stop_if_asked(self) -> None:
        if self.stop.is_set():
            raise StoppedError
