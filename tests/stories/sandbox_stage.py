"""The stage with sockets and real time: the sandbox, and all of Easel but its worker."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import run_bot
from bot.options import Options
from core.admin import Stewardship
from core.board import Board
from core.clock import SystemClock
from core.compose import Limits
from core.events import FailureKind
from core.jobs import Waiting
from core.models import PRESETS, Catalogue
from core.pictures import Pictures
from core.queue import Queue
from core.settings import Settings
from core.studio import Studio
from generation.dispatcher import Dispatcher, Terms
from sandbox.app import Sandbox
from sandbox.client import SandboxClient
from sandbox.views import Interaction, Message
from storage.fetch import Fetcher
from storage.opening import Storage, open_storage
from tests.discord_spec import problems, spec_path
from tests.fakes.engine import FakeEngine
from tests.fakes.pictures import redraw
from tests.stories.stage import (
    ANN,
    BEN,
    MOD,
    STEPS,
    Fits,
    Seen,
    button_rows,
    named,
    picture_of,
)

PEOPLE = {ANN: "mira", BEN: "noah", MOD: "ada"}
CHANNEL = "studio"
PATIENCE = 20.0


@dataclass
class Gate:
    """Jobs are taken one at a time, when the story says so."""

    open_for: int = 0

    def accepts(self, waiting: Waiting) -> bool:
        return self.open_for > 0


class SandboxStage:
    """A `Stage` over sockets; the bot, the dispatcher and the stores are the real ones."""

    def __init__(
        self,
        client: SandboxClient,
        names: dict[str, str],
        engine: FakeEngine,
        dispatcher: Dispatcher,
        gate: Gate,
        queue: Queue,
        storage: Storage,
    ) -> None:
        self.client = client
        self.storage = storage
        self._names = names
        self._engine = engine
        self._dispatcher = dispatcher
        self._gate = gate
        self._queue = queue
        self._taken = 0

    async def imagine(self, who: str, prompt: str) -> Seen:
        # People are slower than this: the queue that they are told of is not half a second old.
        self._queue.forget()
        return await self._answer(
            await self.client.slash(PEOPLE[who], CHANNEL, "imagine", prompt=prompt)
        )

    async def command(self, who: str, name: str, /, **options: Any) -> Seen:
        self._queue.forget()
        return await self._answer(await self.client.slash(PEOPLE[who], CHANNEL, name, **options))

    async def press(self, who: str, message: Seen, label: str) -> Seen:
        now = await self.client.message(message.handle)
        self._queue.forget()
        wanted = next(
            item["custom_id"]
            for row in now.raw["components"]
            for item in row["components"]
            if label in (item.get("label"), (item.get("emoji") or {}).get("name"))
        )
        return await self._answer(
            await self.client.press(PEOPLE[who], message.handle, custom_id=wanted)
        )

    async def look(self, message: Seen, fits: Fits) -> Seen:
        async with asyncio.timeout(PATIENCE):
            since = self.client.mark()
            while not fits(seen := await self._seen(await self.client.message(message.handle))):
                event = await self.client.wait_for(
                    lambda e: e.type == "message_update" and e.data["id"] == message.handle,
                    PATIENCE,
                    since=since,
                )
                since = event.n
        return seen

    async def channel(self, who: str) -> list[Seen]:
        messages = await self.client.messages(CHANNEL, PEOPLE[who])
        return [await self._seen(message) for message in messages]

    async def begins(self) -> None:
        self._gate.open_for = 1
        self._dispatcher.wake()
        self._taken += 1
        async with asyncio.timeout(PATIENCE):
            await self._engine.taken(self._taken)
        self._gate.open_for = 0

    async def draws(self, step: int) -> None:
        (job_id,) = self._engine.running_ids()
        self._engine.step(job_id, step)
        self._engine.preview(job_id)

    async def finishes(self) -> None:
        (job_id,) = self._engine.running_ids()
        self._engine.finish(job_id, gpu_ms=900)

    async def fails(self, sentence: str) -> None:
        (job_id,) = self._engine.running_ids()
        self._engine.fail(job_id, FailureKind.REQUEST, sentence)

    async def _answer(self, interaction: Interaction) -> Seen:
        assert interaction.state == "answered", interaction.raw
        message = await self.client.message(interaction.answer_id)
        return await self.look(await self._seen(message), lambda seen: not seen.thinking)

    async def _seen(self, message: Message) -> Seen:
        files = [
            picture_of(await self.client.download(str(file["url"])), file.get("description"))
            for file in message.attachments
        ]
        return Seen(
            content=named(message.content, self._names),
            rows=button_rows(message.raw["components"]),
            pictures=tuple(files),
            private=message.private,
            thinking=message.loading,
            pings=tuple(self._names[id] for id in message.pings),
            handle=message.id,
        )


async def judge(client: SandboxClient) -> None:
    """Every body the bot sent is right by Discord's OpenAPI file, when that is at hand."""
    if spec_path() is not None:
        sent = await client.requests()
        bodies = [(each["method"], each["path"], each["body"] or None) for each in sent]
        assert any(body for _, _, body in bodies)
        assert problems(bodies) == []


