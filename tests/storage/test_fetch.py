"""What may be fetched for a member, from where, and how much of it."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from core.addresses import is_public
from core.errors import SettingsError
from core.pictures import PictureError
from storage.fetch import ANY, HOPS, Fetcher, _Names, _socket

PUBLIC = "162.159.133.233"
LOOPBACK = "127.0.0.1"
FILE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


class Names(AbstractResolver):
    """A telephone book. With several numbers under one name, each is given in its turn."""

    def __init__(self, book: dict[str, list[list[str]]], port: int = 443) -> None:
        self._book = book
        self._port = port
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        turns = self._book.get(host)
        if turns is None:
            raise OSError("no such name")
        numbers = turns.pop(0) if len(turns) > 1 else turns[0]
        return [
            ResolveResult(
                hostname=host,
                host=number,
                port=self._port,
                family=socket.AF_INET6 if ":" in number else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for number in numbers
        ]

    async def close(self) -> None:
        pass


@pytest.fixture
def no_connections(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every address that somebody tried to connect to."""
    tried: list[object] = []

    async def connect(self: object, sock: object, address: object) -> None:
        tried.append(address)
        raise OSError("nobody is to be spoken to here")

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", connect)
    return tried


# Which addresses


@pytest.mark.parametrize(
    "address",
    [
        "",
        "cdn.discordapp.com/a.png",
        "http://cdn.discordapp.com/a.png",
        "ftp://cdn.discordapp.com/a.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "gopher://127.0.0.1:6379/_x",
        "https://",
        "https:///etc/passwd",
        "https://cdn.discordapp.com:22/a.png",
        "https://cdn.discordapp.com:80/a.png",
        "https://cdn.discordapp.com:0/a.png",
        "https://cdn.discordapp.com:99999/a.png",
        "https://ada@cdn.discordapp.com/a.png",
        "https://ada:secret@cdn.discordapp.com/a.png",
        "https://:@cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com@127.0.0.1/a.png",
        "https://127.0.0.1/a.png",
        "https://127.0.0.1:443/a.png",
        "https://127.1/a.png",
        "https://2130706433/a.png",
        "https://0x7f000001/a.png",
        "https://0x7f.0.0.1/a.png",
        "https://0177.0.0.1/a.png",
        "https://017700000001/a.png",
        "https://127.0.0.0x1/a.png",
        "https://１２７.０.０.１/a.png",
        "https://①②⑦.0.0.1/a.png",
        "https://0/a.png",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/a.png",
        "https://[::ffff:127.0.0.1]/a.png",
        "https://[::ffff:7f00:1]/a.png",
        "https://[64:ff9b::7f00:1]/a.png",
        "https://[2002:7f00:1::]/a.png",
        "https://[fe80::1%25eth0]/a.png",
        "https://[fd00:ec2::254]/a.png",
        "https://8.8.8.8/a.png",
        "https://localhost/a.png",
        "https://localhost./a.png",
        "https://metadata/a.png",
        "https://cdn.discordapp.com./a.png",
        "https://.discordapp.com/a.png",
        "https://a..b.example/a.png",
        "https://-a.example/a.png",
        "https://a_b.example/a.png",
        "https://a b.example/a.png",
        "https://cdn.discordapp.com\\@127.0.0.1/a.png",
        "https://cdn.discordapp.com%2f@127.0.0.1/a.png",
        "https://" + "a." * 200 + "example/a.png",
        "https://cdn.discordapp.com/" + "a" * 3000,
    ],
)
async def test_an_address_that_is_none_of_the_webs_is_refused_unasked(
    address: str, no_connections: list[object]
) -> None:
    names = Names({})
    with pytest.raises(PictureError) as caught:
        await Fetcher([ANY], resolver=names)(address)
    assert caught.value.sentence.endswith(".")
    assert (names.asked, no_connections) == ([], [])


@pytest.mark.parametrize(
    ("host", "hosts", "allowed"),
    [
        ("cdn.discordapp.com", [], True),
        ("CDN.DiscordApp.com", [], True),
        ("media.discordapp.net", [], True),
        ("discordapp.com", [], False),
        ("evil.cdn.discordapp.com", [], False),
        ("cdn.discordapp.com.evil.example", [], False),
        ("cdn-discordapp.com", [], False),
        ("cdn.discordapp.сom", [], False),  # a Cyrillic letter
        ("i.example.org", [], False),
        ("i.example.org", ["I.example.org"], True),
        ("j.example.org", ["i.example.org"], False),
        ("cdn.discordapp.com", ["i.example.org"], True),
        ("i.example.org", [ANY], True),
        ("bücher.example", [ANY], True),
    ],
)
async def test_only_the_hosts_that_are_allowed_are_asked(
    host: str, hosts: list[str], allowed: bool, no_connections: list[object]
) -> None:
    names = Names({})
    with pytest.raises(PictureError) as caught:
        await Fetcher(hosts, resolver=names)(f"https://{host}/a.png")
    assert bool(names.asked) is allowed
    assert ("are not taken from" in caught.value.sentence) is not allowed


