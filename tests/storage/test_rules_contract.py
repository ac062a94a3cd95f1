"""What every Rulebook promises, and that no job slips past it; told as stories, run on each."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from core.allowance import (
    CEILING,
    EVERYONE,
    Allowance,
    Amount,
    House,
    Line,
    ServerRules,
    Subject,
    Unit,
)
from core.errors import BannedError, BusyError, DrainedError, QuotaError
from core.jobs import Job, NewJob, Owner, State
from core.periods import Period
from core.ports import Spending, Use
from core.quota import Ask, Pot, Scope, decide
from core.request import Lane
from tests.storage.build import ADA, AT_THE_SHELL, BEN, ON_DISCORD, new_job, pictures, request
from tests.storage.conftest import Books

SERVER, CHANNEL = ON_DISCORD.server_id, ON_DISCORD.channel_id
ADMIN = Owner(99, "Eva")
MINE, BENS = Subject.member(ADA.id), Subject.member(BEN.id)
HERE, ARTISTS = Subject.channel(CHANNEL), Subject.role(5)
DAY = 86400.0
ROUNDS = int(os.environ.get("EASEL_TEST_ROUNDS", "20"))


def amount(limit: int, unit: Unit = Unit.PICTURES, period: Period = Period.DAY) -> Amount:
    return Amount(unit, period, limit)


def says(*amounts: Amount, **limits: Any) -> Callable[[Allowance], Allowance]:
    return lambda _: Allowance(amounts=amounts, **limits)


async def put(books: Books, subject: Subject, *amounts: Amount, **limits: Any) -> Allowance:
    change = says(*amounts, **limits)
    return await books.rules.change_line(SERVER, subject, change, by=ADMIN, now=1.0)


async def ask(books: Books, new: NewJob | None = None) -> Job:
    """Asks as the studio does: the rules decide. One picture a job unless told otherwise."""
    new = new or one()
    wanted = Ask(new.request, new.reserve_ms, free=bool(new.images))
    admission = await books.jobs.admit(
        new, lambda u: decide(wanted, u.rules, u.spent, u.waiting_here, new.created_at)
    )
    return admission.job


def one(owner: Owner = ADA, **changes: Any) -> NewJob:
    return new_job(owner, **{"request": request(count=1), "created_at": 100.0, **changes})


async def spent(books: Books, pot: Pot, member: Owner = ADA) -> Spending:
    (sums,) = await books.rules.spent(SERVER, member_id=member.id, channel_id=CHANNEL, pots=[pot])
    return sums


def pot(unit: Unit = Unit.PICTURES, scope: Scope = Scope.MEMBER, **more: Any) -> Pot:
    return Pot(scope, unit, **{"since": 0.0, **more})


async def made(books: Books, job: Job, count: int = 1, gpu_ms: int = 700) -> Job:
    claim = await books.jobs.claim(job.id, by="me", now=200.0, lease_until=230.0)
    assert claim is not None
    images = pictures(job.id, count)
    done = await books.jobs.finish(
        job.id, claim.fence, images=images, grid="g", gpu_ms=gpu_ms, now=210.0
    )
    assert done is not None
    return done


class TestRules:
    async def test_a_server_starts_without_any(self, books: Books) -> None:
        assert await books.rules.rules(SERVER) == ServerRules()

    async def test_a_line_is_kept_changed_and_taken_away(self, books: Books) -> None:
        artists = await put(books, ARTISTS, amount(5), max_steps=30, lanes=frozenset({Lane.RELAX}))
        await put(books, MINE, amount(8))
        mine = await put(books, MINE, amount(9))
        assert (await books.rules.rules(SERVER)).lines == (Line(MINE, mine), Line(ARTISTS, artists))
        await put(books, ARTISTS)
        assert [found.subject for found in (await books.rules.rules(SERVER)).lines] == [MINE]
        assert (await books.rules.rules(SERVER)).of(ARTISTS) == Allowance()

    async def test_servers_do_not_see_each_other(self, books: Books) -> None:
        await put(books, EVERYONE, amount(0))
        await books.rules.ban(SERVER, BEN.id, by=ADMIN, now=1.0)
        elsewhere = replace(ON_DISCORD, server_id=8)
        assert await books.rules.rules(8) == ServerRules()
        await ask(books, one(BEN, place=elsewhere))
        assert await books.rules.audit(8) == []
        assert await books.rules.servers() == [SERVER, 8]

    async def test_each_change_is_in_the_log_with_who_and_when(self, books: Books) -> None:
        await put(books, EVERYONE, amount(5))
        await put(books, EVERYONE, amount(6))
        await books.rules.change_house(
            SERVER, lambda house: replace(house, paused=True), by=ADA, now=2.0
        )
        await books.rules.grant(SERVER, MINE, Unit.PICTURES, 7, expires_at=50.0, by=ADMIN, now=3.0)
        await books.rules.reset(SERVER, BENS, by=ADMIN, now=4.0)
        await books.rules.ban(SERVER, BEN.id, by=ADMIN, now=5.0)
        await books.rules.ban(SERVER, BEN.id, by=ADMIN, now=6.0)
        await books.rules.unban(SERVER, BEN.id, by=ADMIN, now=7.0)
        log = await books.rules.audit(SERVER)
        assert [(change.what, change.subject, change.by_name, change.at) for change in log] == [
            ("unban", BENS, "Eva", 7.0),
            ("ban", BENS, "Eva", 5.0),
            ("reset", BENS, "Eva", 4.0),
            ("grant", MINE, "Eva", 3.0),
            ("server", EVERYONE, "Ada", 2.0),
            ("line", EVERYONE, "Eva", 1.0),
            ("line", EVERYONE, "Eva", 1.0),
        ]
        assert log[5].before == {"amounts": [["pictures", "day", 5]]}
        assert log[5].after == {"amounts": [["pictures", "day", 6]]}
        assert (log[4].before["paused"], log[4].after["paused"]) == (False, True)
        assert await books.rules.audit(SERVER, before=log[1].id, limit=2) == log[2:4]

    async def test_a_change_that_is_refused_leaves_no_trace(self, books: Books) -> None:
        def refuse(line: Allowance) -> Allowance:
            raise DrainedError

        with pytest.raises(DrainedError):
            await books.rules.change_line(SERVER, MINE, refuse, by=ADMIN, now=1.0)
        assert await books.rules.rules(SERVER) == ServerRules()
        assert await books.rules.audit(SERVER) == []

    async def test_changes_at_once_all_count(self, books: Books) -> None:
        def one_more(line: Allowance) -> Allowance:
            return replace(line, max_steps=(line.max_steps or 0) + 1)

        await asyncio.gather(
            *(books.rules.change_line(SERVER, MINE, one_more, by=ADMIN, now=1.0) for _ in range(20))
        )
        assert (await books.rules.rules(SERVER)).of(MINE).max_steps == 20

    async def test_a_servers_own_settings_are_kept(self, books: Books) -> None:
        house = House(time_zone="Europe/Berlin", paused=True, drained=True, admin_role=2**62)
        assert await books.rules.change_house(SERVER, lambda _: house, by=ADMIN, now=1.0) == house
        assert (await books.rules.rules(SERVER)).house == house
        assert await books.jobs.paused_servers() == {SERVER}
        with pytest.raises(DrainedError):
            await ask(books)

    async def test_weights_are_those_that_were_set(self, books: Books) -> None:
        await put(books, CEILING, amount(10))
        assert await books.jobs.weights() == {}
        await put(books, CEILING, amount(10), weight=2.5)
        assert await books.jobs.weights() == {SERVER: 2.5}
        await put(books, CEILING)
        assert await books.jobs.weights() == {}

    async def test_a_banned_member_is_refused_until_let_in_again(self, books: Books) -> None:
        await books.rules.ban(SERVER, ADA.id, by=ADMIN, now=1.0)
        assert await books.jobs.is_banned(SERVER, ADA.id)
        with pytest.raises(BannedError):
            await ask(books)
        await ask(books, one(BEN))
        await books.rules.unban(SERVER, ADA.id, by=ADMIN, now=2.0)
        await ask(books)


class TestAdmission:
    async def test_fifty_clicks_at_once_against_ten_pictures_admit_ten(self, books: Books) -> None:
        await put(books, EVERYONE, amount(10))
        answers = await clicks(books, [ADA] * 50)
        assert answers == {"Job": 10, "QuotaError": 40}
        assert (await spent(books, pot())).total == 10

    @pytest.mark.slow
    @pytest.mark.timeout(120 if ROUNDS <= 20 else 0)
    async def test_it_is_ten_each_time(self, books: Books) -> None:
        await put(books, EVERYONE, amount(10))
        for n in range(1, ROUNDS + 1):
            member = Owner(n, f"member {n}")
            assert await clicks(books, [member] * 50) == {"Job": 10, "QuotaError": 40}
            assert (await spent(books, pot(), member)).total == 10

    @pytest.mark.parametrize("subject", [HERE, CEILING])
    async def test_what_members_share_is_not_overdrawn_either(
        self, books: Books, subject: Subject
    ) -> None:
        await put(books, subject, amount(10))
        answers = await clicks(books, [Owner(n, f"member {n}") for n in range(1, 26)] * 2)
        assert answers == {"Job": 10, "QuotaError": 40}

    async def test_gpu_time_is_held_by_estimate_and_settled_by_measure(self, books: Books) -> None:
        await put(books, EVERYONE, amount(2, Unit.GPU_SECONDS))
        first = await ask(books, one(reserve_ms=1500))
        with pytest.raises(QuotaError):
            await ask(books, one(reserve_ms=1500))
        await made(books, first, gpu_ms=500)
        assert await spent(books, pot(Unit.GPU_SECONDS)) == Spending(used=500, reserved=0)
        second = await ask(books, one(reserve_ms=1500))
        assert await spent(books, pot(Unit.GPU_SECONDS)) == Spending(used=500, reserved=1500)
        await books.jobs.cancel(second.id, 300.0)
        assert await spent(books, pot(Unit.GPU_SECONDS)) == Spending(used=500, reserved=0)

    async def test_a_stopped_job_keeps_the_pictures_it_computed(self, books: Books) -> None:
        job = await ask(books, one(request=request(count=4), reserve_ms=1000))
        claim = await books.jobs.claim(job.id, by="me", now=200.0, lease_until=230.0)
        assert claim is not None
        await books.jobs.cancel(job.id, 201.0)
        await books.jobs.cancelled(job.id, claim.fence, gpu_ms=500, now=202.0)
        assert (await spent(books, pot())).used == 2
        assert (await spent(books, pot(Unit.GPU_SECONDS))).used == 500

    async def test_a_failure_gives_everything_back(self, books: Books) -> None:
        job = await ask(books)
        claim = await books.jobs.claim(job.id, by="me", now=200.0, lease_until=230.0)
        assert claim is not None
        await books.jobs.fail(job.id, claim.fence, sentence="No.", now=202.0)
        for unit in Unit:
            assert await spent(books, pot(unit)) == Spending(used=0, reserved=0)

    async def test_what_was_admitted_yesterday_does_not_count_today(self, books: Books) -> None:
        await put(books, EVERYONE, amount(1))
        old = await ask(books, one(created_at=DAY - 10))
        with pytest.raises(QuotaError) as refused:
            await ask(books, one(created_at=DAY - 5))
        assert refused.value.renews_at == DAY
        new = await ask(books, one(created_at=DAY))
        # Settled today, it is yesterday's all the same.
        await made(books, old)
        assert (await spent(books, pot(since=DAY))).total == 1
        assert new.state is State.QUEUED

    async def test_a_reset_starts_the_period_anew(self, books: Books) -> None:
        await put(books, EVERYONE, amount(1))
        await ask(books)
        await ask(books, one(BEN))
        await books.rules.reset(SERVER, MINE, by=ADMIN, now=150.0)
        await ask(books, one(created_at=200.0))
        for owner in (ADA, BEN):
            with pytest.raises(QuotaError):
                await ask(books, one(owner, created_at=210.0))
        await books.rules.reset(SERVER, EVERYONE, by=ADMIN, now=220.0)
        await ask(books, one(BEN, created_at=230.0))

    async def test_an_extra_pays_and_is_used_up(self, books: Books) -> None:
        await put(books, EVERYONE, amount(1))
        extra = await books.rules.grant(
            SERVER, EVERYONE, Unit.PICTURES, 1, expires_at=1000.0, by=ADMIN, now=50.0
        )
        assert (await books.rules.rules(SERVER)).grants == (extra,)
        assert await clicks(books, [ADA] * 5 + [BEN] * 5) == {"Job": 4, "QuotaError": 6}
        assert await spent(books, pot(grant_id=extra.id)) == Spending(used=0, reserved=1)
        assert await spent(books, pot()) == Spending(used=0, reserved=1)

    async def test_what_an_extra_paid_goes_back_to_it(self, books: Books) -> None:
        await put(books, EVERYONE, amount(0))
        extra = await books.rules.grant(
            SERVER, MINE, Unit.PICTURES, 1, expires_at=None, by=ADMIN, now=50.0
        )
        job = await ask(books)
        await books.jobs.cancel(job.id, 110.0)
        assert (await spent(books, pot(grant_id=extra.id))).total == 0
        await made(books, await ask(books))
        with pytest.raises(QuotaError):
            await ask(books)

    async def test_beyond_the_amount_a_job_is_relaxed_and_free(self, books: Books) -> None:
        await put(books, EVERYONE, amount(1), relax_after=True)
        first, second = await ask(books), await ask(books)
        assert (first.request.lane, first.price) == (Lane.FAST, 1)
        assert (second.request.lane, second.price) == (Lane.RELAX, 0)
        assert (await books.jobs.get(second.id)).request.lane is Lane.RELAX
        assert [waiting.lane for waiting in await books.jobs.waiting()] == [Lane.FAST, Lane.RELAX]
        assert (await spent(books, pot())).total == 1
        assert (await spent(books, pot(scope=Scope.SERVER))).total == 2

    async def test_a_waiting_job_can_move_to_the_relaxed_lane(self, books: Books) -> None:
        job = await ask(books)
        moved = await books.jobs.relax(job.id, 110.0, free=True)
        assert (moved.request.lane, moved.price) == (Lane.RELAX, 0)
        assert (await spent(books, pot())).total == 0
        assert await books.jobs.relax(job.id, 120.0, free=True) == moved
        await made(books, job)
        assert (await spent(books, pot(Unit.GPU_SECONDS))).total == 0
        assert [line.kind for line in await books.jobs.ledger(job.id)] == [
            "reserve",
            "relax",
            "settle",
        ]
        running = await ask(books)
        await books.jobs.claim(running.id, by="me", now=200.0, lease_until=230.0)
        assert (await books.jobs.relax(running.id, 210.0, free=True)).request.lane is Lane.FAST

    async def test_a_member_has_only_so_many_running(self, books: Books) -> None:
        await put(books, EVERYONE, max_running=1)
        jobs = [await ask(books) for _ in range(2)] + [await ask(books, one(BEN))]
        assert [waiting.max_running for waiting in await books.jobs.waiting()] == [1, 1, 1]
        claims = await asyncio.gather(
            *(books.jobs.claim(job.id, by="me", now=1.0, lease_until=9.0) for job in jobs)
        )
        assert [claim is not None for claim in claims].count(True) == 2
        assert claims[2] is not None

    async def test_a_thread_is_counted_with_its_channel(self, books: Books) -> None:
        await put(books, HERE, amount(1))
        thread = replace(ON_DISCORD, channel_id=71)
        await ask(books, one(place=thread, budget_channel_id=CHANNEL))
        with pytest.raises(QuotaError, match="This channel"):
            await ask(books)
        await ask(books, one(place=thread))

    async def test_the_shell_is_nobodys_server(self, books: Books) -> None:
        await books.rules.change_line(0, EVERYONE, says(amount(0)), by=ADMIN, now=1.0)
        await ask(books, one(place=AT_THE_SHELL))

    async def test_roles_are_those_the_member_came_with(self, books: Books) -> None:
        await put(books, EVERYONE, amount(0))
        await put(books, ARTISTS, amount(5))
        await ask(books, one(role_ids=(ARTISTS.id, 6)))
        with pytest.raises(QuotaError):
            await ask(books)


class TestUse:
    async def test_it_is_summed_by_quarter_of_an_hour_and_member(self, books: Books) -> None:
        await made(books, await ask(books, one(created_at=1799.0)), gpu_ms=300)
        await made(books, await ask(books, one(created_at=900.0)), gpu_ms=400)
        await ask(books, one(BEN, created_at=1800.0))
        gone = await ask(books, one(BEN, created_at=1800.0))
        await books.jobs.cancel(gone.id, 1900.0)
        assert await books.rules.use(SERVER, 0.0, 9999.0) == [
            Use(at=900.0, owner_id=ADA.id, jobs=2, gpu_ms=700, pictures=2),
            Use(at=1800.0, owner_id=BEN.id, jobs=1, gpu_ms=1000, pictures=1),
        ]
        assert await books.rules.use(SERVER, 0.0, 1799.0, member_id=BEN.id) == []
        assert len(await books.rules.use(SERVER, 0.0, 9999.0, member_id=BEN.id)) == 1
        assert await books.rules.use(8, 0.0, 9999.0) == []

    async def test_the_last_name_of_a_member_is_known(self, books: Books) -> None:
        await ask(books, one())
        await ask(books, one(replace(ADA, name="Lady Ada"), created_at=200.0))
        assert await books.rules.names(SERVER) == {ADA.id: "Lady Ada"}


async def clicks(books: Books, owners: list[Owner]) -> Counter[str]:
    """All at the same moment, each again for as long as the database is busy."""

    async def click(owner: Owner) -> Job:
        new = one(owner)
        while True:
            with suppress(BusyError):
                return await ask(books, new)

    answers = await asyncio.gather(*map(click, owners), return_exceptions=True)
    return Counter(type(answer).__name__ for answer in answers)
