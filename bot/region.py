"""Which part of a picture to paint anew is asked privately: by a picture with numbered cells and a
menu of them, or in a form for words and a mask. The ids of both hold all there is to know."""

from __future__ import annotations

import re
from typing import Any

import discord

from bot.replies import Interaction, locale_of
from bot.sheets import MASK, PRESS, REGION, prompt_field, sheet
from core.actions import Action, Button, ButtonError
from core.regions import LONGEST, MOST
from core.sentences import in_language, say

FORMAT = "r1"
PATTERN = r"r\d+:.{1,95}"
MENU_FORMAT = "R1"
MENU_PATTERN = r"R\d+:.{1,95}"

QUESTION = say("Which part shall be painted anew? Choose cells, or say it in words.")


def ids_of(button: Button) -> tuple[str, str]:
    """Of the menu, and of the button beside it."""
    end = f"{button.job_id}:{button.index}"
    return f"{MENU_FORMAT}:{end}", f"{FORMAT}:{end}"


def pressed(custom_id: str) -> Button:
    """The button that asked. Raises ButtonError."""
    found = re.fullmatch(rf"(?:{FORMAT}|{MENU_FORMAT}):([0-9a-f]{{8,32}}):(\d)", custom_id)
    if found is None:
        raise ButtonError
    return Button(Action.REGION, found[1], int(found[2]))


def question(interaction: Interaction, button: Button) -> discord.ui.View:
    locale = locale_of(interaction)
    menu_id, form_id = ids_of(button)
    view = discord.ui.View(timeout=None)
    menu: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=menu_id,
        placeholder=in_language(say("Cells"), locale),
        min_values=1,
        max_values=MOST,
        options=[discord.SelectOption(label=str(n), value=str(n)) for n in range(1, MOST + 1)],
        row=0,
    )
    view.add_item(menu)
    words: discord.ui.Button[Any] = discord.ui.Button(
        label=in_language(say("In words or with a mask"), locale), custom_id=form_id, row=1
    )
    view.add_item(words)
    view.stop()
    return view


def region_sheet(
    interaction: Interaction, button: Button, *, region: str = "", prompt: str | None = None
) -> discord.ui.Modal:
    """`region` is what was chosen before, `prompt` the line to be edited, None where it stays."""
    words: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=REGION, default=region or None, required=False, max_length=LONGEST
    )
    mask: discord.ui.FileUpload[Any] = discord.ui.FileUpload(
        custom_id=MASK, required=False, min_values=0, max_values=1
    )
    small = say("“left third”, “bottom”, “top left quarter”, or numbers of cells")
    fields: list[tuple[str, str, Any]] = [(say("Part of the picture"), small, words)]
    white = say("Instead of words: a picture in which the part is white")
    fields.append((say("Mask"), white, mask))
    if prompt is not None:
        fields.append(prompt_field(prompt))
    return sheet(interaction, PRESS + button.custom_id, button.label, *fields)
