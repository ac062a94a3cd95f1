"""Fetches the file at an address that anybody may have typed.

Easel stands in its operator's network, so this must not become a way into it. Only https, only the
hosts that are allowed, only public addresses, looked at again on every hop; no cookies, no proxies,
no passwords; and neither the file nor the waiting is longer than a picture needs.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from core.addresses import is_public
from core.errors import SettingsError
from core.pictures import MOST_BYTES, PictureError
from core.sentences import say

DISCORD = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Where Discord keeps what its members attach."""

ANY = "*"
"""Stands for every host, among those that are allowed."""

SECONDS = 10.0
"""The longest one file may take, however often its address leads on."""

HOPS = 3
"""How often an address may lead on to another."""

AT_ONCE = 4
LONGEST_ADDRESS = 2048

_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}")
"""A host's name. The last part begins with a letter: otherwise it is a number, which some read as
an address."""

_LEADS_ON = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({401, 403, 404, 410})
_CHUNK = 2**16
_HEADERS = {
    "Accept": "image/png,image/jpeg,image/webp,image/gif",
    "Accept-Encoding": "identity",
    "User-Agent": "Easel",
}

Allows = Callable[[str], bool]
"""Whether a network address may be spoken to."""


class Fetcher:
    """`hosts` are allowed besides Discord's; ANY among them allows all.

    `allows` judges the addresses that `resolver` finds, `trust` the certificates of their hosts;
    tests hand in their own.
    """

    def __init__(
        self,
        hosts: Iterable[str] = (),
        *,
        allows: Allows = is_public,
        resolver: AbstractResolver | None = None,
        trust: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._hosts = DISCORD | {host.lower() for host in hosts}
        self._allows = allows
        self._resolver = resolver or _Names()
        self._trust = trust
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._discord: URL | None = None
        self._turns = asyncio.Semaphore(AT_ONCE)

    def take_from(self, discord_url: str) -> None:
        """Another Discord, such as the sandbox, which the operator has the bot log in to: what is
        attached there is taken from there, wherever that is. Raises SettingsError."""
        try:
            self._discord = URL(discord_url).origin()
        except ValueError as error:
            raise SettingsError(f"EASEL_DISCORD_URL: “{discord_url}” is not an address.") from error

    async def __call__(self, address: str) -> bytes:
        """The file. Raises PictureError with a sentence for whoever typed the address."""
        async with self._turns:
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._follow(_read(address))
            except TimeoutError:
                raise PictureError(
                    say(
                        "The picture's host did not hand it over within {seconds:g} seconds. "
                        "Try again, or attach the picture instead.",
                        seconds=self._seconds,
                    )
                ) from None
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise PictureError(
                    say(
                        "The picture's host cannot be reached, or broke off. "
                        "Try again, or attach the picture instead."
                    )
                ) from error

    async def _follow(self, url: URL) -> bytes:
        for _ in range(1 + HOPS):
            self._check(url)
            async with self._asked(url) as response:
                onward = response.headers.get("Location")
                if response.status not in _LEADS_ON or onward is None:
                    return await self._body(response)
            url = url.join(_read(onward))
        raise PictureError(
            say("That address leads on more than {hops} times. Use the last one.", hops=HOPS)
        )

    def _is_discords(self, url: URL) -> bool:
        """Whether it is a file of that other Discord."""
        return (
            self._discord is not None
            and url.origin() == self._discord
            and url.raw_path.startswith("/attachments/")
        )

    def _check(self, url: URL) -> None:
        """Raises PictureError where nothing may be fetched from there, whatever the answer."""
        if url.raw_user is not None or url.raw_password is not None:
            raise PictureError(
                say("The picture's address holds a name or a password. Leave out all before the @.")
            )
        if url.scheme != "https" or not url.raw_host:
            if url.raw_host and self._is_discords(url):
                return
            raise PictureError(say("A picture's address must begin with https://."))
        if self._is_discords(url):
            return
        if url.explicit_port not in (None, 443):
            raise PictureError(
                say("The picture's address names the port {port}. Leave it out.", port=url.port)
            )
        host = url.raw_host.lower()
        if _NAME.fullmatch(host) is None:
            raise PictureError(
                say(
                    "The picture's address must name its host in words, such as {example}.",
                    example="cdn.discordapp.com",
                )
            )
        if ANY not in self._hosts and host not in self._hosts:
            raise PictureError(
                say(
                    "Pictures are not taken from {host} here. Attach the picture, or post it on "
                    "Discord and copy the link to it there.",
                    host=host,
                )
            )

    @asynccontextmanager
    async def _asked(self, url: URL) -> AsyncGenerator[aiohttp.ClientResponse]:
        """One question to one host, by a connection of its own."""
        allows = _anything if self._is_discords(url) else self._allows
        connector = aiohttp.TCPConnector(
            resolver=_Guard(self._resolver, allows),
            socket_factory=partial(_socket, allows=allows),
            use_dns_cache=False,
            force_close=True,
            ssl=self._trust or True,
        )
        async with (
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(),
                auto_decompress=False,
                trust_env=False,
                headers=_HEADERS,
            ) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            yield response

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        if response.status in _GONE:
            raise PictureError(
                say(
                    "There is no picture at that address, or not for Easel. Links to files on "
                    "Discord end after a day: copy it again, or attach the picture."
                )
            )
        if response.status != 200:
            raise PictureError(
                say(
                    "The picture's host answered {status} instead of sending it. Try again, or "
                    "attach the picture instead.",
                    status=response.status,
                )
            )
        if response.content_type in ("text/html", "application/xhtml+xml"):
            raise PictureError(
                say("That is the address of a page. Copy the address of the picture itself.")
            )
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise PictureError(
                say("The picture's host sends it packed. Attach the picture instead.")
            )
        # What a host says of the length is no promise; what comes is counted.
        if (response.content_length or 0) > self._most_bytes:
            raise self._too_large()
        data = bytearray()
        async for piece in response.content.iter_chunked(_CHUNK):
            data += piece
            if len(data) > self._most_bytes:
                raise self._too_large()
        return bytes(data)

    def _too_large(self) -> PictureError:
        return PictureError(
            say(
                "That picture has more than {most:g} MiB. Send a smaller one.",
                most=round(self._most_bytes / 2**20, 1),
            )
        )


class _Guard(AbstractResolver):
    """Finds addresses, and only such as are allowed. What it found is what is connected to: the
    name is not looked up again."""

    def __init__(self, finder: AbstractResolver, allows: Allows) -> None:
        self._finder = finder
        self._allows = allows

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._finder.resolve(host, port, family)
        for each in found:
            _judge(each["host"], self._allows)
        return found

    async def close(self) -> None:
        """The finder outlives the one question that this is for."""


class _Names(AbstractResolver):
    """The system's own telephone book, in threads of its own: a name server that never answers
    holds up other fetching at most, never what else waits for a thread."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        look_up = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False)


def _socket(info: Any, allows: Allows) -> socket.socket:
    """The last door: a socket is made for an allowed address or not at all, however it was found,
    also when nobody had to look it up."""
    family, kind, protocol, _, address = info
    _judge(str(address[0]), allows)
    return socket.socket(family, kind, protocol)


def _judge(address: str, allows: Allows) -> None:
    if not allows(address):
        raise PictureError(
            say("The picture's host is not on the public internet. Attach the picture instead.")
        )


def _anything(_: str) -> bool:
    return True


def _read(address: str) -> URL:
    if len(address) <= LONGEST_ADDRESS:
        try:
            return URL(address.strip())
        except ValueError:
            pass
    raise PictureError(say("The picture's address cannot be read. Copy it again."))
