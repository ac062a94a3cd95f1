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
    Answer,
    Ask,
    Cancel,
    Cancelled,
    Command,
    Finished,
    Inquiry,
    Progress,
    Ready,
    Started,
    WorkerLine,
    decode_event,
    encode,
)
from generation.worker import EXIT_SETTINGS, EXIT_SOFTWARE
from tests.generation.build import a_request, a_task


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


@pytest.fixture
def crowd() -> Iterator[Program]:
    """A worker that makes several at once."""
    made = Program("-m", "tests.generation.stand_in", "4")
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


def a_question(id: str, seconds: float = 60) -> Ask:
    return Ask(
        id=id, inquiry=Inquiry.WORTH, request=a_request(), texts=("a", "bc"), seconds=seconds
    )


def test_a_question_is_answered_while_a_task_runs(program: Program, tmp_path: Path):
    program.tell(a_task(tmp_path, "busy"))
    assert program.hear() == Started("j1", 4)
    assert isinstance(program.hear(), Progress)
    program.tell(a_question("late", seconds=0), a_question("q"))
    # The one that nobody waits for any more is left out.
    assert program.hear() == Answer(id="q", numbers=(1.0, 2.0))


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
    assert program.hear() == Cancelled("b", 0)
    assert program.hear() == Cancelled("a", 5)


def test_several_tasks_run_side_by_side_and_end_in_an_order_of_their_own(
    crowd: Program, tmp_path: Path
):
    crowd.tell(a_task(tmp_path, "waits", "a"))
    assert crowd.hear() == Started("a", 4)
    crowd.tell(a_task(tmp_path, "opens", "b"))
    heard = [crowd.hear() for _ in range(3)]
    assert Started("b", 4) in heard
    assert {Finished("a", "grid.png", 5), Finished("b", "grid.png", 5)} < set(heard)


def test_a_cancel_stops_one_of_several(crowd: Program, tmp_path: Path):
    crowd.tell(a_task(tmp_path, "waits", "a"), a_task(tmp_path, "busy", "b"))
    assert {crowd.hear(), crowd.hear()} == {Started("a", 4), Started("b", 4)}
    assert isinstance(crowd.hear(), Progress)
    crowd.tell(Cancel("b"))
    assert crowd.hear() == Cancelled("b", 5)
    crowd.tell(a_task(tmp_path, "opens", "c"))
    endings = [line for line in (crowd.hear() for _ in range(3)) if isinstance(line, Finished)]
    assert {ending.job_id for ending in endings} == {"a", "c"}


def test_one_that_is_alone_waits_for_the_others_and_keeps_later_ones_waiting(
    crowd: Program, tmp_path: Path
):
    crowd.tell(a_task(tmp_path, "busy", "before"))
    assert crowd.hear() == Started("before", 4)
    assert isinstance(crowd.hear(), Progress)
    crowd.tell(a_task(tmp_path, "busy", "alone", alone=True), a_task(tmp_path, job_id="after"))
    crowd.tell(Cancel("before"))
    assert crowd.hear() == Cancelled("before", 5)
    assert crowd.hear() == Started("alone", 4)
    assert isinstance(crowd.hear(), Progress)
    crowd.tell(Cancel("alone"))
    assert [crowd.hear() for _ in range(3)] == [
        Cancelled("alone", 5),
        Started("after", 4),
        Finished("after", "grid.png", 5),
    ]


def test_a_cancel_of_one_that_waits_to_be_alone_lets_the_others_through(
    crowd: Program, tmp_path: Path
):
    crowd.tell(a_task(tmp_path, "waits", "before"))
    assert crowd.hear() == Started("before", 4)
    crowd.tell(a_task(tmp_path, job_id="alone", alone=True), a_task(tmp_path, "opens", "after"))
    crowd.tell(Cancel("alone"))
    assert crowd.hear() == Cancelled("alone", 0)
    endings = {line for line in (crowd.hear() for _ in range(3)) if isinstance(line, Finished)}
    assert {ending.job_id for ending in endings} == {"before", "after"}


def test_a_polite_stop_interrupts_all_that_run(crowd: Program, tmp_path: Path):
    crowd.tell(*(a_task(tmp_path, "busy", name) for name in ("a", "b", "c")))
    heard = [crowd.hear() for _ in range(6)]
    assert {line for line in heard if isinstance(line, Started)} == {
        Started(name, 4) for name in ("a", "b", "c")
    }
    crowd.process.send_signal(signal.SIGTERM)
    assert crowd.process.wait() == 0
    assert crowd.rest() == []
    assert crowd.close().count("leaving") == 1


def test_one_that_breaks_its_promise_ends_the_program_and_says_why(crowd: Program, tmp_path: Path):
    crowd.tell(a_task(tmp_path, "broken"))
    assert crowd.hear() == Started("j1", 4)
    assert crowd.process.wait() == EXIT_SOFTWARE
    assert "LookupError: as asked" in crowd.close()


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


def test_a_polite_stop_while_idle(program: Program, tmp_path: Path):
    program.tell(a_task(tmp_path))
    assert [program.hear() for _ in range(2)] == [Started("j1", 4), Finished("j1", "grid.png", 5)]
    program.process.send_signal(signal.SIGTERM)
    assert program.process.wait() == 0
    # What it has learned is written down.
    assert program.close().count("leaving") == 1


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
