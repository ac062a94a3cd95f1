"""Shows what was made: the facts of a job, its family, its pictures once more; takes reports."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import discord

from bot.clearing import Clearing
from bot.courier import Courier
from bot.desk import actor_of
from bot.ending import Endings, Form
from bot.facts import facts
from bot.family import tree
from bot.messenger import Messenger, Post, Upload
from bot.panels import job_words
from bot.permissions import check_permissions
from bot.plotter import Plotter
from bot.presser import STOPPED, STOPS
from bot.removal import NOTHING, Removal, answers, question
from bot.render import MESSAGE_LENGTH, escape, jump, mention, mode_of, shown_prompt
from bot.replies import Hold, Interaction, ask, hold, in_time, locale_of, renew, tell
from bot.sheets import REASON, Report, report_sheet, soon, style_sheet, texts
from bot.showroom import Showroom
from bot.sightings import Sighting, Sightings
from bot.statements import statement_words, within
from bot.views import view_of
from bot.whereabouts import server_of
from core.actions import ButtonError
from core.admin import Stewardship
from core.album import Collector, check_there
from core.archive import Archive, Family
from core.clock import Clock
from core.complaints import Complaints
from core.errors import NotFoundError, NotYoursError, PromptError, RefusedError
from core.jobs import Actor, Job, Place, State
from core.overview import Overview
from core.request import Visibility
from core.sentences import frame, say, together
from core.studio import Studio

log = logging.getLogger(__name__)

STYLE_FORMAT = "y1"
STYLE_PATTERN = r"y\d+:.{1,95}"

JOBS_TOLD = 5
"""Of one's own in /info; /queue has them all."""

DELETED = say("It is deleted here; it stays in its owner's history.")
GONE = say("It is deleted, and its pictures with it.")
GONE_ALONE = say("Its pictures are deleted.")
STAYS = say("Easel cannot delete the message itself here, where it can only answer.")
NOT_YOURS_TO_DELETE = say(
    "Only the person who made it, or a moderator of this server, can do that."
)


