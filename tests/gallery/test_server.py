"""The gallery on a real socket: where it listens, whom it believes, and how it stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from starlette.responses import PlainTextResponse, Response

from core.errors import SettingsError
from core.settings import Settings
from gallery.app import build_app
from gallery.ask import Ask, Way
from gallery.deps import Deps
from gallery.server import listening, serve
from gallery.site import Site
from storage.opening import Storage
from tests.builders import FakeClock
from tests.fakes.memory_membership import MemoryMembership
from tests.gallery.conftest import deps_over


async def whom(ask: Ask) -> Response:
    return PlainTextResponse(ask.request.client.host if ask.request.client else "")


WHOM = Way(path="/whom", page=whom, name="whom")


@asynccontextmanager
async def served(deps: Deps, site: Site, *more: Way) -> AsyncIterator[str]:
    """The gallery listens; its address on this machine."""
    with listening("127.0.0.1", 0) as listener:
        port: int = listener.getsockname()[1]
        serving = asyncio.create_task(serve(build_app(deps, more), site, listener))
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving


async def raw(url: str, request: bytes) -> bytes:
    """What is answered to bytes that no browser would send."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    await writer.drain()
    try:
        async with asyncio.timeout(5):
            return await reader.read(2000)
    finally:
        writer.close()


async def test_it_is_served_on_a_socket_with_its_headers(deps: Deps) -> None:
    async with served(deps, deps.site) as url, httpx.AsyncClient() as http:
        answer = await http.get(url + "/takedown")
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        # Nobody need know what it is made of.
        assert "server" not in answer.headers


async def test_a_port_that_is_taken_is_one_sentence() -> None:
    with listening("127.0.0.1", 0) as first:
        port: int = first.getsockname()[1]
        with pytest.raises(SettingsError) as caught, listening("127.0.0.1", port):
            pass
    assert f"could not start on port {port} of 127.0.0.1" in caught.value.sentence
    assert "EASEL_GALLERY_PORT" in caught.value.sentence


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_one_sentence(host: str) -> None:
    with pytest.raises(SettingsError) as caught, listening(host, 0):
        pass
    assert host in caught.value.sentence


async def test_nobody_is_believed_who_they_ask_for_unless_a_proxy_stands_in_front(
    deps: Deps, storage: Storage, town: MemoryMembership, clock: FakeClock
) -> None:
    told = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
    async with served(deps, deps.site, WHOM) as url, httpx.AsyncClient() as http:
        assert (await http.get(url + "/whom", headers=told)).text == "127.0.0.1"
    site = Site(url="https://gallery.example.org", behind_proxy=True)
    behind = deps_over(storage, town, clock, site=site)
    async with served(behind, site, WHOM) as url, httpx.AsyncClient() as http:
        assert (await http.get(url + "/whom", headers=told)).text == "203.0.113.9"
        # What a visitor wrote there himself comes before what the proxy added.
        told["x-forwarded-for"] = "198.51.100.1, 203.0.113.9"
        assert (await http.get(url + "/whom", headers=told)).text == "203.0.113.9"


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1@evil.example\r\nConnection: close\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    ],
)
async def test_a_made_up_host_gets_no_page(deps: Deps, request_line: bytes) -> None:
    async with served(deps, deps.site) as url:
        answer = await raw(url, request_line)
    assert answer.startswith(b"HTTP/1.1 421 ")
    assert b"evil.example" not in answer


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40 + b"\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    ],
)
async def test_rubbish_harms_nobody(
    deps: Deps, rubbish: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(deps, deps.site) as url, httpx.AsyncClient() as http:
        with suppress(ConnectionError):
            assert not (await raw(url, rubbish)).startswith(b"HTTP/1.1 5")
        assert (await http.get(url + "/takedown")).status_code == 200
    assert "Traceback" not in caplog.text


async def test_what_is_under_way_is_finished_at_a_polite_stop(deps: Deps) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(ask: Ask) -> Response:
        begun.set()
        await go_on.wait()
        return PlainTextResponse("finished")

    with listening("127.0.0.1", 0) as listener:
        port: int = listener.getsockname()[1]
        app = build_app(deps, [Way(path="/slow", page=slow, name="slow")])
        serving = asyncio.create_task(serve(app, deps.site, listener))
        async with httpx.AsyncClient() as http:
            asking = asyncio.create_task(http.get(f"http://127.0.0.1:{port}/slow"))
            await begun.wait()
            serving.cancel()
            go_on.set()
            assert (await asking).text == "finished"
        with pytest.raises(asyncio.CancelledError):
            await serving


# Where it stands


def settings(**environment: str) -> Settings:
    return Settings.from_env(environment)


def test_by_itself_it_is_on_this_machine() -> None:
    site = Site.of(settings(), 8867)
    assert (site.url, site.behind_proxy, site.secure) == ("http://127.0.0.1:8867", False, False)
    assert Site.of(settings(EASEL_GALLERY_HOST="::1"), 1).url == "http://[::1]:1"
    assert Site.of(settings(EASEL_GALLERY_HOST="localhost"), 1).url == "http://127.0.0.1:1"


def test_with_an_address_of_its_own_it_is_behind_a_proxy() -> None:
    given = settings(EASEL_GALLERY_URL="https://gallery.example.org", EASEL_GALLERY_OPERATORS="7")
    site = Site.of(given, 8867)
    assert (site.url, site.behind_proxy, site.secure) == (
        "https://gallery.example.org",
        True,
        True,
    )
    assert site.operators == {7}
    assert site.answers("gallery.example.org")
    assert site.answers("GALLERY.example.org")
    assert site.answers("127.0.0.1:8867")
    assert not site.answers("example.org")
    assert not site.answers("gallery.example.org:8867")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "gallery.local"])
def test_beyond_this_machine_it_needs_to_know_its_address(host: str) -> None:
    with pytest.raises(SettingsError, match="EASEL_GALLERY_URL must say the address"):
        Site.of(settings(EASEL_GALLERY_HOST=host), 8867)
    url = "http://gallery.local:8867"
    assert Site.of(settings(EASEL_GALLERY_HOST=host, EASEL_GALLERY_URL=url), 8867).url == url
