"""Whose turn is it? Each story is a list of people and of what they asked for, oldest first."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fairness import backlogged, fair, first_come, jain, mix, of_light_members, p95
from core.jobs import Owner, Waiting
from core.lines import RELAX_WAITS_SECONDS, Weights
from core.promise import PATIENCE_SECONDS, RUNNING_SECONDS, STRETCH
from core.request import Lane
from core.schedule import (
    AFFINITY_SLACK_MS,
    EVERYWHERE,
    TURBO_LEAD_MS,
    Choice,
    Schedule,
)
from tests.builders import ADA, BO, NOON, waiting

CY = Owner(3, "cy")


def schedule(
    queue: Sequence[Waiting] = (), *, devices: int = 1, weights: Weights | None = None
) -> Schedule:
    made = Schedule(devices, weights)
    for job in queue:
        made.add(job, NOON)
    return made


def order(queue: Sequence[Waiting], weights: Weights | None = None, **choice: Any) -> list[str]:
    """The ids in the order they are run, one after the other, nothing new coming."""
    return [job.id for job in run(schedule(queue, weights=weights), **choice)]


def run(made: Schedule, count: int = 10_000, **choice: Any) -> list[Waiting]:
    ran: list[Waiting] = []
    while len(ran) < count and (job := made.pick(Choice(NOON, **choice))) is not None:
        made.take(job.id, NOON)
        made.ended(job.id, job.reserve_ms, NOON)
        ran.append(job)
    return ran


def on(server_id: int, job: Waiting) -> Waiting:
    return replace(job, server_id=server_id)


def of_model(model: str, job: Waiting) -> Waiting:
    return replace(job, model=model)


def test_nobody_waits_when_nothing_does() -> None:
    assert schedule().pick(Choice(NOON)) is None
    assert order([]) == []


def test_of_one_person_the_oldest_job_comes_first() -> None:
    queue = [waiting("third", age=1), waiting("first", age=3), waiting("second", age=2)]
    assert order(queue) == ["first", "second", "third"]


def test_a_newcomer_is_next_after_a_hundred_jobs_of_somebody_else() -> None:
    made = schedule([waiting(f"{n:03}", ADA, age=100 - n) for n in range(100)])
    assert [job.id for job in run(made, 3)] == ["000", "001", "002"]
    made.add(waiting("bo's only one", BO), NOON)
    assert [job.id for job in run(made, 2)] == ["bo's only one", "003"]


def test_people_with_the_same_wishes_take_turns() -> None:
    queue = [waiting(f"{who.name}{n}", who, age=9 - n) for who in (ADA, BO, CY) for n in range(3)]
    assert order(queue) == [f"{who}{n}" for n in range(3) for who in ("ada", "bo", "cy")]


def test_who_asks_for_costlier_pictures_gets_fewer_turns() -> None:
    posters = [waiting(f"poster{n}", ADA, ms=4000, age=20 - n) for n in range(3)]
    sketches = [waiting(f"sketch{n}", BO, ms=1000, age=10 - n) for n in range(8)]
    turns = order([*posters, *sketches])
    between = turns[turns.index("poster0") + 1 : turns.index("poster1")]
    assert between == ["sketch0", "sketch1", "sketch2", "sketch3"]


def test_what_counts_in_the_end_is_what_a_job_did_cost() -> None:
    made = schedule(
        [waiting(f"{who.name}{n}", who, age=9 - n) for who in (ADA, BO) for n in range(4)]
    )
    made.take("ada0", NOON)
    made.ended("ada0", 3000, NOON)
    assert [job.id for job in run(made, 4)] == ["bo0", "bo1", "bo2", "ada1"]


def test_a_job_that_failed_or_went_back_costs_no_turn() -> None:
    made = schedule([waiting("ada0", ADA, age=3), waiting("ada1", ADA, age=2), waiting("bo", BO)])
    made.take("ada0", NOON)
    made.add(waiting("ada0", ADA, age=3), NOON)
    assert [job.id for job in run(made)] == ["ada0", "bo", "ada1"]


def test_servers_share_alike_however_many_members_ask() -> None:
    crowd = [on(1, waiting(f"crowd{n}", Owner(n, ""), age=50)) for n in range(10, 30)]
    alone = [on(2, waiting(f"alone{n}", BO, age=20 - n)) for n in range(10)]
    turns = order([*crowd, *alone])
    assert sum(name.startswith("alone") for name in turns[:20]) == 10


def test_weights_are_shares() -> None:
    queue = [waiting(f"{who.name}{n:02}", who, age=60 - n) for who in (ADA, BO) for n in range(40)]
    turns = order(queue, Weights(members={(10, ADA.id): 3.0}))
    assert Counter(name[:2] for name in turns[:40]) == {"ad": 30, "bo": 10}
    queue = [on(1 + (job.owner_id == BO.id), job) for job in queue]
    turns = order(queue, Weights(servers={2: 3.0}))
    assert Counter(name[:2] for name in turns[:40]) == {"ad": 10, "bo": 30}


def test_a_servers_weight_may_change_while_jobs_wait_and_run() -> None:
    queue = [waiting(f"{who.name}{n:02}", who, age=99 - n) for who in (ADA, BO) for n in range(60)]
    made = schedule([on(1 + (job.owner_id == BO.id), job) for job in queue])
    turns = run(made, 20)
    assert Counter(job.server_id for job in turns) == {1: 10, 2: 10}
    at_work = made.pick(Choice(NOON))
    assert at_work is not None
    made.take(at_work.id, NOON)
    made.reweigh({2: 3.0})
    # What it was charged by the old weight is given back by the old weight.
    made.ended(at_work.id, 0, NOON)
    assert Counter(job.server_id for job in run(made, 40)) == {1: 10, 2: 30}
    made.reweigh({})
    assert Counter(job.server_id for job in run(made, 20)) == {1: 10, 2: 10}


def test_nobody_saves_up_turns_while_away() -> None:
    made = schedule([waiting(f"ada{n:02}", ADA, age=90 - n) for n in range(50)])
    run(made, 30)
    for n in range(10):
        made.add(waiting(f"bo{n}", BO), NOON)
    assert Counter(job.owner_id for job in run(made, 10)) == {ADA.id: 5, BO.id: 5}


# Lanes


def test_relaxed_jobs_let_the_others_through() -> None:
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


def test_waiting_in_the_relaxed_lane_earns_no_turns_in_the_fast_one() -> None:
    made = schedule([waiting("relaxed", ADA, lane=Lane.RELAX)])
    for n in range(20):
        made.add(waiting(f"bo{n:02}", BO, age=30 - n), NOON)
    run(made, 10)
    for n in range(10):
        made.add(waiting(f"ada{n}", ADA), NOON)
    assert Counter(job.owner_id for job in run(made, 10)) == {ADA.id: 5, BO.id: 5}


def test_a_job_moved_to_the_relaxed_lane_waits_there() -> None:
    made = schedule([waiting("ada", ADA, age=5), waiting("bo", BO)])
    made.add(waiting("ada", ADA, age=5, lane=Lane.RELAX), NOON)
    assert [job.id for job in run(made)] == ["bo", "ada"]


def test_turbo_goes_ahead_but_only_so_far() -> None:
    queue = [waiting(f"fast{n:02}", ADA, ms=10_000, age=60 - n) for n in range(20)]
    queue += [waiting(f"turbo{n:02}", BO, ms=10_000, lane=Lane.TURBO) for n in range(20)]
    turns = order(queue)
    ahead = round(TURBO_LEAD_MS / 10_000)
    assert all(name.startswith("turbo") for name in turns[:ahead])
    assert "fast00" in turns[: ahead + 2]
    assert sum(name.startswith("fast") for name in turns[:30]) >= (30 - ahead - 2) / 2


def test_strangers_in_the_turbo_lane_cannot_hold_up_a_fast_job_for_long() -> None:
    made, n = schedule([waiting("fast", ADA, ms=5000, age=50)]), 0
    for n in range(100):
        stranger = waiting(f"stranger{n}", Owner(10 + n, ""), ms=5000, lane=Lane.TURBO)
        made.add(stranger, NOON)
        if run(made, 1)[0].id == "fast":
            break
    assert n == TURBO_LEAD_MS / 5000


# Models


def test_a_loaded_model_is_kept_while_that_is_fair() -> None:
    queue = [
        of_model("ab"[n % 2], waiting(f"{who.name}{n}", who, age=50 - 3 * n - who.id))
        for n in range(6)
        for who in (ADA, BO, CY)
    ]
    made, loaded, changes = schedule(queue), "a", 0
    while (job := made.pick(Choice(NOON, loaded=(loaded,)))) is not None:
        made.take(job.id, NOON)
        changes += job.model != loaded
        loaded = job.model
    plain = [job.model for job in run(schedule(queue))]
    assert changes <= 1 + sum(one != two for one, two in pairwise(plain))


def test_strangers_with_the_loaded_model_cannot_hold_up_another_for_long() -> None:
    made, n = schedule([of_model("b", waiting("other", ADA, ms=5000, age=50))]), 0
    for n in range(100):
        made.add(of_model("a", waiting(f"stranger{n}", Owner(10 + n, ""), ms=5000)), NOON)
        if run(made, 1, loaded=("a",))[0].id == "other":
            break
    assert n == AFFINITY_SLACK_MS / 5000


# Who must not be picked


def test_what_waits_on_a_paused_server_is_left_waiting() -> None:
    queue = [on(1, waiting("here", ADA, age=5)), on(2, waiting("there", BO))]
    assert order(queue, paused=frozenset({1})) == ["there"]
    assert order(queue, paused=frozenset({EVERYWHERE})) == []


def test_a_pause_earns_no_turns() -> None:
    made = schedule([on(1, waiting(f"here{n:02}", ADA, age=90 - n)) for n in range(20)])
    for n in range(20):
        made.add(on(2, waiting(f"there{n:02}", BO, age=50 - n)), NOON)
    run(made, 10, paused=frozenset({1}))
    assert Counter(job.owner_id for job in run(made, 10))[ADA.id] in (5, 6)


def test_who_has_as_many_running_as_allowed_is_passed_over() -> None:
    made = schedule(
        [replace(waiting(f"ada{n}", ADA, age=9 - n), max_running=1) for n in range(2)]
        + [waiting("bo0", BO), waiting("bo1", BO)]
    )
    made.take("ada0", NOON)
    picked = run(made, 2)
    assert [job.id for job in picked] == ["bo0", "bo1"]
    assert made.pick(Choice(NOON)) is None
    made.ended("ada0", 1000, NOON)
    assert [job.id for job in run(made)] == ["ada1"]


# The promise


def test_a_job_that_waited_many_times_the_length_of_the_queue_goes_first() -> None:
    load = 100_000
    old = waiting("old", CY, lane=Lane.RELAX, age=STRETCH * load / 1000 + 2000)
    made = schedule([waiting("before", ADA, ms=load), old])
    for n in range(5):
        made.add(waiting(f"turbo{n}", BO, lane=Lane.TURBO), NOON)
    assert run(made, 1)[0].id == "old"


@pytest.mark.parametrize("lane", Lane)
def test_nobody_starves_while_newcomers_keep_coming(lane: Lane) -> None:
    """Ada has had much and asks for ten more; every ten seconds, as fast as jobs run, a stranger
    comes who has had nothing. Hers begin when it was said they would."""
    made, now = schedule(), NOON
    for n in range(10):
        hers = replace(waiting(f"hers{n}", ADA, ms=10_000, lane=lane), model="m")
        made.add(hers, now)
    bounds = {f"hers{n}": made.begins_by(f"hers{n}") for n in range(10)}
    stranger = 100
    while any(job_id in made for job_id in bounds):
        stranger += 1
        made.add(
            replace(
                waiting(f"{stranger}", Owner(stranger, ""), ms=10_000, lane=Lane.TURBO),
                created_at=now,
                model="loaded",
            ),
            now,
        )
        job = made.pick(Choice(now, loaded=("loaded",)))
        assert job is not None
        made.take(job.id, now)
        if (bound := bounds.get(job.id)) is not None:
            assert now <= bound
        now += 10
        made.ended(job.id, 10_000, now)


def test_nor_where_eight_jobs_share_the_device() -> None:
    """The same, when each that runs has an eighth of every second and a stranger comes whenever one
    of them is done."""
    made, now, slots = schedule(), NOON, 8
    for n in range(20):
        made.add(waiting(f"hers{n}", ADA, ms=10_000), now)
    bounds = {f"hers{n}": made.begins_by(f"hers{n}") for n in range(20)}
    stranger, running = 100, dict[str, float]()
    while any(job_id in made for job_id in bounds):
        while len(running) < slots:
            stranger += 1
            newcomer = waiting(f"{stranger}", Owner(stranger, ""), ms=10_000, lane=Lane.TURBO)
            made.add(replace(newcomer, created_at=now), now)
            job = made.pick(Choice(now))
            assert job is not None
            made.take(job.id, now)
            running[job.id] = 10.0
            if (bound := bounds.get(job.id)) is not None:
                assert now <= bound
        least = min(running.values())
        now += least * slots
        running = {job_id: left - least for job_id, left in running.items()}
        for job_id in [one for one, left in running.items() if left <= 0]:
            del running[job_id]
            made.ended(job_id, 10_000, now)


def test_the_stated_bound_is_what_the_rule_says() -> None:
    made = schedule([waiting("a", ADA, ms=60_000)], devices=2)
    patience = PATIENCE_SECONDS[Lane.FAST]
    assert made.begins_by("a") == NOON + patience * (1 + 1 / STRETCH) + RUNNING_SECONDS
    made.add(waiting("b", BO), NOON)
    due = STRETCH * 60 / 2
    assert made.begins_by("b") == NOON + due * (1 + 1 / STRETCH) + RUNNING_SECONDS


# Any queue


def anything(
    id: UUID, who: Owner, server: int, ms: int, age: float, lane: Lane, model: str
) -> Waiting:
    job = waiting(str(id), who, ms=ms, age=age, lane=lane)
    return replace(job, server_id=server, model=model)


JOBS = st.lists(
    st.builds(
        anything,
        st.uuids(),
        st.sampled_from([ADA, BO, CY]),
        st.sampled_from([1, 2]),
        st.integers(0, 50_000),
        st.sampled_from([0.0, 1.0, 2.0, 119.0, 120.0, 599.0, 600.0, 3000.0]),
        st.sampled_from(Lane),
        st.sampled_from("ab"),
    ),
    max_size=14,
)
LOADED = st.sampled_from([(), ("a",), ("b",)])


@given(queue=JOBS, loaded=LOADED, paused=st.sampled_from([(), (1,), (2,)]))
def test_everything_that_may_run_is_picked_once(
    queue: list[Waiting], loaded: Collection[str], paused: Collection[int]
) -> None:
    made = schedule(queue)
    ran = run(made, loaded=loaded, paused=paused)
    assert sorted(job.id for job in ran) == sorted(
        job.id for job in queue if job.server_id not in paused
    )
    assert len(made) == len(queue) - len(ran)
    assert sorted(ran, key=id_of) == sorted(
        (job for job in queue if job.server_id not in paused), key=id_of
    )
    assert made.waiting_ms == sum(job.reserve_ms for job in queue if job.server_id in paused)


@given(queue=JOBS, loaded=LOADED)
def test_the_order_told_to_people_is_the_one_they_are_picked_in(
    queue: list[Waiting], loaded: tuple[str, ...]
) -> None:
    made = schedule(queue)
    told = made.front(Choice(NOON, loaded=loaded), len(queue))
    picked: list[Waiting] = []
    while (job := made.pick(Choice(NOON, loaded=loaded))) is not None:
        made.take(job.id, NOON)
        loaded = (job.model,)
        picked.append(job)
    assert sorted(job.id for job in told) == sorted(job.id for job in picked)
    if not loaded or len({job.model for job in queue}) < 2:
        assert told == picked


@given(queue=JOBS, loaded=LOADED, count=st.integers(0, 14))
def test_looking_ahead_changes_nothing(
    queue: list[Waiting], loaded: Collection[str], count: int
) -> None:
    looked, plain = schedule(queue), schedule(queue)
    looked.front(Choice(NOON, loaded=loaded), count)
    assert run(looked, loaded=loaded) == run(plain, loaded=loaded)


@given(queue=JOBS)
def test_each_persons_own_jobs_keep_their_order_within_a_lane(queue: list[Waiting]) -> None:
    ran = run(schedule(queue))
    for who, server, lane in {(job.owner_id, job.server_id, job.lane) for job in queue}:
        own = [job for job in ran if (job.owner_id, job.server_id, job.lane) == (who, server, lane)]
        assert own == sorted(own, key=lambda job: (job.created_at, job.id))


def test_a_place_far_back_is_told_as_if_all_jobs_cost_the_same() -> None:
    people = [Owner(n, "") for n in range(1, 6)]
    queue = [waiting(f"{who.id}-{n}", who, age=90 - n) for who in people for n in range(10)]
    queue += [waiting("relaxed", CY, lane=Lane.RELAX, age=5)]
    made = schedule(queue)
    told = [job.id for job in made.front(Choice(NOON), 100)]
    for at, job_id in enumerate(told, 1):
        assert abs(made.about(job_id) - at) < len(people)


COSTS = st.lists(st.tuples(st.integers(1, 20_000), st.sampled_from("ab")), min_size=60, max_size=60)


@given(costs=COSTS, weight=st.sampled_from([1.0, 2.0, 5.0]), loaded=st.sampled_from("ab"))
def test_of_two_who_wait_neither_gets_ahead_by_more_than_the_slack(
    costs: list[tuple[int, str]], weight: float, loaded: str
) -> None:
    """By weight, and but for a job of each."""
    made = schedule(weights=Weights(members={(10, BO.id): weight}))
    for n, (ms, model) in enumerate(costs):
        who = (ADA, BO)[n % 2]
        made.add(of_model(model, waiting(f"{n:02}", who, ms=ms, age=100 - n)), NOON)
    had, left = {ADA.id: 0.0, BO.id: 0.0}, Counter({ADA.id: 30, BO.id: 30})
    while all(left.values()):
        (job,) = run(made, 1, loaded=(loaded,))
        loaded = job.model
        left[job.owner_id] -= 1
        had[job.owner_id] += job.reserve_ms / (weight if job.owner_id == BO.id else 1.0)
        assert abs(had[ADA.id] - had[BO.id]) <= AFFINITY_SLACK_MS + 2 * 20_000


def id_of(job: Waiting) -> str:
    return job.id


# A day in small: the benchmark asserts the same on an hour


@pytest.mark.parametrize("seed", [1, 2])
def test_one_who_floods_the_queue_does_not_hold_up_the_others(seed: int) -> None:
    arrivals = mix(random.Random(seed), 3600, light=20, load=1.3)
    ours = fair(arrivals)
    theirs = first_come(arrivals)
    assert p95(of_light_members(theirs)) >= 10 * p95(of_light_members(ours))
    assert ours.late == 0


def test_those_who_always_wait_get_equal_shares() -> None:
    outcome = fair(backlogged(random.Random(3), 1800, members=21), until=1800)
    assert jain(list(outcome.served_ms.values())) >= 0.95
    assert outcome.late == 0
