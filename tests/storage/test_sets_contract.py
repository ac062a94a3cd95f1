"""The jobs of one command are let in together or not at all; told as stories, run on each store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest

from core.allowance import EVERYONE, Allowance, Amount, Unit
from core.errors import QueueFullError, QuotaError
from core.jobs import Job, NewJob, Owner, State, in_set
from core.periods import Period
from core.ports import Admission, Check, JobStore, Usage
from core.quota import Admit, Ask, decide
from core.request import Lane
from tests.storage.build import ADA, BEN, ON_DISCORD, AtMost, anything, new_job, pictures, request
from tests.storage.conftest import Books

SERVER = ON_DISCORD.server_id
ADMIN = Owner(99, "Eva")


def a_set(count: int, owner: Owner = ADA, event: str = "click") -> list[NewJob]:
    """Jobs of one picture each."""
    return [
        new_job(
            owner,
            interaction_id=in_set(event, number),
            request=request(count=1, seed=number),
            created_at=100.0,
        )
        for number in range(1, count + 1)
    ]


async def admitted(
    store: JobStore, news: Sequence[NewJob], check: Check = anything
) -> Sequence[Admission]:
    return await store.admit_set(news, [check] * len(news))


def by_the_rules(new: NewJob, usage: Usage) -> Admit:
    wanted = Ask(new.request, new.reserve_ms)
    return decide(wanted, usage.rules, usage.spent, usage.waiting_here, new.created_at)


async def ask(books: Books, news: Sequence[NewJob]) -> list[Job]:
    checks = [partial(by_the_rules, new) for new in news]
    return [each.job for each in await books.jobs.admit_set(news, checks)]


async def allow(books: Books, limit: int, **more: bool) -> None:
    line = Allowance(amounts=(Amount(Unit.PICTURES, Period.DAY, limit),), **more)
    await books.rules.change_line(SERVER, EVERYONE, lambda _: line, by=ADMIN, now=1.0)


async def test_every_job_has_a_row_and_a_reservation(store: JobStore) -> None:
    news = a_set(3)
    found = await admitted(store, news)
    assert [each.job.id for each in found] == [new.id for new in news]
    assert [each.job.request.seed for each in found] == [1, 2, 3]
    assert [each.job.interaction_id for each in found] == ["click", "click#2", "click#3"]
    assert not any(each.repeated for each in found)
    lines = await store.ledger()
    assert [(line.job_id, line.kind) for line in lines] == [(new.id, "reserve") for new in news]


async def test_a_refusal_of_the_last_one_leaves_no_trace_of_the_first(store: JobStore) -> None:
    limit = AtMost(3)
    with pytest.raises(QueueFullError):
        await admitted(store, a_set(4), limit)
    # Each was shown those before it.
    assert [usage.waiting for usage in limit.shown] == [0, 1, 2, 3]
    assert list(await store.history(None)) == []
    assert list(await store.ledger()) == []
    assert list(await store.waiting()) == []
    # The same click may be tried again when there is room.
    assert len(await admitted(store, a_set(3), AtMost(3))) == 3


async def test_a_replayed_interaction_is_the_same_set(store: JobStore) -> None:
    first = await admitted(store, a_set(12))
    for count in (12, 1, 20):
        again = await admitted(store, a_set(count), AtMost(0))
        assert [each.job for each in again] == [each.job for each in first]
        assert all(each.repeated for each in again)
    assert len(await store.history(None)) == 12
    assert len(await store.ledger()) == 12


async def test_two_clicks_at_once_make_one_set(store: JobStore) -> None:
    both = await asyncio.gather(*(admitted(store, a_set(3)) for _ in range(2)))
    first, second = sorted(both, key=lambda found: found[0].repeated)
    assert [each.job.id for each in first] == [each.job.id for each in second]
    assert [found[0].repeated for found in (first, second)] == [False, True]
    assert len(await store.ledger()) == 3


async def test_sets_of_other_interactions_are_others(store: JobStore) -> None:
    await admitted(store, a_set(2, event="click"))
    other = await admitted(store, a_set(2, BEN, event="click1"))
    assert not any(each.repeated for each in other)
    assert len(await store.history(None)) == 4


async def test_a_set_beyond_the_amount_is_refused_whole(books: Books) -> None:
    await allow(books, 5)
    with pytest.raises(QuotaError):
        await ask(books, a_set(6))
    assert list(await books.jobs.ledger()) == []
    assert len(await ask(books, a_set(5))) == 5
    with pytest.raises(QuotaError):
        await ask(books, a_set(1, event="another"))


async def test_two_sets_at_once_share_what_there_is(books: Books) -> None:
    """Together they are too many: one is made, whole."""
    await allow(books, 5)

    async def made(event: str) -> int:
        try:
            return len(await ask(books, a_set(3, event=event)))
        except QuotaError:
            return 0

    assert sorted(await asyncio.gather(made("one"), made("two"))) == [0, 3]
    assert len(await books.jobs.history(None)) == 3


async def test_what_the_amount_has_no_room_for_is_made_relaxed(books: Books) -> None:
    await allow(books, 2, relax_after=True)
    jobs = await ask(books, a_set(3))
    assert [job.request.lane for job in jobs] == [Lane.FAST, Lane.FAST, Lane.RELAX]
    assert [job.price for job in jobs] == [1, 1, 0]


async def test_each_job_settles_or_is_refunded_on_its_own(books: Books) -> None:
    await allow(books, 3)
    done, stopped, waits = await ask(books, a_set(3))
    await books.jobs.claim(done.id, by="me", now=101.0, lease_until=130.0)
    made = pictures(done.id, 1)
    await books.jobs.finish(done.id, 1, images=made, grid="g", gpu_ms=700, now=102.0)
    await books.jobs.cancel(stopped.id, 103.0)
    sums = {
        job.id: sum(line.gpu_ms for line in await books.jobs.ledger(job.id))
        for job in (done, stopped, waits)
    }
    assert sums == {done.id: 700, stopped.id: 0, waits.id: 1000}
    assert (await books.jobs.get(waits.id)).state is State.QUEUED
    # What was given back is there for another.
    assert len(await ask(books, a_set(1, event="another"))) == 1


async def test_every_job_can_find_its_way_back_alone(store: JobStore) -> None:
    quiet = replace(ON_DISCORD, token="")
    first, *rest = a_set(3)
    await admitted(store, [first, *(replace(new, place=quiet) for new in rest)])
    found = [await store.get(new.id) for new in (first, *rest)]
    assert [job.place.token for job in found] == ["secret-token", "", ""]
