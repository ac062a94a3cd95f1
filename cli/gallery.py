"""`easel gallery`: the gallery alone; and how `easel run` serves it beside the bot."""

from __future__ import annotations

import argparse
import asyncio
import socket
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import replace

from bot.redaction import guard_logs
from cli.assemble import Easel, open_easel
from cli.discord import Discord
from cli.stopping import asked_to_stop
from core.album import Collector
from core.archive import Archive
from core.collections import Keeper
from core.complaints import Complaints
from core.curator import Curator
from core.departures import Departures
from core.doing import Doing
from core.errors import SettingsError
from core.gallery import Gallery
from core.likeness import MoreLikeThis
from core.membership import Introductions, Membership
from core.permits import Permits
from core.reports import Bench
from core.sessions import Doorkeeper
from core.settings import Settings
from core.thumbs import Ahead, Thumbs
from gallery.app import build_app
from gallery.channels import DiscordPermits, NoPermits
from gallery.deps import Deps
from gallery.directory import Directory, DiscordDirectory, NoDirectory
from gallery.discord import DiscordRest
from gallery.login import NO_CLIENT, NO_SANDBOX, Client, LogIn
from gallery.membership import DiscordMembership, NoMembership
from gallery.pages.entry import BACK
from gallery.server import listening, serve
from gallery.site import Site
from gallery.visitors import Visitors
from generation.record_reader import RecordReader
from generation.thumbnailer import Thumbnailer


async def gallery(settings: Settings, options: argparse.Namespace) -> int:
    """Serves the pages until told to stop; nothing is drawn, and no bot is there."""
    if settings.gallery == "off":
        raise SettingsError("EASEL_GALLERY is off; set it to on, or leave it out.")
    stop = asked_to_stop()
    async with open_easel(settings) as easel:
        with opened(settings) as door:
            assert door is not None
            discord = Discord.of(settings) if settings.discord_token else None
            serving = asyncio.create_task(hang(easel, *door, discord))
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


async def hang(easel: Easel, site: Site, listener: socket.socket, discord: Discord | None) -> None:
    """Serves until it is cancelled. Without a Discord nobody can log in."""
    async with AsyncExitStack() as stack:
        membership: Membership = NoMembership()
        permits: Permits = NoPermits()
        directory: Directory = NoDirectory()
        if discord is not None:
            guard_logs(discord.token, discord.client_secret)
            if discord.url:
                site = replace(site, discord=discord.url)
            rest = await stack.enter_async_context(DiscordRest(discord.token, discord.url))
            membership, permits = DiscordMembership(rest), DiscordPermits(rest, easel.clock)
            directory = DiscordDirectory(rest)
        data = await asyncio.to_thread(easel.settings.data.absolute)
        thumbs = Thumbnailer(data / "thumbs", easel.storage.blobs)
        await stack.enter_async_context(thumbs)
        deps = _deps(easel, site, membership, permits, thumbs, discord)
        app = build_app(replace(deps, directory=directory))
        ahead = Ahead(easel.storage.jobs, thumbs)
        easel.board.listen(lambda id: None if easel.board.get(id) else ahead.done(id))
        async with asyncio.TaskGroup() as group:
            group.create_task(ahead.run())
            await serve(app, site, listener)


def _deps(
    easel: Easel,
    site: Site,
    membership: Membership,
    permits: Permits,
    thumbs: Thumbs,
    discord: Discord | None,
) -> Deps:
    storage, clock, studio, steward = easel.storage, easel.clock, easel.studio, easel.steward
    login, mend = _login(site, discord)
    collector = Collector(storage.jobs, storage.album, clock)
    complaints = Complaints(storage.reports, storage.jobs, clock)
    departures = Departures(storage.notices, clock)
    return Deps(
        site=site,
        clock=clock,
        gallery=Gallery(storage.works),
        keeper=Keeper(storage.collections, storage.works, clock),
        alike=MoreLikeThis(easel.likening, storage.works),
        works=storage.works,
        themes=storage.themes,
        store=storage.jobs,
        album=storage.album,
        blobs=storage.blobs,
        thumbs=thumbs,
        studio=studio,
        steward=steward,
        doing=Doing(
            storage.works, studio, storage.rules, collector, complaints, permits, departures
        ),
        complaints=complaints,
        bench=Bench(storage.reports, steward, storage.jobs, storage.album, departures, clock),
        curator=Curator(storage.showcases, storage.jobs, storage.wishes, steward, clock),
        archive=Archive(storage.jobs, storage.album),
        records=RecordReader(),
        membership=membership,
        visitors=Visitors(
            Doorkeeper(storage.sessions, clock),
            Introductions(membership, storage.rules, site.operators),
        ),
        login=login,
        login_mend=mend,
    )


def _login(site: Site, discord: Discord | None) -> tuple[LogIn | None, str]:
    """And what is to be done where there is none."""
    if discord is None:
        return None, NO_SANDBOX
    if not discord.client_id or not discord.client_secret:
        return None, NO_CLIENT
    client = Client(discord.client_id, discord.client_secret, discord.url)
    return LogIn(client, site.url + BACK), ""
