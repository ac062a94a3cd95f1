"""The one place that chooses implementations and owns their lifetimes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from core.admin import Stewardship
from core.advice import Oracle
from core.board import Board
from core.clock import Clock, SystemClock
from core.compose import Limits
from core.errors import SettingsError
from core.jobs import Waiting
from core.models import Catalogue
from core.pictures import Pictures
from core.queue import Queue
from core.settings import Settings
from core.studio import Studio
from generation.dispatcher import Dispatcher, Terms
from generation.engines.subprocess import SubprocessEngine
from generation.eye import BuiltInEye, ModelEye
from generation.likening import Likening
from generation.neighbours import ProgramNeighbours
from generation.redrawer import Redrawer
from storage.fetch import Fetcher
from storage.opening import Storage, open_storage


@dataclass(frozen=True, slots=True)
class Easel:
    """Everything a command needs, wired. `spool` is this process's own passing folder."""

    settings: Settings
    clock: Clock
    catalogue: Catalogue
    storage: Storage
    spool: Path
    board: Board
    fetcher: Fetcher
    studio: Studio
    steward: Stewardship
    dispatcher: Dispatcher
    ask: Oracle
    likening: Likening


def read_catalogue(settings: Settings) -> Catalogue:
    """The presets and the operator's file. Raises SettingsError."""
    try:
        text = settings.models.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"EASEL_MODELS: {settings.models} cannot be read: {error}.") from error
    return Catalogue.parse(text, settings.model or None)


@asynccontextmanager
async def open_easel(
    settings: Settings, *, accepts: Callable[[Waiting], bool] | None = None
) -> AsyncGenerator[Easel]:
    """Opens the data folder and wires the studio; nothing runs until `dispatcher.run`.

    `accepts` narrows the jobs this process's dispatcher takes. Raises SettingsError, BusyError or
    DiskFullError.
    """
    catalogue = read_catalogue(settings)
    clock, board = SystemClock(), Board()
    data = await asyncio.to_thread(settings.data.absolute)
    async with open_storage(data, settings.database_url) as storage:
        queue = Queue(storage.jobs, clock, settings.workers)
        engine = SubprocessEngine.from_settings(settings)
        dispatcher = Dispatcher(
            storage.jobs,
            storage.blobs,
            engine,
            board,
            clock,
            Terms(
                instance=storage.instance.id,
                spool=data / "spool",
                checkpoints=data / "checkpoints",
                lease_seconds=settings.lease_seconds,
                is_dead=storage.instance.is_dead,
                accepts=accepts,
            ),
            queue,
        )

        def moved(job_id: str) -> None:
            board.changed(job_id)
            dispatcher.wake()

        fetcher = Fetcher(settings.image_hosts)
        if settings.discord_url:
            fetcher.take_from(settings.discord_url)
        studio = Studio(
            storage.jobs,
            storage.blobs,
            catalogue,
            limits=Limits(
                max_megapixels=settings.max_megapixels,
                max_waiting_per_member=settings.max_waiting_per_member,
            ),
            queue=queue,
            clock=clock,
            rng=random.SystemRandom(),
            moved=moved,
            book=storage.rules,
            wishes=storage.wishes,
            pictures=Pictures(storage.blobs, fetcher, Redrawer()),
        )
        steward = Stewardship(
            storage.rules, storage.jobs, catalogue, queue=queue, clock=clock, moved=moved
        )
        embedder = catalogue.embedder
        likening = Likening(
            storage.looks,
            storage.blobs,
            BuiltInEye() if embedder is None else ModelEye(embedder, engine.ask),
            ProgramNeighbours(),
        )

        def changed(job_id: str) -> None:
            # A job that is still being made has a glimpse.
            if board.get(job_id) is None:
                likening.done(job_id)

        board.listen(changed)
        easel = Easel(
            settings=settings,
            clock=clock,
            catalogue=catalogue,
            storage=storage,
            spool=data / "spool" / storage.instance.id,
            board=board,
            fetcher=fetcher,
            studio=studio,
            steward=steward,
            dispatcher=dispatcher,
            ask=engine.ask,
            likening=likening,
        )
        try:
            yield easel
        finally:
            await likening.close()
