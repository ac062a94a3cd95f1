"""The worker's program: its descriptors, its commands and its ways to end."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.events import (
    Alive,
    Cancel,
    Cancelled,
    Command,
    Finished,
    Progress,
    Ready,
    Started,
    WorkerLine,
    decode_event,
    encode,
)
from generation.worker import EXIT_SETTINGS
from tests.generation.build import a_task


class Program:
    """A worker and its pipes."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def tell(self, *commands: Command | bytes) -> None:
        assert self.process.stdin
        for command in commands:
            data = command if isinstance(command, bytes) else encode(command)
            self.process.stdin.write(data)
        self.process.stdin.flush()

    def hear(self) -> WorkerLine:
        assert self.process.stdout
        return decode_event(self.process.stdout.readline())

    def rest(self) -> list[bytes]:
        assert self.process.stdout
        return self.process.stdout.readlines()

    def close(self) -> str:
        """Closes the commands; returns what was said on the standard error."""
        assert self.process.stdin
        assert self.process.stderr
        self.process.stdin.close()
        return self.process.stderr.read().decode()

    def shut(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe
            pipe.close()


@pytest.fixture
def program() -> Iterator[Program]:
    made = Program("-m", "tests.generation.stand_in")
    assert made.hear() == Ready("stand-in")
    yield made
    made.shut()


def test_tasks_run_one_after_the_other(program: Program, tmp_path: Path):
    program.tell(a_task(tmp_path, job_id="a"), a_task(tmp_path, job_id="b"))
    assert [program.hear() for _ in range(4)] == [
        Started("a", 4),
        Finished("a", "grid.png", 5),
        Started("b", 4),
        Finished("b", "grid.png", 5),
    ]


def test_no_print_touches_the_protocol(program: Program, tmp_path: Path):
    program.tell(a_task(tmp_path, "chatter"))
    assert program.hear() == Started("j1", 4)
    assert program.hear() == Finished("j1", "grid.png", 5)
    said = program.close()
    for line in ("from Python", "from descriptor 1", "from C", "input: ''"):
        assert line in said
    assert program.rest() == []


def test_cancel_stops_the_running_task_and_a_waiting_one(program: Program, tmp_path: Path):
    program.tell(a_task(tmp_path, "busy", "a"), a_task(tmp_path, "busy", "b"))
    assert program.hear() == Started("a", 4)
    assert isinstance(program.hear(), Progress)
    program.tell(Cancel("b"), Cancel("nobody"), Cancel("a"))
    assert program.hear() == Cancelled("a", 5)
    assert program.hear() == Cancelled("b", 0)


def test_what_is_no_command_is_logged_and_left(program: Program, tmp_path: Path):
    program.tell(b"\xff\xfe\n", b'{"type": "dance"}\n', b"[]\n", a_task(tmp_path))
    assert program.hear() == Started("j1", 4)
    assert program.hear() == Finished("j1", "grid.png", 5)
    assert program.close().count("not a command") >= 3


def test_it_says_that_it_lives_whatever_it_does(program: Program, tmp_path: Path):
    program.tell(a_task(tmp_path, "deaf"))
    assert program.hear() == Started("j1", 4)
    program.process.send_signal(signal.SIGUSR1)
    heard = [program.hear() for _ in range(4)]
    assert heard.count(Alive()) >= 3


def test_the_end_of_its_input_ends_it_while_idle(program: Program):
    program.close()
    assert program.process.wait() == 0


def test_the_end_of_its_input_ends_it_in_the_middle_of_a_step(program: Program, tmp_path: Path):
    program.tell(a_task(tmp_path, "deaf"))
    assert program.hear() == Started("j1", 4)
    program.close()
    assert program.process.wait() == 0


def test_the_end_of_its_input_ends_it_while_it_is_still_starting():
    made = Program("-m", "generation.worker")
    made.close()
    assert made.process.wait() == 0
    assert made.rest() == []
    made.shut()


def test_a_polite_stop_while_idle(program: Program):
    program.process.send_signal(signal.SIGTERM)
    assert program.process.wait() == 0


def test_a_polite_stop_interrupts_the_task_without_calling_it_cancelled(
    program: Program, tmp_path: Path
):
    program.tell(a_task(tmp_path, "busy", "a"), a_task(tmp_path, job_id="b"))
    assert program.hear() == Started("a", 4)
    assert isinstance(program.hear(), Progress)
    program.process.send_signal(signal.SIGTERM)
    assert program.process.wait() == 0
    assert program.rest() == []


def test_a_parent_that_does_not_read_any_more_ends_it(program: Program, tmp_path: Path):
    assert program.process.stdout
    program.process.stdout.close()
    program.tell(a_task(tmp_path))
    assert program.process.wait() == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[sdxl]\nsourse = '/x'", "unknown key “sourse”"),
        ("[", "not valid TOML"),
        (None, "The models file cannot be read"),
    ],
)
def test_settings_that_cannot_be_used_are_said_before_anything_is_loaded(
    tmp_path: Path, text: str | None, words: str
):
    file = tmp_path / "models.toml"
    if text is not None:
        file.write_text(text)
    made = Program("-m", "generation.worker", "--models-file", str(file))
    assert made.process.wait() == EXIT_SETTINGS
    assert words in made.close()
    assert made.rest() == []
    made.shut()


@pytest.mark.parametrize(
    "module", ["generation.worker", "generation.engines.subprocess", "generation.engines"]
)
def test_what_the_bot_or_the_start_of_a_worker_imports_is_light(module: str):
    code = (
        f"import sys, {module}\n"
        "heavy = {'torch', 'diffusers', 'transformers', 'PIL', 'numpy'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
