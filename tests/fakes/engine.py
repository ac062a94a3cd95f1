"""An engine in the process of the test, whose events are in the test's hand."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.events import (
    Cancelled,
    Ending,
    Event,
    Failed,
    FailureKind,
    Finished,
    ImageReady,
    Preview,
    Progress,
    Started,
    Task,
)
from tests.fakes.worker import grid, picture, scripted_failure


class FakeEngine:
    """`core.ports.Engine` without workers.

    Free-running (the default), a task's events come at once: started, every step, one preview half
    way, the pictures, finished. A prompt's markers make it fail as in `tests.fakes.worker`
    ([crash], [kill] and [garbage] as WORKER_DIED; [hang] waits for the test), and `will_end` says
    how coming tasks end, whatever their prompt.

    With `held=True` a task sends Started and then only what the test asks for: `step`, `preview`,
    `finish`, `fail`, `die`, or any event by `emit`. `await taken(n)` waits for the n-th task.

    `tasks` has every task taken, in order; `cancels` every id that was asked to stop; `left` the
    ids whose run was closed before its ending; `most_at_once` the height of the crowd.
    """

    def __init__(
        self,
        slots: int = 1,
        *,
        workers: int | None = None,
        held: bool = False,
        steps: int | None = None,
    ) -> None:
        """`workers` share the slots; a slot is a worker of its own if it is not said."""
        self.slots = slots
        self.workers = slots if workers is None else workers
        self.held = held
        self.steps = steps
        self.tasks: list[Task] = []
        self.cancels: list[str] = []
        self.left: list[str] = []
        self.most_at_once = 0
        self.up = False
        self._endings: deque[Failed | None] = deque()
        self._open: dict[str, asyncio.Queue[Event]] = {}
        self._at: dict[str, int] = {}
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        self.up = True
        try:
            yield
        finally:
            self.up = False

    def will_end(self, *kinds: FailureKind | None) -> None:
        """How the next free-running tasks end: a kind of failure each, or None for well."""
        for kind in kinds:
            failed = None if kind is None else Failed("", kind, f"Failed as scripted: {kind}.")
            self._endings.append(failed)

    async def run(self, task: Task) -> AsyncIterator[Event]:
        if task.job_id in self._open:
            raise AssertionError(f"{task.job_id} is running already")
        self.tasks.append(task)
        queue = self._open[task.job_id] = asyncio.Queue[Event]()
        self._at[task.job_id] = 0
        self.most_at_once = max(self.most_at_once, len(self._open))
        async with self._changed:
            self._changed.notify_all()
        queue.put_nowait(Started(task.job_id, self._steps(task)))
        if not self.held:
            self._play(task)
        ended = False
        try:
            while not ended:
                event = await queue.get()
                ended = isinstance(event, Ending)
                if ended:
                    del self._open[task.job_id]
                yield event
        finally:
            if not ended:
                self.left.append(task.job_id)
                del self._open[task.job_id]

    async def cancel(self, job_id: str) -> None:
        self.cancels.append(job_id)
        if job_id in self._open:
            self.emit(Cancelled(job_id, gpu_ms=self._at[job_id] * 10))

    # What the test asks for

    async def taken(self, count: int = 1) -> Task:
        """The `count`-th task (from 1), as soon as it has been taken."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.tasks) >= count)
        return self.tasks[count - 1]

    def running_ids(self) -> list[str]:
        return list(self._open)

    def emit(self, event: Event) -> None:
        """Any event of a running task; an Ending ends its run."""
        self._open[event.job_id].put_nowait(event)

    def step(self, job_id: str, step: int | None = None) -> None:
        task = self._task(job_id)
        self._at[job_id] = step or self._at[job_id] + 1
        self.emit(Progress(job_id, self._at[job_id], self._steps(task)))

    def preview(self, job_id: str) -> None:
        task = self._task(job_id)
        path = Path(task.spool) / f"preview-{self._at[job_id]:03}.png"
        path.write_bytes(grid(task.request, scale=0.5))
        self.emit(Preview(job_id, self._at[job_id], str(path)))

    def finish(self, job_id: str, *, gpu_ms: int = 1000) -> None:
        """Writes the pictures and the grid into the spool and ends well."""
        task = self._task(job_id)
        request = task.request
        for index in range(request.count):
            path = Path(task.spool) / f"{index + 1}.png"
            path.write_bytes(picture(request, index))
            seed = request.image_seed(index)
            self.emit(ImageReady(job_id, index + 1, str(path), request.width, request.height, seed))
        path = Path(task.spool) / "grid.png"
        path.write_bytes(grid(request))
        self.emit(Finished(job_id, str(path), gpu_ms))

    def fail(self, job_id: str, kind: FailureKind, sentence: str = "It failed.") -> None:
        self.emit(Failed(job_id, kind, sentence, gpu_ms=self._at[job_id] * 10))

    def die(self, job_id: str) -> None:
        """As if the worker had been killed in the middle."""
        self.fail(job_id, FailureKind.WORKER_DIED, "The worker stopped in the middle.")

    def _task(self, job_id: str) -> Task:
        return next(task for task in reversed(self.tasks) if task.job_id == job_id)

    def _steps(self, task: Task) -> int:
        return self.steps or max(1, task.request.denoising_steps)

    def _play(self, task: Task) -> None:
        job_id, text = task.job_id, task.request.text
        scripted = self._endings.popleft() if self._endings else scripted_failure(task)
        if scripted is not None:
            self.fail(job_id, scripted.kind, scripted.sentence)
            return
        steps = self._steps(task)
        for step in range(1, steps + 1):
            self.step(job_id)
            if step == 1 and any(mark in text for mark in ("[crash]", "[kill]", "[garbage]")):
                self.die(job_id)
                return
            if step == 1 and "[hang]" in text:
                return
            if step == max(1, steps // 2):
                self.preview(job_id)
        self.finish(job_id)
