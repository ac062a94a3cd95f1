"""What Easel and its workers say to each other, a line at a time."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import (
    Alive,
    Answer,
    Ask,
    Cancel,
    Cancelled,
    Command,
    Failed,
    FailureKind,
    Finished,
    ImageReady,
    Inquiry,
    Preview,
    Progress,
    Ready,
    Started,
    Task,
    WorkerLine,
    decode_command,
    decode_event,
    encode,
)
from core.request import Part, Source
from tests.builders import request

EVENTS: list[WorkerLine] = [
    Ready("cpu"),
    Ready("cuda", beat_seconds=5, together=8),
    Alive(),
    Started("j1", 24),
    Progress("j1", 1, 24),
    Preview("j1", 4, "/spool/j1/preview-4.jpg"),
    ImageReady("j1", 1, "/spool/j1/1.png", 128, 96, 7),
    Finished("j1", "/spool/j1/grid.png", 1234),
    Failed("j1", FailureKind.OUT_OF_MEMORY, "That picture needs more memory.", 12),
    Cancelled("j1", 55),
    Answer(id="q1", numbers=(0.5, 2.0)),
    Answer(id="q2", sentence="No."),
    Answer(id="q3", texts=("a cat", "猫"), note="Guessed.", varies=True),
]
COMMANDS: list[Command] = [
    Task(job_id="j1", request=request(), spool="/spool/j1"),
    Task(
        job_id="j2",
        request=request(
            "灯台::2\nnew line",
            parts=(Part("灯台", 2.0), Part("new line")),
            source=Source("b.png", 0.5),
            aspect=(3, 2),
        ),
        spool="/spool/j2",
        source_path="/data/b.png",
        cautious=True,
        checkpoint="/data/checkpoints/j2.safetensors",
        resume=True,
        estimate_seconds=12.5,
        owner="7:8",
        weight=0.5,
        alone=True,
    ),
    Cancel("j1"),
    Ask(id="q1", inquiry=Inquiry.WORTH, request=request(), texts=("a", "b"), owner="7:8"),
    Ask(id="q2", inquiry=Inquiry.CAPTION, picture="/data/p.png", seconds=5),
    Ask(id="q3", inquiry=Inquiry.LOOK, picture="/data/p.png"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_an_event_arrives_as_it_was_sent(event: WorkerLine) -> None:
    line = encode(event)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line)["type"] == event.type
    assert decode_event(line) == event


@pytest.mark.parametrize("command", COMMANDS, ids=["plain", "full", "cancel", "ask", "see", "look"])
def test_a_command_arrives_as_it_was_sent(command: Command) -> None:
    line = encode(command)
    assert line.count(b"\n") == 1
    assert decode_command(line) == command


@given(text=st.text())
def test_whatever_a_member_types_stays_on_one_line(text: str) -> None:
    task = Task(job_id="j", request=request(text, parts=(Part(text),)), spool="s")
    line = encode(task)
    assert line.isascii()
    assert line.splitlines() == [line.rstrip(b"\n")]
    assert decode_command(line) == task


def test_a_failure_keeps_its_kind_and_not_only_its_letters() -> None:
    failed = decode_event(encode(Failed("j", FailureKind.DISK, "Full.")))
    assert isinstance(failed, Failed)
    assert failed.kind is FailureKind.DISK


GARBAGE = [
    b"",
    b"\n",
    b"Traceback (most recent call last):",
    b"\xff\xfe",
    b"null",
    b"5",
    b'"task"',
    b"[]",
    b"{}",
    b'{"type": "dance"}',
    b'{"type": ["task"]}',
    b'{"type": "progress", "job_id": "j"}',
    b'{"type": "progress", "job_id": "j", "step": 1, "steps": 2, "more": 3}',
    b'{"type": "failed", "job_id": "j", "kind": "bored", "sentence": ""}',
    b'{"type": "task"}',
    b'{"type": "task", "job_id": "j", "spool": "s", "request": 5}',
    b'{"type": "task", "job_id": "j", "spool": "s", "request": []}',
    b'{"type": "task", "job_id": "j", "spool": "s", "request": {"parts": [], "aspect": [1]}}',
    b'{"type": "cancel"}',
    b'{"type": "ask", "id": "q", "inquiry": "worth"}',
    b'{"type": "answer", "id": "q", "numbers": ["far"]}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("line", GARBAGE, ids=lambda line: repr(line[:40]))
def test_a_line_that_is_none_is_refused_whole(line: bytes) -> None:
    with pytest.raises(ValueError):
        decode_event(line)
    with pytest.raises(ValueError):
        decode_command(line)


@given(line=st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_noise_on_the_pipe_is_refused_and_nothing_worse(line: bytes) -> None:
    for decode in (decode_event, decode_command):
        with pytest.raises(ValueError):
            decode(line)


@pytest.mark.parametrize("command", COMMANDS, ids=["plain", "full", "cancel", "ask", "see", "look"])
def test_a_command_is_not_an_event(command: Command) -> None:
    with pytest.raises(ValueError):
        decode_event(encode(command))


def test_an_event_is_not_a_command() -> None:
    for event in EVENTS:
        with pytest.raises(ValueError):
            decode_command(encode(event))
