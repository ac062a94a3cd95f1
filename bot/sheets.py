"""Forms (Discord calls them modals). As with buttons, all there is to know stands in their ids, so
one that was opened before a restart can be sent after it.

Discord allows a title of 45 characters and five fields, each with a label of 45.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import discord

from bot.history_ids import all_id
from bot.replies import Interaction, locale_of
from core.actions import Action, Button, ButtonError
from core.complaints import LONGEST
from core.errors import BusyError, RefusedError
from core.forms import FormKind
from core.preferences import LONGEST as MOST_FLAGS
from core.sentences import in_language, say

T = TypeVar("T")

FORMAT = "f1"

ASK_SECONDS = 2.0
"""A form can only be the first answer, which has three seconds; nothing can hold its place."""

_REPORT = re.compile(rf"{FORMAT}:report:([0-9a-f]{{8,32}}):(\d{{1,20}}):(\d{{1,20}})")

PRESS = f"{FORMAT}:press:"
"""Before the id of the button whose form it is."""

REASON = "reason"
PROMPT = "prompt"
REGION = "region"
MASK = "mask"
LONGEST_PROMPT = 4000
"""Discord's limit for what a field holds."""

SUFFIX = "suffix"
SUFFIX_ID = f"{FORMAT}:suffix"
NAME = "name"
WORDS = "words"
COUNT = "count"
STYLE_ID = f"{FORMAT}:style"
PROMPT_ID = f"{FORMAT}:prompt"


@dataclass(frozen=True, slots=True)
class Report:
    """A picture that is about to be reported, and the message it was seen in."""

    job_id: str
    channel_id: int
    message_id: int

    @property
    def custom_id(self) -> str:
        return f"{FORMAT}:report:{self.job_id}:{self.channel_id}:{self.message_id}"

    @classmethod
    def from_custom_id(cls, custom_id: str) -> Report:
        """Raises ButtonError."""
        found = _REPORT.fullmatch(custom_id)
        if found is None:
            raise ButtonError
        return cls(found[1], int(found[2]), int(found[3]))


def report_sheet(interaction: Interaction, report: Report) -> discord.ui.Modal:
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=REASON, style=discord.TextStyle.paragraph, min_length=3, max_length=LONGEST
    )
    return sheet(
        interaction,
        report.custom_id,
        say("Report this picture"),
        (say("What is wrong with it?"), say("The admins of this server read it."), field),
    )


def suffix_sheet(interaction: Interaction, suffix: str) -> discord.ui.Modal:
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=SUFFIX,
        style=discord.TextStyle.paragraph,
        default=suffix or None,
        required=False,
        max_length=MOST_FLAGS,
    )
    return sheet(
        interaction,
        SUFFIX_ID,
        say("Flags for all of your prompts"),
        (say("Suffix"), say("Such as --relax --ar 3:2; leave it out to have none"), field),
    )


def press_sheet(
    interaction: Interaction, button: Button, kind: FormKind, line: str
) -> discord.ui.Modal:
    """What a button asks for first; `line` is the prompt to be edited. Raises RefusedError."""
    small = ""
    if kind is FormKind.ZOOM:
        small = say("--zoom from 1 to 2 says how far, --ar what shape")
    title = say("Remix") if button.action is Action.VARY else button.label
    return sheet(interaction, PRESS + button.custom_id, title, prompt_field(line, small))


def prompt_sheet(interaction: Interaction, line: str) -> discord.ui.Modal:
    """A prompt that can be changed before it is made. Raises RefusedError."""
    return sheet(interaction, PROMPT_ID, say("Make this picture"), prompt_field(line))


