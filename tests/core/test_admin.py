"""Who may change the rules of a server, and what changes then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest

from core.admin import Stewardship
from core.allowance import CEILING, EVERYONE, Allowance, Amount, Subject, Unit
from core.errors import BannedError, NotAdminError, NotYoursError, QuotaError, RefusedError
from core.jobs import Actor, Job, Owner, State
from core.models import Catalogue
from core.periods import Period
from core.queue import Queue
from core.quota import Ask, Scope, decide
from core.request import Lane
from tests.builders import ADA, BO, CHANNEL, NOON, FakeClock, actor, new_job
from tests.fakes.memory_store import MemoryJobStore

HERE = CHANNEL.server_id
ADMIN = actor(BO, administers=True)
MEMBER = actor(ADA, channel_id=CHANNEL.channel_id)
TEN = Amount(Unit.PICTURES, Period.DAY, 10)
MINE = Subject.member(ADA.id)


@dataclass
class Town:
    store: MemoryJobStore = field(default_factory=MemoryJobStore)
    clock: FakeClock = field(default_factory=FakeClock)
    moved: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.queue = Queue(self.store, self.clock, devices=1)
        self.steward = Stewardship(
            self.store.rules,
            self.store,
            Catalogue.parse("[postcard]\n[sdxl]"),
            queue=self.queue,
            clock=self.clock,
            moved=self.moved.append,
        )

    async def ask(self, id: str = "1", owner: Owner = ADA, server_id: int = HERE) -> Job:
        place = replace(CHANNEL, server_id=server_id)
        new = new_job(f"{id:0>20}", owner=owner, place=place, created_at=self.clock.now())
        ask = Ask(new.request, new.reserve_ms)
        admission = await self.store.admit(
            new, lambda u: decide(ask, u.rules, u.spent, u.waiting_here, self.clock.now())
        )
        return admission.job

    async def place(self, job: Job) -> int:
        """In the queue, as its owner is told."""
        return (await self.queue.standing(job)).place


@pytest.fixture
def town() -> Town:
    return Town()


def ten_a_day(line: Allowance) -> Allowance:
    return line.with_amount(TEN)


DEEDS: list[Callable[[Stewardship, Actor], Awaitable[object]]] = [
    lambda s, a: s.rules(a, HERE),
    lambda s, a: s.usage_of(a, HERE, ADA.id, ()),
    lambda s, a: s.use(a, HERE, 0.0, NOON),
    lambda s, a: s.names(a, HERE),
    lambda s, a: s.report(a, HERE, 0.0, NOON),
    lambda s, a: s.audit(a, HERE),
    lambda s, a: s.change(a, HERE, EVERYONE, ten_a_day),
    lambda s, a: s.grant(a, HERE, MINE, Unit.PICTURES, 5),
    lambda s, a: s.reset(a, HERE, MINE),
    lambda s, a: s.set_time_zone(a, HERE, "Europe/Berlin"),
    lambda s, a: s.set_admin_role(a, HERE, 3),
    lambda s, a: s.pause(a, HERE, paused=True),
    lambda s, a: s.drain(a, HERE, drained=True),
    lambda s, a: s.ban(a, HERE, 5),
    lambda s, a: s.unban(a, HERE, 5),
    lambda s, a: s.cancel_waiting(a, HERE),
]


class TestRights:
    @pytest.mark.parametrize("deed", DEEDS)
    async def test_each_deed_asks_for_them(
        self, town: Town, deed: Callable[[Stewardship, Actor], Awaitable[object]]
    ) -> None:
        with pytest.raises(NotAdminError, match="Only an admin of this server"):
            await deed(town.steward, MEMBER)
        with pytest.raises(NotAdminError, match="another server"):
            await deed(town.steward, replace(ADMIN, server_id=8))
        with pytest.raises(NotAdminError):
            await deed(town.steward, replace(MEMBER, moderates=True))
        assert town.store.rules.changes == []
        await deed(town.steward, ADMIN)

    async def test_the_admin_role_gives_them_on_its_server_alone(self, town: Town) -> None:
        await town.steward.set_admin_role(ADMIN, HERE, 3)
        helper = replace(MEMBER, role_ids=(2, 3))
        assert await town.steward.is_admin(helper, HERE)
        assert not await town.steward.is_admin(replace(helper, server_id=8), HERE)
        assert not await town.steward.is_admin(replace(MEMBER, role_ids=(0,)), HERE)

    async def test_direct_messages_have_no_admin(self, town: Town) -> None:
        assert not await town.steward.is_admin(replace(ADMIN, server_id=0), 0)

    async def test_the_operator_may_everywhere_and_alone_sets_ceilings(self, town: Town) -> None:
        operator = Actor(BO, operator=True)
        with pytest.raises(NotAdminError, match="operator"):
            await town.steward.change(ADMIN, HERE, CEILING, ten_a_day)
        with pytest.raises(NotAdminError, match="operator"):
            await town.steward.reset(ADMIN, HERE, CEILING)
        with pytest.raises(NotAdminError, match="all servers"):
            await town.steward.servers(ADMIN)
        await town.steward.change(operator, HERE, CEILING, ten_a_day)
        assert await town.steward.servers(operator) == [HERE]

    async def test_a_banned_member_is_refused_also_as_an_admin(self, town: Town) -> None:
        await town.steward.ban(ADMIN, HERE, ADA.id)
        with pytest.raises(BannedError):
            await town.steward.check_welcome(MEMBER)
        with pytest.raises(BannedError):
            await town.steward.rules(replace(MEMBER, administers=True), HERE)
        with pytest.raises(RefusedError, match="yourself"):
            await town.steward.ban(ADMIN, HERE, BO.id)
        await town.steward.unban(ADMIN, HERE, ADA.id)
        await town.steward.check_welcome(MEMBER)

    async def test_the_operator_alone_gives_a_server_another_share(self, town: Town) -> None:
        def twice(line: Allowance) -> Allowance:
            return replace(line, weight=2.0)

        with pytest.raises(NotAdminError, match="operator"):
            await town.steward.change(ADMIN, HERE, CEILING, twice)
        operator = Actor(BO, operator=True)
        with pytest.raises(RefusedError, match=r"between 0\.01 and 100, not 0"):
            await town.steward.change(operator, HERE, CEILING, lambda _: Allowance(weight=0.0))
        first = [await town.ask(f"{n}") for n in range(1, 5)]
        there = [await town.ask(f"{n}", server_id=8) for n in range(5, 9)]
        await town.steward.change(operator, HERE, CEILING, twice)
        assert [c.what for c in await town.steward.audit(ADMIN, HERE)] == ["line"]
        order = [job_id for job_id, _ in await town.queue.front(6)]
        assert sum(job.id in order for job in first) == 4
        assert sum(job.id in order for job in there) == 2


class TestLines:
    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            (Allowance(max_steps=0), "The limit of steps must be more than 0"),
            (Allowance(models=frozenset({"nope"})), "There is no model “nope” here"),
            (Allowance(lanes=frozenset()), "At least one lane"),
            (Allowance(weight=2.0), "only the operator sets it"),
            (Allowance(amounts=(replace(TEN, limit=-1),)), "An amount is between 0 and"),
        ],
    )
    async def test_one_that_makes_no_sense_is_refused(
        self, town: Town, line: Allowance, sentence: str
    ) -> None:
        with pytest.raises(RefusedError, match=sentence):
            await town.steward.change(ADMIN, HERE, EVERYONE, lambda _: line)
        assert town.store.rules.changes == []

    async def test_an_extra_is_for_people_and_for_some_time_to_come(self, town: Town) -> None:
        give = town.steward.grant
        with pytest.raises(RefusedError, match="a channel has only its line"):
            await give(ADMIN, HERE, Subject.channel(1), Unit.PICTURES, 5)
        with pytest.raises(RefusedError, match="between 1 and"):
            await give(ADMIN, HERE, MINE, Unit.PICTURES, 0)
        with pytest.raises(RefusedError, match="time is over"):
            await give(ADMIN, HERE, MINE, Unit.PICTURES, 5, expires_at=NOON)
        await give(ADMIN, HERE, MINE, Unit.PICTURES, 5, expires_at=NOON + 60)
        assert len((await town.steward.rules(ADMIN, HERE)).grants) == 1
        town.clock.advance(60)
        assert (await town.steward.rules(ADMIN, HERE)).grants == ()

    async def test_a_time_zone_there_is_not_is_refused(self, town: Town) -> None:
        with pytest.raises(RefusedError, match="Did you mean"):
            await town.steward.set_time_zone(ADMIN, HERE, "Europe/Berlni")


class TestMembers:
    async def test_a_statement_says_what_is_left_and_when_it_renews(self, town: Town) -> None:
        await town.steward.change(ADMIN, HERE, EVERYONE, ten_a_day)
        await town.steward.grant(ADMIN, HERE, MINE, Unit.PICTURES, 5)
        await town.ask()
        statement = await town.steward.my_usage(MEMBER)
        (balance,) = statement.balances
        assert (balance.scope, balance.limit, balance.left) == (Scope.MEMBER, 10, 6)
        assert (balance.used, balance.reserved, balance.subject) == (0, 4, EVERYONE)
        assert balance.starts_at <= NOON < balance.renews_at
        assert [extra.left for extra in statement.grants] == [5]
        assert await town.steward.usage_of(ADMIN, HERE, ADA.id, ()) == replace(
            statement, rules=statement.rules
        )

    async def test_the_report_has_a_line_for_each_day_and_member(self, town: Town) -> None:
        await town.ask()
        report = await town.steward.report(ADMIN, HERE, NOON - 60, NOON + 60)
        assert report.splitlines()[1:] == ["2027-01-15,1,ada,1,4,1.000"]
        assert len(await town.steward.my_use(MEMBER, NOON - 60, NOON + 60)) == 1

    async def test_a_waiting_job_moves_to_relax_for_nothing_where_that_is_free(
        self, town: Town
    ) -> None:
        free = Allowance(amounts=(replace(TEN, limit=4),), relax_after=True)
        await town.steward.change(ADMIN, HERE, EVERYONE, lambda _: free)
        job = await town.ask()
        with pytest.raises(NotYoursError):
            await town.steward.relax(ADMIN, job.id)
        moved = await town.steward.relax(MEMBER, job.id)
        assert (moved.request.lane, moved.price) == (Lane.RELAX, 0)
        assert town.moved[-1] == job.id
        assert (await town.ask("2")).request.lane is Lane.FAST

    async def test_an_admin_stops_what_waits_on_the_server(self, town: Town) -> None:
        await town.steward.change(ADMIN, HERE, EVERYONE, lambda line: line.with_amount(TEN))
        jobs = [await town.ask("1"), await town.ask("2")]
        with pytest.raises(QuotaError):
            await town.ask("3")
        gone = await town.steward.cancel_waiting(ADMIN, HERE)
        assert [(job.id, job.state) for job in gone] == [(job.id, State.CANCELLED) for job in jobs]
        await town.ask("3")


class TestPlaces:
    async def test_a_job_that_moves_to_relax_lets_the_others_through_at_once(
        self, town: Town
    ) -> None:
        first, other = await town.ask("1"), await town.ask("2", BO)
        assert await town.place(first) == 1
        first = await town.steward.relax(MEMBER, first.id)
        assert (await town.place(other), await town.place(first)) == (1, 2)

    async def test_jobs_that_an_admin_stops_leave_the_queue_at_once(self, town: Town) -> None:
        await town.ask("1")
        other = await town.ask("2", BO)
        assert await town.place(other) == 2
        await town.steward.cancel_waiting(ADMIN, HERE, ADA.id)
        assert await town.place(other) == 1

    async def test_a_pause_is_seen_by_the_queue_at_once(self, town: Town) -> None:
        await town.ask()
        assert len(await town.queue.front(5)) == 1
        await town.steward.pause(ADMIN, HERE, paused=True)
        assert await town.queue.front(5) == []
        await town.steward.pause(ADMIN, HERE, paused=False)
        assert len(await town.queue.front(5)) == 1
