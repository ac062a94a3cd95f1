"""The whole service as a way to have jobs made: studio, database, queue, dispatcher, worker."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy
import torch
from PIL import Image

from benchmarks.kit.arms import MEMBERS, Seen, Timed
from benchmarks.kit.clocks import computed
from benchmarks.kit.models import Subject
from cli.assemble import Easel, open_easel
from core.jobs import Actor, Owner, Place, State
from core.request import Request
from core.settings import Settings

LOOK_SECONDS = 0.05
"""How often it is asked what has become of the jobs, at most."""


class Service:
    """Easel on an empty data folder, without Discord: its jobs are typed, admitted, priced, written
    down, picked, sent to the worker process, drawn with previews, encoded, stored, and written down
    as done. It lives in a loop of its own, in a thread, so that others can be measured between."""

    def __init__(
        self, subject: Subject, device: str, dtype: torch.dtype, together: int | None = None
    ) -> None:
        self.name = "whole service"
        self.seen = Seen({})
        self._folder = TemporaryDirectory(prefix="easel-service-")
        folder = Path(self._folder.name)
        (folder / "models.toml").write_text(subject.toml)
        environment = {
            "EASEL_DATA": str(folder / "data"),
            "EASEL_MODELS": str(folder / "models.toml"),
            "EASEL_DEVICE": device,
            "EASEL_DTYPE": str(dtype).removeprefix("torch."),
            "EASEL_MAX_WAITING_PER_MEMBER": "100000",
        }
        if together is not None:
            environment["EASEL_TASKS_PER_WORKER"] = str(together)
        self._settings = Settings.from_env(environment)
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._easel = self._wait(self._open())
        self._serial = 0

    def close(self) -> None:
        self._wait(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._folder.cleanup()

    def run(self, requests: Sequence[Request]) -> Timed:
        took, jobs = self._wait(self._make(requests))
        self.seen = Seen(self._wait(self._pictures(jobs)))
        return took

    def _wait(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self) -> Easel:
        easel = await self._stack.enter_async_context(open_easel(self._settings))
        dispatcher = asyncio.create_task(easel.dispatcher.run())

        async def stop() -> None:
            dispatcher.cancel()
            with suppress(asyncio.CancelledError):
                await dispatcher

        self._stack.push_async_callback(stop)
        return easel

    async def _make(self, requests: Sequence[Request]) -> tuple[Timed, dict[int, str]]:
        changed = asyncio.Event()
        self._easel.board.listen(lambda _: changed.set())
        wall, processor = perf_counter(), computed()
        jobs: dict[int, str] = {}
        for request in requests:
            self._serial += 1
            receipt = await self._easel.studio.imagine(
                line_of(request),
                interaction_id=f"bench-{self._serial}",
                actor=Actor(Owner(1 + self._serial % MEMBERS, "bench"), moderates=True),
                place=Place(),
            )
            made = receipt.job.request
            if (made.steps, made.guidance, made.count, made.width) != (
                request.steps,
                request.guidance,
                request.count,
                request.width,
            ):
                raise SystemExit(f"the service read another request than was meant: {made}")
            jobs[request.seed] = receipt.job.id
        waiting = set(jobs.values())
        async with asyncio.timeout(600):
            while waiting:
                for job_id in list(waiting):
                    job = await self._easel.storage.jobs.get(job_id)
                    if job.state.ended:
                        if job.state is not State.DONE:
                            raise SystemExit(f"a job was not made: {job.error}")
                        waiting.discard(job_id)
                    else:
                        break
                else:
                    continue
                await changed.wait()
                # Every step is news; asking the database each time would be measured, too.
                await asyncio.sleep(LOOK_SECONDS)
                changed.clear()
        return Timed(perf_counter() - wall, computed() - processor), jobs

    async def _pictures(self, jobs: dict[int, str]) -> dict[int, list[numpy.ndarray]]:
        found: dict[int, list[numpy.ndarray]] = {}
        for seed, job_id in jobs.items():
            images = await self._easel.storage.jobs.images(job_id)
            paths = [await self._easel.storage.blobs.local(image.blob) for image in images]
            found[seed] = [numpy.asarray(Image.open(path)) for path in paths]
        return found


def line_of(request: Request) -> str:
    """What a member would have to type."""
    return (
        f"{request.text} --seed {request.seed} --steps {request.steps} "
        f"--cfg {request.guidance:g} --n {request.count} --ar 1:1 --stylize 0"
    )
