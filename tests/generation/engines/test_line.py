"""Which worker is given which task. A worker: how many tasks it makes at once, and what it has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.events import Failed
from generation.engines.line import Line
from generation.engines.run import Run
from tests.generation.build import a_task


class Desk:
    def __init__(self, together: int, loaded: str = "tiny") -> None:
        self.together = together
        self.loaded = loaded
        self.runs: list[Run] = []

    @property
    def room(self) -> int:
        return self.together - len(self.runs)

    def has(self, model: str) -> bool:
        return model == self.loaded

    def give(self, run: Run) -> None:
        self.runs.append(run)

    def makes(self) -> str:
        return "".join(run.task.job_id for run in self.runs)

    def ends(self, job_id: str) -> None:
        self.runs = [run for run in self.runs if run.task.job_id != job_id]


class Office:
    """A line before desks. A capital letter is a task that is alone."""

    def __init__(self, folder: Path, *desks: Desk) -> None:
        self.folder = folder
        self.desks = desks
        self.line = Line()

    def come(self, names: str, **changes: Any) -> list[Run]:
        runs = [
            Run(a_task(self.folder, job_id=name, alone=name.isupper(), **changes)) for name in names
        ]
        for run in runs:
            self.line.add(run)
        self.hand_out()
        return runs

    def end(self, job_id: str) -> None:
        for desk in self.desks:
            desk.ends(job_id)
        self.hand_out()

    def hand_out(self) -> None:
        self.line.hand_out(self.desks)

    @property
    def made(self) -> list[str]:
        return [desk.makes() for desk in self.desks]


@pytest.fixture
def one(tmp_path: Path) -> Office:
    return Office(tmp_path, Desk(3))


@pytest.fixture
def two(tmp_path: Path) -> Office:
    return Office(tmp_path, Desk(3), Desk(3))


def test_a_worker_is_given_as_many_as_it_makes_at_once(one: Office):
    one.come("abcde")
    assert one.made == ["abc"]
    one.end("b")
    assert one.made == ["acd"]


def test_without_a_worker_all_wait_until_one_is_ready(tmp_path: Path):
    empty = Office(tmp_path)
    empty.come("ab")
    empty.desks = (Desk(3),)
    empty.hand_out()
    assert empty.made == ["ab"]


def test_tasks_are_spread_over_the_workers(two: Office):
    two.come("abcd")
    assert sorted(map(len, two.made)) == [2, 2]


def test_a_worker_that_has_the_model_is_preferred_until_it_has_much_more_to_do(tmp_path: Path):
    office = Office(tmp_path, Desk(8, loaded="other"), Desk(8))
    office.come("ab")
    assert office.made == ["", "ab"]
    office.come("cd")
    assert office.made == ["c", "abd"]


def test_one_that_is_alone_waits_for_an_empty_worker_which_takes_nothing_meanwhile(one: Office):
    one.come("aBc")
    assert one.made == ["a"]
    one.end("a")
    assert one.made == ["B"]
    one.end("B")
    assert one.made == ["c"]


def test_who_came_before_it_goes_before_it(one: Office):
    one.come("abcdE")
    one.end("a")
    assert one.made == ["bcd"]


def test_a_stream_of_them_does_not_hold_up_the_others(one: Office):
    one.come("AbCd")
    one.end("A")
    assert one.made == ["b"]
    one.end("b")
    one.end("C")
    assert one.made == ["d"]


def test_while_one_worker_empties_the_other_goes_on(two: Office):
    two.come("abc")
    busy, emptier = sorted(two.desks, key=lambda desk: desk.room)
    two.come("Efg")
    assert emptier.makes() in "abc"
    assert busy.makes().endswith("f")
    two.end(emptier.makes())
    assert emptier.makes() == "E"
    two.come("h")
    assert emptier.makes() == "E"


def test_several_that_are_alone_take_a_worker_each(two: Office):
    two.come("ABCd")
    assert two.made == ["A", "B"]
    two.end("A")
    assert two.made == ["C", "B"]


def test_a_job_that_was_left_and_comes_again_goes_elsewhere_or_waits(one: Office, two: Office):
    for office in (one, two):
        office.come("a")
        office.come("a")
    assert one.made == ["a"]
    assert two.made == ["a", "a"]


def test_one_that_is_removed_while_it_waits_lets_the_others_through(one: Office):
    one.come("a")
    (alone,) = one.come("B")
    one.come("c")
    assert one.line.remove(alone)
    assert not one.line.remove(alone)
    one.hand_out()
    assert one.made == ["ac"]


def test_when_waiting_is_for_nothing_all_are_told(tmp_path: Path):
    office = Office(tmp_path)
    runs = office.come("ab")
    office.line.leave_all("No worker starts.")
    for run in runs:
        told = run.events.get_nowait()
        assert isinstance(told, Failed)
        assert told.sentence == "No worker starts."
