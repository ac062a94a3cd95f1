"""Takes wishes for blends: several pictures are mixed, and the model makes one of the mixture."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import discord

from bot.desk import Desk, actor_of
from bot.permissions import check_permissions
from bot.replies import Interaction, in_time
from bot.study import ReadRecord
from core.advice import Advice
from core.blending import Dimensions, line_of
from core.pictures import PictureError
from core.sentences import say

Mix = Callable[[Sequence[bytes], int, int], Awaitable[bytes]]
"""One PNG of a width and height out of files of anybody's. Raises PictureError."""


async def no_mix(pictures: Sequence[bytes], width: int, height: int) -> bytes:
    """Where nobody mixes."""
    raise PictureError(say("Pictures cannot be mixed here."))


class Blender:
    def __init__(self, desk: Desk, advice: Advice, read_record: ReadRecord, mix: Mix) -> None:
        self._desk = desk
        self._advice = advice
        self._read_record = read_record
        self._mix = mix

    async def blend(
        self, interaction: Interaction, images: Sequence[discord.Attachment], shape: Dimensions
    ) -> None:
        """/blend"""
        check_permissions(interaction)
        line, key = await in_time(interaction, self._mixed(interaction, images, shape))
        await self._desk.imagine(interaction, line, stored=key)

    async def _mixed(
        self, interaction: Interaction, images: Sequence[discord.Attachment], shape: Dimensions
    ) -> tuple[str, str]:
        """The line to make, and the key of the picture it starts from."""
        studio, actor = self._desk.studio, actor_of(interaction)
        await self._advice.begin(actor)
        # Whoever may not have it made is told so before anything is fetched.
        order = await studio.order(line_of((), shape), actor=actor, with_picture=True)
        files = [await studio.pictures.fetch(image.url) for image in images]
        records = await asyncio.gather(*map(self._read_record, files))
        request = order.requests[0]
        mixture = await self._mix(files, request.width, request.height)
        line = line_of([found[0] if found else None for found in records], shape)
        return line, await studio.keep(mixture)
