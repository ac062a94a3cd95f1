"""Shows a running job as it goes: its percentage and the latest preview of its grid."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.bell import Bell
from bot.faults import REFUSALS, Rung, Then, decide
from bot.ladder import token_usable
from bot.messenger import Messenger, Post, Upload
from bot.render import Renderer
from bot.turns import Turns
from bot.views import cancel_view
from core.board import Board
from core.clock import Clock
from core.jobs import Job, State
from core.studio import Studio

log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class Progress:
    """One follower for each running job: it sleeps between edits, so there is never more than one
    edit of a job under way, nor one sooner than `every_seconds` after the last."""

    def __init__(
        self,
        studio: Studio,
        board: Board,
        messenger: Messenger,
        renderer: Renderer,
        turns: Turns,
        clock: Clock,
        *,
        every_seconds: float,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._studio = studio
        self._board = board
        self._messenger = messenger
        self._renderer = renderer
        self._turns = turns
        self._clock = clock
        self._every_seconds = every_seconds
        self._sleep = sleep
        self._bell = Bell()
        self._new: set[str] = set()
        self._followed: dict[str, Bell] = {}
        board.listen(self._moved)

    def _moved(self, job_id: str) -> None:
        follower = self._followed.get(job_id)
        if follower is not None:
            follower.ring()
        elif self._board.get(job_id) is not None:
            self._new.add(job_id)
            self._bell.ring()

    async def run(self) -> None:
        """Works until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                new, self._new = self._new, set()
                for job_id in new:
                    self._followed[job_id] = Bell()
                    group.create_task(self._follow(job_id), name=f"follow {job_id}")
                await self._bell.wait()

    async def _follow(self, job_id: str) -> None:
        bell, shown = self._followed[job_id], _Shown()
        try:
            while await self._show(job_id, shown):
                await self._sleep(self._every_seconds)
                await bell.wait()
        except Exception:
            # A picture in progress is a courtesy; the result is delivered all the same.
            log.exception("showing the progress of job %s failed", job_id)
        finally:
            del self._followed[job_id]

    async def _show(self, job_id: str, shown: _Shown) -> bool:
        """Edits the job's message if there is news. False: there is nothing more to show."""
        job = await self._studio.store.get(job_id)
        await self._turns.answered(job.interaction_id)
        async with self._turns.of(job_id):
            job = await self._studio.store.get(job_id)
            glimpse = self._board.get(job_id)
            if job.state is not State.RUNNING or not job.place.on_discord:
                return False
            if glimpse is None:
                return True
            text = self._renderer.running(job, glimpse.percent)
            uploads = None
            if glimpse.preview is not None and glimpse.preview != shown.preview:
                upload = await self._preview(job, glimpse.preview)
                uploads = (upload,) if upload is not None else None
            if text == shown.text and uploads is None:
                return True
            post = Post(text, job.owner.id, uploads, cancel_view(job))
            going_on = await edit(self._studio, self._messenger, self._clock, job, post)
            shown.text = text
            shown.preview = glimpse.preview if uploads else shown.preview
            return going_on

    async def _preview(self, job: Job, path: Path) -> Upload | None:
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except OSError:  # the attempt ended and its spool folder is gone
            return None
        return Upload(f"{job.id}-preview{path.suffix}", data, self._renderer.alt_text(job))


class _Shown:
    """What the message shows already."""

    def __init__(self) -> None:
        self.text = ""
        self.preview: Path | None = None


async def edit(studio: Studio, messenger: Messenger, clock: Clock, job: Job, post: Post) -> bool:
    """One edit of a job that has not ended, by the token or else, where it is itself, as the bot.
    No second try: the next news comes soon. False: edits of this message have no sense any more."""
    if token_usable(job, clock.now()):
        rung, call = Rung.TOKEN, messenger.edit_by_token(job.place.token, post)
    elif job.message_id and not job.place.abroad:
        rung, call = Rung.EDIT, messenger.edit(job.place.channel_id, job.message_id, post)
    else:
        return False
    try:
        await call
    except REFUSALS as error:
        then = decide(error, rung, message_known=job.message_id != 0)
        log.info("job %s: progress edit refused (%s): %s", job.id, error, then.name)
        if then is Then.TOKEN_DEAD:
            await studio.store.token_died(job.id)
            return job.message_id != 0 and not job.place.abroad
        return then in (Then.LATER, Then.SMALLER, Then.NO_PICTURE)
    return True