async def all_answered() -> None:
    """Waits until the bot is through with what people did: discord.py tells of the end of each act,
    and cannot once the bot is gone."""
    acts = ("CommandTree", "discord")
    under_way = [task for task in asyncio.all_tasks() if task.get_name().startswith(acts)]
    if under_way:
        await asyncio.wait(under_way, timeout=PATIENCE)


@asynccontextmanager
async def sandbox_stage(folder: Path, **changes: str) -> AsyncGenerator[SandboxStage]:
    """The whole of it, for as long as the block, with other settings where `changes` says so.
    discord.py's addresses are put back behind it."""
    before: Any = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE
    settings = Settings.from_env({"EASEL_EDIT_EVERY_SECONDS": "0.2", **changes})
    catalogue, clock, board = Catalogue(PRESETS), SystemClock(), Board()
    engine, gate = FakeEngine(held=True, steps=STEPS), Gate()
    async with (
        Sandbox() as discord,
        SandboxClient(discord.url) as client,
        open_storage(folder / "data") as storage,
    ):
        dispatcher = Dispatcher(
            storage.jobs,
            storage.blobs,
            engine,
            board,
            clock,
            Terms(
                instance=storage.instance.id,
                spool=folder / "spool",
                checkpoints=folder / "checkpoints",
                lease_seconds=30,
                is_dead=storage.instance.is_dead,
                accepts=gate.accepts,
            ),
        )

        def moved(job_id: str) -> None:
            board.changed(job_id)
            dispatcher.wake()

        queue = Queue(storage.jobs, clock, engine.workers)
        fetcher = Fetcher()
        fetcher.take_from(discord.url)
        studio = Studio(
            storage.jobs,
            storage.blobs,
            catalogue,
            limits=Limits(),
            queue=queue,
            clock=clock,
            rng=random.Random(5),
            moved=moved,
            pictures=Pictures(storage.blobs, fetcher, redraw),
            book=storage.rules,
            wishes=storage.wishes,
        )
        steward = Stewardship(
            storage.rules, storage.jobs, catalogue, queue=queue, clock=clock, moved=moved
        )
        bot = run_bot(
            settings,
            studio,
            steward,
            board,
            clock,
            token=discord.token,
            discord_url=discord.url,
            options=Options(album=storage.album),
        )
        tasks = [asyncio.create_task(dispatcher.run()), asyncio.create_task(bot)]
        try:
            await client.wait_connected(PATIENCE)
            people = (await client.world())["people"]
            ids = {str(person["username"]): str(person["id"]) for person in people}
            names = {ids[name]: role for role, name in PEOPLE.items()}
            yield SandboxStage(client, names, engine, dispatcher, gate, queue, storage)
            await judge(client)
        finally:
            await all_answered()
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = before
