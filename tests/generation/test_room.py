"""Tasks at the gate of a device's memory, in threads of their own."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import torch

from core.room import OVERTAKEN, Needs
from generation.room import HostMemory, Room, room_of
from generation.run import StoppedError

PIXELS = 1000


class FakeMemory:
    def __init__(self, free: int | None, peak: int | None = None) -> None:
        self.now, self.most = free, peak

    def free(self) -> int | None:
        return self.now

    def begin(self) -> None:
        pass

    def peak(self) -> int | None:
        return self.most


class Task:
    """Enters in a thread of its own, and stays until it is told to leave."""

    def __init__(self, room: Room, model: str = "m", pixels: int = PIXELS) -> None:
        self.entered, self.over, self.stop = (threading.Event() for _ in range(3))
        self.leave = threading.Event()
        self.cautious: bool | None = None
        self.stopped = False

        def run() -> None:
            try:
                with room.enter(model, pixels, self.stop) as self.cautious:
                    self.entered.set()
                    assert self.leave.wait(20)
            except StoppedError:
                self.stopped = True
            self.over.set()

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()

    def goes(self) -> None:
        self.leave.set()
        assert self.over.wait(20)


def needs(peak: int) -> Needs:
    made = Needs()
    made.note("m", PIXELS, peak)
    return made


def test_a_task_waits_until_another_leaves() -> None:
    memory = FakeMemory(1_000_000)
    room = Room(memory, needs(700_000))
    first = Task(room)
    assert first.entered.wait(20)
    memory.now = 300_000
    second = Task(room)
    assert not second.entered.wait(0.12)
    memory.now = 1_000_000
    first.goes()
    assert second.entered.wait(20)
    assert second.cautious is False
    second.goes()


def test_a_task_too_large_for_the_device_goes_alone_and_with_care() -> None:
    room = Room(FakeMemory(1000), needs(700_000))
    huge = Task(room)
    assert huge.entered.wait(20)
    assert huge.cautious
    other = Task(room)
    assert not other.entered.wait(0.12)
    huge.goes()
    assert other.entered.wait(20)
    other.goes()


def test_a_task_that_is_stopped_waits_no_longer() -> None:
    room = Room(FakeMemory(1000), needs(700_000))
    first = Task(room)
    assert first.entered.wait(20)
    waiting = Task(room)
    waiting.stop.set()
    assert waiting.over.wait(20)
    assert waiting.stopped
    late = Task(room)
    first.goes()
    assert late.entered.wait(20)
    late.goes()


def test_small_ones_pass_a_large_one_but_not_for_ever() -> None:
    room = Room(FakeMemory(2_000_000), needs(700_000))
    first = Task(room)
    assert first.entered.wait(20)
    large = Task(room, pixels=3 * PIXELS)
    assert not large.entered.wait(0.12)
    small = [Task(room, pixels=10) for _ in range(OVERTAKEN)]
    assert all(one.entered.wait(20) for one in small)
    late = Task(room, pixels=10)
    assert not late.entered.wait(0.12)
    for one in (first, *small):
        one.goes()
    assert large.entered.wait(20)
    large.goes()
    assert late.entered.wait(20)
    late.goes()


def test_what_a_task_needed_alone_is_learned() -> None:
    table = Needs()
    memory = FakeMemory(None, peak=123_000)
    room = Room(memory, table)
    with room.enter("m", PIXELS, threading.Event()):
        pass
    assert table.of("m", PIXELS).peak == 123_000
    memory.most = 999_000
    with room.enter("m", PIXELS, threading.Event()), room.enter("m", PIXELS, threading.Event()):
        pass
    assert table.of("m", PIXELS).peak == 123_000
    with room.enter("m", PIXELS, threading.Event(), usual=False):
        pass
    assert table.of("m", PIXELS).peak == 123_000


def test_free_memory_of_a_host_and_of_a_container(tmp_path: Path) -> None:
    proc, group = tmp_path / "proc", tmp_path / "group"
    (proc / "self").mkdir(parents=True)
    group.mkdir()
    (proc / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    4000 kB\n")
    memory = HostMemory(proc, group)
    assert memory.free() == 4000 * 1024
    (group / "memory.max").write_text("max\n")
    (group / "memory.current").write_text("1000000\n")
    assert memory.free() == 4000 * 1024
    (group / "memory.max").write_text("3000000\n")
    assert memory.free() == 2_000_000
    assert HostMemory(tmp_path / "none", group).free() is None


def test_the_peak_is_counted_from_the_beginning(tmp_path: Path) -> None:
    own = tmp_path / "self"
    own.mkdir()
    (own / "status").write_text("VmHWM: 500 kB\nVmRSS: 100 kB\n")
    memory = HostMemory(tmp_path, tmp_path)
    assert memory.peak() is None
    memory.begin()
    assert memory.peak() == 400 * 1024
    missing = HostMemory(tmp_path / "none", tmp_path)
    missing.begin()
    assert missing.peak() is None


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc")
def test_this_machine_tells_what_is_free_and_what_a_task_took() -> None:
    memory = HostMemory()
    assert (memory.free() or 0) > 0
    memory.begin()
    size = 64 * 2**20
    held = torch.ones(size // 4)
    taken = memory.peak()
    assert taken is None or taken >= size / 2
    del held


def test_a_processor_has_a_gate_too() -> None:
    with room_of(torch.device("cpu")).enter("m", 1, threading.Event()) as cautious:
        assert not cautious
