"""/help: the manual in pages, for the person who asked alone, with a button for each page."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import discord
from discord import app_commands

from bot.languages import described
from bot.replies import Interaction, renew, tell
from bot.views import EMOJI, OFFERED
from core.actions import Action, Button, ButtonError
from core.errors import NotFoundError
from core.flags import FLAGS
from core.manual import BUTTONS, MENU, REACTIONS, of_flag, pages
from core.models import Catalogue
from core.sentences import Sentence, frame, say, together
from core.uses import shown

FORMAT = "h1"
PATTERN = r"h\d+:.{1,95}"
IN_A_ROW = 5

Command = app_commands.Command[Any, Any, Any] | app_commands.Group


async def open_help(
    interaction: Interaction, catalogue: Catalogue, commands: Iterable[Command]
) -> None:
    """/help"""
    text, view = page(catalogue, commands, 0)
    await tell(interaction, text, view=view)


async def open_about(
    interaction: Interaction, catalogue: Catalogue, commands: Iterable[Command], topic: str
) -> None:
    """/help about: one flag, button or command. Raises NotFoundError with what is near."""
    known = topics(catalogue, commands)
    wanted = _plain(topic)
    if wanted not in known:
        near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.4) or [
            "--ar",
            "u1",
            "/imagine",
        ]
        raise NotFoundError(
            say(
                "There is no flag, button or command “{topic}”. Try {names}.",
                topic=shown(topic),
                names=", ".join(f"`{name}`" for name in near),
            )
        )
    await tell(interaction, known[wanted])


def topics(catalogue: Catalogue, commands: Iterable[Command]) -> dict[str, Sentence]:
    """What may be asked about, in small letters, with the answer."""
    found: dict[str, Sentence] = {}
    for flag in FLAGS:
        for name in (flag.name, *flag.aliases):
            found[f"--{name}".lower()] = of_flag(flag, catalogue)
    for action in Action:
        if action in OFFERED | {Action.PUBLISH}:
            found |= dict.fromkeys(_names(action), _of_button(action))
    for name, what in (*MENU.items(), *REACTIONS.items()):
        found[_plain(name)] = frame("**{name}** · {what}", name=name, what=what)
    for command in commands:
        for each in _with_children(command):
            found[f"/{each.qualified_name}".lower()] = _of_command(each)
    return found


def _plain(topic: str) -> str:
    """`U3` and `V2` are asked about as U1 and V1 are."""
    text = " ".join(topic.lower().replace("\ufe0f", "").replace("—", "--").split())
    return re.sub(r"^([uve])[1-8]$", r"\g<1>1", text)


def _names(action: Action) -> list[str]:
    """What a button is called: by what stands on it, whatever it is followed by."""
    extras = action.extras or ("",)
    buttons = [Button(action, "0" * 20, 1, extra) for extra in extras]
    emoji = [EMOJI[action, extra] for extra in extras if (action, extra) in EMOJI]
    return [_plain(name) for name in (*(str(button.label) for button in buttons), *emoji)]


def _of_button(action: Action) -> Sentence:
    name = Button(action, "0" * 20, 1, (action.extras or ("",))[0]).label
    return frame("**{name}** · {what}", name=name, what=BUTTONS[action])


def _of_command(command: Command) -> Sentence:
    rows: list[Sentence] = [
        frame(
            "**/{name}** · {what}", name=command.qualified_name, what=described(command.description)
        )
    ]
    if isinstance(command, app_commands.Group):
        rows += [
            frame("`/{name}` · {what}", name=one.qualified_name, what=described(one.description))
            for one in command.commands
        ]
    else:
        rows += [
            frame("`{name}` · {what}", name=one.name, what=described(str(one.description)))
            for one in command.parameters
        ]
    return together(rows, "\n")


def _with_children(command: Command) -> Iterator[Command]:
    yield command
    if isinstance(command, app_commands.Group):
        for child in command.commands:
            yield from _with_children(child)


async def turn(
    interaction: Interaction, custom_id: str, catalogue: Catalogue, commands: Iterable[Command]
) -> None:
    """A button under it. Raises ButtonError."""
    found = re.fullmatch(rf"{FORMAT}:(\d{{1,2}})", custom_id)
    if found is None:
        raise ButtonError
    text, view = page(catalogue, commands, int(found[1]))
    await renew(interaction, text, view)


def page(
    catalogue: Catalogue, commands: Iterable[Command], at: int
) -> tuple[Sentence, discord.ui.View]:
    """One page and the buttons of all. A page that there is no more is the first."""
    manual = pages(catalogue, [_line(command) for command in commands])
    at = at if at < len(manual) else 0
    view = discord.ui.View(timeout=None)
    for number, each in enumerate(manual):
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=each.title,
            custom_id=f"{FORMAT}:{number}",
            disabled=number == at,
            row=number // IN_A_ROW,
        )
        view.add_item(button)
    view.stop()
    return manual[at].text, view


def _line(command: Command) -> Sentence:
    what = described(command.description)
    if command.default_permissions is not None:
        # Those who run the server have them; it is a small line for all others.
        return frame("-# **/{name}** · {what}", name=command.name, what=what)
    return frame("**/{name}** · {what}", name=command.name, what=what)