def prompt_field(line: str, small: str = "") -> tuple[str, str, Any]:
    """A field with a prompt to be edited. Raises RefusedError for one that fits into no form."""
    if len(line) > LONGEST_PROMPT:
        raise RefusedError(
            say(
                "That prompt is longer than the {most:,} characters that a form of Discord holds; "
                "use /imagine.",
                most=LONGEST_PROMPT,
            )
        )
    prompt: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=PROMPT,
        style=discord.TextStyle.paragraph,
        default=line,
        max_length=LONGEST_PROMPT,
    )
    return say("Prompt"), small or say("Words and flags, as you want them"), prompt


def pressed_for(custom_id: str) -> Button | None:
    """The button whose form it is, None for another form. Raises ButtonError."""
    if not custom_id.startswith(PRESS):
        return None
    return Button.from_custom_id(custom_id.removeprefix(PRESS))


def style_sheet(interaction: Interaction, words: str) -> discord.ui.Modal:
    """Keeps the words of a prompt as a style of the server."""
    name: discord.ui.TextInput[Any] = discord.ui.TextInput(custom_id=NAME, max_length=40)
    text: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=WORDS,
        style=discord.TextStyle.paragraph,
        default=words[:MOST_FLAGS],
        max_length=MOST_FLAGS,
    )
    return sheet(
        interaction,
        STYLE_ID,
        say("Save style"),
        (say("Name"), say("How members will call it: --style NAME"), name),
        (say("Words"), say("The words that make the look"), text),
    )


def all_sheet(interaction: Interaction, count: int) -> discord.ui.Modal:
    """Asks whether everything shall be deleted. `count` is how many pictures that are."""
    typed: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=COUNT, placeholder=str(count), max_length=20
    )
    return sheet(
        interaction,
        all_id(count),
        say("Delete all of your pictures"),
        (
            say("Type {count} to delete {count} pictures", count=count),
            say("For everybody, everywhere. What others made of them stays, and what they cost."),
            typed,
        ),
    )


def sheet(
    interaction: Interaction, custom_id: str, title: str, *fields: tuple[str, str, Any]
) -> discord.ui.Modal:
    """A form in the language of whoever fills it in. A field is a label, a small line below it, and
    what is filled in. It is finished on purpose: see `bot.views`."""
    locale = locale_of(interaction)
    modal = discord.ui.Modal(
        title=in_language(title, locale)[:45], custom_id=custom_id, timeout=None
    )
    for label, small, component in fields:
        modal.add_item(
            discord.ui.Label(
                text=in_language(label, locale)[:45],
                description=in_language(small, locale)[:100] or None,
                component=component,
            )
        )
    modal.stop()
    return modal


async def soon(work: Coroutine[Any, Any, T]) -> T:
    """What a form is made of, while it can still be opened. Raises BusyError."""
    try:
        async with asyncio.timeout(ASK_SECONDS):
            return await work
    except TimeoutError as error:
        raise BusyError from error


def custom_id_of(interaction: Interaction) -> str:
    return str(cast("Any", interaction.data or {}).get("custom_id", ""))


def texts(interaction: Interaction) -> dict[str, str]:
    """What was written into a form, by the ids of its fields."""
    return {
        field["custom_id"]: field["value"] for field in _fields(interaction) if "value" in field
    }


def choices(interaction: Interaction) -> dict[str, list[str]]:
    """What was chosen in it; of a file, its id."""
    return {
        field["custom_id"]: list(field["values"] or ())
        for field in _fields(interaction)
        if "values" in field
    }


def addresses(interaction: Interaction, custom_id: str) -> list[str]:
    """Where the files lie that were put into a field."""
    data: Any = interaction.data or {}
    resolved: Any = data.get("resolved") or {}
    files = cast("dict[str, Any]", resolved.get("attachments") or {})
    chosen = choices(interaction).get(custom_id, [])
    return [str(files[id]["url"]) for id in chosen if id in files]


def _fields(interaction: Interaction) -> Iterator[dict[str, Any]]:
    data: Any = interaction.data or {}
    for row in data.get("components", ()):
        inner = [row["component"]] if "component" in row else row.get("components", ())
        yield from (field for field in inner if field.get("custom_id"))
