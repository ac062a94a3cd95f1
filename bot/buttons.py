"""The buttons as discord.py sees them. Their ids hold all their state, so they outlive restarts.

discord.py swallows what `from_custom_id`, `interaction_check` and `callback` of a dynamic item
raise. So the first only wraps, the second is not used, and the third is written once, here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self, cast

import discord

from bot import (
    help,
    history_ids,
    mend,
    panels,
    region,
    removal,
    sets,
    settings_panel,
    suggestions,
    viewer,
)
from bot.ballots import PATTERN as THEME
from bot.ballots import pressed as pressed_of_theme
from bot.commands import COMMANDS
from bot.history_commands import finder
from bot.pegs import PATTERN as WALL
from bot.pegs import Door, pressed
from bot.replies import Interaction, apologies
from bot.showcase_commands import showroom
from bot.theme_commands import contest
from core.actions import PATTERN, Action, Button, ButtonError

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
        button = Button.from_custom_id(self.id_pressed)
        if button.action is Action.PUBLISH:
            await showroom(interaction).publish(interaction, button)
        else:
            await bot.presser.press(interaction, button)


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


class StyleButton(_Pressed, template=viewer.STYLE_PATTERN):
    """Opens the form that keeps a prompt's words as a style."""

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        await bot.viewer.ask_style(interaction, self.id_pressed)


class RemovalButton(_Pressed, template=removal.PATTERN):
    """Deletes what its message asks about, or leaves it."""

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        await bot.viewer.answered(interaction, removal.Removal.from_custom_id(self.id_pressed))


class RegionButton(_Pressed, template=region.PATTERN):
    """Opens the form in which a part of a picture is named."""

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        await bot.presser.in_words(interaction, region.pressed(self.id_pressed))


class _Chosen(discord.ui.DynamicItem[discord.ui.Select[Any]], template="(?!)"):
    """Base of our menus: answers every choice, whatever happens."""

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(cast("discord.ui.Select[Any]", item))

    async def callback(self, interaction: Interaction) -> None:
        async with apologies(interaction):
            data: Any = interaction.data or {}
            values = [str(value) for value in data.get("values") or ()]
            await self.chosen(interaction, cast("EaselBot", interaction.client), values)

    async def chosen(self, interaction: Interaction, bot: EaselBot, values: list[str]) -> None:
        raise NotImplementedError


class ModelMenu(_Chosen, template=settings_panel.SELECT_PATTERN):
    """Sets the model of whoever chooses."""

    async def chosen(self, interaction: Interaction, bot: EaselBot, values: list[str]) -> None:
        if self.item.custom_id != settings_panel.MODEL_ID or len(values) != 1:
            raise ButtonError
        await bot.habits.choose_model(interaction, values[0])


class CellMenu(_Chosen, template=region.MENU_PATTERN):
    """Paints the chosen cells of a picture anew."""

    async def chosen(self, interaction: Interaction, bot: EaselBot, values: list[str]) -> None:
        await bot.presser.chose_cells(interaction, region.pressed(self.item.custom_id), values)


class HistoryButton(_Pressed, template=history_ids.PATTERN):
    """Turns a page of pictures, or does something with one or several of them."""

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        key = history_ids.Key.from_custom_id(self.id_pressed)
        await finder(interaction).pressed(interaction, key)


class HistoryMenu(_Chosen, template=history_ids.MENU_PATTERN):
    """Picks one of the pictures of a page, or several."""

    async def chosen(self, interaction: Interaction, bot: EaselBot, values: list[str]) -> None:
        key = history_ids.Key.from_custom_id(self.item.custom_id)
        await finder(interaction).chosen(interaction, key, values)


class WallButton(_Pressed, template=WALL):
    """Brings a picture into a showcase, likes one that hangs there, or takes it down."""

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        found = pressed(self.id_pressed)
        if isinstance(found, Door):
            await showroom(interaction).open(interaction, found)
        else:
            await showroom(interaction).press(interaction, found)


class ThemeButton(_Pressed, template=THEME):
    """Enters a picture for a theme, votes, or tells of one's own."""

    async def pressed(self, interaction: Interaction, bot: EaselBot) -> None:
        await contest(interaction).pressed(interaction, pressed_of_theme(self.id_pressed))


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
    RegionButton,
    RemovalButton,
    StyleButton,
    CellMenu,
    WallButton,
    ThemeButton,
    HistoryButton,
    HistoryMenu,
)
