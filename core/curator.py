"""Who may do what with showcases: admins add them, owners publish, moderators feature."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.admin import Stewardship
from core.album import check_seen, check_there, original
from core.clock import Clock
from core.errors import NotFoundError, NotYoursError, RefusedError
from core.jobs import Actor, Job
from core.ports import JobStore, Wishes
from core.sentences import say
from core.showcase import (
    By,
    Exhibit,
    Hanging,
    Showcase,
    Showcases,
    Way,
    check_again,
    check_fits,
    checked,
)
from core.works import Showing

log = logging.getLogger(__name__)


class Curator:
    """Every method with an actor raises BannedError for whom the actor's server shut out. `moved`
    is called where Discord has something else to show."""

    def __init__(
        self,
        showcases: Showcases,
        store: JobStore,
        wishes: Wishes,
        steward: Stewardship,
        clock: Clock,
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        self._showcases = showcases
        self._store = store
        self._wishes = wishes
        self._steward = steward
        self._clock = clock
        self._moved = moved

    # For admins

    async def add(
        self,
        actor: Actor,
        channel_id: int,
        *,
        topic: str = "",
        likes: int = 0,
        age_rated: bool = False,
        restricted: bool = False,
    ) -> Showcase:
        """`restricted`: Discord restricts the channel by age. Raises NotAdminError,
        RefusedError."""
        await self._steward.check_admin(actor, actor.server_id)
        new = Showcase(
            id=0,
            server_id=actor.server_id,
            channel_id=channel_id,
            topic=topic,
            likes=likes,
            age_rated=age_rated,
        )
        _check_rating(new, restricted)
        return await self._showcases.add(checked(new), by=actor.owner, now=self._clock.now())

    async def change(
        self,
        actor: Actor,
        showcase_id: int,
        *,
        topic: str | None = None,
        likes: int | None = None,
    ) -> Showcase:
        """None leaves it as it is. Its channel and its rating stay: what hangs there was chosen
        for them. Raises NotAdminError, NotFoundError, RefusedError."""
        await self._administered(actor, showcase_id)

        def change(before: Showcase) -> Showcase:
            after = before if topic is None else replace(before, topic=topic)
            return checked(after if likes is None else replace(after, likes=likes))

        return await self._showcases.change(
            showcase_id, change, by=actor.owner, now=self._clock.now()
        )

    async def remove(self, actor: Actor, showcase_id: int) -> Showcase:
        """Raises NotAdminError, NotFoundError."""
        gone = await self._administered(actor, showcase_id)
        await self._showcases.remove(showcase_id, by=actor.owner, now=self._clock.now())
        return gone

    # For everybody

    async def of_server(self, server_id: int) -> Sequence[Showcase]:
        return await self._showcases.of_server(server_id)

    async def doors(self, actor: Actor, job_id: str, number: int, way: Way) -> Sequence[Showcase]:
        """The showcases of the actor's server that a picture may be brought into by its owner, or
        by a moderator. Raises NotYoursError, RefusedError where there is none, with the reason."""
        exhibit = await self._exhibit(actor, job_id, number)
        await self._check_hand(actor, exhibit, way)
        willing = await self._willing(exhibit)
        fit: list[Showcase] = []
        reason: RefusedError | None = None
        for showcase in await self._showcases.of_server(actor.server_id):
            try:
                check_fits(showcase, exhibit, way, willing=willing)
            except RefusedError as error:
                reason = error
            else:
                fit.append(showcase)
        if not fit:
            raise reason or RefusedError(
                say("This server has no showcase; its admins add one by /showcase add.")
            )
        return fit

    async def bring(
        self, actor: Actor, job_id: str, number: int, showcase_id: int, way: Way
    ) -> tuple[Hanging, bool]:
        """Hangs a picture up; and whether it did not hang there before. Raises NotYoursError,
        NotFoundError, RefusedError."""
        showcase = await self._showcases.get(showcase_id)
        exhibit = await self._exhibit(actor, job_id, number)
        await self._check_hand(actor, exhibit, way)
        check_fits(showcase, exhibit, way, willing=await self._willing(exhibit))
        found = await self._showcases.hang(
            showcase.id,
            exhibit.job_id,
            exhibit.number,
            way,
            lambda before: check_again(before, way),
            now=self._clock.now(),
            by=actor.owner if way is Way.FEATURED else None,
        )
        self._moved()
        return found

    async def withdraw(self, actor: Actor, hanging_id: int) -> Hanging:
        """For the picture's owner, and for whoever moderates the server. Raises NotYoursError,
        NotFoundError."""
        await self._steward.check_welcome(actor)
        hanging, showcase = await self._showcases.hanging(hanging_id)
        job = await self._store.get(hanging.job_id)
        own = job.owner.id == actor.owner.id
        if not own and not await self._in_charge(actor, showcase.server_id):
            raise NotYoursError(
                say("Only the person who made this picture, or a moderator, can take it down.")
            )
        gone = await self._showcases.take_down(
            hanging_id,
            By.OWNER if own else By.MODERATOR,
            now=self._clock.now(),
            by=None if own else actor.owner,
        )
        self._moved()
        return gone

    async def hanging(self, hanging_id: int) -> Hanging:
        """Raises NotFoundError."""
        return (await self._showcases.hanging(hanging_id))[0]

    async def liked(self, job_id: str, number: int) -> int:
        """Somebody likes this picture: hangs it up wherever that is enough. Returns in how many
        showcases it hangs since now."""
        try:
            exhibit = await self._showcases.exhibit(job_id, number)
        except NotFoundError:
            return 0
        if not exhibit.server_id:
            return 0
        count = 0
        for showcase in await self._showcases.of_server(exhibit.server_id):
            count += await self._by_likes(showcase, exhibit)
        if count:
            self._moved()
        return count

    # Inside

    async def _by_likes(self, showcase: Showcase, exhibit: Exhibit) -> bool:
        if not showcase.likes or exhibit.votes < showcase.likes:
            return False
        if await self._store.is_banned(exhibit.server_id, exhibit.owner.id):
            return False
        try:
            check_fits(showcase, exhibit, Way.LIKES, willing=await self._willing(exhibit))
            _, new = await self._showcases.hang(
                showcase.id,
                exhibit.job_id,
                exhibit.number,
                Way.LIKES,
                lambda before: check_again(before, Way.LIKES),
                now=self._clock.now(),
            )
        except (RefusedError, NotFoundError) as error:
            log.debug("picture %s-%d stays away: %s", exhibit.job_id, exhibit.number, error)
            return False
        return new

    async def _administered(self, actor: Actor, showcase_id: int) -> Showcase:
        await self._steward.check_admin(actor, actor.server_id)
        showcase = await self._showcases.get(showcase_id)
        await self._steward.check_admin(actor, showcase.server_id)
        return showcase

    async def _exhibit(self, actor: Actor, job_id: str, number: int) -> Exhibit:
        await self._steward.check_welcome(actor)
        job: Job = await self._store.get(job_id)
        check_seen(job, actor)
        check_there(job)
        return await self._showcases.exhibit(*await original(self._store, job, number))

    async def _check_hand(self, actor: Actor, exhibit: Exhibit, way: Way) -> None:
        if way is Way.PUBLISHED and exhibit.owner.id != actor.owner.id:
            raise NotYoursError(say("Only the person who made this picture can publish it."))
        if way is Way.FEATURED and not await self._in_charge(actor, exhibit.server_id):
            raise NotYoursError(say("Only a moderator of this server can feature a picture."))

    async def _in_charge(self, actor: Actor, server_id: int) -> bool:
        moderates = actor.moderates and actor.server_id == server_id
        return moderates or await self._steward.is_admin(actor, server_id)

    async def _willing(self, exhibit: Exhibit) -> bool:
        wishes = await self._wishes.of(exhibit.owner.id)
        return wishes.showcased and wishes.showing is not Showing.PRIVATE


def _check_rating(showcase: Showcase, restricted: bool) -> None:
    """Raises RefusedError."""
    if showcase.age_rated and not restricted:
        raise RefusedError(
            say(
                "Pictures from age-restricted channels are shown in such a channel alone; restrict "
                "that one in its settings first."
            )
        )
