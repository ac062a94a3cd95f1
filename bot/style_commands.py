"""/style and /server flags, for those who run a Discord server.

As with /quota, Discord hides them from others for the eye, and the core asks who may do what.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice, Range

from bot.admin_commands import group, server
from bot.choices import holding, offers
from bot.prefer_commands import keeper
from bot.replies import Interaction, apologies
from core.allowance import Presentation
from core.preferences import LONGEST
from core.works import Showing

style = group("style", "Looks that members of this server can use")
flags = app_commands.Group(
    name="flags", description="Flags that count in every prompt here", parent=server
)


PRESENTATIONS = [
    Choice(name="one picture", value=Presentation.GRID.value),
    Choice(name="pictures beside each other", value=Presentation.GALLERY.value),
]


@server.command(
    name="presentation",
    description="How finished grids are shown: one picture, or four beside each other",
)
@app_commands.describe(how="Which of the two")
@app_commands.choices(how=PRESENTATIONS)
async def presentation(interaction: discord.Interaction[Any], how: str) -> None:
    async with apologies(interaction):
        await keeper(interaction).set_presentation(interaction, Presentation(how))


GALLERIES = [
    Choice(name="anybody on the web", value=Showing.PUBLIC.value),
    Choice(name="members of this server", value=Showing.SERVER.value),
    Choice(name="only who made it", value=Showing.PRIVATE.value),
]


@server.command(
    name="gallery", description="Who may see in the gallery what is made on this server"
)
@app_commands.describe(who="At most; members can show less of their own")
@app_commands.choices(who=GALLERIES)
async def gallery(interaction: discord.Interaction[Any], who: str) -> None:
    async with apologies(interaction):
        await keeper(interaction).set_gallery(interaction, Showing(who))


@style.command(name="save", description="Save a look of words, a picture, or both")
@app_commands.describe(
    name="How members will call it: --style NAME",
    text="The words that make the look",
    image="A picture that shows it",
)
async def save(
    interaction: discord.Interaction[Any],
    name: Range[str, 1, 40],
    text: Range[str, 0, LONGEST] = "",
    image: discord.Attachment | None = None,
) -> None:
    async with apologies(interaction):
        await keeper(interaction).save_style(interaction, name, text, image)


@style.command(name="list", description="The styles saved here")
async def list_(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await keeper(interaction).list_styles(interaction)


@style.command(name="show", description="The words and the picture of a style")
@app_commands.describe(name="Which one")
async def show(interaction: discord.Interaction[Any], name: str) -> None:
    async with apologies(interaction):
        await keeper(interaction).show_style(interaction, name)


@style.command(name="delete", description="Delete a style")
@app_commands.describe(name="Which one")
async def delete(interaction: discord.Interaction[Any], name: str) -> None:
    async with apologies(interaction):
        await keeper(interaction).delete_style(interaction, name)


@style.command(name="house", description="The style used unless a member asks for another")
@app_commands.describe(name="Which one; none for none")
async def house(interaction: discord.Interaction[Any], name: str) -> None:
    async with apologies(interaction):
        await keeper(interaction).set_house_style(interaction, name)


@show.autocomplete("name")
@delete.autocomplete("name")
@house.autocomplete("name")
@offers
async def style_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    return holding(typed, await keeper(interaction).style_names(interaction))


@flags.command(name="default", description="Flags that count where a member says nothing else")
@app_commands.describe(text="Such as --ar 3:2; leave it out to have none")
async def default(interaction: discord.Interaction[Any], text: Range[str, 0, LONGEST] = "") -> None:
    async with apologies(interaction):
        await keeper(interaction).set_flags(interaction, text, forced=False)


@flags.command(name="forced", description="Flags that count whatever a member says")
@app_commands.describe(text="Such as --relax; leave it out to have none")
async def forced(interaction: discord.Interaction[Any], text: Range[str, 0, LONGEST] = "") -> None:
    async with apologies(interaction):
        await keeper(interaction).set_flags(interaction, text, forced=True)


@flags.command(name="show", description="The flags that are set here")
async def show_flags(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await keeper(interaction).show_flags(interaction)
