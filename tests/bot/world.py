"""A Discord server with people in it, the bot, and a hand that moves the jobs along."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import discord
import simcord

from bot.client import EaselBot
from bot.options import Options
from core.admin import Stewardship
from core.board import Board
from core.compose import Limits
from core.jobs import Actor, Image, Job, Owner, Place, State
from core.models import PRESETS, Catalogue
from core.pictures import Pictures
from core.queue import Queue
from core.settings import Settings
from core.studio import Studio
from storage.blobs import LocalBlobs
from tests.fakes.memory_album import MemoryAlbum
from tests.fakes.memory_reports import MemoryReports
from tests.fakes.memory_showcases import MemoryShowcases
from tests.fakes.memory_store import MemoryJobStore
from tests.fakes.memory_themes import MemoryThemes
from tests.fakes.memory_wishes import MemoryWishes
from tests.fakes.memory_works import MemoryWorks
from tests.fakes.pictures import FakeNet, redraw
from tests.fakes.worker import grid, picture

EDIT_EVERY_SECONDS = 60.0
"""Longer than SimCord waits for a bot to come to rest, so that time moves only when told to."""


class SimClock:
    """The simulation's own time."""

    def __init__(self) -> None:
        self.env: simcord.env.Env | None = None

    def now(self) -> float:
        assert self.env is not None
        return self.env.now().timestamp()


def settings(**changes: str) -> Settings:
    return Settings.from_env({"EASEL_EDIT_EVERY_SECONDS": str(EDIT_EVERY_SECONDS), **changes})


class SimBot(EaselBot):
    """The bot as it is, with its loops started by the login, as `run_bot` would start them."""

    async def setup_hook(self) -> None:
        await super().setup_hook()
        self.running = [asyncio.create_task(loop.run()) for loop in self.loops().values()]

    async def close(self) -> None:
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
        await super().close()