@pytest.mark.parametrize(
    "numbers",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a9fe:a9fe"],
        ["2002:7f00:1::1"],
        ["fe80::1"],
        ["224.0.0.1"],
        [PUBLIC, "192.168.1.1"],
        ["2606:4700::1", "::1"],
    ],
)
async def test_a_name_that_leads_into_somebodys_network_is_refused(
    numbers: list[str], no_connections: list[object]
) -> None:
    fetch = Fetcher([ANY], resolver=Names({"pictures.example": [numbers]}))
    with pytest.raises(PictureError) as caught:
        await fetch("https://pictures.example/a.png")
    assert "not on the public internet" in caught.value.sentence
    assert no_connections == []


async def test_the_address_that_was_judged_is_the_one_that_is_spoken_to(
    no_connections: list[object],
) -> None:
    """A name server that answers one thing to whoever judges and another to whoever connects."""
    names = Names({"pictures.example": [[PUBLIC], [LOOPBACK]]})
    fetch = Fetcher([ANY], resolver=names)
    with pytest.raises(PictureError, match="cannot be reached"):
        await fetch("https://pictures.example/a.png")
    assert names.asked == ["pictures.example"]
    assert no_connections == [(PUBLIC, 443)]
    with pytest.raises(PictureError, match="not on the public internet"):
        await fetch("https://pictures.example/a.png")
    assert no_connections == [(PUBLIC, 443)]


async def test_the_systems_own_names_are_asked_and_judged(no_connections: list[object]) -> None:
    finder = _Names()
    assert {each["host"] for each in await finder.resolve("localhost", 443)} == {LOOPBACK}
    with pytest.raises(OSError):
        await finder.resolve("nobody.invalid", 443)
    await finder.close()

    class Local(_Names):
        async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
            return await super().resolve("localhost", port, family)

    with pytest.raises(PictureError, match="not on the public internet"):
        await Fetcher([ANY], resolver=Local())("https://pictures.example/a.png")
    assert no_connections == []


@pytest.mark.parametrize("url", ["", "127.0.0.1", "not an address"])
def test_another_discord_must_be_an_address(url: str) -> None:
    with pytest.raises(SettingsError, match="is not an address"):
        Fetcher().take_from(url)


def test_no_socket_is_made_for_an_address_of_ones_own_however_it_was_found() -> None:
    for number in (LOOPBACK, "::1", "10.0.0.1", "2130706433"):
        info = (socket.AF_INET, socket.SOCK_STREAM, 0, "", (number, 443))
        with pytest.raises(PictureError):
            _socket(info, is_public)
    info = (socket.AF_INET, socket.SOCK_STREAM, 0, "", (PUBLIC, 443))
    _socket(info, is_public).close()


# What comes. A server on this machine stands for another Discord, which the operator points at.

Answer = Callable[[web.Request], web.StreamResponse]


