"""Hangs up, counts anew and takes down what is in showcases. What is due is read from the rows;
events only hasten it."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import discord

from bot.bell import Bell
from bot.ladder import CHANNEL_REST_SECONDS
from bot.messenger import Post
from bot.patience import FIRST_PAUSE_SECONDS, Patience
from bot.pegs import Act, Peg
from bot.placards import Placards
from bot.poster import ChannelGoneError, Form, LaterError, NotShownError, Poster, Spot
from core.clock import Clock
from core.curator import Curator
from core.errors import EaselError, NotFoundError, SettingsError
from core.jobs import Owner
from core.sentences import say
from core.showcase import By, Due, Errand, Showcase, Showcases

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

LONGEST_PAUSE_SECONDS = 600.0

MOST_REMEMBERED = 1000

EASEL = Owner(0, "Easel")

Restricted = Callable[[int, int], bool | None]
"""Whether Discord restricts a channel of a server by age; None where that is not known."""


class Wall:
    def __init__(
        self,
        showcases: Showcases,
        curator: Curator,
        poster: Poster,
        placards: Placards,
        clock: Clock,
        restricted: Restricted = lambda server_id, channel_id: None,
    ) -> None:
        self._showcases = showcases
        self._curator = curator
        self._poster = poster
        self._placards = placards
        self._clock = clock
        self._restricted = restricted
        self._bell = Bell()
        self._hints: set[tuple[str, int]] = set()
        self._looks: set[str] = set()
        self._since: float | None = None
        self._sweep_at = float("-inf")
        self._next = float("inf")
        self._held = 0
        self._patience = Patience[int](clock, LONGEST_PAUSE_SECONDS)
        self._counted: dict[int, float] = {}

    def hint(self, job_id: str = "", number: int = 0) -> None:
        """This picture is liked by somebody, or no more; 0: all of that job were deleted. Without
        a job: something was hung up or taken down."""
        if number:
            self._hints.add((job_id, number))
        if job_id:
            self._looks.add(job_id)
        self._bell.ring()

    async def run(self) -> None:
        """Works until cancelled. Raises SettingsError when Discord turned the bot away."""
        while True:
            try:
                await self._round()
            except SettingsError:
                raise
            except EaselError as error:
                log.warning("what hangs in showcases could not be read: %s", error)
                self._next = self._clock.now() + FIRST_PAUSE_SECONDS
            except Exception:
                # Jobs are made and delivered all the same; a loop that ends would end the program.
                log.exception("reading what hangs in showcases failed; trying again")
                self._next = self._sweep_at = self._clock.now() + SWEEP_SECONDS
            now = self._clock.now()
            await self._bell.wait(max(0.05, min(self._sweep_at, self._next) - now))

    async def _round(self) -> None:
        sweeps = await self._count_likes()
        now, looks = self._clock.now(), self._looks
        self._looks = set()
        # All that hangs is compared in a sweep alone: it may be thousands.
        found = await self._showcases.due(
            now, limit=BATCH + self._held, job_ids=None if sweeps else looks
        )
        self._next, self._held = float("inf"), 0
        by_channel: dict[int, list[Due]] = defaultdict(list)
        for due in found:
            if self._is_ready(due, now):
                by_channel[due.showcase.channel_id].append(due)
        await asyncio.gather(*(self._run_all(dues) for dues in by_channel.values()))
        if len(found) > BATCH:
            self._sweep_at = now

    async def _count_likes(self) -> bool:
        """Whether this was a sweep."""
        hints, self._hints = self._hints, set()
        now, since, sweeps = self._clock.now(), self._since, False
        if now >= self._sweep_at:
            sweeps = True
            since = now - LOOK_BACK_SECONDS if since is None else since
            for job_id, number, at in await self._showcases.liked(since):
                hints.add((job_id, number))
                since = at
        for job_id, number in sorted(hints):
            await self._curator.liked(job_id, number)
        if sweeps:
            self._since, self._sweep_at = since, now + SWEEP_SECONDS
        return sweeps

    def _is_ready(self, due: Due, now: float) -> bool:
        id = due.hanging.id
        at = max(self._patience.due.get(id, now), self._poster.rests_until(due.showcase.channel_id))
        if due.errand is Errand.RECOUNT:
            old = now - (due.hanging.hung_at or now) > OLD_SECONDS
            pause = OLD_RECOUNT_SECONDS if old else RECOUNT_SECONDS
            at = max(at, self._counted.get(id, now - pause) + pause)
        if at > now:
            self._next = min(self._next, at)
            self._looks.add(due.hanging.job_id)
            self._held += 1
            return False
        return True

    async def _run_all(self, dues: list[Due]) -> None:
        """The errands of one channel, one after the other."""
        for due in dues:
            rests = self._poster.rests_until(due.showcase.channel_id)
            if rests > self._clock.now():
                self._next = min(self._next, rests)
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
            self._patience.forget(id)
        except SettingsError:
            raise
        except NotShownError as error:
            log.info("picture %s-%d comes down: %s", due.hanging.job_id, due.hanging.number, error)
            await self._showcases.take_down(id, By.NOBODY, now=self._clock.now())
            await self._showcases.cleared(due.hanging)
            self._patience.forget(id)
        except ChannelGoneError:
            await self._remove(due.showcase)
            self._patience.forget(id)
        except LaterError as later:
            self._pause(due, later, later.seconds)
        except EaselError as error:
            self._pause(due, error)
        except Exception as error:
            # One picture must not stop the others; it is tried again, ever more rarely.
            log.exception("what hangs at %d failed", id)
            self._pause(due, error)

    def _pause(self, due: Due, error: Exception, asked: float | None = None) -> None:
        id = due.hanging.id
        pause = self._patience.failed(id, asked)
        self._next = min(self._next, self._patience.due[id])
        self._looks.add(due.hanging.job_id)
        log.info("what hangs at %d is not shown yet (%s); again in %.0f s", id, error, pause)

    # The errands

    async def _post(self, due: Due) -> None:
        hanging, showcase, exhibit = due.hanging, due.showcase, due.exhibit
        assert exhibit is not None
        restricted = self._restricted(showcase.server_id, showcase.channel_id)
        if showcase.age_rated and restricted is False:
            await self._poster.shut(_spot(showcase, restricted=True))
            raise LaterError(CHANNEL_REST_SECONDS, "its channel is not age-restricted any more")
        now = self._clock.now()

        async def make(form: Form) -> Post:
            upload = await self._placards.upload(exhibit, form)
            return self._placards.message(due, form, upload)

        message_id, adopted = await self._poster.post(
            _spot(showcase),
            make,
            nonce=f"w{hanging.id}.{hanging.turn}",
            custom_id=_peg(due).custom_id,
            began=await self._showcases.posting(hanging, now),
        )
        # Nobody knows how many likes one tells that was sent before.
        await self._finish(due, message_id, -1 if adopted else exhibit.votes)

    async def _recount(self, due: Due) -> None:
        assert due.exhibit is not None
        self._remember(due.hanging.id)

        async def make(form: Form) -> Post:
            return self._placards.message(due, form, None)

        await self._poster.edit(_spot(due.showcase), due.hanging.message_id, make)
        await self._finish(due, due.hanging.message_id, due.exhibit.votes)

    async def _take_down(self, due: Due) -> None:
        hanging = due.hanging
        await self._poster.remove(
            _spot(due.showcase),
            hanging.message_id,
            custom_id=_peg(due).custom_id,
            since=hanging.began_at,
        )
        if hanging.taken_by is None:
            await self._showcases.take_down(hanging.id, By.NOBODY, now=self._clock.now())
        await self._showcases.cleared(hanging)

    # Inside

    async def _finish(self, due: Due, message_id: int, votes: int) -> None:
        """Writes to the end: once the message is out, a polite stop must not forget that it is."""
        now = self._clock.now()
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

    async def _remove(self, showcase: Showcase) -> None:
        log.warning("channel %s is gone, and its showcase", showcase.channel_id)
        try:
            await self._showcases.remove(showcase.id, by=EASEL, now=self._clock.now())
        except NotFoundError:
            pass

    async def opened(self, server_id: int, channel_id: int) -> None:
        """A channel is not age-restricted any more, so age-rated pictures come down there. Never
        raises."""
        try:
            for showcase in await self._showcases.of_server(server_id):
                if showcase.channel_id == channel_id and showcase.age_rated:
                    count = await self._showcases.take_all_down(showcase.id)
                    log.info("%d age-rated pictures come down in channel %s", count, channel_id)
            self.hint()
        except EaselError as error:
            log.warning("showcases of channel %s were left: %s", channel_id, error)

    async def channel_gone(self, server_id: int, channel_id: int) -> None:
        """The showcases of a channel go with it. Never raises."""
        try:
            for showcase in await self._showcases.of_server(server_id):
                if showcase.channel_id == channel_id:
                    await self._remove(showcase)
        except EaselError as error:
            log.warning("showcases of channel %s were left: %s", channel_id, error)


def _peg(due: Due) -> Peg:
    return Peg(Act.TAKE_DOWN, due.hanging.id, due.hanging.turn)


def _spot(showcase: Showcase, *, restricted: bool = False) -> Spot:
    channel = f"<#{showcase.channel_id}>"
    shut = say(
        "Easel may not post in {channel}, so nothing new hangs in the showcase there. Allow "
        "**View Channel**, **Send Messages**, **Attach Files** and **Read Message History**, "
        "or remove it by /showcase remove.",
        channel=channel,
    )
    if restricted:
        shut = say(
            "The showcase in {channel} shows pictures from age-restricted channels, and that "
            "channel is not age-restricted any more, so nothing new hangs there. Restrict it "
            "again, or remove the showcase by /showcase remove.",
            channel=channel,
        )
    return Spot(showcase.server_id, showcase.channel_id, shut)


def restricted_in(client: discord.Client) -> Restricted:
    def restricted(server_id: int, channel_id: int) -> bool | None:
        guild = client.get_guild(server_id)
        channel: Any = guild.get_channel(channel_id) if guild is not None else None
        return None if channel is None else bool(getattr(channel, "nsfw", False))

    return restricted