class World:
    """`admin` may manage messages; `ada` and `bo` are plain members."""

    def __init__(self, folder: Path, **changes: str) -> None:
        self.clock = SimClock()
        self.rng = random.Random(5)
        self.store = MemoryJobStore()
        self.wishes = MemoryWishes()
        self.net = FakeNet()
        self.board = Board()
        self.folder = folder
        self.settings = settings(**changes)
        self.album = MemoryAlbum(self.store)
        self.reports = MemoryReports(self.store.rules)
        self.showcases = MemoryShowcases(self.store, self.album)
        self.works = MemoryWorks(self.store, self.album, self.wishes)
        self.themes = MemoryThemes(self.showcases)
        self.options = Options(
            themes=self.themes,
            showcases=self.showcases,
            works=self.works,
            album=self.album,
            reports=self.reports,
        )
        self.blobs = LocalBlobs(folder / "blobs")
        self.catalogue = Catalogue(PRESETS)

    def studio(self) -> Studio:
        return Studio(
            self.store,
            self.blobs,
            self.catalogue,
            limits=Limits(max_waiting_per_member=100),
            queue=Queue(self.store, self.clock, devices=1),
            clock=self.clock,
            rng=self.rng,
            moved=self.board.changed,
            pictures=Pictures(self.blobs, self.fetch, redraw),
            book=self.store.rules,
            wishes=self.wishes,
        )

    async def fetch(self, address: str) -> bytes:
        """What members attached, or else what is in the net."""
        attached = self.env.backend.cdn.get(address)
        return attached if attached is not None else await self.net(address)

    def core(self) -> tuple[Studio, Stewardship]:
        store, studio = self.store, self.studio()
        steward = Stewardship(
            store.rules,
            store,
            self.catalogue,
            queue=studio.queue,
            clock=self.clock,
            moved=self.board.changed,
        )
        return studio, steward

    def new_bot(self) -> SimBot:
        """As after a restart: nothing in memory but the rows and the files."""
        self.board = Board()
        self.bot = SimBot(self.settings, *self.core(), self.board, self.clock, self.options)
        return self.bot

    async def open(self, env: simcord.env.Env) -> None:
        self.env = env
        self.blobs = await LocalBlobs.open(self.folder / "blobs")
        self.guild = env.create_guild("Painters")
        self.channel = self.guild.create_text_channel("pictures")
        self.ada = self.guild.add_member(env.create_user("ada"))
        self.bo = self.guild.add_member(env.create_user("bo"))
        moderator = self.guild.create_role(
            "moderator", permissions=discord.Permissions(manage_messages=True)
        )
        self.admin = self.guild.add_member(env.create_user("admin"), roles=[moderator])
        await env.settle()

    # What the members do

    async def imagine(
        self, prompt: str = "a red lighthouse", who: Any = None, **options: Any
    ) -> Any:
        return await (who or self.ada).slash(self.channel, "imagine", prompt=prompt, **options)

    async def studio_admit(self, line: str, who: Any = None) -> Job:
        """As if the member had asked for it by other means."""
        who = who or self.ada
        receipt = await self.bot.desk.studio.imagine(
            line,
            interaction_id=f"elsewhere: {line}",
            actor=Actor(Owner(who.id, who.name)),
            place=Place(),
        )
        return receipt.job

    async def press(self, label: str, message: Any, who: Any = None) -> Any:
        wanted = {"reroll": ":reroll:", "cancel": ":cancel:"}.get(label)
        ids = custom_ids(message)
        if wanted:
            return await (who or self.ada).click(
                message, custom_id=next(id for id in ids if wanted in id)
            )
        return await (who or self.ada).click(message, label=label)

    # What the worker does

    async def newest(self) -> Job:
        return list(self.store._jobs.values())[-1]

    async def start(self, job: Job | None = None) -> Job:
        job = job or await self.newest()
        now = self.clock.now()
        claimed = await self.store.claim(job.id, by="test", now=now, lease_until=now + 3600)
        assert claimed is not None, "it was taken already"
        self.board.changed(job.id)
        self.board.started(job.id, 20)
        await self.env.settle()
        return claimed

    async def step(self, job: Job, step: int, *, preview: bool = False) -> None:
        self.board.progress(job.id, step, 20)
        if preview:
            path = self.folder / f"preview-{step}.png"
            path.write_bytes(grid(job.request, scale=0.5))
            self.board.preview(job.id, path)
        await self.env.settle()

    async def finish(self, job: Job | None = None, *, bytes_: int = 0, quiet: bool = False) -> Job:
        job = await self.store.get((job or await self.newest()).id)
        if job.state is State.QUEUED:
            job = await self.start(job)
        request = job.request
        images = [
            Image(
                job_id=job.id,
                number=k + 1,
                blob=await self.blobs.put(picture(request, k), ".png"),
                width=request.width,
                height=request.height,
                seed=request.image_seed(k),
            )
            for k in range(request.count)
        ]
        data = grid(request) + b"\0" * bytes_
        done = await self.store.finish(
            job.id,
            job.fence,
            images=images,
            grid=await self.blobs.put(data, ".png"),
            gpu_ms=900,
            now=self.clock.now(),
        )
        assert done is not None
        if not quiet:
            self.board.changed(job.id)
            await self.env.settle()
        return await self.store.get(job.id)

    async def fail(self, job: Job, sentence: str) -> Job:
        job = await self.start(await self.store.get(job.id))
        await self.store.fail(job.id, job.fence, sentence=sentence, now=self.clock.now())
        self.board.changed(job.id)
        await self.env.settle()
        return await self.store.get(job.id)

    async def stop(self, job: Job) -> None:
        await self.store.cancelled(job.id, job.fence, gpu_ms=10, now=self.clock.now())
        self.board.changed(job.id)
        await self.env.settle()

    async def restart(self) -> None:
        await self.env.restart_bot(self.new_bot())
        await self.env.settle()

    # What can be seen

    def messages(self) -> list[Any]:
        """The channel, oldest first."""
        return list(self.channel.history())

    def last(self) -> Any:
        return self.messages()[-1]

    def requests(self, method: str, ending: str) -> list[Any]:
        return [
            request
            for request in self.env.http_requests
            if request.method == method and request.path.endswith(ending)
        ]

    def owner(self, who: Any = None) -> str:
        return f"<@{(who or self.ada).id}>"


def custom_ids(message: Any) -> list[str]:
    return [item["custom_id"] for row in rows(message) for item in row if item.get("custom_id")]


def rows(message: Any) -> list[list[dict[str, Any]]]:
    """The buttons of a message, row by row, as plain dicts."""
    found = [
        component if isinstance(component, dict) else component.to_dict()
        for component in message.components
    ]
    return [list(row.get("components", ())) for row in found]


def labels(message: Any) -> list[list[str]]:
    return [
        [item.get("label") or (item.get("emoji") or {}).get("name", "") for item in row]
        for row in rows(message)
    ]