class Host:
    """Answers `/attachments/…` by what is told of the last part, and notes what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.port = 0
        self.asked: list[web.Request] = []
        self.held = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        match request.match_info["what"]:
            case "plain":
                return web.Response(body=FILE, content_type="image/png")
            case "page":
                return web.Response(text="<html>", content_type="text/html")
            case "packed":
                packed = gzip.compress(bytes(50 * 2**20))
                return web.Response(body=packed, headers={"Content-Encoding": "gzip"})
            case "huge":
                return web.Response(body=bytes(9000), content_type="image/png")
            case "endless":
                response = web.StreamResponse()
                response.enable_chunked_encoding()
                await response.prepare(request)
                try:
                    while True:
                        await response.write(bytes(4096))
                except ConnectionError:
                    self.held.set()
                    raise
            case "silent":
                await self.held.wait()
                return web.Response()
            case "short":
                response = web.StreamResponse(headers={"Content-Length": "5000"})
                await response.prepare(request)
                await response.write(b"only this")
                assert request.transport is not None
                request.transport.close()
                return response
            case "cookies":
                response = web.Response(status=302, headers={"Location": "plain"})
                response.set_cookie("who", "ada")
                return response
            case "round":
                raise web.HTTPFound(request.url)
            case "nowhere":
                return web.Response(status=302)
            case "teapot":
                return web.Response(status=418)
            case "gone":
                return web.Response(status=404)
            case _:
                return web.Response(status=302, headers={"Location": request.query["to"]})


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    host = Host()
    app = web.Application()
    app.router.add_get("/{folder}/{what}", host.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    host.port = runner.addresses[0][1]
    host.url = f"http://{LOOPBACK}:{host.port}"
    yield host
    host.held.set()
    await runner.cleanup()


@pytest.fixture
def fetch(host: Host) -> Fetcher:
    fetcher = Fetcher(seconds=5, most_bytes=FILE.__len__())
    fetcher.take_from(host.url)
    return fetcher


async def test_what_is_attached_on_the_operators_own_discord_is_fetched(
    host: Host, fetch: Fetcher
) -> None:
    assert await fetch(f"{host.url}/attachments/plain?ex=1&hm=ab") == FILE
    (asked,) = host.asked
    assert asked.query_string == "ex=1&hm=ab"
    assert asked.headers["Accept-Encoding"] == "identity"
    assert not {"Cookie", "Authorization", "Referer"} & set(asked.headers)


async def test_nothing_else_is_fetched_from_there_nor_from_beside_it(
    host: Host, fetch: Fetcher
) -> None:
    for address in (
        f"{host.url}/api/plain",
        f"{host.url}/attachments/../api/plain",
        f"http://{LOOPBACK}:{host.port ^ 1}/attachments/plain",
        f"http://localhost:{host.port}/attachments/plain",
        f"http://ada:secret@{LOOPBACK}:{host.port}/attachments/plain",
    ):
        with pytest.raises(PictureError):
            await fetch(address)
    with pytest.raises(PictureError):
        await Fetcher([ANY])(f"{host.url}/attachments/plain")
    assert host.asked == []


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("page", "the address of a page"),
        ("packed", "sends it packed"),
        ("endless", "That picture has more than"),
        ("short", "cannot be reached, or broke off"),
        ("round", f"leads on more than {HOPS} times"),
        ("nowhere", "answered 302"),
        ("teapot", "answered 418"),
        ("gone", "There is no picture at that address"),
    ],
)
async def test_an_answer_that_is_no_picture_is_one_sentence(
    host: Host, fetch: Fetcher, what: str, said: str
) -> None:
    with pytest.raises(PictureError) as caught:
        await fetch(f"{host.url}/attachments/{what}")
    assert said in caught.value.sentence
    assert len(host.asked) == (1 + HOPS if what == "round" else 1)


async def test_a_file_that_is_said_to_be_too_large_is_not_read(host: Host) -> None:
    fetch = Fetcher(most_bytes=8999)
    fetch.take_from(host.url)
    with pytest.raises(PictureError, match="more than 0 MiB"):
        await fetch(f"{host.url}/attachments/huge")


async def test_a_host_that_keeps_one_waiting_is_left(host: Host) -> None:
    fetch = Fetcher(seconds=0.05)
    fetch.take_from(host.url)
    with pytest.raises(PictureError, match=r"within 0\.05 seconds"):
        await fetch(f"{host.url}/attachments/silent")


async def test_cookies_are_not_carried_on(host: Host, fetch: Fetcher) -> None:
    assert await fetch(f"{host.url}/attachments/cookies") == FILE
    assert "Cookie" not in host.asked[-1].headers


async def test_proxies_and_passwords_of_the_environment_are_not_used(
    host: Host, fetch: Fetcher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {LOOPBACK} login ada password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    assert await fetch(f"{host.url}/attachments/plain") == FILE
    assert "Authorization" not in host.asked[0].headers


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1/a.png",
        "https://127.0.0.1/a.png",
        "https://[::1]/a.png",
        "https://169.254.169.254/latest/meta-data/",
        "https://2130706433/",
        "http://cdn.discordapp.com/a.png",
        "https://ada@cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com:8443/a.png",
        "//10.0.0.1/a.png",
        "/api/plain",
        "file:///etc/passwd",
        "https://elsewhere.example/a.png",
        "https://inside.example/a.png",
    ],
)
async def test_where_an_address_leads_on_to_is_judged_like_an_address(host: Host, to: str) -> None:
    fetch = Fetcher(["inside.example"], resolver=Names({"inside.example": [["10.0.0.1"]]}))
    fetch.take_from(host.url)
    with pytest.raises(PictureError):
        await fetch(f"{host.url}/attachments/on?to={to}")
    assert len(host.asked) == 1


# Certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for pictures.example, signed by nobody else, in one file."""
    folder = tmp_path_factory.mktemp("certificate")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=pictures.example"]
    command += ["-addext", "subjectAltName=DNS:pictures.example"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"openssl made no certificate: {error}")
    return folder


@pytest.fixture
async def secure(certificate: Path) -> AsyncIterator[int]:
    """The port of a host that speaks TLS."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=FILE, content_type="image/png")

    app = web.Application()
    app.router.add_get("/a.png", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    await web.TCPSite(runner, LOOPBACK, 0, ssl_context=tls).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_a_host_must_prove_its_name(secure: int, certificate: Path) -> None:
    names = Names({"pictures.example": [[LOOPBACK]], "other.example": [[LOOPBACK]]}, secure)

    def fetcher(trust: ssl.SSLContext | None) -> Fetcher:
        return Fetcher([ANY], allows=lambda at: at == LOOPBACK, resolver=names, trust=trust)

    trusting = ssl.create_default_context(cafile=str(certificate / "certificate.pem"))
    assert await fetcher(trusting)("https://pictures.example/a.png") == FILE
    with pytest.raises(PictureError, match="cannot be reached"):
        await fetcher(trusting)("https://other.example/a.png")
    with pytest.raises(PictureError, match="cannot be reached"):
        await fetcher(None)("https://pictures.example/a.png")
