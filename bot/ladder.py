"""The delivery ladder: the ways a finished job's message reaches its owner, one after the other.

1. Edit the interaction's own answer by its token, while it is under 14 minutes old and alive.
2. Edit the same message as the bot.
3. Post with a nonce, in reply to the old message; if an earlier post may have arrived, look for it
   first and take it over.
4. Write to the owner directly, if he asked for that.
5. Nothing: the picture is in the owner's history.

Abroad (`core/presence.py`) the second and the third are not there, so what misses the first goes to
the owner, asked or not: it is what he asked for, and there is no other way.

Edits may be repeated at will. A post may not: its nonce is the job's, and Discord remembers nonces
for "a few minutes", so an older post is looked for by the ids of its buttons.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from bot.ending import ABROAD, NOT_THERE, REFUSED, TOO_LARGE, WORDS_REFUSED, Endings, Form
from bot.faults import REFUSALS, Rung, Then, decide, retry_after
from bot.lost_channels import LostChannels
from bot.messenger import Messenger, Post
from core.clock import Clock
from core.errors import SettingsError
from core.jobs import Job, Outcome
from core.ports import JobStore

log = logging.getLogger(__name__)

TOKEN_MARGIN_SECONDS = 60.0
"""A token is left alone this long before it expires: 15 minutes become 14."""

NONCE_SECONDS = 120.0
"""A post older than this may have outlived its nonce, and is looked for instead."""

CHANNEL_REST_SECONDS = 600.0
"""How long a channel where the bot may not post is left alone; refusals count towards a ban."""

SHRINK_TRIES = 3
SHRINK_FACTOR = 0.6
"""A file that Discord still finds too large is made this much smaller, three times at most."""

TURNED_AWAY = (
    "Discord does not accept the bot's token any more. Make a new one on the Bot page at "
    "https://discord.com/developers/applications, put it into DISCORD_TOKEN and start again; "
    "the jobs are kept."
)

WantsDM = Callable[[int], Awaitable[bool]]
"""Whether a person asked to be written to directly. Nobody may be written to unasked."""


async def nobody_wants_dm(owner_id: int) -> bool:
    return False


class Later(Exception):
    """This job cannot be delivered now. `seconds` is what Discord asked for, if it did."""

    def __init__(self, seconds: float | None, cause: Exception) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.seconds = seconds


class _Over(Exception):
    """The climb ends here."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


@dataclass(slots=True)
class _Climb:
    """One job on its way. `shrunk` counts how often its file was made smaller."""

    job: Job
    form: Form
    shrunk: int = 0


