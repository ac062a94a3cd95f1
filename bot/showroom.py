"""Takes what people do with showcases: publish, feature, like, take down; and /showcase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from bot.desk import actor_of
from bot.pegs import Act, Door, Peg, showcase_words
from bot.permissions import check_may_post
from bot.replies import Hold, Interaction, in_time, tell
from bot.views import in_rows, view_of
from bot.whereabouts import server_of
from core.actions import Button
from core.album import Collector
from core.curator import Curator
from core.errors import RefusedError
from core.jobs import Actor, Image, Job
from core.sentences import say, together
from core.showcase import Hanging, Showcase, Way

MOST_DOORS = 25
"""Buttons of a message."""


class Showroom:
    def __init__(self, curator: Curator, collector: Collector | None) -> None:
        self.curator = curator
        self._collector = collector

    # Buttons

    async def publish(self, interaction: Interaction, button: Button) -> None:
        """Publish, under a picture."""
        await self.open(interaction, Door.published(button.job_id, button.index))

    async def open(self, interaction: Interaction, door: Door) -> None:
        """Brings a picture into a showcase; asks which one where there are several."""
        actor = actor_of(interaction)
        work = self._opened(actor, door)
        text, view = await in_time(interaction, work, Hold.PRIVATE)
        await tell(interaction, text, view=view)

    async def _opened(self, actor: Actor, door: Door) -> tuple[str, discord.ui.View | None]:
        showcase_id = door.showcase_id
        if not showcase_id:
            doors = await self.curator.doors(actor, door.job_id, door.number, door.way)
            if len(doors) > 1:
                return say("Into which showcase?"), _choice(door, doors)
            showcase_id = doors[0].id
        _, new = await self.curator.bring(actor, door.job_id, door.number, showcase_id, door.way)
        if not new:
            return say("That picture hangs there already."), None
        return say("It hangs in the showcase in a moment."), None

    async def press(self, interaction: Interaction, peg: Peg) -> None:
        """A button below what hangs."""
        if peg.act is Act.LIKE:
            await self._like(interaction, peg)
            return
        work = self.take_down(actor_of(interaction), peg)
        await tell(interaction, await in_time(interaction, work, Hold.PRIVATE))

    async def take_down(self, actor: Actor, peg: Peg) -> str:
        """Returns what was done. Raises NotYoursError, NotFoundError."""
        await self.curator.withdraw(actor, peg.hanging_id)
        return say("It is taken down here; the picture itself stays.")

    async def _like(self, interaction: Interaction, peg: Peg) -> None:
        if self._collector is None:
            raise RefusedError(say("Likes are not kept here."))
        collector, actor = self._collector, actor_of(interaction)

        async def like() -> str:
            hanging: Hanging = await self.curator.hanging(peg.hanging_id)
            liking = await collector.like(actor, hanging.job_id, hanging.number)
            if liking.likes:
                return say("You like this picture. Likes: {count}", count=liking.count)
            return say("You like this picture no more. Likes: {count}", count=liking.count)

        await tell(interaction, await in_time(interaction, like(), Hold.PRIVATE))

    async def doors(
        self, actor: Actor, job: Job, images: Sequence[Image], number: int
    ) -> list[list[discord.ui.Button[Any]]]:
        """The buttons that bring pictures of a job into showcases, for who may; `number` as in a
        sighting."""
        if not await self.curator.of_server(actor.server_id):
            return []
        rows: list[list[discord.ui.Button[Any]]] = []
        for act, label in ((Act.PUBLISH, say("Publish")), (Act.FEATURE, say("Feature"))):
            found: list[discord.ui.Button[Any]] = []
            for image in images:
                door = Door(act, job.id, image.number)
                if number in (0, image.number) and await self._opens(actor, door):
                    named = together([label, str(image.number)]) if len(images) > 1 else label
                    found.append(discord.ui.Button(label=named, custom_id=door.custom_id))
            rows += in_rows(found)
        return rows

    async def _opens(self, actor: Actor, door: Door) -> bool:
        if door.way is Way.FEATURED and not (actor.moderates or actor.administers):
            return False
        try:
            return bool(await self.curator.doors(actor, door.job_id, door.number, door.way))
        except RefusedError:
            return False

    # /showcase

    async def add(
        self,
        interaction: Interaction,
        channel: app_commands.AppCommandChannel,
        topic: str,
        likes: int,
        *,
        age_rated: bool,
    ) -> None:
        there = check_may_post(interaction, channel.id)
        work = self.curator.add(
            actor_of(interaction),
            channel.id,
            topic=topic,
            likes=likes,
            age_rated=age_rated,
            restricted=channel.nsfw or getattr(there, "nsfw", False),
        )
        added = await in_time(interaction, work, Hold.PRIVATE)
        told = say("Added: {showcase}.", showcase=showcase_words(added))
        await tell(interaction, together([told, HOW], "\n"))

    async def list(self, interaction: Interaction) -> None:
        found = await self.curator.of_server(actor_of(interaction).server_id)
        rows = [
            together([f"{number}.", showcase_words(one)]) for number, one in enumerate(found, 1)
        ]
        none = say("This server has no showcase; its admins add one by /showcase add.")
        await tell(interaction, together(rows, "\n") if rows else none)

    async def change(
        self, interaction: Interaction, showcase_id: int, topic: str | None, likes: int | None
    ) -> None:
        if topic is None and likes is None:
            raise RefusedError(say("Say what shall change: the topic, the likes or both."))
        work = self.curator.change(
            actor_of(interaction),
            showcase_id,
            topic="" if topic is not None and topic.strip() == "-" else topic,
            likes=likes,
        )
        changed = await in_time(interaction, work, Hold.PRIVATE)
        await tell(interaction, say("Changed: {showcase}.", showcase=showcase_words(changed)))

    async def remove(self, interaction: Interaction, showcase_id: int) -> None:
        work = self.curator.remove(actor_of(interaction), showcase_id)
        gone = await in_time(interaction, work, Hold.PRIVATE)
        await tell(
            interaction,
            say(
                "Removed: {showcase}. What hangs there stays until it is taken down.",
                showcase=showcase_words(gone),
            ),
        )

    async def named(self, interaction: Interaction, typed: str) -> list[tuple[str, int]]:
        """The showcases of the server, by what an admin knows them as."""
        guild = interaction.guild
        found: list[tuple[str, int]] = []
        for one in await self.curator.of_server(server_of(interaction)):
            channel = guild.get_channel(one.channel_id) if guild is not None else None
            name = f"#{channel.name if channel is not None else one.channel_id}"
            name += f" · {one.topic}" if one.topic else ""
            if typed.strip().lower() in name.lower():
                found.append((name, one.id))
        return found


HOW = say(
    "-# Pictures come there by likes, by the Publish button of their owners, and by Feature in "
    "their Job details for whoever may manage messages."
)


def _choice(door: Door, doors: Sequence[Showcase]) -> discord.ui.View:
    found = [
        discord.ui.Button[Any](
            label=(one.topic or say("Showcase {number}", number=number))[:80],
            custom_id=Door(door.act, door.job_id, door.number, one.id).custom_id,
        )
        for number, one in enumerate(doors[:MOST_DOORS], 1)
    ]
    return view_of(in_rows(found))
