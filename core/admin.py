"""What admins of a server, and the operator, may do; and what every member may see.

Who is an admin is decided here, at each call, from what the front end says of the actor: Discord's
own right to manage the server, or the server's admin role. It counts on that server alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.allowance import (
    Allowance,
    Change,
    Grant,
    House,
    Rules,
    ServerRules,
    Subject,
    SubjectKind,
    Unit,
)
from core.clock import Clock
from core.errors import BannedError, NotAdminError, NotYoursError, RefusedError
from core.jobs import Actor, Job, State
from core.models import Catalogue
from core.periods import zone
from core.ports import JobStore, Rulebook, Use
from core.queue import Queue
from core.quota import allowance
from core.request import Lane
from core.sentences import say
from core.usage import Statement, report_csv, statement


class Stewardship:
    """The rules of servers: reading and changing them.

    Every method that takes `server_id` and is not about the actor alone raises NotAdminError for
    whoever is no admin of that server. `queue` is told of every job that is moved here; `moved` is
    called where waiting jobs may have to move.
    """

    def __init__(
        self,
        book: Rulebook,
        store: JobStore,
        catalogue: Catalogue,
        *,
        queue: Queue,
        clock: Clock,
        moved: Callable[[str], None],
    ) -> None:
        self._book = book
        self._store = store
        self._catalogue = catalogue
        self._queue = queue
        self._clock = clock
        self._moved = moved

    # For everybody

    async def check_welcome(self, actor: Actor) -> None:
        """Raises BannedError for whom the admins of the actor's server shut out."""
        if await self._store.is_banned(actor.server_id, actor.owner.id):
            raise BannedError

    async def my_rules(self, actor: Actor) -> Rules:
        rules = await self._book.rules(actor.server_id)
        return rules.for_member(actor.owner.id, actor.role_ids, actor.channel_id)

    async def my_usage(self, actor: Actor) -> Statement:
        """What the actor may do here and what is left."""
        return await self._statement(actor, actor.owner.id, actor.role_ids)

    async def my_use(self, actor: Actor, since: float, until: float) -> Sequence[Use]:
        """What the actor had made on this server, for a chart; see `core.usage.over_time`."""
        return await self._book.use(actor.server_id, since, until, member_id=actor.owner.id)

    async def relax(self, actor: Actor, job_id: str) -> Job:
        """Moves the actor's own waiting job into the relaxed lane; where relaxed jobs are free,
        what it was charged is given back. Raises NotYoursError, RefusedError."""
        await self.check_welcome(actor)
        job = await self._store.get(job_id)
        if job.owner.id != actor.owner.id:
            raise NotYoursError(say("Only the person who started this job can do that."))
        if job.state is not State.QUEUED:
            raise RefusedError(say("That job does not wait any more."))
        mine = allowance((await self.my_rules(actor)).lines)
        if mine.lanes is not None and Lane.RELAX not in mine.lanes:
            raise RefusedError(say("The relax lane is not allowed for you here."))
        free = mine.relax_after is True
        job = await self._store.relax(job_id, self._clock.now(), free=free)
        self._has_moved(job)
        return job

    async def is_admin(self, actor: Actor, server_id: int) -> bool:
        if actor.operator:
            return True
        if actor.server_id != server_id or not server_id:
            return False
        if actor.administers:
            return True
        house = (await self._book.rules(server_id)).house
        return bool(house.admin_role) and house.admin_role in actor.role_ids

    async def check_admin(self, actor: Actor, server_id: int) -> None:
        """Raises NotAdminError, and BannedError for an admin who is shut out."""
        if await self.is_admin(actor, server_id):
            await self.check_welcome(actor)
            return
        if actor.server_id != server_id:
            raise NotAdminError(say("That belongs to another server; only its admins can do that."))
        raise NotAdminError

    # What admins see

    async def rules(self, actor: Actor, server_id: int) -> ServerRules:
        """All that is set. Grants that are over are left out."""
        await self.check_admin(actor, server_id)
        rules, now = await self._book.rules(server_id), self._clock.now()
        return replace(rules, grants=tuple(g for g in rules.grants if g.holds_at(now)))

    async def servers(self, actor: Actor) -> Sequence[int]:
        """Every server that has rules or had jobs, for the operator; 0 stands for direct messages
        and the shell."""
        if not actor.operator:
            raise NotAdminError(say("Only the operator of Easel can see all servers."))
        return await self._book.servers()

    async def usage_of(
        self, actor: Actor, server_id: int, member_id: int, role_ids: Sequence[int]
    ) -> Statement:
        """A member's, as it is in the channel the admin asks from."""
        await self.check_admin(actor, server_id)
        return await self._statement(replace(actor, server_id=server_id), member_id, role_ids)

    async def use(self, actor: Actor, server_id: int, since: float, until: float) -> Sequence[Use]:
        """What the server had made, for charts; see `core.usage.over_time` and `by_member`."""
        await self.check_admin(actor, server_id)
        return await self._book.use(server_id, since, until)

    async def names(self, actor: Actor, server_id: int) -> dict[int, str]:
        await self.check_admin(actor, server_id)
        return dict(await self._book.names(server_id))

    async def report(self, actor: Actor, server_id: int, since: float, until: float) -> str:
        """Comma-separated values, a line for each day and member."""
        uses = await self.use(actor, server_id, since, until)
        house = (await self._book.rules(server_id)).house
        return report_csv(uses, await self._book.names(server_id), house.time_zone)

    async def audit(
        self, actor: Actor, server_id: int, *, before: int | None = None, limit: int = 20
    ) -> Sequence[Change]:
        await self.check_admin(actor, server_id)
        return await self._book.audit(server_id, before=before, limit=limit)

    # What admins change

    async def change(
        self,
        actor: Actor,
        server_id: int,
        subject: Subject,
        change: Callable[[Allowance], Allowance],
    ) -> Allowance:
        """Changes a subject's line; returns it as it is then. Raises RefusedError for a line that
        makes no sense; the operator's ceiling is the operator's alone to change."""
        await self.check_admin(actor, server_id)
        if subject.kind is SubjectKind.CEILING and not actor.operator:
            raise NotAdminError(say("Only the operator of Easel can change a server's ceiling."))

        def checked(line: Allowance) -> Allowance:
            changed = change(line)
            self._check_line(subject, changed)
            return changed

        return await self._book.change_line(
            server_id, subject, checked, by=actor.owner, now=self._clock.now()
        )

    async def grant(
        self,
        actor: Actor,
        server_id: int,
        subject: Subject,
        unit: Unit,
        amount: int,
        *,
        expires_at: float | None = None,
    ) -> Grant:
        """Gives an extra: GPU seconds or pictures. Raises RefusedError."""
        await self.check_admin(actor, server_id)
        now = self._clock.now()
        if subject.kind in (SubjectKind.CHANNEL, SubjectKind.CEILING):
            raise RefusedError(
                say(
                    "An extra is given to a person, a role or everybody; a channel has only its "
                    "line."
                )
            )
        if not 1 <= amount <= MOST:
            raise RefusedError(
                say("An extra is between 1 and {most:,}, not {amount:,}.", most=MOST, amount=amount)
            )
        if expires_at is not None and expires_at <= now:
            raise RefusedError(say("That time is over; choose a later one."))
        return await self._book.grant(
            server_id, subject, unit, amount, expires_at=expires_at, by=actor.owner, now=now
        )

    async def reset(self, actor: Actor, server_id: int, subject: Subject) -> None:
        """What was used until now counts no more in the present periods. For a role that is what
        its members used, for the server's default what everybody used."""
        await self.check_admin(actor, server_id)
        if subject.kind is SubjectKind.CEILING and not actor.operator:
            raise NotAdminError(say("Only the operator of Easel can change a server's ceiling."))
        await self._book.reset(server_id, subject, by=actor.owner, now=self._clock.now())

    async def set_time_zone(self, actor: Actor, server_id: int, name: str) -> House:
        """Raises RefusedError for a zone there is not."""
        zone(name)
        return await self._change_house(actor, server_id, lambda h: replace(h, time_zone=name))

    async def set_admin_role(self, actor: Actor, server_id: int, role_id: int) -> House:
        """0 for none."""
        return await self._change_house(actor, server_id, lambda h: replace(h, admin_role=role_id))

    async def pause(self, actor: Actor, server_id: int, *, paused: bool) -> House:
        """Paused: what waits is left waiting, what runs is finished."""
        return await self._change_house(actor, server_id, lambda h: replace(h, paused=paused))

    async def drain(self, actor: Actor, server_id: int, *, drained: bool) -> House:
        """Drained: nothing new is admitted, what waits is made."""
        return await self._change_house(actor, server_id, lambda h: replace(h, drained=drained))

    async def ban(self, actor: Actor, server_id: int, member_id: int) -> None:
        await self.check_admin(actor, server_id)
        if member_id == actor.owner.id and not actor.operator:
            raise RefusedError(say("You cannot shut yourself out."))
        await self._book.ban(server_id, member_id, by=actor.owner, now=self._clock.now())

    async def unban(self, actor: Actor, server_id: int, member_id: int) -> None:
        await self.check_admin(actor, server_id)
        await self._book.unban(server_id, member_id, by=actor.owner, now=self._clock.now())

    async def cancel_waiting(
        self, actor: Actor, server_id: int, member_id: int | None = None
    ) -> Sequence[Job]:
        """Cancels what waits on the server, of one member or of all; nothing of it is charged."""
        await self.check_admin(actor, server_id)
        gone: list[Job] = []
        for job in await self._store.waiting():
            if job.server_id == server_id and member_id in (None, job.owner_id):
                gone.append(await self._store.cancel(job.id, self._clock.now()))
                self._has_moved(gone[-1])
        return gone

    # Inside

    async def _statement(self, actor: Actor, member_id: int, role_ids: Sequence[int]) -> Statement:
        return await statement(
            self._book,
            actor.server_id,
            member_id=member_id,
            role_ids=role_ids,
            channel_id=actor.channel_id,
            now=self._clock.now(),
        )

    async def _change_house(
        self, actor: Actor, server_id: int, change: Callable[[House], House]
    ) -> House:
        await self.check_admin(actor, server_id)
        now = self._clock.now()
        house = await self._book.change_house(server_id, change, by=actor.owner, now=now)
        self._queue.forget()
        self._moved("")
        return house

    def _has_moved(self, job: Job) -> None:
        self._queue.saw(job)
        self._moved(job.id)

    def _check_line(self, subject: Subject, line: Allowance) -> None:
        """Raises RefusedError for a line that no job could be measured by."""
        numbers = (
            (say("running jobs"), line.max_running),
            (say("waiting jobs"), line.max_waiting),
            (say("megapixels"), line.max_megapixels),
            (say("steps"), line.max_steps),
            (say("jobs of one command"), line.max_batch),
        )
        for what, number in numbers:
            if number is not None and number <= 0:
                raise RefusedError(
                    say(
                        "The limit of {what} must be more than 0, not {number:g}.",
                        what=what,
                        number=number,
                    )
                )
        for amount in line.amounts:
            if not 0 <= amount.limit <= MOST:
                raise RefusedError(
                    say(
                        "An amount is between 0 and {most:,}, not {amount:,}.",
                        most=MOST,
                        amount=amount.limit,
                    )
                )
        of_operator = Allowance(amounts=line.amounts, weight=line.weight)
        if subject.kind is SubjectKind.CEILING and line != of_operator:
            raise RefusedError(say("A ceiling is made of amounts alone."))
        if subject.kind is not SubjectKind.CEILING and line.weight is not None:
            raise RefusedError(
                say("Only a whole server has a weight, and only the operator sets it.")
            )
        if line.weight is not None and not LEAST_WEIGHT <= line.weight <= MOST_WEIGHT:
            raise RefusedError(
                say(
                    "A weight is between {least:g} and {most:g}, not {weight:g}.",
                    least=LEAST_WEIGHT,
                    most=MOST_WEIGHT,
                    weight=line.weight,
                )
            )
        known = {model.name for model in self._catalogue.offered} | {"*"}
        for model in sorted(line.models or ()):
            if model not in known:
                raise RefusedError(say("There is no model “{model}” here.", model=model))
        if line.lanes is not None and not line.lanes:
            raise RefusedError(say("At least one lane must stay allowed."))


LEAST_WEIGHT, MOST_WEIGHT = 0.01, 100.0

MOST = 10**9
"""Largest amount; more is no limit anyway."""