class Ladder:
    def __init__(
        self,
        store: JobStore,
        messenger: Messenger,
        endings: Endings,
        clock: Clock,
        *,
        upload_bytes: int,
        lost_channels: LostChannels | None = None,
        wants_dm: WantsDM = nobody_wants_dm,
    ) -> None:
        self._store = store
        self._messenger = messenger
        self._endings = endings
        self._clock = clock
        self._upload_bytes = upload_bytes
        self._lost_channels = lost_channels
        self._wants_dm = wants_dm
        self._closed_until: dict[int, float] = {}

    async def climb(self, job: Job) -> Outcome:
        """Delivers an ended job and writes down how. Raises Later, or SettingsError when the bot
        itself was turned away; then nothing was written down."""
        limit = self._messenger.upload_limit(job.place, self._upload_bytes)
        climb = _Climb(job, Form(limit))
        outcome, message_id = Outcome.HISTORY_ONLY, None
        for rung in Rung:
            try:
                reached = await self._stand(rung, climb)
            except _Over as over:
                outcome = over.outcome
                break
            if reached is not None:
                outcome, message_id = reached
                break
        else:
            if self._lost_channels is not None:
                await self._lost_channels.owe(job)
        if not climb.form.with_picture:
            outcome = Outcome.HISTORY_ONLY
        await _finish(self._store.delivered(job.id, outcome, self._clock.now(), message_id))
        if self._lost_channels is not None and outcome in (Outcome.EDITED_BY_BOT, Outcome.POSTED):
            await self._lost_channels.found(job.place.channel_id)
        return outcome

    async def _stand(self, rung: Rung, climb: _Climb) -> tuple[Outcome, int] | None:
        """One rung, as often as the form of the message can still be changed to fit. None: it does
        not hold, try the next."""
        place = climb.job.place
        if rung is Rung.DM and (place.abroad or self._closed(place.channel_id)):
            why = ABROAD if place.abroad else NOT_THERE
            climb.form = replace(climb.form, note=climb.form.note or why)
        while await self._usable(rung, climb.job):
            try:
                post = await self._endings.post(climb.job, climb.form)
                match rung:
                    case Rung.TOKEN:
                        return await self._by_token(climb.job, post)
                    case Rung.EDIT:
                        return await self._by_edit(climb.job, post)
                    case Rung.POST:
                        return await self._by_post(climb.job, post)
                    case Rung.DM:
                        return await self._by_dm(climb.job, post)
            except REFUSALS as error:
                if not await self._after(error, rung, climb):
                    return None
        return None

    async def _usable(self, rung: Rung, job: Job) -> bool:
        match rung:
            case Rung.TOKEN:
                return token_usable(job, self._clock.now())
            case Rung.EDIT:
                return job.message_id != 0 and self._may_speak(job)
            case Rung.POST:
                return self._may_speak(job)
            case Rung.DM:
                return job.place.abroad or await self._wants_dm(job.owner.id)

    def _may_speak(self, job: Job) -> bool:
        """Whether the bot may do something in the job's channel by itself."""
        return not job.place.abroad and not self._closed(job.place.channel_id)

    def _closed(self, channel_id: int) -> bool:
        return self._clock.now() < self._closed_until.get(channel_id, 0.0)

    async def _by_token(self, job: Job, post: Post) -> tuple[Outcome, int]:
        return Outcome.EDITED_BY_TOKEN, await self._messenger.edit_by_token(job.place.token, post)

    async def _by_edit(self, job: Job, post: Post) -> tuple[Outcome, int]:
        message_id = await self._messenger.edit(job.place.channel_id, job.message_id, post)
        return Outcome.EDITED_BY_BOT, message_id

    async def _by_post(self, job: Job, post: Post) -> tuple[Outcome, int]:
        place = job.place
        now = self._clock.now()
        began = await self._store.posting(job.id, now)
        # An answer never noted may be there all the same: the process was killed in between.
        waited = began < (job.finished_at or began)  # posted while it waited, as one of a set
        unseen = job.message_id == 0 and (job.token_dead or place.token != "" or waited)
        if now - began > NONCE_SECONDS or unseen:
            since = min(began, job.created_at) if unseen else began
            found = await self._messenger.find(place.channel_id, job.id, since)
            if found is not None and found.final:
                return Outcome.POSTED, found.message_id
            if found is not None:
                await self._messenger.edit(place.channel_id, found.message_id, post)
                return Outcome.EDITED_BY_BOT, found.message_id
        message_id = await self._messenger.post(
            place.channel_id,
            post,
            nonce=f"j{job.id}",
            reply_to=job.message_id or place.reply_to,
            server_id=place.server_id,
        )
        return Outcome.POSTED, message_id

    async def _by_dm(self, job: Job, post: Post) -> tuple[Outcome, int]:
        await self._messenger.direct(job.owner.id, post, nonce=f"d{job.id}")
        # The message is in another channel than the job's; its id would mislead.
        return Outcome.DIRECT_MESSAGE, job.message_id

    async def _after(self, error: Exception, rung: Rung, climb: _Climb) -> bool:
        """What the fault table says. True: the same rung again, in the changed form."""
        job, form = climb.job, climb.form
        then = decide(error, rung, message_known=job.message_id != 0)
        log.info("job %s: %s refused (%s): %s", job.id, rung.name, error, then.name)
        match then:
            case Then.STOP:
                raise SettingsError(TURNED_AWAY) from error
            case Then.LATER:
                raise Later(retry_after(error), error) from error
            case Then.LEAVE:
                raise _Over(Outcome.HISTORY_ONLY)
            case Then.DELIVERED:
                raise _Over(Outcome.POSTED)
            case Then.TOKEN_DEAD:
                await self._store.token_died(job.id)
                return False
            case Then.CHANNEL_LOST:
                self._close(job.place.channel_id, error)
                if self._lost_channels is not None:
                    await self._lost_channels.lost(job, error)
                return False
            case Then.SMALLER if form.with_picture:
                climb.shrunk += 1
                climb.form = await self._smaller(climb)
                return True
            case Then.NO_PICTURE if form.with_picture:
                climb.form = replace(form, with_picture=False, note=REFUSED)
                return True
            case Then.NO_PROMPT if form.with_prompt:
                climb.form = replace(form, with_prompt=False, note=WORDS_REFUSED)
                return True
            case _:
                return False

    async def _smaller(self, climb: _Climb) -> Form:
        size = min(await self._endings.size(climb.job), climb.form.limit)
        if climb.shrunk > SHRINK_TRIES:
            return replace(climb.form, with_picture=False, note=TOO_LARGE)
        return replace(climb.form, limit=int(size * SHRINK_FACTOR))

    def _close(self, channel_id: int, error: Exception) -> None:
        now = self._clock.now()
        if not self._closed(channel_id):
            log.warning(
                "channel %s cannot be posted to (%s); results for it stay in the history for "
                "%.0f minutes",
                channel_id,
                error,
                CHANNEL_REST_SECONDS / 60,
            )
        self._closed_until = {
            **{channel: until for channel, until in self._closed_until.items() if until > now},
            channel_id: now + CHANNEL_REST_SECONDS,
        }


async def _finish(writing: Coroutine[Any, Any, None]) -> None:
    """Writes to the end: once the message is out, a polite stop must not forget that it is."""
    task = asyncio.ensure_future(writing)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def token_usable(job: Job, now: float) -> bool:
    """Whether the interaction's token may still be tried."""
    place = job.place
    return (
        place.token != ""
        and not job.token_dead
        and now < place.token_expires_at - TOKEN_MARGIN_SECONDS
    )
