"""Who may do what with themes: admins start them, members enter their pictures and vote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.admin import Stewardship
from core.album import check_seen, check_there, original
from core.clock import Clock
from core.errors import NotYoursError, RefusedError
from core.jobs import Actor
from core.periods import zone
from core.ports import JobStore, Rulebook
from core.sentences import say
from core.showcase import Exhibit, Showcases
from core.themes import (
    MOST_EACH,
    Entry,
    Phase,
    Theme,
    Themes,
    check_entry,
    check_vote,
    podium,
    times,
    words_of,
)


@dataclass(frozen=True, slots=True)
class Entered:
    """`new`: it did not take part before."""

    theme: Theme
    job_id: str
    number: int
    new: bool


class Jury:
    """Every method with an actor raises BannedError for whom the actor's server shut out. `moved`
    is called where Discord has something else to show."""

    def __init__(
        self,
        themes: Themes,
        showcases: Showcases,
        store: JobStore,
        book: Rulebook,
        steward: Stewardship,
        clock: Clock,
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        self._themes = themes
        self._showcases = showcases
        self._store = store
        self._book = book
        self._steward = steward
        self._clock = clock
        self._moved = moved

    # For admins

    async def start(
        self,
        actor: Actor,
        channel_id: int,
        words: str,
        *,
        until: str = "",
        voting_days: int = 2,
        most: int = 1,
        age_rated: bool = False,
    ) -> Theme:
        """Raises NotAdminError, RefusedError."""
        await self._steward.check_admin(actor, actor.server_id)
        now = self._clock.now()
        where = zone((await self._book.rules(actor.server_id)).house.time_zone)
        votes_from, ends_at = times(now, where, until, voting_days)
        if not 1 <= most <= MOST_EACH:
            raise RefusedError(say("A theme takes 1 to {most} pictures of each.", most=MOST_EACH))
        new = Theme(
            id=0,
            server_id=actor.server_id,
            channel_id=channel_id,
            words=words_of(words),
            starts_at=now,
            votes_from=votes_from,
            ends_at=ends_at,
            age_rated=age_rated,
            most=most,
        )
        started = await self._themes.start(new, by=actor.owner, now=now)
        self._moved()
        return started

    async def call_off(self, actor: Actor, theme_id: int) -> Theme:
        """Raises NotAdminError, NotFoundError, RefusedError."""
        await self._steward.check_admin(actor, actor.server_id)
        theme = await self._themes.get(theme_id)
        await self._steward.check_admin(actor, theme.server_id)
        if theme.phase is Phase.OVER:
            raise RefusedError(say("That theme is over."))
        gone = await self._themes.call_off(theme_id, by=actor.owner, now=self._clock.now())
        self._moved()
        return gone

    # For everybody

    async def open_in(self, server_id: int) -> Sequence[Theme]:
        return await self._themes.open_in(server_id)

    async def get(self, theme_id: int) -> Theme:
        """Raises NotFoundError."""
        return await self._themes.get(theme_id)

    async def taking(self, server_id: int) -> Sequence[Theme]:
        """Those that pictures can be entered for now."""
        now = self._clock.now()
        return [
            one
            for one in await self._themes.open_in(server_id)
            if one.phase is Phase.ENTRIES and now < one.votes_from
        ]

    async def enter(self, actor: Actor, job_id: str, number: int, theme_id: int) -> Entered:
        """Enters the actor's own picture. Raises NotYoursError, NotFoundError, RefusedError."""
        exhibit, made_at = await self._own(actor, job_id, number)

        def check(theme: Theme, entries: Sequence[Entry]) -> None:
            now = self._clock.now()
            check_entry(theme, entries, exhibit, made_at, now)

        new = await self._themes.enter(
            theme_id, exhibit.job_id, exhibit.number, check, now=self._clock.now()
        )
        theme = await self._themes.get(theme_id)
        return Entered(theme, exhibit.job_id, exhibit.number, new)

    async def leave(self, actor: Actor, job_id: str, number: int, theme_id: int) -> bool:
        """Takes the actor's own picture out, while pictures are entered. False: it took no part.
        Raises NotYoursError, NotFoundError, RefusedError."""
        exhibit, _ = await self._own(actor, job_id, number)

        def check(theme: Theme) -> None:
            if theme.phase is not Phase.ENTRIES:
                raise RefusedError(
                    say("The voting has begun; delete the picture if it must not take part.")
                )

        return await self._themes.leave(theme_id, exhibit.job_id, exhibit.number, check)

    async def vote(self, actor: Actor, theme_id: int, place: int) -> Theme:
        """The actor's one vote is for this picture from now on. Raises NotFoundError,
        RefusedError."""
        await self._steward.check_welcome(actor)
        theme = await self._themes.get(theme_id)
        if actor.server_id != theme.server_id:
            raise RefusedError(say("Members of the theme's own server vote."))
        person = actor.owner.id

        def check(theme: Theme, entry: Entry) -> None:
            check_vote(theme, entry, person, self._clock.now())

        await self._themes.vote(theme_id, place, person, check)
        return theme

    async def mine(self, actor: Actor, theme_id: int) -> Sequence[Entry]:
        """The actor's own pictures in a theme. Raises NotFoundError."""
        await self._steward.check_welcome(actor)
        theme = await self._themes.get(theme_id)
        return [
            one
            for one in await self._themes.entries(theme.id)
            if one.exhibit is not None and one.exhibit.owner.id == actor.owner.id
        ]

    async def winners(self, theme_id: int) -> Sequence[tuple[int, Entry]]:
        """With their ranks; of a theme that is over. Raises NotFoundError, RefusedError."""
        theme = await self._themes.get(theme_id)
        if theme.phase is not Phase.OVER:
            raise RefusedError(say("Votes are counted when the voting is over."))
        return podium(await self._themes.entries(theme_id))

    async def _own(self, actor: Actor, job_id: str, number: int) -> tuple[Exhibit, float]:
        """The picture, and when it was asked for."""
        await self._steward.check_welcome(actor)
        job = await self._store.get(job_id)
        check_seen(job, actor)
        check_there(job)
        job_id, number = await original(self._store, job, number)
        job = await self._store.get(job_id)
        if job.owner.id != actor.owner.id:
            raise NotYoursError(say("Only the person who made this picture can enter it."))
        return await self._showcases.exhibit(job_id, number), job.created_at
