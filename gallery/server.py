"""Listens, and serves until it is cancelled."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from core.errors import SettingsError
from gallery.site import Site

MOST_CONNECTIONS = 400
IDLE_SECONDS = 15
LAST_SECONDS = 3
"""For answers that are under way at a polite stop."""


@contextmanager
def listening(host: str, port: int) -> Generator[socket.socket]:
    """A socket on that address; port 0 takes any free one. Raises SettingsError."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind)
    except OSError as error:
        raise SettingsError(f"EASEL_GALLERY_HOST: “{host}” is no address: {error}.") from error
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(2048)
        except OSError as error:
            raise SettingsError(
                f"The gallery could not start on port {port} of {host}: {error.strerror}. If "
                "something else uses that port, set EASEL_GALLERY_PORT to another, or "
                "EASEL_GALLERY to off."
            ) from error
        yield listener


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals are the program's, which serves more than this."""
        yield


async def serve(app: ASGIApp, site: Site, listener: socket.socket) -> None:
    """Until it is cancelled; answers under way are then finished."""
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        lifespan="off",
        http="h11",
        ws="none",
        # A proxy on this machine says in X-Forwarded-For whom it asks for; nobody else is believed.
        proxy_headers=site.behind_proxy,
        forwarded_allow_ips="127.0.0.1,::1",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=LAST_SECONDS,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
    raise RuntimeError("the gallery's server ended by itself")
