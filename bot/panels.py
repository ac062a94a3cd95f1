"""Private answers with buttons that turn their pages: the queue and the audit log.

As everywhere, an id holds all there is to know: format, action, whose list, page, job or line. Who
presses is asked again each time, so a copied or forged id opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

import discord

from bot.render import duration, escape, ordinal, rounded_up
from bot.statements import change_words, house_words, within
from core.actions import ButtonError
from core.allowance import Change
from core.jobs import State
from core.overview import Lookout
from core.request import Lane
from core.sentences import frame, say, together
from core.studio import Receipt

FORMAT = "p1"
PATTERN = r"p\d+:.{1,95}"
JOBS_ON_A_PAGE = 4
"""A row of buttons each; the fifth row turns the pages."""

CHANGES_ON_A_PAGE = 8
OWN = 0
"""In the place of a server's id: the presser's own jobs."""


class Act(StrEnum):
    SHOW = "show"
    CANCEL = "cancel"
    RELAX = "relax"
    PAUSE = "pause"
    RESUME = "resume"
    DRAIN = "drain"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Knob:
    """A button of a panel. `server_id` OWN: of one's own jobs. `at`: the page, from 0; for the
    audit log the id that the lines come before, 0 for the newest."""

    act: Act
    server_id: int = OWN
    at: int = 0
    job_id: str = ""

    @property
    def custom_id(self) -> str:
        return f"{FORMAT}:{self.act}:{self.server_id}:{self.at}:{self.job_id}"

    @classmethod
    def from_custom_id(cls, custom_id: str) -> Self:
        """Raises ButtonError."""
        found = re.fullmatch(rf"{FORMAT}:([a-z]+):(\d{{1,20}}):(\d{{1,12}}):([0-9a-f]*)", custom_id)
        if found is None or found[1] not in set(Act):
            raise ButtonError
        return cls(Act(found[1]), int(found[2]), int(found[3]), found[4])


Page = tuple[str, discord.ui.View]


def queue_page(lookout: Lookout, server_id: int, at: int, here: int, note: str = "") -> Page:
    """One page of a queue. `server_id` is whose it is, `here` the server it is looked at from;
    `note` is a sentence on what was just done."""
    receipts = lookout.receipts
    last = max(0, (len(receipts) - 1) // JOBS_ON_A_PAGE)
    at = min(at, last)
    shown = receipts[at * JOBS_ON_A_PAGE : (at + 1) * JOBS_ON_A_PAGE]
    first = at * JOBS_ON_A_PAGE + 1
    of_server = server_id != OWN
    title = say("**This server's queue**") if of_server else say("**Your queue**")
    rows = [note] if note else []
    if last:
        page = say("page {page} of {pages}", page=at + 1, pages=last + 1)
        title = together([title, page], " · ")
    rows.append(title)
    paused = lookout.house.paused
    rows += [
        frame(
            "{number}. {job}",
            number=number,
            job=job_words(receipt, of_server=of_server, paused=paused),
        )
        for number, receipt in enumerate(shown, first)
    ]
    if not shown:
        rows.append(say("Nothing waits and nothing runs."))
    if lookout.more and at == last:
        rows.append(say("-# … and {count} more further back.", count=lookout.more))
    if of_server or paused or lookout.house.drained:
        rows.append(house_words(lookout.house))
    view = discord.ui.View(timeout=None)
    for row, receipt in enumerate(shown):
        _add_job_buttons(view, row, first + row, receipt, server_id, at)
    for button in _turning(lookout, server_id, at, last, here):
        button.row = min(4, len(shown))
        view.add_item(button)
    view.stop()
    return within(rows, 2000), view


def job_words(receipt: Receipt, *, of_server: bool, paused: bool) -> str:
    """One job in a list."""
    job, standing = receipt.job, receipt.standing
    text = escape(job.request.text, 80) or say("A picture")
    words = [frame("**{text}**", text=text)]
    if of_server:
        words.append(frame("<@{id}>", id=job.owner.id))
    if job.request.lane is not Lane.FAST:
        words.append(frame("{lane}", lane=job.request.lane.value))
    if job.state is State.RUNNING:
        words.append(say("stopping") if job.cancel_requested else say("being made now"))
    elif paused and of_server:
        words.append(say("waiting, paused"))
    elif standing.place:
        place, time = ordinal(standing.place), duration(standing.seconds)
        words.append(say("{place}, about {time}", place=place, time=time))
        if standing.at_most and not paused:
            longest = rounded_up(standing.at_most)
            words.append(say("begins within {time}, whoever comes", time=longest))
    else:
        words.append(say("waiting"))
    if not of_server and job.place.channel_id:
        words.append(frame("<#{id}>", id=job.place.channel_id))
    return together(words, " · ")


def _add_job_buttons(
    view: discord.ui.View, row: int, number: int, receipt: Receipt, server_id: int, at: int
) -> None:
    job = receipt.job
    cancel = _button(Knob(Act.CANCEL, server_id, at, job.id), say("Cancel {number}", number=number))
    cancel.disabled = job.cancel_requested
    cancel.row = row
    view.add_item(cancel)
    waits = job.state is State.QUEUED and job.request.lane is not Lane.RELAX
    if server_id == OWN and waits:
        relax = _button(
            Knob(Act.RELAX, server_id, at, job.id), say("Move {number} to relax", number=number)
        )
        relax.row = row
        view.add_item(relax)


def _turning(
    lookout: Lookout, server_id: int, at: int, last: int, here: int
) -> list[discord.ui.Button[Any]]:
    """At most five: what does not fit a row is not offered."""
    show = Knob(Act.SHOW, server_id, at)
    found: list[discord.ui.Button[Any]] = []
    if at > 0:
        found.append(_button(replace(show, at=at - 1), say("Back")))
    found.append(_button(show, say("Look again")))
    if at < last:
        found.append(_button(replace(show, at=at + 1), say("Next")))
    if server_id == OWN and lookout.admin and here:
        found.append(_button(Knob(Act.SHOW, here), say("This server's queue")))
    if server_id != OWN:
        stopped = lookout.house.paused or lookout.house.drained
        if stopped:
            found.append(_button(replace(show, act=Act.RESUME), say("Resume")))
        elif len(found) < 4:
            found.append(_button(replace(show, act=Act.PAUSE), say("Pause")))
            found.append(_button(replace(show, act=Act.DRAIN), say("Drain")))
        else:
            found.append(_button(replace(show, act=Act.PAUSE), say("Pause")))
    return found


def audit_page(changes: Sequence[Change], server_id: int, at: int) -> Page:
    """One page of the log; `changes` may have one more than fits, which says that there is more."""
    shown = changes[:CHANGES_ON_A_PAGE]
    rows = [say("**What was changed here**, newest first")]
    rows += [change_words(change) for change in shown] or [say("Nothing was changed yet.")]
    view = discord.ui.View(timeout=None)
    if at:
        view.add_item(_button(Knob(Act.AUDIT, server_id), say("Newest")))
    if len(changes) > len(shown):
        view.add_item(_button(Knob(Act.AUDIT, server_id, shown[-1].id), say("Older")))
    view.stop()
    return within(rows, 2000), view


def _button(knob: Knob, label: str) -> discord.ui.Button[Any]:
    return discord.ui.Button(
        style=discord.ButtonStyle.secondary, label=label, custom_id=knob.custom_id
    )
