"""The life of a job: what it may become, and what of it may be shown."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest

from core.jobs import ENDED, MOST_IN_A_SET, MOVES, Actor, Place, State, in_set
from tests.builders import ADA, CHANNEL, SHELL, job, new_job

LIVES = [
    "queued running done",
    "queued running failed",
    "queued cancelled",
    "queued running cancelled",
    "queued running queued running done",
    "queued failed",
]


@pytest.mark.parametrize("life", LIVES)
def test_a_job_may_live_so(life: str) -> None:
    for old, new in pairwise(State(state) for state in life.split()):
        assert new in MOVES[old]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("done", "queued"),
        ("done", "failed"),
        ("cancelled", "running"),
        ("failed", "queued"),
        ("queued", "done"),
        ("queued", "queued"),
        ("running", "running"),
        ("done", "done"),
    ],
)
def test_but_not_so(old: str, new: str) -> None:
    assert State(new) not in MOVES[State(old)]


def test_what_ended_stays_as_it_is() -> None:
    assert {state for state, next_ones in MOVES.items() if not next_ones} == ENDED
    assert {state for state in State if state.ended} == ENDED
    assert set(MOVES) == set(State)


def test_every_state_can_be_reached_and_left_towards_an_end() -> None:
    reached = {State.QUEUED} | {new for next_ones in MOVES.values() for new in next_ones}
    assert reached == set(State)
    assert all(next_ones & ENDED for state, next_ones in MOVES.items() if not state.ended)


def test_a_token_never_shows_in_what_is_logged_of_a_job() -> None:
    for value in (CHANNEL, job(), new_job()):
        assert CHANNEL.token not in repr(value)
        assert "channel_id=20" in repr(value)


def test_the_shell_is_a_place_too_but_not_on_discord() -> None:
    assert CHANNEL.on_discord
    assert not SHELL.on_discord
    assert Place() == SHELL


def test_who_runs_a_server_is_in_charge_there_and_nowhere_else() -> None:
    there = Place(server_id=7, channel_id=8)
    moderator = Actor(ADA, moderates=True, server_id=7)
    assert moderator.in_charge_at(there)
    assert Actor(ADA, administers=True, server_id=7).in_charge_at(there)
    assert not Actor(ADA, server_id=7).in_charge_at(there)
    assert not dataclasses.replace(moderator, server_id=9).in_charge_at(there)
    nowhere = dataclasses.replace(there, server_id=0)
    assert not dataclasses.replace(moderator, server_id=0).in_charge_at(nowhere), (
        "messages are their owner's"
    )


def test_a_job_cannot_be_changed_behind_the_stores_back() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        job().state = State.DONE  # type: ignore[misc]


def test_the_jobs_of_a_set_have_ids_of_their_own() -> None:
    ids = [in_set("1234", number) for number in range(1, MOST_IN_A_SET + 1)]
    assert ids[:3] == ["1234", "1234#2", "1234#3"]
    assert len(set(ids)) == MOST_IN_A_SET