class Viewer:
    def __init__(
        self,
        studio: Studio,
        steward: Stewardship,
        overview: Overview,
        archive: Archive,
        complaints: Complaints | None,
        sightings: Sightings,
        collector: Collector | None,
        courier: Courier,
        endings: Endings,
        messenger: Messenger,
        plotter: Plotter,
        clock: Clock,
        *,
        upload_bytes: int,
        showroom: Showroom | None = None,
        clearing: Clearing | None = None,
    ) -> None:
        self._studio = studio
        self._showroom = showroom
        self._clearing = clearing
        self._steward = steward
        self._overview = overview
        self.archive = archive
        self._complaints = complaints
        self._sightings = sightings
        self._collector = collector
        self.courier = courier
        self._endings = endings
        self._messenger = messenger
        self._plotter = plotter
        self._clock = clock
        self._upload_bytes = upload_bytes

    # About oneself

    async def info(self, interaction: Interaction) -> None:
        """/info"""
        await tell(interaction, await in_time(interaction, self._info(interaction), Hold.PRIVATE))

    async def _info(self, interaction: Interaction) -> str:
        actor = actor_of(interaction)
        lookout = await self._overview.own(actor)
        rows = [say("{who} · user ID {id}", who=mention(actor.owner.id), id=f"`{actor.owner.id}`")]
        rows += await self._usual(actor)
        rows.append(statement_words(await self._steward.my_usage(actor)))
        running = sum(one.job.state is State.RUNNING for one in lookout.receipts)
        waiting = len(lookout.receipts) - running
        rows.append(
            say("Jobs: {running} running, {waiting} waiting", running=running, waiting=waiting)
        )
        rows += [
            frame(
                "{number}. {job}",
                number=number,
                job=job_words(one, of_server=False, paused=lookout.house.paused),
            )
            for number, one in enumerate(lookout.receipts[:JOBS_TOLD], 1)
        ]
        if len(lookout.receipts) > JOBS_TOLD:
            rows.append(say("-# /queue shows them all."))
        return within(rows, MESSAGE_LENGTH - 50)

    async def _usual(self, actor: Actor) -> list[str]:
        """What a prompt of theirs gets here that says nothing of it."""
        try:
            order = await self._studio.order("a picture", actor=actor)
        except (PromptError, RefusedError):
            return []
        usual = order.requests[0]
        hidden = usual.visibility is Visibility.STEALTH
        return [
            say(
                "Your prompts here: model {model} · lane: {lane} · visibility: {visibility}",
                model=f"`{usual.model}`",
                lane=mode_of(usual.lane),
                visibility=say("stealth") if hidden else say("public"),
            )
        ]

    # About a picture

    async def picture(self, interaction: Interaction, typed: str) -> None:
        """/info image:"""
        await hold(interaction, Hold.PRIVATE)
        await self._tell_of(interaction, await self._sightings.named(interaction, typed))

    async def details(self, interaction: Interaction, message: discord.Message) -> None:
        """Job details, of the message menu."""
        await hold(interaction, Hold.PRIVATE)
        await self._tell_of(interaction, await self._sightings.of_message(interaction, message))

    async def _tell_of(self, interaction: Interaction, seen: Sighting) -> None:
        job = seen.job
        images = await self.archive.images(job)
        text = facts(job, images, self._studio.catalogue, seen.number)
        family = await self.archive.family(actor_of(interaction), job)
        uploads: tuple[Upload, ...] = ()
        if len(family.jobs) > 1:
            drawn = await self._plotter.family(tree(family, await self._paths(family)))
            uploads = (drawn,) if drawn is not None else ()
        actor, rows = actor_of(interaction), list[list[discord.ui.Button[Any]]]()
        if actor.server_id and await self._steward.is_admin(actor, actor.server_id):
            style_id = f"{STYLE_FORMAT}:{job.id}"
            rows.append([discord.ui.Button(label=say("Save style"), custom_id=style_id)])
        if actor.server_id and self._showroom is not None:
            rows += await self._showroom.doors(actor, job, images, seen.number)
        view = view_of(rows[:5]) if rows else None
        await tell(interaction, text, view=view, uploads=uploads)

    async def ask_style(self, interaction: Interaction, custom_id: str) -> None:
        """Save style, below the details. Who may do that is asked when the form is sent."""
        found = re.fullmatch(rf"{STYLE_FORMAT}:([0-9a-f]{{8,32}})", custom_id)
        if found is None:
            raise ButtonError
        job = await soon(self.archive.job(actor_of(interaction), found[1]))
        await ask(interaction, style_sheet(interaction, job.request.text))

    async def _paths(self, family: Family) -> dict[str, Path]:
        """The files of the pictures that there are, by their jobs' ids."""
        found: dict[str, Path] = {}
        for job in family.jobs:
            images = () if job.grid else await self.archive.images(job)
            key = job.grid or (images[0].blob if images else "")
            try:
                if key:
                    found[job.id] = await self._studio.blobs.local(key)
            except NotFoundError:
                log.info("job %s: its picture is not there for the family tree", job.id)
        return found

    async def show(self, interaction: Interaction, typed: str) -> None:
        """/show: one of one's own jobs once more, with its buttons, for everybody here."""
        check_permissions(interaction)
        seen = await self._sightings.named(interaction, typed)
        await self._show(interaction, seen.job.id, seen.number)

    async def post(self, interaction: Interaction, job_id: str, number: int) -> None:
        """The same for one picture that was picked from one's own."""
        check_permissions(interaction)
        await self._show(interaction, job_id, number)

    async def _show(self, interaction: Interaction, job_id: str, number: int) -> None:
        job = await self.archive.own(actor_of(interaction), job_id)
        check_there(job)
        if not job.state.ended:
            raise RefusedError(say("That job is still waited for; /queue shows where it stands."))
        alone = bool(number) and job.state is State.DONE
        if alone:
            await self._studio.store.image(job_id, number)
        await hold(interaction)
        place = Place(server_id=server_of(interaction), channel_id=interaction.channel_id or 0)
        form = Form(self._messenger.upload_limit(place, self._upload_bytes))
        work = self._endings.alone(job, number, form) if alone else self._endings.post(job, form)
        post = await work
        options: dict[str, Any] = {"attachments": post.files} if post.uploads else {}
        await interaction.edit_original_response(
            content=post.content,
            view=cast("discord.ui.View", post.view),
            allowed_mentions=discord.AllowedMentions.none(),
            **options,
        )

    async def send(self, interaction: Interaction, message: discord.Message) -> None:
        """DM results, of the message menu."""
        await hold(interaction, Hold.PRIVATE)
        seen = await self._sightings.of_message(interaction, message)
        count = await self.courier.send(seen.job, interaction.user.id, locale_of(interaction))
        sent = say("{count} pictures are on their way to you, as direct messages.", count=count)
        if count == 1:
            sent = say("The picture is on its way to you, as a direct message.")
        await tell(interaction, sent)

    # Against a picture

    async def delete(self, interaction: Interaction, message: discord.Message) -> None:
        """Delete, of the message menu: asks first, unless it only stops a job."""
        await hold(interaction, Hold.PRIVATE)
        job = (await self._sightings.of_message(interaction, message)).job
        actor = actor_of(interaction)
        if not job.state.ended:
            await tell(interaction, await self.remove(actor, job, message.channel.id, message.id))
            return
        await self._check_in_charge(actor, job)
        goes = self._may_delete_pictures(actor, job)
        count = len(await self.archive.images(job)) if goes else 0
        if actor.abroad and not count:
            raise RefusedError(STAYS)
        view = answers(Removal(job.id, message.channel.id, message.id))
        await tell(interaction, question(job, count), view=view)

    async def answered(self, interaction: Interaction, removal: Removal) -> None:
        """A button under that question."""
        told = NOTHING
        if removal.sure:
            actor = actor_of(interaction)

            async def work() -> str:
                job = await self.archive.job(actor, removal.job_id)
                return await self.remove(actor, job, removal.channel_id, removal.message_id)

            told = await in_time(interaction, work(), Hold.SILENT)
        await renew(interaction, told, discord.ui.View())

    async def remove(self, actor: Actor, job: Job, channel_id: int, message_id: int) -> str:
        """Cancels a job that has not ended; deletes the message of one that has. Returns what was
        done. Raises NotYoursError."""
        if not job.state.ended:
            job = await self._overview.cancel(actor, job.id)
            return STOPS if job.state is State.RUNNING else STOPPED
        in_charge = await self._check_in_charge(actor, job)
        told = DELETED
        if self._collector is not None and self._may_delete_pictures(actor, job):
            gone = await self._collector.delete(replace(actor, moderates=in_charge), job.id)
            if self._clearing is not None and gone.message_id != message_id:
                await self._clearing.owe([gone])
            told = GONE
        if actor.abroad:
            if told is DELETED:
                raise RefusedError(STAYS)
            return together([GONE_ALONE, STAYS])
        try:
            await self._messenger.delete(channel_id, message_id)
        except discord.NotFound:
            pass
        except discord.Forbidden as error:
            raise RefusedError(say("Easel may not delete messages in this channel.")) from error
        return told

    async def _check_in_charge(self, actor: Actor, job: Job) -> bool:
        """Whether they run the place. Raises NotYoursError for whoever neither does nor owns it."""
        in_charge = actor.moderates or await self._steward.is_admin(actor, actor.server_id)
        if job.owner.id != actor.owner.id and not in_charge:
            raise NotYoursError(NOT_YOURS_TO_DELETE)
        return in_charge

    def _may_delete_pictures(self, actor: Actor, job: Job) -> bool:
        """Whether the pictures go with the message, for somebody who may delete that."""
        there = job.state is State.DONE and job.deleted_at is None
        here = actor.server_id == job.place.server_id
        return self._collector is not None and there and (here or job.owner.id == actor.owner.id)

    async def ask_report(self, interaction: Interaction, message: discord.Message) -> None:
        """Report, of the message menu: asks why."""
        if not server_of(interaction):
            raise RefusedError(say("A report goes to the admins of a server; here there is none."))
        job_id, _ = self._sightings.in_message(message)
        report = Report(job_id, message.channel.id, message.id)
        await ask(interaction, report_sheet(interaction, report))

    async def report(self, interaction: Interaction, report: Report) -> None:
        """The form of a report."""
        if self._complaints is None:
            raise RefusedError(say("Reports are not kept here."))
        reason = texts(interaction).get(REASON, "")
        actor = actor_of(interaction)
        await hold(interaction, Hold.PRIVATE)
        job = await self._complaints.take(actor, report.job_id, reason)
        text = say(
            "{who} reported a picture of {whom}: {link}\n{prompt}\nJob {id} · {reason}",
            who=mention(actor.owner.id),
            whom=mention(job.owner.id),
            link=jump(actor.server_id, report.channel_id, report.message_id),
            prompt=f"> {escape(shown_prompt(job.request, self._studio.catalogue), 600)}",
            id=f"`{job.id}`",
            reason=escape(reason, 600),
        )
        nonce = f"r{interaction.id}"
        await self._messenger.tell_moderators(actor.server_id, Post(text, 0), nonce=nonce)
        await tell(interaction, say("Thank you. The admins of this server have your report."))
