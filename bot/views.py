"""The rows of buttons under a message.

A Discord message holds 5 rows of 5 buttons. The views made here are finished on purpose: discord.py
then neither keeps them nor listens through them, and every press goes by its id (`bot.buttons`).
"""

from __future__ import annotations

import math
from typing import Any

import discord

from core.actions import Action, Button
from core.jobs import Job, State
from core.request import Kind

View = discord.ui.View
REROLL = "🔄"


def cancel_view(job: Job) -> View:
    """Under a waiting or running job."""
    return _view((0, _button(Button(Action.CANCEL, job.id), "Cancel")))


def ended_view(job: Job) -> View:
    """Under a job that ended. Every ended job has at least one button, because the buttons' ids are
    how a message whose post was not confirmed is found again."""
    reroll = _button(Button(Action.REROLL, job.id), emoji=REROLL)
    if job.state is not State.DONE:
        return _view((0, reroll))
    if job.request.kind is Kind.UPSCALE:
        return _view((0, _button(Button(Action.VARY, job.id, 1), "Vary")))
    return grid_view(job.id, job.request.count)


def grid_view(job_id: str, count: int) -> View:
    """U1..Un and re-roll, then V1..Vn. Up to four fit beside re-roll in one row; from five on,
    each kind takes two rows."""
    in_row = count if count <= 4 else math.ceil(count / 2)
    placed: list[tuple[int, discord.ui.Button[Any]]] = []
    for base, action in ((0, Action.UPSCALE), (math.ceil(count / in_row), Action.VARY)):
        for number in range(1, count + 1):
            button = _button(Button(action, job_id, number), f"{action}{number}")
            placed.append((base + (number - 1) // in_row, button))
    placed.insert(in_row, (0, _button(Button(Action.REROLL, job_id), emoji=REROLL)))
    return _view(*placed)


def _button(
    button: Button, label: str | None = None, *, emoji: str | None = None
) -> discord.ui.Button[Any]:
    return discord.ui.Button(
        style=discord.ButtonStyle.secondary, label=label, emoji=emoji, custom_id=button.custom_id
    )


def _view(*buttons: tuple[int, discord.ui.Button[Any]]) -> View:
    view = View(timeout=None)
    for row, button in buttons:
        button.row = row
        view.add_item(button)
    view.stop()
    return view
