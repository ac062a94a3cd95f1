"""Who may have a job begun now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.choice import Choice
from core.lines import Line, Member, Server
from core.request import Lane
from tests.builders import NOON, waiting


@pytest.fixture
def line() -> Line:
    """Of member 5 on server 3."""
    made = Line(Member(Server(3, 1.0), 5, 1.0), Lane.FAST)
    made.add(replace(waiting("a"), max_running=4), load_ms=0, devices=1, due_at=None)
    return made


@pytest.mark.parametrize(
    ("choice", "running", "stays", "waits"),
    [
        (Choice(NOON), 3, False, False),
        (Choice(NOON), 4, True, True),
        (Choice(NOON, paused={3}), 0, True, True),
        (Choice(NOON, paused={5}), 0, False, False),
        (Choice(NOON, held={(3, 5)}), 0, True, True),
        (Choice(NOON, held={(5, 3)}), 0, False, False),
        (Choice(NOON, enough={(3, 5)}), 0, False, True),
        (Choice(NOON, enough={(5, 3)}), 0, False, False),
    ],
    ids=[
        "welcome",
        "full",
        "paused",
        "another paused",
        "held",
        "another held",
        "has enough",
        "another has enough",
    ],
)
def test_a_line_stays_or_waits(
    line: Line, choice: Choice, running: int, stays: bool, waits: bool
) -> None:
    line.member.running = running
    assert (choice.stays(line), choice.waits(line)) == (stays, waits)


def test_one_that_was_tried_before_stays_while_there_is_no_device_for_it_alone(line: Line) -> None:
    line.remove("a")
    line.add(replace(waiting("b"), tried=True), load_ms=0, devices=1, due_at=None)
    assert not Choice(NOON).stays(line)
    assert Choice(NOON, alone=False).stays(line)
