"""The buttons that lead from a finished picture to where else it can be: showcases, themes, the
gallery."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import discord

from bot.ballots import Act, Ticket
from bot.pegs import gallery_link
from bot.views import IN_A_ROW, Rows
from core.actions import Action, Button
from core.curator import Curator
from core.jobs import Job, State
from core.jury import Jury
from core.request import Kind, Visibility
from core.sentences import in_language, say

MOST_ROWS = 5


class Signposts:
    """`gallery_url` is "" where the gallery has no address for people."""

    def __init__(
        self,
        curator: Curator | None = None,
        jury: Jury | None = None,
        gallery_url: str = "",
        language: Callable[[int], str] = lambda server_id: "",
    ) -> None:
        self._curator = curator
        self._jury = jury
        self._gallery_url = gallery_url
        self._language = language

    async def under(self, job: Job) -> Sequence[discord.ui.Button[Any]]:
        """For the message of a job that is done; of a grid, the gallery's page of its first."""
        if job.state is not State.DONE:
            return ()
        locale = self._language(job.place.server_id)
        found: list[discord.ui.Button[Any]] = []
        if job.request.count == 1 and await self._may_publish(job):
            button = Button(Action.PUBLISH, job.id, 1)
            label = in_language(button.label, locale)
            found.append(discord.ui.Button(label=label, custom_id=button.custom_id))
        if job.request.count == 1 and await self._may_enter(job):
            ticket, label = Ticket(Act.ENTER, job.id, 1), in_language(say("Enter theme"), locale)
            found.append(discord.ui.Button(label=label, custom_id=ticket.custom_id))
        if self._gallery_url:
            # A picture that was picked out of a grid is the grid's.
            of = job.parent if job.request.kind is Kind.UPSCALE else None
            job_id, number = (of.job_id, of.index) if of is not None else (job.id, 1)
            found.append(gallery_link(self._gallery_url, job_id, number, locale))
        return found

    async def _may_publish(self, job: Job) -> bool:
        if self._curator is None or not job.place.server_id:
            return False
        if job.request.visibility is Visibility.STEALTH:
            return False
        return bool(await self._curator.of_server(job.place.server_id))

    async def _may_enter(self, job: Job) -> bool:
        if self._jury is None or not job.place.server_id:
            return False
        if job.request.visibility is Visibility.STEALTH:
            return False
        return bool(await self._jury.taking(job.place.server_id))


def with_more(rows: Rows, more: Sequence[discord.ui.Button[Any]]) -> Rows:
    """The rows with more buttons at their end, as far as there is room."""
    found = [list(row) for row in rows]
    for button in more:
        if not found or len(found[-1]) == IN_A_ROW:
            if len(found) == MOST_ROWS:
                break
            found.append([])
        found[-1].append(button)
    return found
