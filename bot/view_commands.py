"""/info and /show, and what the menu of a message offers under Apps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands

from bot.choices import offers
from bot.desk import actor_of
from bot.installs import ANYWHERE, BY_ANYBODY, BY_SERVERS, IN_SERVERS, for_members
from bot.pegs import peg_of
from bot.render import clean
from bot.replies import Interaction, apologies
from bot.showcase_commands import showroom
from core.sentences import say

if TYPE_CHECKING:
    from bot.client import EaselBot
    from bot.viewer import Viewer


def viewer(interaction: Interaction) -> Viewer:
    return cast("EaselBot", interaction.client).viewer


@app_commands.command(description="Your jobs and what you have left; or all about one picture")
@app_commands.describe(image="A job's id or the link of a message, to be told about that picture")
@for_members
async def info(interaction: discord.Interaction[Any], image: str | None = None) -> None:
    async with apologies(interaction):
        if image is None:
            await viewer(interaction).info(interaction)
        else:
            await viewer(interaction).picture(interaction, image)


@app_commands.command(description="Post one of your own jobs here once more, with its buttons")
@app_commands.describe(job="Its id, or the link of a message that shows it")
@for_members
async def show(interaction: discord.Interaction[Any], job: str) -> None:
    async with apologies(interaction):
        await viewer(interaction).show(interaction, job)


@offers
async def own_jobs(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """One's own newest jobs whose words hold what was typed."""
    jobs = await viewer(interaction).archive.recent(actor_of(interaction), limit=100)
    wanted = typed.strip().lower()
    named = [(clean(job.request.text)[:100] or job.id, job.id) for job in jobs]
    return [(name, id) for name, id in named if wanted in f"{name} {id}".lower()]


info.autocomplete("image")(own_jobs)
show.autocomplete("job")(own_jobs)


async def details(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    async with apologies(interaction):
        await viewer(interaction).details(interaction, message)


async def send(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    async with apologies(interaction):
        await viewer(interaction).send(interaction, message)


async def remix(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    async with apologies(interaction):
        await cast("EaselBot", interaction.client).presser.remix(interaction, message)


async def report(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    async with apologies(interaction):
        await viewer(interaction).ask_report(interaction, message)


async def delete(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    async with apologies(interaction):
        peg = peg_of(message)
        if peg is not None:
            await showroom(interaction).press(interaction, peg)
        else:
            await viewer(interaction).delete(interaction, message)


def _menu(name: str, callback: Any, *, by_servers: bool = False) -> Any:
    return app_commands.ContextMenu(
        name=name,
        callback=callback,
        allowed_contexts=IN_SERVERS if by_servers else ANYWHERE,
        allowed_installs=BY_SERVERS if by_servers else BY_ANYBODY,
    )


VIEW_COMMANDS: list[Any] = [info, show]

MENUS: list[app_commands.ContextMenu] = [
    _menu(say("Job details"), details),
    _menu(say("Remix this prompt"), remix),
    _menu(say("DM results"), send),
    _menu(say("Report"), report, by_servers=True),
    _menu(say("Delete"), delete),
]
"""Discord allows five for a message."""
