"""The buttons as discord.py sees them. Their ids hold all their state, so they outlive restarts.

discord.py swallows what `from_custom_id`, `interaction_check` and `callback` of a dynamic item
raise. So the first only wraps, the second is not used, and the third is written once, here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self, cast

import discord

from bot import help, mend, panels, sets, settings_panel, suggestions
from bot.commands import COMMANDS
from bot.replies import Interaction, apologies
from core.actions import PATTERN, Button, ButtonError

if TYPE_CHECKING:
    from bot.client import EaselBot


class _Pressed(discord.ui.DynamicItem[discord.ui.Button[Any]], template="(?!)"):
    """Base of our buttons: answers every press, whatever happens."""

    def __init__(self, item: discord.ui.Button[Any]) -> None:
        super().__init__(item)
        self.id_pressed = item.custom_id or ""

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(cast("discord.ui.Button[Any]", item))

    async def callback(self, interaction: Interaction) -> None:
        async with apologies(interaction):
            await self.pressed(interaction, cast("EaselBot", interaction.client))

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        raise NotImplementedError


class JobButton(_Pressed, template=PATTERN):
    """Every button under a picture. An id of another version of Easel gets an answer too."""

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        await bot.presser.press(interaction, Button.from_custom_id(self.id_pressed))


class MendButton(_Pressed, template=mend.PATTERN):
    """Runs the mended line of the message it sits on."""

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        await bot.desk.run_mended(interaction, mend.Extras.from_custom_id(self.id_pressed))


class SetButton(_Pressed, template=sets.PATTERN):
    """Makes the set of jobs that its message asks about, or leaves it."""

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        await bot.desk.answer_set(interaction, sets.Answer.from_custom_id(self.id_pressed))


class PanelButton(_Pressed, template=panels.PATTERN):
    """Turns a page of the queue or of the audit log, or does something to a job in it."""

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        await bot.office.turn(interaction, panels.Knob.from_custom_id(self.id_pressed))


class HelpButton(_Pressed, template=help.PATTERN):
    """Turns to a page of /help."""

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        await help.turn(interaction, self.id_pressed, bot.desk.studio.catalogue, COMMANDS)


class SettingButton(_Pressed, template=settings_panel.PATTERN):
    """Sets one of the settings of whoever presses."""

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        await bot.habits.turn(interaction, settings_panel.Turn.from_custom_id(self.id_pressed))


class ModelMenu(
    discord.ui.DynamicItem[discord.ui.Select[Any]], template=settings_panel.SELECT_PATTERN
):
    """Sets the model of whoever chooses."""

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(cast("discord.ui.Select[Any]", item))

    async def callback(self, interaction: Interaction) -> None:
        async with apologies(interaction):
            data: Any = interaction.data or {}
            chosen = list(data.get("values") or ())
            if self.item.custom_id != settings_panel.MODEL_ID or len(chosen) != 1:
                raise ButtonError
            bot = cast("EaselBot", interaction.client)
            await bot.habits.choose_model(interaction, str(chosen[0]))


class SuggestionButton(_Pressed, template=suggestions.PATTERN):
    """Opens a suggested prompt in a form, or tells more of how it came about."""

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        await bot.study.pressed(interaction, self.id_pressed)


BUTTONS = (
    JobButton,
    MendButton,
    SetButton,
    PanelButton,
    HelpButton,
    SuggestionButton,
    SettingButton,
    ModelMenu,
)
