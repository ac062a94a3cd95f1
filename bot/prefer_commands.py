"""/prefer, for every member: saved options and a suffix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from discord.app_commands import Choice, Range

from bot.choices import holding, offers
from bot.installs import ANYWHERE, BY_ANYBODY
from bot.replies import Interaction, apologies
from core.preferences import LONGEST
from core.works import Showing

if TYPE_CHECKING:
    from bot.client import EaselBot
    from bot.keeper import Keeper

prefer = app_commands.Group(
    name="prefer",
    description="What counts in all of your prompts",
    allowed_contexts=ANYWHERE,
    allowed_installs=BY_ANYBODY,
)
option = app_commands.Group(
    name="option", description="Short names for words and flags", parent=prefer
)


def keeper(interaction: Interaction) -> Keeper:
    return cast("EaselBot", interaction.client).keeper


@option.command(name="set", description="Save words and flags under a name, used as --name")
@app_commands.describe(name="What you will type, such as film", value="What it stands for")
async def set_option(
    interaction: discord.Interaction[Any],
    name: Range[str, 1, 40],
    value: Range[str, 1, LONGEST],
) -> None:
    async with apologies(interaction):
        await keeper(interaction).set_option(interaction, name, value)


@option.command(name="list", description="Your saved options and your suffix")
async def list_options(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await keeper(interaction).list_options(interaction)


@option.command(name="delete", description="Delete a saved option")
@app_commands.describe(name="Which one")
async def delete_option(interaction: discord.Interaction[Any], name: str) -> None:
    async with apologies(interaction):
        await keeper(interaction).delete_option(interaction, name)


@delete_option.autocomplete("name")
@offers
async def option_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    return holding(typed, await keeper(interaction).option_names(interaction))


@prefer.command(name="forget", description="Delete all that Easel keeps of you")
@app_commands.describe(sure="Leave it out to be told first what goes")
@app_commands.choices(sure=[Choice(name="delete all of it", value="yes")])
async def forget(interaction: discord.Interaction[Any], sure: str = "") -> None:
    async with apologies(interaction):
        await keeper(interaction).forget(interaction, sure=bool(sure))


AS_THE_SERVER_SAYS = "server's"


@prefer.command(name="gallery", description="Who may see your pictures in the gallery")
@app_commands.describe(who="At most; where a server shows less, that counts")
@app_commands.choices(
    who=[
        Choice(name="as the server says", value=AS_THE_SERVER_SAYS),
        Choice(name="members of the server", value=Showing.SERVER.value),
        Choice(name="only me", value=Showing.PRIVATE.value),
    ]
)
async def gallery(interaction: discord.Interaction[Any], who: str) -> None:
    async with apologies(interaction):
        wish = None if who == AS_THE_SERVER_SAYS else Showing(who)
        await keeper(interaction).set_showing(interaction, wish)


@prefer.command(name="suffix", description="Flags for all of your prompts")
@app_commands.describe(text="Such as --relax --ar 3:2; leave it out to have none")
async def suffix(interaction: discord.Interaction[Any], text: Range[str, 0, LONGEST] = "") -> None:
    async with apologies(interaction):
        await keeper(interaction).set_suffix(interaction, text)
