"""The stage inside one process, where time stands still: SimCord."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import discord
import simcord

from bot.bell import Bell
from core.jobs import Job
from core.queue import FRESH_SECONDS
from tests.bot.conftest import judge
from tests.bot.town import Town
from tests.bot.world import EDIT_EVERY_SECONDS, rows
from tests.stories.stage import (
    ANN,
    BEN,
    MOD,
    Fits,
    Seen,
    button_rows,
    named,
    picture_of,
)


class SimCordStage:
    """A `Stage` on `tests.bot.town.Town`, whose hand writes the jobs' moves itself."""

    def __init__(self, world: Town) -> None:
        self._world = world
        self._people = {ANN: world.ada, BEN: world.bo, MOD: world.boss}
        self._names = {str(person.id): name for name, person in self._people.items()}

    async def imagine(self, who: str, prompt: str) -> Seen:
        return await self._answer(await self._world.imagine(prompt, self._people[who]))

    async def command(self, who: str, name: str, /, **options: Any) -> Seen:
        person = self._people[who]
        return await self._answer(await person.slash(self._world.channel, name, **options))

    async def press(self, who: str, message: Seen, label: str) -> Seen:
        now = self._find(message.handle)
        wanted = next(
            item
            for row in rows(now)
            for item in row
            if label in (item.get("label"), (item.get("emoji") or {}).get("name"))
        )
        person = self._people[who]
        return await self._answer(await person.click(now, custom_id=wanted["custom_id"]))

    async def look(self, message: Seen, fits: Fits) -> Seen:
        seen = await self._seen(self._find(message.handle))
        assert fits(seen), seen
        return seen

    async def channel(self, who: str) -> list[Seen]:
        history = self._world.channel.history(viewer=self._people[who])
        return [await self._seen(message) for message in history]

    async def begins(self) -> None:
        await self._world.start()

    async def draws(self, step: int) -> None:
        await self._world.step(await self._running(), step, preview=True)
        await self._world.env.advance_time(EDIT_EVERY_SECONDS + 1)

    async def finishes(self) -> None:
        await self._world.finish(await self._running())
        # The place of the next one is told from a picture of the queue that may be this old.
        await self._world.env.advance_time(FRESH_SECONDS)

    async def fails(self, sentence: str) -> None:
        job, world = await self._running(), self._world
        await world.store.fail(job.id, job.fence, sentence=sentence, now=world.clock.now())
        world.board.changed(job.id)
        await world.env.settle()

    async def _running(self) -> Job:
        (job,) = await self._world.store.running()
        return job

    async def _answer(self, result: Any) -> Seen:
        await self._world.env.settle()
        return await self._seen((result.response or result.followups[-1]).message)

    def _find(self, message_id: int) -> discord.Message:
        return next(
            message
            for person in self._people.values()
            for message in self._world.channel.history(viewer=person)
            if message.id == message_id
        )

    async def _seen(self, message: discord.Message) -> Seen:
        return Seen(
            content=named(message.content, self._names),
            rows=button_rows([{"components": row} for row in rows(message)]),
            pictures=tuple(
                [picture_of(await file.read(), file.description) for file in message.attachments]
            ),
            private=message.flags.ephemeral,
            thinking=message.flags.loading,
            pings=tuple(self._names[str(user.id)] for user in message.mentions),
            handle=message.id,
        )


@asynccontextmanager
async def simcord_stage(folder: Path) -> AsyncGenerator[SimCordStage]:
    """A simulated Discord for as long as the block: nothing else of Easel may run beside it."""
    world, wait = Town(folder), Bell.wait

    async def declared(self: Bell, seconds: float | None = None) -> bool:
        # SimCord wants to know which waits of a bot are its rest.
        return await env.external_wait(wait(self, seconds), reason="nothing to do")

    with mock.patch.object(Bell, "wait", declared):
        env = simcord.env.Env(world.new_bot())
        world.clock.env = env
        await env.start()
        try:
            await world.open(env)
            yield SimCordStage(world)
        finally:
            await env.shutdown()
    env.raise_errors()
    judge(env)
