"""`easel gallery`: the gallery alone; and how `easel run` serves it beside the bot."""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress

from cli.assemble import Easel, open_easel
from core.errors import SettingsError
from core.settings import Settings
from gallery.app import build_app
from gallery.deps import Deps
from gallery.server import listening, serve
from gallery.site import Site


async def gallery(settings: Settings, options: argparse.Namespace) -> int:
    """Serves the pages until told to stop; nothing is drawn, and no bot is there."""
    if settings.gallery == "off":
        raise SettingsError("EASEL_GALLERY is off; set it to on, or leave it out.")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no signal handlers on the loop
            loop.add_signal_handler(number, stop.set)
    async with open_easel(settings) as easel:
        with opened(settings) as door:
            assert door is not None
            serving = asyncio.create_task(hang(easel, *door))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                stopping.cancel()
                await serving
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving
    return 0


@contextmanager
def opened(settings: Settings) -> Generator[tuple[Site, socket.socket] | None]:
    """The gallery's address and socket; None where it is off. Raises SettingsError."""
    if settings.gallery == "off":
        yield None
        return
    with listening(settings.gallery_host, settings.gallery_port) as listener:
        port: int = listener.getsockname()[1]
        site = Site.of(settings, port)
        print(f"The gallery is at {site.url}.", flush=True)
        yield site, listener


async def hang(easel: Easel, site: Site, listener: socket.socket) -> None:
    """Serves until it is cancelled."""
    app = build_app(Deps(site=site, clock=easel.clock))
    await serve(app, site, listener)
