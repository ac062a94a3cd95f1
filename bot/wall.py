"""Hangs up, counts anew and takes down what is in showcases. What is due is read from the rows;
events only hasten it.

As with deliveries, a message is sent with a nonce, and one that may have arrived is looked for by
the ids of its buttons, so that a crash neither loses nor doubles it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import discord

from bot.bell import Bell
from bot.faults import CHANNEL_GONE, Rung, Then, decide, retry_after
from bot.ladder import CHANNEL_REST_SECONDS, NONCE_SECONDS, SHRINK_FACTOR, SHRINK_TRIES, TURNED_AWAY
from bot.lost_channels import LostChannels
from bot.messenger import Messenger
from bot.pegs import Act, Peg
from bot.placards import Form, NotShownError, Placards
from core.clock import Clock
from core.curator import Curator
from core.errors import EaselError, NotFoundError, SettingsError
from core.jobs import Owner, Place
from core.showcase import By, Due, Errand, Showcases

log = logging.getLogger(__name__)

SWEEP_SECONDS = 30.0
"""How often the rows are read without an event: likes may come from elsewhere."""

LOOK_BACK_SECONDS = 86400.0
"""At the start, likes of this time are looked at once more: a crash may have come before that."""

BATCH = 50

RECOUNT_SECONDS = 15.0
"""Between two changes of the likes under a message, however many come."""

OLD_SECONDS = 3600.0
OLD_RECOUNT_SECONDS = 900.0
"""Discord limits how often messages older than an hour are edited."""

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 600.0

MOST_REMEMBERED = 1000

EASEL = Owner(0, "Easel")

Restricted = Callable[[int, int], bool | None]
"""Whether Discord restricts a channel of a server by age; None where that is not known."""


class _Later(Exception):
    """`seconds` is what Discord asked for, or what the channel rests; None for the usual."""

    def __init__(self, seconds: float | None, cause: object) -> None:
        super().__init__(str(cause))
        self.seconds = seconds


class Wall:
    def __init__(
        self,
        showcases: Showcases,
        curator: Curator,
        messenger: Messenger,
        placards: Placards,
        clock: Clock,
        *,
        upload_bytes: int,
        lost_channels: LostChannels | None = None,
        restricted: Restricted = lambda server_id, channel_id: None,
    ) -> None:
        self._showcases = showcases
        self._curator = curator
        self._messenger = messenger
        self._placards = placards
        self._clock = clock
        self._upload_bytes = upload_bytes
        self._lost_channels = lost_channels
        self._restricted = restricted
        self._bell = Bell()
        self._hints: set[tuple[str, int]] = set()
        self._since: float | None = None
        self._sweep_at = float("-inf")
        self._next = float("inf")
        self._held = 0
        self._tries: dict[int, int] = {}
        self._not_before: dict[int, float] = {}
        self._counted: dict[int, float] = {}
        self._closed: dict[int, float] = {}

    def hint(self, job_id: str = "", number: int = 0) -> None:
        """This picture is liked by somebody, or no more; 0: something else is to be shown."""
        if number:
            self._hints.add((job_id, number))
        self._bell.ring()

    async def run(self) -> None:
        """Works until cancelled. Raises SettingsError when Discord turned the bot away."""
        while True:
            try:
                await self._round()
            except EaselError as error:
                if isinstance(error, SettingsError):
                    raise
                log.warning("what hangs in showcases could not be read: %s", error)
                self._next = self._clock.now() + FIRST_PAUSE_SECONDS
            now = self._clock.now()
            await self._bell.wait(max(0.05, min(self._sweep_at, self._next) - now))

    async def _round(self) -> None:
        await self._count_likes()
        now = self._clock.now()
        found = await self._showcases.due(now, limit=BATCH + self._held)
        self._next, self._held = float("inf"), 0
        by_channel: dict[int, list[Due]] = defaultdict(list)
        for due in found:
            if self._is_ready(due, now):
                by_channel[due.showcase.channel_id].append(due)
        await asyncio.gather(*(self._run_all(dues) for dues in by_channel.values()))
        if len(found) > BATCH:
            self._next = min(self._next, now)

    async def _count_likes(self) -> None:
        hints, self._hints = self._hints, set()
        now = self._clock.now()
        if now >= self._sweep_at:
            since = now - LOOK_BACK_SECONDS if self._since is None else self._since
            for job_id, number, at in await self._showcases.liked(since):
                hints.add((job_id, number))
                self._since = at
            self._sweep_at = now + SWEEP_SECONDS
        for job_id, number in sorted(hints):
            await self._curator.liked(job_id, number)

    def _is_ready(self, due: Due, now: float) -> bool:
        id = due.hanging.id
        at = max(self._not_before.get(id, now), self._closed.get(due.showcase.channel_id, now))
        if due.errand is Errand.RECOUNT:
            old = now - (due.hanging.hung_at or now) > OLD_SECONDS
            pause = OLD_RECOUNT_SECONDS if old else RECOUNT_SECONDS
            at = max(at, self._counted.get(id, now - pause) + pause)
        if at > now:
            self._next = min(self._next, at)
            self._held += 1
            return False
        return True

    async def _run_all(self, dues: list[Due]) -> None:
        """The errands of one channel, one after the other."""
        for due in dues:
            if self._closed.get(due.showcase.channel_id, 0.0) > self._clock.now():
                return
            await self._run(due)

    async def _run(self, due: Due) -> None:
        id = due.hanging.id
        try:
            match due.errand:
                case Errand.POST:
                    await self._post(due)
                case Errand.RECOUNT:
                    await self._recount(due)
                case Errand.TAKE_DOWN:
                    await self._take_down(due)
            self._tries.pop(id, None)
            self._not_before.pop(id, None)
        except SettingsError:
            raise
        except NotShownError as over:
            log.info("picture %s-%d comes down: %s", due.hanging.job_id, due.hanging.number, over)
            await self._showcases.take_down(id, By.NOBODY, now=self._clock.now())
            await self._showcases.cleared(due.hanging)
        except Exception as error:
            if not isinstance(error, _Later | EaselError):
                # One picture must not stop the others; it is tried again, ever more rarely.
                log.exception("what hangs at %d failed", id)
            self._pause(id, error)

    def _pause(self, id: int, error: Exception) -> None:
        tries = self._tries[id] = self._tries.get(id, 0) + 1
        pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(tries - 1, 20))
        asked = error.seconds if isinstance(error, _Later) else None
        at = self._clock.now() + max(pause, asked or 0.0)
        self._not_before[id] = at
        self._next = min(self._next, at)
        log.info("what hangs at %d is not shown yet (%s); again in %.0f s", id, error, pause)

    # The errands

    async def _post(self, due: Due) -> None:
        hanging, showcase, exhibit = due.hanging, due.showcase, due.exhibit
        assert exhibit is not None
        channel_id, server_id = showcase.channel_id, showcase.server_id
        if showcase.age_rated and self._restricted(server_id, channel_id) is False:
            await self._close(due, restricted=True)
            raise _Later(CHANNEL_REST_SECONDS, "its channel is not age-restricted any more")
        now = self._clock.now()
        began = await self._showcases.posting(hanging, now)
        form = Form(
            self._messenger.upload_limit(
                Place(server_id=server_id, channel_id=channel_id), self._upload_bytes
            )
        )
        while True:
            try:
                if now - began > NONCE_SECONDS and (found := await self._find(due, began)):
                    await self._showcases.posted(hanging, found, -1, now)
                    return
                upload = await self._placards.upload(exhibit, form)
                message_id = await self._messenger.post(
                    channel_id,
                    self._placards.message(due, form, upload),
                    nonce=f"w{hanging.id}.{hanging.turn}",
                    server_id=server_id,
                )
                break
            except Exception as error:
                form = await self._after(error, Rung.POST, due, form)
        await self._finish(due, message_id)
        if self._lost_channels is not None:
            await self._lost_channels.found(channel_id)

    async def _recount(self, due: Due) -> None:
        form = Form(0)
        self._remember(due.hanging.id)
        while True:
            try:
                await self._messenger.edit(
                    due.showcase.channel_id,
                    due.hanging.message_id,
                    self._placards.message(due, form, None),
                )
                break
            except Exception as error:
                form = await self._after(error, Rung.EDIT, due, form)
        await self._finish(due, due.hanging.message_id)

    async def _take_down(self, due: Due) -> None:
        hanging = due.hanging
        try:
            message_id = hanging.message_id
            if not message_id and hanging.began_at is not None:
                message_id = await self._find(due, hanging.began_at)
            if message_id:
                await self._messenger.delete(due.showcase.channel_id, message_id)
        except discord.NotFound:
            pass  # it is gone already, or its channel
        except Exception as error:
            then = decide(error, Rung.EDIT)
            if then is Then.STOP:
                raise SettingsError(TURNED_AWAY) from error
            if then is Then.CHANNEL_LOST:
                await self._close(due)
            raise _Later(retry_after(error), error) from error
        if hanging.taken_by is None:
            await self._showcases.take_down(hanging.id, By.NOBODY, now=self._clock.now())
        await self._showcases.cleared(hanging)

    # Inside

    async def _find(self, due: Due, since: float) -> int:
        """The message that may have arrived, 0 for none."""
        peg = Peg(Act.TAKE_DOWN, due.hanging.id, due.hanging.turn)
        return await self._messenger.holding(due.showcase.channel_id, peg.custom_id, since)

    async def _finish(self, due: Due, message_id: int) -> None:
        """Writes to the end: once the message is out, a polite stop must not forget that it is."""
        assert due.exhibit is not None
        now, votes = self._clock.now(), due.exhibit.votes
        writing = asyncio.ensure_future(self._showcases.posted(due.hanging, message_id, votes, now))
        self._remember(due.hanging.id)
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
            raise

    def _remember(self, id: int) -> None:
        self._counted.pop(id, None)
        self._counted[id] = self._clock.now()
        if len(self._counted) > MOST_REMEMBERED:
            del self._counted[next(iter(self._counted))]

    async def _after(self, error: Exception, rung: Rung, due: Due, form: Form) -> Form:
        """The form to try next. Raises what ends the errand."""
        if isinstance(error, _Later | NotShownError | EaselError):
            raise error
        match decide(error, rung):
            case Then.STOP:
                raise SettingsError(TURNED_AWAY) from error
            case Then.LATER:
                raise _Later(retry_after(error), error) from error
            case Then.CHANNEL_LOST:
                await self._lose(due, error)
                raise _Later(CHANNEL_REST_SECONDS, error) from error
            case Then.SMALLER if rung is Rung.POST and form.shrunk < SHRINK_TRIES:
                assert due.exhibit is not None
                size = await self._placards.size(due.exhibit, form)
                return replace(form, limit=int(size * SHRINK_FACTOR), shrunk=form.shrunk + 1)
            case Then.NO_PROMPT if form.with_prompt:
                return replace(form, with_prompt=False)
            case Then.NEXT_RUNG if rung is Rung.EDIT:
                # Such as that the message is too old to be edited so often.
                raise _Later(LONGEST_PAUSE_SECONDS, error) from error
            case _:
                raise NotShownError(str(error)) from error

    async def _lose(self, due: Due, error: Exception) -> None:
        """The channel does not take it: it rests, or it is gone and the showcase with it."""
        if isinstance(error, discord.HTTPException) and error.code in CHANNEL_GONE:
            log.warning("channel %s is gone, and its showcase", due.showcase.channel_id)
            try:
                now = self._clock.now()
                await self._showcases.remove(due.showcase.id, by=EASEL, now=now)
            except NotFoundError:
                pass
        else:
            await self._close(due)

    async def _close(self, due: Due, *, restricted: bool = False) -> None:
        showcase, now = due.showcase, self._clock.now()
        self._closed = {
            **{channel: until for channel, until in self._closed.items() if until > now},
            showcase.channel_id: now + CHANNEL_REST_SECONDS,
        }
        if self._lost_channels is not None:
            await self._lost_channels.shut(
                showcase.server_id, showcase.channel_id, restricted=restricted
            )

    async def channel_gone(self, server_id: int, channel_id: int) -> None:
        """The showcases of a channel go with it. Never raises."""
        try:
            for showcase in await self._showcases.of_server(server_id):
                if showcase.channel_id == channel_id:
                    now = self._clock.now()
                    await self._showcases.remove(showcase.id, by=EASEL, now=now)
        except EaselError as error:
            log.warning("showcases of channel %s were left: %s", channel_id, error)


def restricted_in(client: discord.Client) -> Restricted:
    def restricted(server_id: int, channel_id: int) -> bool | None:
        guild = client.get_guild(server_id)
        channel: Any = guild.get_channel(channel_id) if guild is not None else None
        return None if channel is None else bool(getattr(channel, "nsfw", False))

    return restricted
