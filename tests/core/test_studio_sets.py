"""A set of jobs, from the line that asks for it to the rows it is made of."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.allowance import EVERYONE, Allowance, Amount, Unit
from core.errors import BusyError, QueueFullError, QuotaError, RefusedError
from core.jobs import State
from core.periods import Period
from core.request import Lane
from core.studio import Receipt
from storage.blobs import LocalBlobs
from tests.builders import BO, CHANNEL, NOON, FakeClock, actor
from tests.core.test_studio import PNG, House

SIX = "a {red, blue} {fox, hat, owl --n 2}"


@pytest.fixture
async def house(tmp_path: Path, clock: FakeClock) -> House:
    return House(await LocalBlobs.open(tmp_path), clock, limit=8)


async def made(house: House, line: str = SIX, event: str = "click") -> list[Receipt]:
    order = await house.studio.order(line, actor=actor())
    return list(await house.studio.make(order, interaction_id=event, actor=actor(), place=CHANNEL))


async def allow(house: House, **says: object) -> None:
    line = Allowance(**says)  # type: ignore[arg-type]
    change = house.store.rules.change_line
    await change(CHANNEL.server_id, EVERYONE, lambda _: line, by=BO, now=NOON)


def pictures(limit: int) -> tuple[Amount, ...]:
    return (Amount(Unit.PICTURES, Period.DAY, limit),)


async def test_an_order_is_counted_and_priced_before_anything_is_made(house: House) -> None:
    order = await house.studio.order(SIX, actor=actor())
    assert (len(order.requests), order.pictures) == (6, 20)
    costs = [await house.studio.queue.estimate_ms(request) for request in order.requests]
    assert order.cost_ms == sum(costs) > 0
    assert list(await house.store.ledger()) == []


async def test_one_reservation_covers_the_set_and_each_job_has_its_row(house: House) -> None:
    order = await house.studio.order(SIX, actor=actor())
    receipts = await made(house)
    jobs = [receipt.job for receipt in receipts]
    assert [job.request.text for job in jobs] == [
        "a red fox",
        "a red hat",
        "a red owl",
        "a blue fox",
        "a blue hat",
        "a blue owl",
    ]
    assert [line.job_id for line in await house.store.ledger()] == [job.id for job in jobs]
    assert sum(line.gpu_ms for line in await house.store.ledger()) == order.cost_ms
    assert [receipt.standing.place for receipt in receipts] == [1, 2, 3, 4, 5, 6]
    assert house.moved == [job.id for job in jobs]


async def test_only_the_first_may_edit_the_answer(house: House) -> None:
    first, *others = [receipt.job.place for receipt in await made(house)]
    assert first == CHANNEL
    assert {place.token for place in others} == {""}
    assert {(place.server_id, place.channel_id) for place in others} == {
        (CHANNEL.server_id, CHANNEL.channel_id)
    }


async def test_they_are_made_in_their_order(house: House) -> None:
    receipts = await made(house)
    for receipt in receipts:
        found = await house.studio.queue.next()
        assert found is not None and found.id == receipt.job.id
        await house.finish(receipt.job)


async def test_a_replayed_event_and_two_at_once_are_the_same_set(house: House) -> None:
    both = await asyncio.gather(made(house), made(house))
    again = await made(house, "a {1, 2} fox")
    assert len({tuple(one.job.id for one in receipts) for receipts in (*both, again)}) == 1
    assert all(receipt.repeated for receipt in again)
    assert len(await house.store.ledger()) == 6


async def test_a_set_beyond_the_amount_is_refused_with_what_all_of_it_needs(house: House) -> None:
    await allow(house, amounts=pictures(19))
    with pytest.raises(QuotaError, match=r"These 6 jobs need 20 pictures and .* none of them"):
        await made(house)
    assert list(await house.store.ledger()) == []
    assert house.moved == []
    await allow(house, amounts=pictures(20))
    assert len(await made(house)) == 6


async def test_what_goes_beyond_is_relaxed_where_that_is_free(house: House) -> None:
    await allow(house, amounts=pictures(10), relax_after=True)
    receipts = await made(house)
    assert [one.job.request.lane for one in receipts][:2] == [Lane.FAST, Lane.FAST]
    assert [one.relaxed for one in receipts].count(True) == 3
    charged = sum(line.charged_pictures for line in await house.store.ledger())
    assert charged == 10


async def test_a_set_that_does_not_fit_into_the_queue_is_refused_whole(house: House) -> None:
    for _ in range(3):
        await house.imagine("a fox")
    with pytest.raises(
        QueueFullError, match=r"You have 3 jobs .* these are 6 more.* limit here is"
    ):
        await made(house)
    assert len(await house.store.ledger()) == 3


async def test_a_limit_of_waiting_jobs_counts_the_whole_set(house: House) -> None:
    await allow(house, max_waiting=5)
    with pytest.raises(QueueFullError, match="these are 6 more, and the limit here is 5"):
        await made(house)
    await allow(house, max_waiting=6)
    assert len(await made(house)) == 6


async def test_a_store_that_does_not_answer_makes_none(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object) -> None:
        raise BusyError

    monkeypatch.setattr(house.store, "admit_set", busy)
    with pytest.raises(BusyError):
        await made(house)
    assert house.moved == []


async def test_the_picture_to_start_from_is_every_jobs_and_kept_once(house: House) -> None:
    order = await house.studio.order("a {red, blue} fox", actor=actor(), with_picture=True)
    receipts = await house.studio.make(
        order, interaction_id="click", actor=actor(), place=CHANNEL, picture=PNG
    )
    sources = [receipt.job.request.source for receipt in receipts]
    assert len({source.blob for source in sources if source is not None}) == 1
    assert None not in sources


async def test_each_ends_on_its_own(house: House) -> None:
    first, second, *_ = await made(house)
    await house.finish(first.job)
    await house.studio.cancel(second.job.id, actor())
    states = [job.state for job in reversed(await house.store.history(None))]
    assert sorted(states) == sorted([State.DONE, State.CANCELLED] + [State.QUEUED] * 4)


async def test_where_one_is_asked_for_alone_several_are_refused(house: House) -> None:
    with pytest.raises(RefusedError, match=r"That makes 2 jobs\. Here each is asked for alone"):
        await house.imagine("a {red, blue} fox")


async def test_a_members_wishes_and_the_servers_flags_count(house: House) -> None:
    await house.wishes.change(actor().owner.id, lambda p: p.with_option("film", "grainy --n 2"))
    await house.store.rules.change_house(
        CHANNEL.server_id, lambda h: replace(h, forced_flags="--relax"), by=BO, now=NOON
    )
    order = await house.studio.order("a fox --film --turbo", actor=actor())
    (request,) = order.requests
    assert (request.text, request.count, request.lane) == ("a fox grainy", 2, Lane.RELAX)
    assert [(one.typed, one.by) for one in order.replaced] == [("--turbo", "--relax")]
