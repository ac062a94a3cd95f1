"""The gallery as people meet it: asked for pages in this process, over real rows and files."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from core.admin import Stewardship
from core.album import Collector
from core.archive import Archive
from core.collections import Keeper
from core.complaints import Complaints
from core.compose import Limits
from core.curator import Curator
from core.departures import Departures
from core.doing import Doing
from core.gallery import Gallery
from core.jobs import Owner
from core.likeness import Circle, MoreLikeThis
from core.membership import Introductions
from core.models import Catalogue
from core.pictures import Pictures
from core.queue import Queue
from core.reports import Bench
from core.sessions import Doorkeeper
from core.studio import Studio
from core.thumbs import NoThumbError
from gallery.app import build_app
from gallery.ask import Cookie
from gallery.deps import Deps
from gallery.limits import Buckets
from gallery.site import Site
from gallery.visitors import Visitors
from generation.record_reader import RecordReader
from storage.opening import Storage, open_storage
from tests.builders import FakeClock
from tests.fakes.memory_membership import MemoryMembership
from tests.fakes.memory_permits import MemoryPermits
from tests.fakes.pictures import redraw

HERE = "http://127.0.0.1:8867"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real browser, for the tests that `tests.gallery.visitor` helps."""
    from playwright.sync_api import sync_playwright

    from tests.gallery.visitor import ARGUMENTS, CHROMIUM

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty, migrated database: it is what takes time."""
    folder = tmp_path_factory.mktemp("migrated")

    async def make() -> None:
        async with open_storage(folder):
            pass

    # In a thread, since the fixture may be asked for while a loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(make())).result()
    return folder / "easel.db"


@pytest.fixture
async def storage(tmp_path: Path, migrated: Path) -> AsyncIterator[Storage]:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(migrated, folder / "easel.db")
    async with open_storage(folder) as opened:
        yield opened


@pytest.fixture
def town() -> MemoryMembership:
    """Who is a member where; a test may change it at any time."""
    return MemoryMembership()


def deps_over(storage: Storage, town: MemoryMembership, clock: FakeClock, **changes: Any) -> Deps:
    """The gallery's parts over a storage; other parts, such as `site`, by name."""
    site: Site = changes.setdefault("site", Site(url=HERE))
    catalogue = Catalogue.parse("")
    queue = Queue(storage.jobs, clock, 1)
    introductions = Introductions(town, storage.rules, site.operators)
    collector = Collector(storage.jobs, storage.album, clock)
    complaints = Complaints(storage.reports, storage.jobs, clock)
    departures = Departures(storage.notices, clock)
    steward = Stewardship(
        storage.rules,
        storage.jobs,
        catalogue,
        queue=queue,
        clock=clock,
        moved=lambda job_id: None,
    )
    studio = Studio(
        storage.jobs,
        storage.blobs,
        catalogue,
        limits=Limits(),
        queue=queue,
        clock=clock,
        rng=random.Random(1),
        moved=lambda job_id: None,
        book=storage.rules,
        wishes=storage.wishes,
        pictures=Pictures(storage.blobs, _nothing, redraw),
    )
    permits = MemoryPermits(town)
    parts: dict[str, Any] = {
        "clock": clock,
        "gallery": Gallery(storage.works),
        "keeper": Keeper(storage.collections, storage.works, clock),
        "alike": MoreLikeThis(NothingAlike(), storage.works),
        "works": storage.works,
        "themes": storage.themes,
        "store": storage.jobs,
        "album": storage.album,
        "blobs": storage.blobs,
        "thumbs": NoThumbs(),
        "studio": studio,
        "steward": steward,
        "complaints": complaints,
        "doing": Doing(
            storage.works, studio, storage.rules, collector, complaints, permits, departures
        ),
        "bench": Bench(storage.reports, steward, storage.jobs, storage.album, departures, clock),
        "curator": Curator(storage.showcases, storage.jobs, storage.wishes, steward, clock),
        "archive": Archive(storage.jobs, storage.album),
        "records": RecordReader(),
        "membership": town,
        "visitors": Visitors(Doorkeeper(storage.sessions, clock), introductions, now=clock.now),
        "buckets": Buckets(clock.now),
    }
    return Deps(**{**parts, **changes})


class NothingAlike:
    """Where no picture was looked at yet; a test may say `found`."""

    def __init__(self) -> None:
        self.found: list[str] = []

    async def nearest(
        self, job_id: str, number: int, most: int, circle: Circle | None = None
    ) -> Sequence[str]:
        return self.found[:most]


class NoThumbs:
    """Where no copy can be made: the picture itself is shown."""

    async def of(self, key: str, side: int) -> Path:
        raise NoThumbError


async def _nothing(given: object) -> bytes:
    raise AssertionError(f"nothing is fetched here: {given!r}")


@pytest.fixture
def deps(storage: Storage, town: MemoryMembership, clock: FakeClock) -> Deps:
    return deps_over(storage, town, clock)


@pytest.fixture
def app(deps: Deps) -> Starlette:
    return build_app(deps)


@dataclass
class Browser:
    """Somebody's browser, with cookies of its own; it follows no redirects by itself."""

    http: httpx.AsyncClient
    deps: Deps

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.http.get(path, **more)

    async def post(self, path: str, **more: Any) -> httpx.Response:
        """As anybody could send it; `submit` is how a page's own form does."""
        return await self.http.post(path, **more)

    async def submit(
        self, path: str, fields: dict[str, str] | None = None, page: str = "/", **more: Any
    ) -> httpx.Response:
        """Posts a form with the token that a page bears."""
        text = (await self.get(page)).text
        found = re.search(r'name="csrf" value="(\w+)"', text)
        assert found is not None, "the page has no form"
        return await self.http.post(
            path,
            data={"csrf": found[1], **(fields or {})},
            headers={"origin": self.deps.site.url, **more.pop("headers", {})},
            **more,
        )

    async def log_in(self, person: Owner) -> str:
        """As if they came back from Discord; returns the secret."""
        secret = await self.deps.visitors.doorkeeper.enter(person)
        prefix = "__Host-" if self.deps.site.secure else ""
        self.http.cookies.set(prefix + Cookie.SESSION, secret, domain="127.0.0.1")
        return secret


@asynccontextmanager
async def browsing(app: Starlette, deps: Deps) -> AsyncIterator[Browser]:
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50000))
    async with httpx.AsyncClient(transport=transport, base_url=deps.site.url) as http:
        yield Browser(http, deps)


@pytest.fixture
async def browser(app: Starlette, deps: Deps) -> AsyncIterator[Browser]:
    async with browsing(app, deps) as one:
        yield one
