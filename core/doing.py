"""What people do with a picture that they look at outside of Discord: like it, say who sees it,
delete it, report it, have a part of it painted anew.

The rights are Discord's: whoever acts is an `Actor` of the picture's own server, with the roles
they have there now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.actions import Action, Button
from core.album import Collector, Liking
from core.complaints import Complaints
from core.departures import Departures
from core.errors import BannedError, ImageNotFoundError, NotYoursError, RefusedError
from core.forms import Form
from core.jobs import Actor, Job, Place
from core.permits import Permits
from core.ports import Rulebook
from core.sentences import say
from core.studio import Receipt, Studio
from core.viewing import choices, may_change, may_moderate, may_view
from core.works import Showing, Viewer, Work, Works


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who does it: as a viewer of works, and as an actor on the work's server."""

    viewer: Viewer
    actor: Actor


class Doing:
    """Raises errors of `core.errors` only, and then nothing was done. What somebody may not see is
    not there for them: ImageNotFoundError."""

    def __init__(
        self,
        works: Works,
        studio: Studio,
        book: Rulebook,
        collector: Collector,
        complaints: Complaints,
        permits: Permits,
        departures: Departures,
    ) -> None:
        self._works = works
        self._studio = studio
        self._book = book
        self._collector = collector
        self._complaints = complaints
        self._permits = permits
        self._departures = departures

    async def like(self, hand: Hand, work_id: str, *, likes: bool) -> Liking:
        work = await self._seen(hand, work_id)
        return await self._collector.like(hand.actor, work.job_id, work.number, likes=likes)

    async def choices(self, viewer: Viewer, work: Work) -> Sequence[Showing]:
        """Who may be let see a work, by who may say so; none for everybody else."""
        if not may_change(viewer, work):
            return ()
        house = (await self._book.rules(work.server_id)).house
        return choices(work.server_id, house.gallery)

    async def show(self, hand: Hand, work_id: str, showing: Showing) -> Work:
        """Raises RefusedError for more than the server allows."""
        work = await self._seen(hand, work_id)
        allowed = await self.choices(hand.viewer, work)
        if not allowed:
            raise NotYoursError(say("Only the person who made this picture can say who sees it."))
        if showing not in allowed:
            raise RefusedError(say("This server does not show pictures to so many."))
        return await self._works.show(work.id, showing)

    async def delete(self, hand: Hand, work_id: str) -> Job:
        """The work, and all that were made with it; their message in Discord goes too."""
        work = await self._seen(hand, work_id)
        # The server's admin role moderates too, which Discord does not know.
        actor = replace(
            hand.actor,
            moderates=hand.actor.moderates or may_moderate(hand.viewer, work.server_id),
        )
        job = await self._collector.delete(actor, work.job_id)
        await self._departures.owe([job])
        return job

    async def report(self, hand: Hand, work_id: str, reason: str) -> Job:
        work = await self._seen(hand, work_id)
        if not reason.strip():
            raise RefusedError(say("Say in a few words what is wrong with it."))
        return await self._complaints.take(hand.actor, work.job_id, reason, work.number)

    async def repaint(
        self,
        hand: Hand,
        work_id: str,
        *,
        ticket: str,
        mask: bytes | None = None,
        region: str = "",
        prompt: str | None = None,
    ) -> Receipt:
        """Vary Region: admits the job as the button under the picture would, in its channel. The
        same `ticket` of the same person again is the same job. Raises PromptError and PictureError
        as well."""
        work = await self._seen(hand, work_id)
        actor = hand.actor
        if not work.server_id or not work.channel_id:
            raise RefusedError(
                say("That picture is in no channel of a server; use its button in Discord.")
            )
        if await self._studio.store.is_banned(work.server_id, actor.owner.id):
            raise BannedError
        permit = await self._permits.of(actor.owner.id, work.server_id, work.channel_id)
        if not permit.presses:
            raise RefusedError(say("You may not use buttons in the channel of that picture."))
        return await self._studio.press(
            Button(Action.REGION, work.job_id, work.number),
            interaction_id=f"web-{actor.owner.id}-{ticket}",
            actor=replace(actor, channel_id=permit.budget_id),
            place=Place(
                server_id=work.server_id,
                channel_id=work.channel_id,
                reply_to=work.message_id,
                age_rated=permit.age_rated or work.age_rated,
                closed=permit.closed,
            ),
            form=Form(region=region, mask=mask, prompt=prompt),
        )

    async def _seen(self, hand: Hand, work_id: str) -> Work:
        work = await self._works.get(work_id)
        if not may_view(hand.viewer, work):
            raise ImageNotFoundError
        return work
