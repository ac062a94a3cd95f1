"""Takes what members ask for: each wish becomes one call of the studio and one answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

import discord

from bot import mend, sets
from bot.faults import Rung, Then, decide
from bot.lost_channels import LostChannels
from bot.messenger import Post
from bot.permissions import check_permissions
from bot.render import Renderer, relative
from bot.replies import (
    Interaction,
    TokenOverError,
    add,
    hold,
    in_time,
    locale_of,
    renew,
    show,
    tell,
)
from bot.turns import Turns
from bot.views import cancel_view
from bot.whereabouts import presence_of, whereabouts
from core.actions import ButtonError
from core.admin import Stewardship
from core.clock import Clock
from core.errors import EaselError, NotFoundError, PromptError
from core.jobs import Actor, Job, Owner, Place, State
from core.merge import Replaced
from core.orders import Order
from core.quota import Scope
from core.request import Lane
from core.sentences import say, together
from core.studio import Receipt, Studio

log = logging.getLogger(__name__)

TOKEN_SECONDS = 15 * 60.0
"""Life of an interaction token. Counted from when we saw it, by our own clock."""

RELAXED = say("Your fast time is used up, so this one is made in the relax lane.")
ONLY_RELAX = say("The relax lane is the one allowed for you here.")

PICTURE_GONE = say(
    "The picture that came with this is no longer kept; send the command with it again."
)


class Desk:
    """`ended` is told of jobs that were finished when they were admitted (a stored picture), and
    `shown` what a waiting job's message says, and the note below it."""

    def __init__(
        self,
        studio: Studio,
        steward: Stewardship,
        renderer: Renderer,
        turns: Turns,
        clock: Clock,
        lost_channels: LostChannels | None,
        heralds: sets.Heralds,
        ended: Callable[[str], None],
        shown: Callable[[str, str, str], None],
    ) -> None:
        self.studio = studio
        self._steward = steward
        self._renderer = renderer
        self.turns = turns
        self._clock = clock
        self._ended = ended
        self._lost_channels = lost_channels
        self._heralds = heralds
        self._shown = shown

    async def imagine(
        self,
        interaction: Interaction,
        line: str,
        *,
        model: str | None = None,
        image: discord.Attachment | None = None,
        stored: str = "",
        confirmed: sets.Confirmed | None = None,
    ) -> None:
        """/imagine. `stored` is the key of a picture that an earlier try had brought. Several jobs
        are made only when they are `confirmed`."""
        check_permissions(interaction)
        kept = stored
        event = confirmed.event if confirmed else str(interaction.id)
        wanted = confirmed.count if confirmed else 1

        async def admit() -> tuple[Order, Sequence[Receipt]]:
            nonlocal kept
            actor, place = actor_of(interaction), self.place(interaction)

            async def read(line: str) -> Order:
                given = image is not None or bool(stored)
                return await self.studio.order(line, actor=actor, model=model, with_picture=given)

            async def keep(order: Order) -> str:
                """For a button that makes it later."""
                if image is None:
                    return stored
                picture = await self.studio.pictures.fetch(image.url)
                return await self.studio.keep_for(
                    order, picture, interaction_id=event, actor=actor, place=place
                )

            try:
                order = await read(line)
            except PromptError as error:
                if error.mended is not None and image is not None:
                    try:
                        kept = await keep(await read(error.mended))
                    except PromptError:
                        # Without its picture nothing may be run.
                        raise PromptError(error.problems, typed=error.typed) from error
                raise
            if len(order.requests) not in (1, wanted):
                kept = await keep(order)
                return order, ()
            picture: bytes | None = None
            if image is not None:
                picture = await self.studio.pictures.fetch(image.url)
            elif stored:
                try:
                    picture = await self.studio.blobs.get(stored)
                except NotFoundError as error:
                    raise EaselError(PICTURE_GONE) from error
            return order, await self.studio.make(
                order, interaction_id=event, actor=actor, place=place, picture=picture
            )

        with self.turns.answering(event):
            try:
                order, receipts = await in_time(interaction, admit())
                if not receipts:
                    await self._ask(interaction, order, line, model, kept)
                    return
            except PromptError as error:
                await self._refuse(interaction, error, line, model, kept)
                return
            first, *others = receipts
            if confirmed and first.repeated and first.job.place.token != interaction.token:
                raise EaselError(say("You pressed this already; these pictures are being made."))
            await self.answer(interaction, first)
        await self._heralds.announce(others)
        if order.replaced:
            await add(interaction, together(map(replaced_words, order.replaced)))

    async def _ask(
        self,
        interaction: Interaction,
        order: Order,
        line: str,
        model: str | None,
        kept: str,
    ) -> None:
        """Asks, privately, whether several jobs shall be made."""
        text, view = sets.question(interaction, order, line, model or "", kept)
        await tell(interaction, text, view=view)

    async def answer_set(self, interaction: Interaction, answer: sets.Answer) -> None:
        """A button under that question."""
        wish = sets.confirmed(interaction, answer)
        if not answer.count:
            await renew(interaction, say("Nothing was made."), discord.ui.View())
            return
        await self.imagine(
            interaction, wish.line, model=wish.model or None, stored=wish.picture, confirmed=wish
        )

    async def run_mended(self, interaction: Interaction, extras: mend.Extras | None) -> None:
        """The button under a refused prompt."""
        line = mend.mended_line(interaction.message.content if interaction.message else "")
        if line is None or extras is None:
            raise ButtonError
        await self.imagine(interaction, line, model=extras.model or None, stored=extras.picture)

    async def answer(self, interaction: Interaction, receipt: Receipt) -> None:
        """Shows an admitted job. Its message is noted, so that it can be edited as the bot."""
        job = receipt.job
        try:
            if job.state.ended:
                message_id = await hold(interaction)
            else:
                message_id = await self._show(interaction, receipt)
        except (TokenOverError, discord.HTTPException):
            # Admitted all the same: the result is posted instead. The token could by now belong to
            # a private apology, which the result must not be written into.
            await self._note(job, self.studio.store.token_died(job.id))
            raise
        finally:
            if job.state.ended:
                self._ended(job.id)
        if message_id:
            await self._note(job, self.studio.store.shown_at(job.id, message_id))
        word = await self._lost_channels.owed(job.owner.id) if self._lost_channels else ""
        if word:
            await add(interaction, word)

    @staticmethod
    async def _note(job: Job, writing: Awaitable[None]) -> None:
        """The job stands whether this can be written or not: delivery does without it."""
        try:
            await writing
        except EaselError as error:
            log.warning("job %s: its message was not noted: %s", job.id, error)

    async def _show(self, interaction: Interaction, receipt: Receipt) -> int:
        job, note = receipt.job, await self._relaxed_note(interaction, receipt)
        paused = job.place.server_id in await self.studio.store.paused_servers()

        async def shown(*, with_prompt: bool) -> int:
            if job.state is State.QUEUED:
                text = self._renderer.waiting(
                    job, receipt.standing, with_prompt=with_prompt, note=note, paused=paused
                )
            else:
                text = self._renderer.running(job, 0, with_prompt=with_prompt)
            self._shown(job.id, text, note)
            return await show(interaction, Post(text, job.owner.id, view=cancel_view(job)))

        try:
            return await shown(with_prompt=True)
        except discord.HTTPException as error:
            if decide(error, Rung.TOKEN) is not Then.NO_PROMPT:
                raise
            return await shown(with_prompt=False)

    async def _relaxed_note(self, interaction: Interaction, receipt: Receipt) -> str:
        """One line where the job was moved to the relaxed lane because the rest is used up."""
        if not receipt.relaxed:
            return ""
        try:
            statement = await self._steward.my_usage(actor_of(interaction))
        except EaselError:
            return RELAXED
        lanes = statement.allowance.lanes
        if lanes is not None and receipt.job.request.lane in lanes and Lane.FAST not in lanes:
            return ONLY_RELAX
        own = [b for b in statement.balances if b.scope is Scope.MEMBER]
        tightest = min(own, key=lambda b: b.left / max(1, b.limit), default=None)
        if tightest is None:
            return RELAXED
        when = say("It renews {when}.", when=relative(tightest.renews_at))
        return together([RELAXED, when])

    async def _refuse(
        self,
        interaction: Interaction,
        error: PromptError,
        line: str,
        model: str | None,
        kept: str,
    ) -> None:
        text, view = mend.refusal(
            error, line, mend.Extras(model or "", kept), locale_of(interaction)
        )
        await tell(interaction, text, view=view)

    def place(self, interaction: Interaction) -> Place:
        pressed, here = interaction.message, presence_of(interaction)
        age_rated, closed = whereabouts(interaction.channel)
        return Place(
            server_id=here.server_id,
            channel_id=interaction.channel_id or 0,
            token=interaction.token,
            token_expires_at=self._clock.now() + TOKEN_SECONDS,
            reply_to=pressed.id if pressed and not pressed.flags.ephemeral else 0,
            age_rated=age_rated,
            closed=closed,
            abroad=here.abroad,
        )


def actor_of(interaction: Interaction) -> Actor:
    """Who asks, with all that the rules of a server ask about them."""
    user, channel = interaction.user, interaction.channel
    here = presence_of(interaction)
    ruled = here.server_id != 0
    roles = user.roles if ruled and isinstance(user, discord.Member) else ()
    parent = channel.parent_id if isinstance(channel, discord.Thread) else 0
    return Actor(
        Owner(user.id, user.display_name),
        moderates=ruled and interaction.permissions.manage_messages,
        server_id=here.server_id,
        channel_id=parent or interaction.channel_id or 0,
        role_ids=tuple(role.id for role in roles),
        administers=ruled and interaction.permissions.manage_guild,
        abroad=here.abroad,
    )


def replaced_words(replaced: Replaced) -> str:
    return say(
        "This server sets {by}, which took the place of your {typed}.",
        by=f"`{replaced.by}`",
        typed=f"`{replaced.typed}`",
    )
