"""/history: finds pictures again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from discord.app_commands import Choice

from bot.choices import holding, offers
from bot.history_ids import Whose
from bot.installs import for_members
from bot.replies import Interaction, apologies, locale_of
from core.errors import RefusedError
from core.sentences import in_language, say

if TYPE_CHECKING:
    from bot.client import EaselBot
    from bot.history import History

WHOSE = [
    Choice(name=say("yours"), value=Whose.MINE.value),
    Choice(name=say("this server's"), value=Whose.HERE.value),
    Choice(name=say("those you like"), value=Whose.LIKED.value),
]

SORTS = [
    Choice(name=say("newest first"), value="new"),
    Choice(name=say("oldest first"), value="old"),
    Choice(name=say("most liked first"), value="top"),
    Choice(name=say("best fitting first"), value="best"),
]


DAYS = {
    "today": say("today"),
    "yesterday": say("yesterday"),
    "7d": say("a week ago"),
    "30d": say("a month ago"),
    "1y": say("a year ago"),
}


def finder(interaction: Interaction) -> History:
    """Raises RefusedError."""
    history = cast("EaselBot", interaction.client).history
    if history is None:
        raise RefusedError(say("Pictures cannot be searched here."))
    return history


@app_commands.command(description="Find your pictures again, or those of this server")
@app_commands.describe(
    search="Words, “phrases”, -words, flags, by:NAME",
    whose="Whose pictures; yours if you do not say",
    model="Which model made them",
    after="From which day on: 2026-11-03, 2026-11, yesterday, 7d",
    before="Before which day",
    sort="Which come first",
)
@app_commands.choices(whose=WHOSE, sort=SORTS)
@for_members
async def history(
    interaction: discord.Interaction[Any],
    search: str = "",
    whose: str | None = None,
    model: str | None = None,
    after: str | None = None,
    before: str | None = None,
    sort: str | None = None,
) -> None:
    async with apologies(interaction):
        options = {"model": model, "after": after, "before": before, "sort": sort}
        meant = Whose(whose) if whose is not None else None
        await finder(interaction).open(interaction, search, meant, options)


@history.autocomplete("search")
@offers
async def own_prompts(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The prompts of one's own newest pictures that fit what was typed."""
    found = await finder(interaction).search.prompts(interaction, typed)
    return [(prompt, prompt) for prompt in found]


@history.autocomplete("after")
@history.autocomplete("before")
@offers
async def days(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """Days that are near."""
    locale, wanted = locale_of(interaction), typed.strip().lower()
    named = [(in_language(words, locale), value) for value, words in DAYS.items()]
    return [
        (f"{value} · {words}", value)
        for words, value in named
        if wanted in f"{value} {words}".lower()
    ]


@history.autocomplete("model")
@offers
async def models(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The models that there are pictures of."""
    return holding(typed, await finder(interaction).works.models())


HISTORY_COMMANDS: list[Any] = [history]
