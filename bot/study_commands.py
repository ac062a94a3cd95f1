"""/shorten, /describe and /blend, for every member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from discord.app_commands import Choice

from bot.installs import for_members
from bot.replies import Interaction, apologies
from core.blending import Dimensions
from core.sentences import say

if TYPE_CHECKING:
    from bot.client import EaselBot
    from bot.study import Study


def _study(interaction: Interaction) -> Study:
    return cast("EaselBot", interaction.client).study


@app_commands.command(description="Which words of a prompt matter, and shorter prompts")
@app_commands.describe(prompt="The prompt, with its flags")
@for_members
async def shorten(interaction: discord.Interaction[Any], prompt: str) -> None:
    async with apologies(interaction):
        await _study(interaction).shorten(interaction, prompt)


@app_commands.command(description="Prompts for a picture that you have")
@app_commands.describe(image="The picture", link="Where the picture is, if it is no file")
@for_members
async def describe(
    interaction: discord.Interaction[Any],
    image: discord.Attachment | None = None,
    link: str | None = None,
) -> None:
    async with apologies(interaction):
        await _study(interaction).describe(interaction, image, link)


SHAPES = [
    Choice(name=say("portrait, 2:3"), value=Dimensions.PORTRAIT.value),
    Choice(name=say("square, 1:1"), value=Dimensions.SQUARE.value),
    Choice(name=say("landscape, 3:2"), value=Dimensions.LANDSCAPE.value),
]


@app_commands.command(description="Make one picture of two to five")
@app_commands.describe(
    image1="A picture",
    image2="Another one",
    image3="One more, if you like",
    image4="One more, if you like",
    image5="One more, if you like",
    dimensions="The shape; square if you do not say",
)
@app_commands.choices(dimensions=SHAPES)
@for_members
async def blend(
    interaction: discord.Interaction[Any],
    image1: discord.Attachment,
    image2: discord.Attachment,
    image3: discord.Attachment | None = None,
    image4: discord.Attachment | None = None,
    image5: discord.Attachment | None = None,
    dimensions: str = Dimensions.SQUARE.value,
) -> None:
    async with apologies(interaction):
        given = [one for one in (image1, image2, image3, image4, image5) if one is not None]
        blender = cast("EaselBot", interaction.client).blender
        await blender.blend(interaction, given, Dimensions(dimensions))


STUDY_COMMANDS: list[Any] = [shorten, describe, blend]
