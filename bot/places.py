"""Keeps the waiting messages of the next few jobs true: their place and their time."""

from __future__ import annotations

import asyncio
import logging

from bot.bell import Bell
from bot.messenger import Messenger, Post
from bot.progress import Sleep, edit
from bot.render import Renderer
from bot.turns import Turns
from bot.views import cancel_view
from core.board import Board
from core.clock import Clock
from core.jobs import State
from core.queue import Standing
from core.studio import Studio

log = logging.getLogger(__name__)

SHOWN_PLACES = 5
"""Only the first places are kept true; further back nothing much changes for a reader."""

EVERY_SECONDS = 10.0
"""Shortest time between two rounds, and so between two edits of one message."""


class Places:
    def __init__(
        self,
        studio: Studio,
        board: Board,
        messenger: Messenger,
        renderer: Renderer,
        turns: Turns,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._studio = studio
        self._board = board
        self._messenger = messenger
        self._renderer = renderer
        self._turns = turns
        self._clock = clock
        self._sleep = sleep
        self._bell = Bell()
        self._shown: dict[str, str] = {}
        self._lost: set[str] = set()
        board.listen(self._moved)

    def note(self, job_id: str, text: str) -> None:
        """The job's first answer says this already."""
        self._shown[job_id] = text

    def _moved(self, job_id: str) -> None:
        glimpse = self._board.get(job_id)
        if glimpse is None or glimpse.step == 0:
            self._bell.ring()

    async def run(self) -> None:
        """Works until cancelled."""
        while True:
            await self._bell.wait()
            try:
                await self._round()
            except Exception:
                # A place in the queue is a courtesy; the jobs go on all the same.
                log.exception("the waiting messages were not brought up to date")
            await self._sleep(EVERY_SECONDS)

    async def _round(self) -> None:
        self._studio.queue.forget()
        front = await self._studio.queue.front(SHOWN_PLACES)
        places = dict(front)
        self._shown = {id: text for id, text in self._shown.items() if id in places}
        self._lost &= places.keys()
        for job_id, standing in front:
            if job_id not in self._lost:
                await self._show(job_id, standing)

    async def _show(self, job_id: str, standing: Standing) -> None:
        job = await self._studio.store.get(job_id)
        if not job.place.on_discord:
            return
        await self._turns.answered(job.interaction_id)
        async with self._turns.of(job_id):
            job = await self._studio.store.get(job_id)
            text = self._renderer.waiting(job, standing)
            if job.state is not State.QUEUED or text == self._shown.get(job_id):
                return
            self._shown[job_id] = text
            post = Post(text, job.owner.id, None, cancel_view(job))
            if not await edit(self._studio, self._messenger, self._clock, job, post):
                self._lost.add(job_id)
