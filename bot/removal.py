"""Before what is finished is deleted from the menu, it is asked once more, privately, by buttons.

As with all buttons, an id says all there is to know, and whether the presser may is asked again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Self

import discord

from bot.views import view_of
from core.actions import ButtonError
from core.jobs import Job, State
from core.request import Kind
from core.sentences import say

FORMAT = "d1"
PATTERN = r"d\d+:.{1,95}"

NOTHING = say("Nothing was deleted.")


@dataclass(frozen=True, slots=True)
class Removal:
    """A job whose pictures are to go, and the message that shows them. `sure`: the answer."""

    job_id: str
    channel_id: int
    message_id: int
    sure: bool = True

    @property
    def custom_id(self) -> str:
        answer = "yes" if self.sure else "no"
        return f"{FORMAT}:{answer}:{self.job_id}:{self.channel_id}:{self.message_id}"

    @classmethod
    def from_custom_id(cls, custom_id: str) -> Self:
        """Raises ButtonError."""
        found = re.fullmatch(
            rf"{FORMAT}:(yes|no):([0-9a-f]{{8,32}}):(\d{{1,20}}):(\d{{1,20}})", custom_id
        )
        if found is None:
            raise ButtonError
        return cls(found[2], int(found[3]), int(found[4]), found[1] == "yes")


def question(job: Job, count: int) -> str:
    """What goes and what stays. `count`: pictures that go; 0 where it is the message alone."""
    if job.state is not State.DONE or not count:
        return say("Delete this message? Nothing else goes with it.")
    if job.request.kind is Kind.UPSCALE:
        return say("Delete this copy? The grid that it was picked out of stays.")
    if count == 1:
        return say(
            "Delete this picture? It is gone for everybody then, with its likes; what was made "
            "from it stays."
        )
    return say(
        "Delete these {count} pictures? They are gone for everybody then, with their likes; what "
        "was picked out of them or made from them stays.",
        count=count,
    )


def answers(removal: Removal) -> discord.ui.View:
    """Yes and no."""
    yes: discord.ui.Button[Any] = discord.ui.Button(
        style=discord.ButtonStyle.danger, label=say("Delete"), custom_id=removal.custom_id
    )
    keep = Removal(removal.job_id, removal.channel_id, removal.message_id, sure=False)
    no: discord.ui.Button[Any] = discord.ui.Button(label=say("Keep"), custom_id=keep.custom_id)
    return view_of([[yes, no]])
