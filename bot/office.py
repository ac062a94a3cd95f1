"""Takes what people ask about allowances and queues: each wish becomes one call of the core and one
private answer. Who may do what, the core decides from the actor."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime

import discord
from discord import app_commands

from bot.desk import actor_of
from bot.messenger import Upload
from bot.panels import (
    CHANGES_ON_A_PAGE,
    OWN,
    Act,
    Knob,
    Page,
    audit_page,
    queue_page,
)
from bot.plotter import Plotter
from bot.replies import Hold, Interaction, hold, in_time, renew, tell
from bot.statements import (
    allowance_words,
    grant_words,
    rules_words,
    statement_words,
    subject_words,
)
from core.actions import ButtonError
from core.admin import Stewardship
from core.allowance import EVERYONE, House, Subject, Unit
from core.amendment import Amendment
from core.chart import WINDOWS, Chart, member_chart, server_chart
from core.clock import Clock
from core.errors import RefusedError
from core.jobs import Actor, State
from core.overview import Overview
from core.periods import zone
from core.sentences import say, together

LASTING = {"h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
"""How long an extra lasts is said as 12h, 3d or 2w."""

CANCELLED = {
    State.RUNNING: say("It stops at its next step."),
    State.CANCELLED: say("Cancelled."),
}

NOW_TOO = 1.0
"""A time of use ends before its last moment; a job of this very second is used as well."""

Person = discord.Member | discord.User


class Office:
    def __init__(
        self, steward: Stewardship, overview: Overview, plotter: Plotter, clock: Clock
    ) -> None:
        self.steward = steward
        self._overview = overview
        self._plotter = plotter
        self._clock = clock

    # For members

    async def usage(self, interaction: Interaction, window: str) -> None:
        """/usage"""
        actor = actor_of(interaction)
        await hold(interaction, Hold.PRIVATE)
        await self.steward.check_welcome(actor)
        statement, now = await self.steward.my_usage(actor), self._clock.now()
        length = WINDOWS[window]
        uses = await self.steward.my_use(actor, now - length.seconds, now + NOW_TOO)
        chart = member_chart(uses, length, now, statement.rules.house.time_zone, statement.balances)
        await tell(interaction, statement_words(statement), uploads=await self._drawn(chart))

    async def queue(self, interaction: Interaction, server_id: int = OWN) -> None:
        """/queue and /server queue"""
        page = self._queue_page(actor_of(interaction), server_id, 0)
        text, view = await in_time(interaction, page, Hold.PRIVATE)
        await tell(interaction, text, view=view)

    async def turn(self, interaction: Interaction, knob: Knob) -> None:
        """A button of a panel: does it, and shows the panel as it is then."""
        work = self._turned(actor_of(interaction), knob)
        text, view = await in_time(interaction, work, Hold.SILENT)
        await renew(interaction, text, view)

    # For admins

    async def set_line(
        self, interaction: Interaction, subject: Subject, amendment: Amendment
    ) -> None:
        """/quota set"""
        actor = actor_of(interaction)
        amendment.check()
        work = self.steward.change(actor, actor.server_id, subject, amendment)
        line = await in_time(interaction, work, Hold.PRIVATE)
        said = allowance_words(line) or say("nothing is set; the lines below it count")
        who = subject_words(subject)
        await tell(interaction, say("For **{who}** now: {allowance}.", who=who, allowance=said))

    async def show(self, interaction: Interaction, person: Person | None, window: str) -> None:
        """/quota show: a server's rules, or what a person may do and has left."""
        actor = actor_of(interaction)
        await hold(interaction, Hold.PRIVATE)
        now, length, server_id = self._clock.now(), WINDOWS[window], actor.server_id
        rules = await self.steward.rules(actor, server_id)
        uses = await self.steward.use(actor, server_id, now - length.seconds, now + NOW_TOO)
        where = rules.house.time_zone
        if person is None:
            names = await self.steward.names(actor, server_id)
            chart, text = server_chart(uses, names, length, now, where), rules_words(rules)
        else:
            statement = await self.steward.usage_of(actor, server_id, person.id, roles_of(person))
            theirs = [use for use in uses if use.owner_id == person.id]
            chart = member_chart(theirs, length, now, where, statement.balances)
            text = together([f"<@{person.id}>", statement_words(statement, own=False)], "\n")
        await tell(interaction, text, uploads=await self._drawn(chart))

    async def grant(
        self, interaction: Interaction, subject: Subject, unit: Unit, amount: float, lasts: str
    ) -> None:
        """/quota grant"""
        actor, ends = actor_of(interaction), self._expiry(lasts)
        size = round(amount * 60) if unit is Unit.GPU_SECONDS else round(amount)
        work = self.steward.grant(actor, actor.server_id, subject, unit, size, expires_at=ends)
        grant = await in_time(interaction, work, Hold.PRIVATE)
        await tell(interaction, say("Given as an extra to {grant}.", grant=grant_words(grant)))

    async def reset(self, interaction: Interaction, subject: Subject) -> None:
        """/quota reset"""
        actor = actor_of(interaction)
        work = self.steward.reset(actor, actor.server_id, subject)
        await in_time(interaction, work, Hold.PRIVATE)
        who = subject_words(subject)
        await tell(interaction, say("What **{who}** used until now counts no more.", who=who))

    async def report(self, interaction: Interaction, days: int) -> None:
        """/quota report: a file for a spreadsheet."""
        actor, now = actor_of(interaction), self._clock.now()
        work = self.steward.report(actor, actor.server_id, now - days * 86400, now + NOW_TOO)
        table = await in_time(interaction, work, Hold.PRIVATE)
        rows, data = max(0, table.count("\n") - 1), table.encode("utf-8-sig")
        if len(data) > interaction.filesize_limit:
            raise RefusedError(say("That report is too large for Discord; ask for fewer days."))
        name = f"easel-use-{datetime.fromtimestamp(now, zone('UTC')):%Y-%m-%d}.csv"
        text = say(
            "What was used in the last {days} days: {rows} rows, one for each day and member.",
            days=days,
            rows=rows,
        )
        await tell(interaction, text, uploads=(Upload(name, data, "A table of use"),))

    async def audit(self, interaction: Interaction) -> None:
        """/quota audit"""
        actor = actor_of(interaction)
        work = self._audit_page(actor, actor.server_id, 0)
        text, view = await in_time(interaction, work, Hold.PRIVATE)
        await tell(interaction, text, view=view)

    async def change_house(
        self,
        interaction: Interaction,
        change: Callable[[Actor, int], Awaitable[object]],
        sentence: str,
    ) -> None:
        """/server and the settings of /quota: one change of how the server is run."""
        actor = actor_of(interaction)

        async def work() -> None:
            await change(actor, actor.server_id)

        await in_time(interaction, work(), Hold.PRIVATE)
        await tell(interaction, sentence)

    async def ban(self, interaction: Interaction, person: Person) -> None:
        """/server ban"""
        actor = actor_of(interaction)

        async def work() -> int:
            await self.steward.ban(actor, actor.server_id, person.id)
            return len(await self.steward.cancel_waiting(actor, actor.server_id, person.id))

        gone = await in_time(interaction, work(), Hold.PRIVATE)
        out = say("{who} is shut out from making pictures here.", who=f"<@{person.id}>")
        also = [say("{jobs} cancelled.", jobs=_jobs(gone))] if gone else []
        await tell(interaction, together([out, *also]))

    async def cancel_waiting(self, interaction: Interaction, person: Person | None) -> None:
        """/server cancel"""
        actor = actor_of(interaction)
        whose = person.id if person is not None else None
        work = self.steward.cancel_waiting(actor, actor.server_id, whose)
        gone = len(await in_time(interaction, work, Hold.PRIVATE))
        await tell(
            interaction, say("{jobs} cancelled; nothing of it is charged.", jobs=_jobs(gone))
        )

    async def is_admin(self, interaction: Interaction) -> bool:
        actor = actor_of(interaction)
        return await self.steward.is_admin(actor, actor.server_id)

    # Inside

    async def _turned(self, actor: Actor, knob: Knob) -> Page:
        steward, server_id, note = self.steward, knob.server_id, ""
        if knob.act is Act.AUDIT:
            return await self._audit_page(actor, server_id, knob.at)
        if server_id == OWN and knob.act in (Act.PAUSE, Act.RESUME, Act.DRAIN):
            raise ButtonError
        match knob.act:
            case Act.CANCEL:
                job = await self._overview.cancel(actor, knob.job_id)
                note = CANCELLED.get(job.state, say("That job had ended already."))
            case Act.RELAX:
                await steward.relax(actor, knob.job_id)
                note = say("Moved to the relax lane: it is made when nothing faster waits.")
            case Act.PAUSE:
                await steward.pause(actor, server_id, paused=True)
                note = say("Paused: what runs is finished, what waits is left waiting.")
            case Act.DRAIN:
                await steward.drain(actor, server_id, drained=True)
                note = say("Drained: nothing new is taken, what waits is made.")
            case Act.RESUME:
                await resume(steward, actor, server_id)
                note = say("Jobs are taken and made again.")
            case _:
                pass
        return await self._queue_page(actor, server_id, knob.at, note)

    async def _queue_page(self, actor: Actor, server_id: int, at: int, note: str = "") -> Page:
        if server_id == OWN:
            lookout = await self._overview.own(actor)
        else:
            lookout = await self._overview.of_server(actor, server_id)
        return queue_page(lookout, server_id, at, actor.server_id, note)

    async def _audit_page(self, actor: Actor, server_id: int, at: int) -> Page:
        changes = await self.steward.audit(
            actor, server_id, before=at or None, limit=CHANGES_ON_A_PAGE + 1
        )
        return audit_page(changes, server_id, at)

    async def _drawn(self, chart: Chart) -> tuple[Upload, ...]:
        picture = await self._plotter.draw(chart)
        return (picture,) if picture is not None else ()

    def _expiry(self, lasts: str) -> float | None:
        """Unix seconds; None for an extra that stays. Raises RefusedError."""
        words = lasts.strip().lower()
        if words in ("", "forever"):
            return None
        found = re.fullmatch(r"(\d{1,4}) ?([hdw])", words)
        if found is None or int(found[1]) == 0:
            raise RefusedError(say("Say how long it lasts as 12h, 3d, 2w or forever."))
        return self._clock.now() + int(found[1]) * LASTING[found[2]]


def _jobs(count: int) -> str:
    if count == 1:
        return say("1 waiting job was")
    return say("{count} waiting jobs were", count=count)


async def resume(steward: Stewardship, actor: Actor, server_id: int) -> House:
    """Takes back a pause and a drain, whichever there is."""
    house = (await steward.rules(actor, server_id)).house
    if house.paused:
        house = await steward.pause(actor, server_id, paused=False)
    if house.drained:
        house = await steward.drain(actor, server_id, drained=False)
    return house


def subject_of(
    role: discord.Role | None,
    person: Person | None,
    channel: app_commands.AppCommandChannel | None = None,
) -> Subject:
    """Whose line is meant; nobody named is everybody. Raises RefusedError for two at once."""
    named = [each for each in (role, person, channel) if each is not None]
    if len(named) > 1:
        raise RefusedError(
            say("Name one of role, channel and person, or none of them for everybody.")
        )
    if person is not None:
        return Subject.member(person.id)
    if channel is not None:
        return Subject.channel(channel.id)
    if role is None or role.is_default():
        return EVERYONE
    return Subject.role(role.id)


def roles_of(person: Person) -> tuple[int, ...]:
    return tuple(role.id for role in person.roles) if isinstance(person, discord.Member) else ()
