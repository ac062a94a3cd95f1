"""One member's line in each lane, and what a server knows of its members."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.jobs import Waiting
from core.lines import RELAX_WAITS_SECONDS, TURBO, Crowd, Line, Member, Server, Shelving
from core.promise import PATIENCE_SECONDS
from core.request import Lane
from tests.builders import NOON, waiting


def line(lane: Lane = Lane.FAST, *jobs: Waiting) -> Line:
    made = Line(Member(Server(1, 1.0), 7, 1.0), lane)
    for job in jobs:
        made.add(job, load_ms=0, devices=1, due_at=None)
    made.ripen(NOON)
    return made


def test_the_oldest_job_is_first_in_whatever_order_they_come():
    made = line(Lane.FAST, waiting("b", age=5), waiting("c", age=1), waiting("a", age=9))
    assert [ticket.id for ticket in made.tickets] == ["a", "b", "c"]
    assert made.head.id == "a"


def test_a_job_is_never_due_before_the_one_ahead_of_it():
    made = line()
    made.add(waiting("a", age=10), load_ms=3_600_000, devices=1, due_at=None)
    made.add(waiting("b", age=5), load_ms=0, devices=1, due_at=None)
    first, second = made.tickets
    assert second.due_at >= first.due_at


def test_a_job_that_comes_back_keeps_the_time_it_is_due():
    made = line()
    made.add(waiting("a"), load_ms=3_600_000, devices=1, due_at=NOON + 5)
    assert made.head.due_at == NOON + 5


def test_a_line_is_due_when_its_first_job_is():
    made = line(Lane.FAST, waiting("a"))
    assert not made.due
    assert made.due_since() is None
    made.ripen(NOON + PATIENCE_SECONDS[Lane.FAST])
    assert made.due
    assert made.due_since() == (NOON, 0.0, 0, "a")
    assert made.next_change() is None


def test_a_relaxed_line_takes_turns_with_the_others_after_a_while():
    made = line(Lane.RELAX, waiting("a", lane=Lane.RELAX))
    assert made.relaxed
    assert made.next_change() == (NOON + RELAX_WAITS_SECONDS, NOON, 7, "a")
    made.ripen(NOON + RELAX_WAITS_SECONDS)
    assert not made.relaxed
    assert not made.due


def test_a_line_stands_under_its_first_jobs_model_and_turbo_by_itself():
    job = replace(waiting("a"), model="sdxl")
    assert line(Lane.FAST, job).shelvings() == (Shelving(False), Shelving(False, "sdxl"))
    assert Shelving(False, TURBO) in line(Lane.TURBO, replace(job, lane=Lane.TURBO)).shelvings()
    assert line().shelvings() == ()


def test_a_line_is_full_when_its_owner_has_as_many_running_as_he_may():
    made = line(Lane.FAST, replace(waiting("a"), max_running=1))
    assert not made.full
    made.member.running = 1
    assert made.full


def test_whoever_begins_to_wait_starts_from_where_the_others_are():
    crowd, member = Crowd(), Member(Server(1, 1.0), 7, 2.0)
    assert crowd.counts(member, True, True)
    assert not crowd.counts(member, True, True)
    assert (crowd.waiting_weight, crowd.active_weight) == (2.0, 2.0)
    assert crowd.weight_of(relaxed=False) == 2.0
    assert not crowd.counts(member, False, False)
    assert crowd.weight_of(relaxed=False) > 0


def test_members_who_are_gone_are_let_go_once_they_are_not_ahead():
    server = Server(1, 1.0)
    gone, ahead = Member(server, 1, 1.0), Member(server, 2, 1.0, tag=50.0)
    server.members = {1: gone, 2: ahead}
    server.leaving.extend([gone, ahead])
    server.forget()
    assert set(server.members) == {2}
    server.virtual = 50.0
    server.forget()
    assert not server.members


# Made side by side


@pytest.mark.parametrize(
    ("lane", "age", "share"),
    [
        (Lane.TURBO, 0, 4.0),
        (Lane.FAST, 0, 1.0),
        (Lane.RELAX, 0, 0.25),
        (Lane.RELAX, RELAX_WAITS_SECONDS, 1.0),
    ],
)
def test_a_job_has_the_share_of_its_lane(lane: Lane, age: float, share: float) -> None:
    member = Member(Server(3, 1.0), 5, 1.0, running=1)
    member.server.members[5] = member
    assert member.share(waiting("a", lane=lane, age=age), NOON) == share


def test_a_servers_weight_is_shared_out_among_those_who_have_something_running() -> None:
    server = Server(3, 6.0)
    for number, running in ((5, 1), (6, 2), (7, 0)):
        server.members[number] = Member(server, number, 1.0, running=running)
    assert server.members[5].share(waiting("a"), NOON) == 3.0
