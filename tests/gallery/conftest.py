"""The gallery as people meet it: asked for pages in this process, or over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette

from gallery.app import build_app
from gallery.deps import Deps
from gallery.limits import Buckets
from gallery.site import Site
from tests.builders import FakeClock

HERE = "http://127.0.0.1:8867"


@pytest.fixture
def deps(clock: FakeClock) -> Deps:
    return Deps(site=Site(url=HERE), clock=clock, buckets=Buckets(clock.now))


@pytest.fixture
def app(deps: Deps) -> Starlette:
    return build_app(deps)


@asynccontextmanager
async def browsing(app: Starlette, url: str = HERE) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser, with cookies of its own; it follows no redirects by itself."""
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50000))
    async with httpx.AsyncClient(transport=transport, base_url=url) as browser:
        yield browser


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(app) as one:
        yield one
