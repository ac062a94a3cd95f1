"""Keeps the waiting messages true: their place and their time."""

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
from core.jobs import Job, State
from core.queue import EXACT_UP_TO, Standing
from core.studio import Studio

log = logging.getLogger(__name__)

SHOWN_PLACES = 5
"""The first places are kept true."""

SEEN_PLACES = EXACT_UP_TO
"""As far back a message is told again when its place is half of what it says, or if nobody knows
what it says: it was written by a process that is gone, or from further back."""

FAR_EDITS = 5
"""At most, of those further back, in a round."""

EVERY_SECONDS = 10.0
"""Shortest time between two rounds, and so between two edits of one message."""

MOST_NOTES = 500

NOWHERE = Standing(0, 0.0)

UNKNOWN = 1_000_000


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
        self._notes: dict[str, str] = {}
        self._told: dict[str, int] = {}
        self._lost: set[str] = set()
        self._paused: frozenset[int] = frozenset()
        board.listen(self._moved)

    def note(self, job_id: str, text: str, note: str) -> None:
        """The job's first answer says this already, with a note of ours below it."""
        self._shown[job_id] = text
        if note:
            self._notes[job_id] = note
            for oldest in list(self._notes)[:-MOST_NOTES]:
                del self._notes[oldest]

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
        front = await self._studio.queue.front(SEEN_PLACES)
        places = dict(front)
        self._paused = await self._studio.store.paused_servers()
        # Those of a paused server stand nowhere; that, and its end, is told all the same.
        for job_id in [id for id in self._shown if id not in places]:
            await self._show(job_id, NOWHERE)
            if not await self._rests(job_id):
                del self._shown[job_id]
        self._lost &= self._shown.keys() | places.keys()
        self._told = {job_id: self._told_place(job_id, now) for job_id, now in front}
        far = [(id, now) for id, now in front[SHOWN_PLACES:] if self._told[id] >= 2 * now.place]
        for job_id, standing in [*front[:SHOWN_PLACES], *far[:FAR_EDITS]]:
            await self._show(job_id, standing)
            self._told[job_id] = standing.place

    def _told_place(self, job_id: str, now: Standing) -> int:
        """What its message says, as far as that is known: a new one is right."""
        new = now.place if job_id in self._shown else UNKNOWN
        return self._told.get(job_id, new)

    async def _rests(self, job_id: str) -> bool:
        """Whether the job waits on a server that is paused."""
        job = await self._studio.store.get(job_id)
        return job.state is State.QUEUED and job.place.server_id in self._paused

    async def _show(self, job_id: str, standing: Standing) -> None:
        job = await self._studio.store.get(job_id)
        if not job.place.on_discord or job_id in self._lost:
            return
        if standing is NOWHERE and not self._was_or_is_paused(job):
            return
        await self._turns.answered(job.interaction_id)
        async with self._turns.of(job_id):
            job = await self._studio.store.get(job_id)
            text = self._renderer.waiting(
                job,
                standing,
                note=self._notes.get(job_id, ""),
                paused=job.place.server_id in self._paused,
            )
            if job.state is not State.QUEUED or text == self._shown.get(job_id):
                return
            self._shown[job_id] = text
            post = Post(text, job.owner.id, None, cancel_view(job))
            if not await edit(self._studio, self._messenger, self._clock, job, post):
                self._lost.add(job_id)

    def _was_or_is_paused(self, job: Job) -> bool:
        return job.place.server_id in self._paused or self._renderer.says_paused(
            job, self._shown.get(job.id, "")
        )
