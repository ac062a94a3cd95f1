"""Who lives: real processes, really killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from core.errors import SettingsError
from storage.instances import Instance

LIVE = """
import sys
from pathlib import Path
from storage.instances import Instance
instance = Instance.open(Path(sys.argv[1]))
if "serve" in sys.argv:
    instance.serve()
print(instance.id, flush=True)
sys.stdin.read()
instance.close()
"""

Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def start(tmp_path: Path) -> Generator[Start]:
    """Starts an Easel-like process; gives it and its id once it holds its lock."""
    running: list[subprocess.Popen[str]] = []

    def start(*words: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-c", LIVE, str(tmp_path), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def mine(tmp_path: Path) -> Generator[Instance]:
    instance = Instance.open(tmp_path)
    yield instance
    instance.close()


def locks(data: Path) -> set[str]:
    return {file.stem for file in (data / "instances").glob("*-*.lock")}


def test_a_living_process_is_not_dead(mine: Instance, start: Start) -> None:
    _, other = start()
    assert other != mine.id
    assert not mine.is_dead(other)
    assert not mine.is_dead(mine.id)


def test_a_killed_process_is_dead_at_once(mine: Instance, start: Start) -> None:
    process, other = start()
    process.kill()
    process.wait()
    assert mine.is_dead(other)


def test_a_process_that_ended_well_is_dead(mine: Instance, start: Start, tmp_path: Path) -> None:
    process, other = start()
    process.communicate()
    assert mine.is_dead(other)
    assert locks(tmp_path) == {mine.id}


def test_a_process_stopped_in_its_tracks_still_lives(mine: Instance, start: Start) -> None:
    process, other = start()
    os.kill(process.pid, signal.SIGSTOP)
    assert not mine.is_dead(other)
    process.kill()
    process.wait()
    assert mine.is_dead(other)


def test_the_next_to_open_removes_what_the_dead_left(start: Start, tmp_path: Path) -> None:
    process, dead = start()
    _, alive = start()
    process.kill()
    process.wait()
    instance = Instance.open(tmp_path)
    assert locks(tmp_path) == {alive, instance.id}
    assert instance.is_dead(dead)
    instance.close()
    assert locks(tmp_path) == {alive}


def test_who_holds_leases_elsewhere_is_not_for_us_to_judge(mine: Instance, tmp_path: Path) -> None:
    elsewhere = Instance.open(tmp_path / "another machine")
    assert not mine.is_dead(elsewhere.id)
    elsewhere.close()
    assert not mine.is_dead(elsewhere.id)
    for holder in ("", "a worker", "../../x", f"{mine.id}/../{mine.id}"):
        assert not mine.is_dead(holder)


def test_the_folder_keeps_its_name(mine: Instance, tmp_path: Path) -> None:
    later = Instance.open(tmp_path)
    assert later.id.split("-")[0] == mine.id.split("-")[0]
    later.close()


class TestServing:
    def test_one_serves_and_the_second_is_refused(self, mine: Instance, start: Start) -> None:
        process, _ = start("serve")
        assert mine.is_served()
        with pytest.raises(SettingsError, match="already"):
            mine.serve()
        process.kill()
        process.wait()
        assert not mine.is_served()
        mine.serve()
        assert mine.is_served()

    def test_it_ends_with_the_instance(self, mine: Instance, tmp_path: Path) -> None:
        other = Instance.open(tmp_path)
        other.serve()
        assert mine.is_served()
        other.close()
        assert not mine.is_served()

    def test_nobody_serves_a_fresh_folder(self, mine: Instance) -> None:
        assert not mine.is_served()
