"""Whose turn is it? Each story is a list of people and of what they asked for, oldest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Owner, State, Waiting
from core.request import Lane
from core.schedule import (
    FAIR_WINDOW_SECONDS,
    FIXED_MS,
    RELAX_WAITS_SECONDS,
    UNKNOWN_MS_PER_WORK,
    estimate_ms,
    in_order,
    pick_next,
    wait_seconds,
)
from tests.builders import ADA, BO, NOON, job, request, waiting

CY = Owner(3, "cy")


def held(queue: Sequence[Waiting]) -> dict[int, int]:
    """What the ledger says of people of whom nothing has run yet: their reservations."""
    served: dict[int, int] = {}
    for one in queue:
        served[one.owner_id] = served.get(one.owner_id, 0) + one.reserve_ms
    return served


def order(queue: Sequence[Waiting], had: Mapping[int, int] | None = None) -> list[str]:
    """The ids in their turn; `had` is GPU time people had before, besides what they hold."""
    served = held(queue)
    for owner, ms in (had or {}).items():
        served[owner] = served.get(owner, 0) + ms
    return [one.id for one in in_order(queue, served, NOON)]


def test_nobody_waits_when_nothing_does() -> None:
    assert pick_next([], {}, NOON) is None
    assert order([]) == []


def test_of_one_person_the_oldest_job_comes_first() -> None:
    assert order([waiting("third", age=1), waiting("first", age=3), waiting("second", age=2)]) == [
        "first",
        "second",
        "third",
    ]


def test_a_newcomer_is_next_after_a_hundred_jobs_of_somebody_else() -> None:
    queue = [waiting(f"{n:03}", ADA, age=200 - n) for n in range(100)]
    newcomer = waiting("bo's only one", BO)
    # Ada's first is older and nobody has had anything: age decides, then she has had a turn.
    assert order([*queue, newcomer])[:3] == ["000", "bo's only one", "001"]
    # With one of Ada's done lately, the newcomer does not wait for any of the hundred.
    assert order([*queue, newcomer], {ADA.id: 1000})[0] == "bo's only one"


def test_people_with_the_same_wishes_take_turns() -> None:
    queue = [waiting(f"{who.name}{n}", who, age=9 - n) for who in (ADA, BO, CY) for n in range(3)]
    assert order(queue) == [f"{who}{n}" for n in range(3) for who in ("ada", "bo", "cy")]


def test_who_asks_for_costlier_pictures_gets_fewer_turns() -> None:
    posters = [waiting(f"poster{n}", ADA, ms=4000, age=20 - n) for n in range(3)]
    sketches = [waiting(f"sketch{n}", BO, ms=1000, age=10 - n) for n in range(8)]
    turns = order([*posters, *sketches])
    between = turns[turns.index("poster0") + 1 : turns.index("poster1")]
    assert between == ["sketch0", "sketch1", "sketch2", "sketch3"]


def test_what_somebody_had_within_the_hour_counts_against_their_turn() -> None:
    queue = [waiting("ada's", ADA, age=60), waiting("bo's", BO)]
    assert order(queue) == ["ada's", "bo's"]
    assert order(queue, {ADA.id: 1}) == ["bo's", "ada's"]
    assert order(queue, {ADA.id: 5000, BO.id: 5001}) == ["ada's", "bo's"]


def test_equals_are_taken_by_age_and_twins_always_in_the_same_order() -> None:
    assert order([waiting("b", BO, age=1), waiting("a", ADA, age=2)]) == ["a", "b"]
    twins = [waiting("b", BO), waiting("a", ADA), waiting("c", ADA)]
    assert order(twins) == order(twins[::-1]) == ["a", "b", "c"]


def test_waiting_costs_nothing_until_it_runs() -> None:
    many = [waiting(f"ada{n}", ADA, age=10 - n) for n in range(9)]
    one = [waiting("bo", BO, age=5)]
    assert order([*many, *one])[:2] == ["ada0", "bo"]


def test_a_job_older_than_the_hour_does_not_hide_what_its_owner_had() -> None:
    old = waiting("ada's old", ADA, ms=5000, age=FAIR_WINDOW_SECONDS + 1)
    new = waiting("bo's", BO, ms=1000)
    # The ledger of the hour knows of 4 s Ada had, and not of the reservation made before it.
    assert pick_next([old, new], {ADA.id: 4000, BO.id: 1000 + 3000}, NOON) == new


def test_relaxed_jobs_let_the_fast_ones_through() -> None:
    queue = [
        waiting("relaxed", ADA, lane=Lane.RELAX, age=RELAX_WAITS_SECONDS - 1),
        *(waiting(f"fast{n}", BO, age=5 - n) for n in range(3)),
    ]
    assert order(queue) == ["fast0", "fast1", "fast2", "relaxed"]


def test_but_not_for_ever() -> None:
    queue = [
        waiting("relaxed", ADA, lane=Lane.RELAX, age=RELAX_WAITS_SECONDS),
        *(waiting(f"fast{n}", BO, age=5 - n) for n in range(3)),
    ]
    assert order(queue)[0] == "relaxed"


def test_ones_own_fast_job_overtakes_ones_own_relaxed_one() -> None:
    queue = [waiting("relaxed", lane=Lane.RELAX, age=9), waiting("fast")]
    assert order(queue) == ["fast", "relaxed"]


JOBS = st.lists(
    st.builds(
        waiting,
        st.uuids().map(str),
        st.sampled_from([ADA, BO, CY]),
        ms=st.integers(0, 5000),
        age=st.sampled_from([0.0, 1.0, 2.0, 599.0, 600.0, 3000.0]),
        lane=st.sampled_from(Lane),
    ),
    max_size=12,
)
HAD = st.dictionaries(st.sampled_from([1, 2, 3]), st.integers(0, 9000))


@given(queue=JOBS, had=HAD)
def test_the_order_told_to_people_is_the_one_they_are_picked_in(
    queue: list[Waiting], had: dict[int, int]
) -> None:
    served = held(queue)
    served = {owner: served.get(owner, 0) + had.get(owner, 0) for owner in (1, 2, 3)}
    told = list(in_order(queue, served, NOON))
    picked: list[Waiting] = []
    left = list(queue)
    while (one := pick_next(left, served, NOON)) is not None:
        # It runs now: the reservation stays in the ledger, but it no longer waits.
        left.remove(one)
        picked.append(one)
    assert told == picked
    assert sorted(one.id for one in told) == sorted(one.id for one in queue)


@given(queue=JOBS, had=HAD, data=st.data())
def test_the_order_does_not_hang_on_how_the_rows_came(
    queue: list[Waiting], had: dict[int, int], data: st.DataObject
) -> None:
    assert order(data.draw(st.permutations(queue)), had) == order(queue, had)


@given(queue=JOBS, had=HAD)
def test_each_persons_own_jobs_keep_their_order_within_a_lane(
    queue: list[Waiting], had: dict[int, int]
) -> None:
    told = list(in_order(queue, {**held(queue), **had}, NOON))
    for who in (ADA, BO, CY):
        fast = [one for one in told if one.owner_id == who.id and one.lane is Lane.FAST]
        assert fast == sorted(fast, key=lambda one: (one.created_at, one.id))


@pytest.mark.parametrize("lane", Lane)
def test_nobody_starves_while_newcomers_keep_coming(lane: Lane) -> None:
    """Ada had an hour of GPU time, then asks once more; every ten seconds, as fast as jobs run, a
    stranger comes who has had nothing. Her job must run once her hour is over, if not before."""
    ran: list[tuple[float, int, int]] = [(NOON - 1, ADA.id, 3_600_000)]
    hers = Waiting(
        id="hers", owner_id=ADA.id, server_id=1, lane=lane, reserve_ms=10_000, created_at=NOON
    )
    queue, now, stranger = [hers], NOON, 100
    while hers in queue:
        now += 10
        stranger += 1
        queue += [
            Waiting(id=f"{stranger}", owner_id=stranger, server_id=1, lane=Lane.FAST,
                    reserve_ms=10_000, created_at=now)
        ]  # fmt: skip
        since = now - FAIR_WINDOW_SECONDS
        served = held([one for one in queue if one.created_at > since])
        for created_at, owner, ms in ran:
            if created_at > since:
                served[owner] = served.get(owner, 0) + ms
        one = pick_next(queue, served, now)
        assert one is not None
        queue.remove(one)
        ran.append((one.created_at, one.owner_id, one.reserve_ms))
        assert now - NOON <= FAIR_WINDOW_SECONDS + 60
    assert now > NOON + 10


# How long


def test_an_estimate_is_the_work_at_the_models_pace_and_what_any_job_costs() -> None:
    asked = request(steps=20, width=1000, height=1000, count=2)
    assert estimate_ms(asked, {"postcard": 10.0}) == 40 * 10 + FIXED_MS
    assert estimate_ms(asked, {"another": 10.0}) == 40 * UNKNOWN_MS_PER_WORK + FIXED_MS
    assert estimate_ms(asked.upscale("b", 0), {}) == FIXED_MS


def test_the_wait_is_what_is_ahead_and_ones_own_time() -> None:
    queue = [waiting("a", ms=3000), waiting("b", ms=5000), waiting("c", ms=7000)]
    assert wait_seconds(1, queue, [], 1, NOON) == 3
    assert wait_seconds(3, queue, [], 1, NOON) == 15
    assert wait_seconds(3, queue, [], 2, NOON) == 4 + 7


def test_what_already_runs_is_waited_for_less_what_it_has_run() -> None:
    queue = [waiting("a", ms=3000)]
    running = job(state=State.RUNNING, reserve_ms=10_000, started_at=NOON - 4)
    assert wait_seconds(1, queue, [running], 1, NOON) == 6 + 3
    late = job(state=State.RUNNING, reserve_ms=10_000, started_at=NOON - 40)
    assert wait_seconds(1, queue, [late], 1, NOON) == 3
    unstarted = job(state=State.RUNNING, reserve_ms=10_000)
    assert wait_seconds(1, queue, [unstarted], 1, NOON) == 13


def test_an_engine_without_workers_is_no_division_by_nothing() -> None:
    assert wait_seconds(1, [waiting("a", ms=3000)], [], 0, NOON) == 3
