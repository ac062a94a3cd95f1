"""The whole gallery on a socket, for a real browser: in a thread of its own, with people in it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from core.jobs import Actor, Owner
from core.membership import Standing
from gallery.app import build_app
from gallery.deps import Deps
from gallery.limits import Buckets
from gallery.server import listening, serve
from gallery.site import Site
from storage.opening import Storage, open_storage
from tests.builders import NOON, FakeClock
from tests.fakes.memory_membership import MemoryMembership
from tests.gallery.conftest import deps_over
from tests.gallery.seed import ADA, BO, CHEN, HARBOUR, MEMBERS, NORTH, SERVERS, Seeded, seed

T = TypeVar("T")

MODERATOR = CHEN
"""Of HARBOUR."""

ADMIN = Owner(200, "Greta")
"""Of HARBOUR, who draws nothing."""

STRANGER = Owner(201, "Olga")
"""Administers NORTH, and is nothing on HARBOUR."""

SECONDS = 30.0


@dataclass
class Stage:
    """`call` does something in the gallery's own thread, and waits for it."""

    loop: asyncio.AbstractEventLoop
    storage: Storage
    deps: Deps
    town: MemoryMembership
    seeded: Seeded
    url: str
    report: int = 0
    secrets: dict[int, str] = field(default_factory=dict[int, str])

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(SECONDS)

    def secret(self, person: Owner) -> str:
        """The cookie of somebody who is logged in."""
        if person.id not in self.secrets:
            self.secrets[person.id] = self.call(self.deps.visitors.doorkeeper.enter(person))
        return self.secrets[person.id]


@contextmanager
def staged(folder: Path, *, jobs: int = 14) -> Iterator[Stage]:
    """Until the block is left."""
    ready: Future[Stage] = Future()
    over = threading.Event()

    async def run() -> None:
        clock, town = FakeClock(NOON), _town()
        async with open_storage(folder) as storage:
            with listening("127.0.0.1", 0) as listener:
                site = Site(url=f"http://127.0.0.1:{listener.getsockname()[1]}")
                # Nobody here asks too often.
                buckets = Buckets(lambda: time.monotonic() * 1000)
                deps = deps_over(storage, town, clock, site=site, buckets=buckets)
                seeded = await seed(storage, jobs=jobs, small=True)
                report = await _report(deps, seeded)
                serving = asyncio.create_task(serve(build_app(deps), site, listener))
                loop = asyncio.get_running_loop()
                ready.set_result(Stage(loop, storage, deps, town, seeded, site.url, report))
                leaving = asyncio.create_task(asyncio.to_thread(over.wait))
                await asyncio.wait((serving, leaving), return_when=asyncio.FIRST_COMPLETED)
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)

    def main() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
            raise

    thread = threading.Thread(target=main, name="gallery", daemon=True)
    thread.start()
    try:
        yield ready.result(SECONDS)
    finally:
        over.set()
        thread.join(SECONDS)


def _town() -> MemoryMembership:
    standings = {
        (person.id, server_id): Standing(name=person.name, member=True)
        for server_id, people in MEMBERS.items()
        for person in people
    }
    standings[MODERATOR.id, HARBOUR] = Standing(name=MODERATOR.name, member=True, moderates=True)
    standings[ADMIN.id, HARBOUR] = Standing(name=ADMIN.name, member=True, administers=True)
    standings[STRANGER.id, NORTH] = Standing(name=STRANGER.name, member=True, administers=True)
    return MemoryMembership(standings, {id: name for id, (name, _) in SERVERS.items()})


async def _report(deps: Deps, seeded: Seeded) -> int:
    """Bo reports a picture of Harbour; returns the report's number."""
    job = next(job for job in seeded.jobs if job.place.server_id == HARBOUR)
    await deps.complaints.take(Actor(BO, server_id=HARBOUR), job.id, "That is my garden.", 1)
    (report,) = await deps.bench.page(Actor(ADA, operator=True), HARBOUR)
    return report.id
