"""The sandbox as one object: `async with Sandbox() as sandbox: sandbox.url`."""

import ipaddress
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from sandbox import page, pictures
from sandbox.control import Control
from sandbox.driver import Driver
from sandbox.oauth import SECRET
from sandbox.parts import Parts
from sandbox.rest_core import PREFIX
from sandbox.shapes import Json
from sandbox.state import State
from sandbox.world import BOT_ID

TOKEN = "sandbox.token.not-a-secret"
MESSAGES, ATTACHMENT_BYTES = 5000, 256 * 1024 * 1024
AVATARS = ((224, 122, 95), (129, 178, 154), (242, 204, 143), (108, 117, 201), (180, 122, 176))


class Sandbox:
    """A small Discord on loopback.

    `token` is what the bot must log in with; any string will do. `state` names a JSON file that
    messages, commands and files (in a folder beside it) are kept in over restarts. At most
    `messages` messages and `attachment_bytes` of files are held; the oldest go first.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        token: str = TOKEN,
        state: Path | str | None = None,
        messages: int = MESSAGES,
        attachment_bytes: int = ATTACHMENT_BYTES,
        rate_limits: bool = True,
    ) -> None:
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise ValueError("the sandbox listens on loopback addresses only")
        self.parts = Parts(token, messages=messages, attachment_bytes=attachment_bytes)
        self.parts.limits.enabled = rate_limits
        self.token = token
        self.url = ""
        self._host = host
        self._port = port
        self._state = State(Path(state), self.parts) if state else None
        self._runner: web.AppRunner | None = None

    @property
    def api_url(self) -> str:
        """For `discord.http.Route.BASE`."""
        return self.url + PREFIX

    @property
    def gateway_url(self) -> str:
        """For `discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY` (as a `yarl.URL`)."""
        return self.url.replace("http://", "ws://", 1) + "/gateway"

    @property
    def cdn_url(self) -> str:
        """For `discord.asset.Asset.BASE`."""
        return self.url + "/cdn"

    def addresses(self) -> Json:
        return {
            "url": self.url,
            "token": self.token,
            "api": self.api_url,
            "gateway": self.gateway_url,
            "cdn": self.cdn_url,
            "client_id": BOT_ID,
            "client_secret": SECRET,
        }

    async def start(self) -> None:
        app = web.Application(middlewares=[only_from_here], client_max_size=64 * 1024 * 1024)
        parts = self.parts
        for routes in (parts.guild_routes, parts.channel_routes, parts.interaction_routes):
            routes.add_to(app, parts.rest)
        parts.oauth.add_to(app)
        parts.rest.add_fallback(app)
        app.router.add_get("/gateway", parts.gateway.serve)
        app.router.add_get("/gateway/", parts.gateway.serve)
        app.router.add_get(
            "/attachments/{channel_id}/{attachment_id}/{filename}", parts.uploads.serve
        )
        app.router.add_get("/cdn/embed/avatars/{index}.png", _avatar)
        app.router.add_get("/_sandbox/events", parts.events.serve)
        Driver(parts).add_to(app)
        Control(parts).add_to(app)
        page.add_to(app)
        if self._state is not None:
            self._state.load()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        shown = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"http://{shown}:{port}"
        parts.uploads.base_url = self.url
        parts.gateway.ws_url = self.gateway_url
        if self._state is not None:
            self._state.start()

    async def stop(self) -> None:
        self.parts.events.close()
        await self.parts.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._state is not None:
            await self._state.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()


async def _avatar(request: web.Request) -> web.Response:
    index = request.match_info["index"]
    colour = AVATARS[int(index) % len(AVATARS) if index.isdecimal() else 0]
    return web.Response(body=pictures.plain_png(64, 64, colour), content_type="image/png")


@web.middleware
async def only_from_here(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuses requests that a web page elsewhere, or a rebound host name, makes in a browser."""
    host = request.url.host or ""
    loopback = host == "localhost"
    if not loopback:
        try:
            loopback = ipaddress.ip_address(host).is_loopback
        except ValueError:
            loopback = False
    origin = request.headers.get("Origin")
    if not loopback or (origin is not None and origin != f"http://{request.host}"):
        return web.Response(status=403, text="The sandbox answers this machine only.")
    return await handler(request)
