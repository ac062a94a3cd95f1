"""The rows of buttons under a message.

A Discord message holds 5 rows of 5 buttons. The views made here are finished on purpose: discord.py
then neither keeps them nor listens through them, and every press goes by its id (`bot.buttons`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import discord

from core.actions import CUSTOM, Action, Button
from core.jobs import Job, State
from core.models import Model
from core.request import Kind
from core.sentences import in_language

View = discord.ui.View
Rows = list[list[discord.ui.Button[Any]]]
IN_A_ROW = 5

EMOJI = {
    (Action.REROLL, ""): "🔄",
    (Action.LIKE, ""): "❤️",
    (Action.PAN, "left"): "⬅️",
    (Action.PAN, "right"): "➡️",
    (Action.PAN, "up"): "⬆️",
    (Action.PAN, "down"): "⬇️",
}
"""These stand alone, without words."""

OFFERED = frozenset(Action) - {Action.PUBLISH}
"""What is shown at all, where the model that drew the picture can do it; to publish, where there
is a showcase (`bot.signposts`)."""

FROM_PICTURES = frozenset(Action) - {
    Action.UPSCALE,
    Action.REROLL,
    Action.CANCEL,
    Action.LIKE,
    Action.REMIX,
}
"""These ask for a model that can start from a picture."""

PAINTED = frozenset({Action.REGION, Action.ZOOM, Action.SQUARE, Action.PAN})
"""Or, these, for one whose pictures another model paints parts of."""

_ON_ONE = (
    (
        (Action.ENLARGE_SUBTLE, ""),
        (Action.ENLARGE_CREATIVE, ""),
        (Action.VARY_SUBTLE, ""),
        (Action.VARY_STRONG, ""),
        (Action.REGION, ""),
    ),
    (
        (Action.ZOOM, "20"),
        (Action.ZOOM, "15"),
        (Action.ZOOM, CUSTOM),
        (Action.SQUARE, ""),
        (Action.ENHANCE, ""),
    ),
    ((Action.PAN, "left"), (Action.PAN, "right"), (Action.PAN, "up"), (Action.PAN, "down")),
    ((Action.LIKE, ""), (Action.REROLL, ""), (Action.REMIX, "")),
)


def cancel_view(job: Job) -> View:
    """Under a waiting or running job."""
    return view_of([[_button(Button(Action.CANCEL, job.id))]])


def ended_rows(
    job: Job,
    *,
    model: Model | None = None,
    offered: frozenset[Action] = OFFERED,
    locale: str = "",
) -> Rows:
    """The buttons under a job that ended. Every ended job has at least one, because the buttons'
    ids are how a message whose post was not confirmed is found again. `model` is the one that drew
    it, None where it is no longer known; labels are in the language of `locale`."""
    if job.state is not State.DONE:
        return [[_button(Button(Action.REROLL, job.id))]]
    offered = _within_reach(model, offered)
    rows = _single(job, offered) if job.request.count == 1 else _grid(job, offered)
    return _said(rows, locale)


def picture_rows(
    job: Job,
    number: int,
    *,
    model: Model | None = None,
    offered: frozenset[Action] = OFFERED,
    locale: str = "",
) -> Rows:
    """The buttons under one picture of a job that is done, as if it stood alone; the rest as for
    `ended_rows`."""
    offered = _within_reach(model, offered)
    return _said(_single(job, offered, number), locale)


def _within_reach(model: Model | None, offered: frozenset[Action]) -> frozenset[Action]:
    """Of what is offered, what can be made of a picture of the model."""
    if model is None:
        return offered - FROM_PICTURES
    if model.starts_from_pictures:
        return offered
    return offered - (FROM_PICTURES - PAINTED if model.inpainting is not None else FROM_PICTURES)


def _said(rows: Rows, locale: str) -> Rows:
    for button in (button for row in rows for button in row):
        button.label = in_language(button.label or "", locale) or None
    return rows


def _single(job: Job, offered: frozenset[Action], number: int = 1) -> Rows:
    """Under one picture."""
    left_out = {Action.SQUARE} if job.request.size[0] == job.request.size[1] else set[Action]()
    if job.request.kind is Kind.UPSCALE:
        left_out.add(Action.REROLL)
    if not job.request.draft:
        left_out.add(Action.ENHANCE)
    wanted = offered - left_out
    rows = [
        [_button(_on_one(job, action, extra, number)) for action, extra in row if action in wanted]
        for row in _ON_ONE
    ]
    return _joined(row for row in rows if row)


def _joined(rows: Iterable[list[discord.ui.Button[Any]]]) -> Rows:
    """Short rows beside each other."""
    found: Rows = []
    for row in rows:
        if found and len(found[-1]) + len(row) <= IN_A_ROW:
            found[-1] += row
        else:
            found.append(row)
    return found


def _on_one(job: Job, action: Action, extra: str, number: int) -> Button:
    of_many = action is Action.ENHANCE and job.request.count > 1
    return Button(action, job.id, number if action.on_one_picture or of_many else 0, extra)


def _grid(job: Job, offered: frozenset[Action]) -> Rows:
    kinds = [action for action in (Action.UPSCALE, Action.VARY) if action in offered]
    if job.request.draft and Action.ENHANCE in offered:
        kinds.append(Action.ENHANCE)
    return grid_rows(job.id, job.request.count, kinds)


def grid_rows(
    job_id: str, count: int, kinds: Sequence[Action] = (Action.UPSCALE, Action.VARY)
) -> Rows:
    """U1..Un and re-roll, then V1..Vn. Up to four fit beside re-roll in one row; from five on,
    each kind takes two rows, and what has no room is left out."""
    in_row = count if count <= 4 else math.ceil(count / 2)
    rows: Rows = []
    for action in kinds:
        numbers = range(1, count + 1)
        buttons = [
            _button(Button(action, job_id, number), f"{_SHORT[action]}{number}")
            for number in numbers
        ]
        rows += [buttons[at : at + in_row] for at in range(0, count, in_row)]
    rows[0].append(_button(Button(Action.REROLL, job_id)))
    return rows[:5]


_SHORT = {Action.UPSCALE: "U", Action.VARY: "V", Action.ENHANCE: "E"}


def _button(button: Button, label: str | None = None) -> discord.ui.Button[Any]:
    emoji = EMOJI.get((button.action, button.extra))
    return discord.ui.Button(
        style=discord.ButtonStyle.secondary,
        label=None if emoji else label or button.label,
        emoji=emoji,
        custom_id=button.custom_id,
    )


def in_rows(buttons: Sequence[discord.ui.Button[Any]]) -> Rows:
    """As many beside each other as there is room for."""
    return [list(buttons[at : at + IN_A_ROW]) for at in range(0, len(buttons), IN_A_ROW)]


def view_of(rows: Rows) -> View:
    view = View(timeout=None)
    for number, row in enumerate(rows):
        for button in row:
            button.row = number
            view.add_item(button)
    view.stop()
    return view
