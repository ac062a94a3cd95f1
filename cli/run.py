"""`easel run`: serves until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import socket
from collections.abc import Coroutine
from typing import Any

from bot.app import first, run_bot
from bot.options import Options
from cli.assemble import Easel, open_easel
from cli.discord import Discord, reach_discord
from cli.gallery import hang, opened
from cli.pauses import keep_pauses_short
from cli.stopping import asked_to_stop
from core.departures import Departures
from core.errors import EaselError
from core.forgetting import Forgetting
from core.settings import Settings
from gallery.site import Site
from generation.mixer import Mixer
from generation.record_reader import RecordReader
from generation.shrinker import Shrinker

log = logging.getLogger(__name__)

GRACE_SECONDS = 15.0
"""How long a polite stop waits for running jobs before they go back to the queue."""


async def run(settings: Settings, options: argparse.Namespace) -> int:
    stop = asked_to_stop()
    async with open_easel(settings) as easel:
        await asyncio.to_thread(easel.storage.instance.serve)
        keep_pauses_short()
        with opened(settings) as gallery:
            async with reach_discord(settings) as discord:
                if discord.url:
                    easel.fetcher.take_from(discord.url)
                await _serve(easel, discord, gallery, stop)
    return 0


async def _serve(
    easel: Easel,
    discord: Discord,
    gallery: tuple[Site, socket.socket] | None,
    stop: asyncio.Event,
) -> None:
    """Runs the parts until `stop`; the first that dies stops the program under its name."""
    try:
        async with asyncio.TaskGroup() as group:
            bot_at_work = run_bot(
                easel.settings,
                easel.studio,
                easel.steward,
                easel.board,
                easel.clock,
                token=discord.token,
                discord_url=discord.url,
                options=Options(
                    shrink=Shrinker(easel.spool / "small"),
                    notices=easel.storage.notices,
                    album=easel.storage.album,
                    works=easel.storage.works,
                    likeness=easel.likening,
                    forgetting=Forgetting(
                        easel.storage.jobs,
                        easel.storage.eraser,
                        Departures(easel.storage.notices, easel.clock),
                        easel.clock,
                    ),
                    reports=easel.storage.reports,
                    showcases=easel.storage.showcases,
                    themes=easel.storage.themes,
                    ask=easel.ask,
                    read_record=RecordReader().read,
                    mix=Mixer(),
                ),
            )
            parts = {
                "dispatcher": easel.dispatcher.run(),
                "bot": bot_at_work,
                "sweep": easel.storage.sweep.run(),
                "likening": easel.likening.run(),
            }
            if gallery is not None:
                parts["gallery"] = hang(easel, *gallery, discord)
            tasks = [group.create_task(_watched(name, work)) for name, work in parts.items()]
            await stop.wait()
            log.info("stopping: running pictures have %.0f seconds", GRACE_SECONDS)
            await easel.dispatcher.stop(GRACE_SECONDS)
            for task in tasks:
                task.cancel()
    except BaseExceptionGroup as group:
        known, unknown = group.split(EaselError)
        if known is None or unknown is not None:
            raise EaselError(
                "Easel stopped because a part of it died; the log says which."
            ) from group
        raise first(known) from None


async def _watched(name: str, work: Coroutine[Any, Any, None]) -> None:
    """Does the work; should it die, says whose death stops the program."""
    try:
        await work
    except EaselError:
        raise
    except Exception:
        log.critical("the %s died; Easel stops", name, exc_info=True)
        raise
