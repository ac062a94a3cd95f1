"""The gateway as discord.py sees it, and as a bare websocket does."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest

from sandbox import Sandbox, SandboxClient
from tests.sandbox.conftest import Bot, point_at


class Socket:
    """A gateway connection of our own."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, compress: str) -> None:
        self.socket = socket
        self.compress = compress
        self._zlib = zlib.decompressobj()

    async def send(self, op: int, data: Any) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            message = await self.socket.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            return json.loads(self._inflate(message.data))
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return json.loads(message.data)

    def _inflate(self, data: bytes) -> bytes:
        if self.compress == "zlib-stream":
            assert data.endswith(b"\x00\x00\xff\xff")
            return self._zlib.decompress(data)
        if data.startswith(b"\x28\xb5\x2f\xfd"):
            data = data[6:]
        text = b""
        while data:
            size = int.from_bytes(data[:3], "little") >> 3
            text, data = text + data[3 : 3 + size], data[3 + size :]
        return text

    async def closed_with(self) -> int | None:
        async with asyncio.timeout(5):
            while not self.socket.closed:
                await self.socket.receive()
        return self.socket.close_code

    async def identify(self, token: str, intents: int = 1) -> None:
        await self.send(2, {"token": token, "intents": intents, "properties": {}})

    async def event(self, kind: str) -> dict[str, Any]:
        while (payload := await self.receive())["t"] != kind:
            pass
        return payload


@asynccontextmanager
async def connected(sandbox: Sandbox, compress: str = "") -> AsyncIterator[Socket]:
    async with aiohttp.ClientSession() as session:
        query = f"?v=10&encoding=json&compress={compress}" if compress else "?v=10&encoding=json"
        async with session.ws_connect(sandbox.gateway_url + query) as raw:
            socket = Socket(raw, compress)
            assert (await socket.receive())["op"] == 10
            yield socket


@pytest.mark.parametrize("compress", ["", "zlib-stream", "zstd-stream"])
async def test_identify_in_every_compression(sandbox: Sandbox, compress: str) -> None:
    async with connected(sandbox, compress) as socket:
        await socket.send(1, None)
        assert (await socket.receive())["op"] == 11
        await socket.identify(sandbox.token)
        ready = await socket.event("READY")
        assert ready["s"] == 1 and ready["d"]["application"]["id"] == ready["d"]["user"]["id"]
        guild = (await socket.event("GUILD_CREATE"))["d"]
        assert [channel["name"] for channel in guild["channels"]] == ["studio", "showcase"]
        assert len(guild["members"]) == 4


@pytest.mark.parametrize(
    ("op", "data", "code"),
    [
        (2, {"token": "wrong", "intents": 1}, 4004),
        (2, {"token": "", "intents": -1}, 4004),
        (6, {"token": "wrong", "session_id": "x", "seq": 1}, 4004),
        (3, {"status": "online"}, 4003),
        (99, {}, 4003),
        (2, {"token": "x" * 5000}, 4002),
    ],
)
async def test_closed_with_discords_codes(
    sandbox: Sandbox, op: int, data: dict[str, Any], code: int
) -> None:
    async with connected(sandbox) as socket:
        await socket.send(op, data)
        assert await socket.closed_with() == code


async def test_intents(sandbox: Sandbox, people: SandboxClient) -> None:
    for intents, code in ((1 << 15, 4014), (1 << 1, 4014), (1 << 40, 4013)):
        async with connected(sandbox) as socket:
            await socket.identify(sandbox.token, intents)
            assert await socket.closed_with() == code
    await people.config(privileged_intents=1 << 15)
    async with connected(sandbox) as reads, connected(sandbox) as deaf:
        await reads.identify(sandbox.token, 1 << 9 | 1 << 15)
        await deaf.identify(sandbox.token, 1)
        await reads.event("READY")
        await deaf.event("GUILD_CREATE")
        await people.say("mira", "studio", "hello")
        assert (await reads.event("MESSAGE_CREATE"))["d"]["content"] == "hello"
        await people.permissions("studio", deny=["EMBED_LINKS"])
        assert (await deaf.receive())["t"] == "CHANNEL_UPDATE"


async def test_identify_twice_and_bad_json(sandbox: Sandbox) -> None:
    async with connected(sandbox) as socket:
        await socket.identify(sandbox.token)
        await socket.identify(sandbox.token)
        assert await socket.closed_with() == 4005
    async with connected(sandbox) as socket:
        await socket.socket.send_str("{")
        assert await socket.closed_with() == 4002


