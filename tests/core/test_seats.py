"""Who finds room beside those whose jobs are made now."""

from __future__ import annotations

import pytest

from core.jobs import Job, Owner, State
from core.seats import Seats
from tests.builders import ADA, BO, CHANNEL, NOON, new_job


def made(owner: Owner = ADA, attempts: int = 1) -> Job:
    new = new_job("a", owner=owner)
    return Job(
        id=new.id,
        interaction_id=new.interaction_id,
        owner=new.owner,
        place=new.place,
        request=new.request,
        state=State.RUNNING,
        reserve_ms=new.reserve_ms,
        created_at=NOON,
        attempts=attempts,
    )


@pytest.mark.parametrize(
    ("devices", "slots", "firsts", "others", "free"),
    [
        (1, 8, 0, 0, 8),
        (1, 8, 3, 0, 5),
        (1, 8, 0, 1, 0),
        (1, 8, 3, 1, -3),
        (2, 16, 3, 1, 5),
        (2, 2, 1, 1, 0),
        (0, 1, 0, 1, 0),
    ],
)
def test_one_that_was_tried_before_takes_a_whole_device(
    devices: int, slots: int, firsts: int, others: int, free: int
) -> None:
    taken = [made()] * firsts + [made(attempts=2)] * others
    assert Seats(devices, slots, taken).free == free


def test_there_is_one_such_for_each_device() -> None:
    assert Seats(1, 8, [made()] * 5).alone
    assert not Seats(1, 8, [made(attempts=2)]).alone
    assert Seats(2, 16, [made(attempts=3)]).alone


@pytest.mark.parametrize(("hers", "enough"), [(1, False), (3, False), (4, True), (7, True)])
def test_a_member_has_no_more_than_are_left(hers: int, enough: bool) -> None:
    found = Seats(1, 8, [made(ADA)] * hers).enough
    assert ((CHANNEL.server_id, ADA.id) in found) == enough
    assert (CHANNEL.server_id, BO.id) not in found


def test_but_everybody_may_have_one_on_each_device() -> None:
    assert not Seats(2, 2, [made(ADA)]).enough
    assert Seats(2, 2, [made(ADA), made(ADA)]).enough