async def test_too_much_talk(sandbox: Sandbox) -> None:
    async with connected(sandbox) as socket:
        for _ in range(121):
            await socket.send(1, None)
        assert await socket.closed_with() == 4008


async def test_a_resume_brings_what_was_missed(sandbox: Sandbox, people: SandboxClient) -> None:
    async with connected(sandbox) as socket:
        await socket.identify(sandbox.token, 1 << 9)
        session = (await socket.event("READY"))["d"]["session_id"]
        await people.gateway("drop")
        assert await socket.closed_with() in (1006, None)
    await people.say("mira", "studio", "missed")
    resume = {"token": sandbox.token, "session_id": session, "seq": 1}
    async with connected(sandbox) as socket:
        await socket.send(6, {**resume, "seq": 1000})
        assert await socket.closed_with() == 4007
    async with connected(sandbox) as socket:
        await socket.send(6, resume)
        assert [(await socket.receive())["t"] for _ in range(2)] == ["MESSAGE_CREATE", "RESUMED"]
        await people.gateway("drop")
        await socket.closed_with()
    await people.advance(301)
    async with connected(sandbox) as socket:
        await socket.send(6, resume)
        assert await socket.receive() == {"op": 9, "d": False, "s": None, "t": None}


async def test_a_session_ends_with_a_goodbye(sandbox: Sandbox, people: SandboxClient) -> None:
    async with connected(sandbox) as socket:
        await socket.identify(sandbox.token)
        await socket.event("READY")
    await people.wait_for(lambda e: e.data.get("state") == "disconnected", since=0)
    assert (await people.stats())["gateway"]["sessions"] == 0


async def test_a_refused_connection(sandbox: Sandbox, people: SandboxClient) -> None:
    await people.gateway("refuse")
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with connected(sandbox):
            pass
    await people.gateway("accept")
    async with connected(sandbox):
        pass


# discord.py waits a second or more before it reconnects; it is told not to.


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord.backoff.ExponentialBackoff, "delay", lambda self: 0.01)


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("drop", {}),
        ("drop", {"code": 4000}),
        ("reconnect", {}),
        ("invalid_session", {"resumable": True}),
    ],
)
async def test_discord_py_resumes_and_misses_nothing(
    at_once: None, bot: Bot, people: SandboxClient, action: str, more: dict[str, Any]
) -> None:
    await people.gateway(action, **more)
    await people.slash("mira", "studio", "raw", wait=False)
    await bot.until("resumed")
    assert (await bot.next_interaction()).data is not None
    stats = await people.stats()
    assert (stats["gateway"]["identifies"], stats["gateway"]["resumes"]) == (1, 1)


async def test_discord_py_identifies_anew(at_once: None, bot: Bot, people: SandboxClient) -> None:
    await bot.until("ready")
    await people.gateway("invalid_session")
    await bot.until("ready")
    assert (await people.stats())["gateway"]["identifies"] == 2
    done = await people.slash("mira", "studio", "draw", prompt="again")
    assert done.how == "deferred"


async def test_events_sent_twice_arrive_twice(bot: Bot, people: SandboxClient) -> None:
    await people.slash("mira", "studio", "raw", wait=False)
    first = await bot.next_interaction()
    assert (await people.gateway("replay"))["replayed"] == 1
    assert (await bot.next_interaction()).id == first.id


async def test_a_wrong_token_is_a_plain_failure(
    sandbox: Sandbox, people: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(monkeypatch, sandbox)
    async with Bot() as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.start("wrong")


async def test_a_privileged_intent_is_refused(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(monkeypatch, sandbox)
    async with discord.Client(intents=discord.Intents.all()) as client:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await client.start(sandbox.token)


async def test_the_server_goes_and_comes_back(bot: Bot, people: SandboxClient) -> None:
    gone = asyncio.Event()

    @bot.event
    async def on_guild_remove(guild: discord.Guild) -> None:
        gone.set()

    await people.guild(present=False)
    async with asyncio.timeout(5):
        await gone.wait()
    assert list(bot.guilds) == []
    with pytest.raises(discord.NotFound):
        await bot.fetch_channel(int("1100000000000000011"))
    await people.guild(present=True)
    assert (await bot.fetch_guild(1100000000000000001)).name == "Easel Sandbox"
