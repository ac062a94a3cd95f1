"""At start, while nobody draws, it is measured how many rows are worth having together."""

# pyright: basic
from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import FluxTransformer2DModel, UNet2DConditionModel

from core.models import Catalogue
from core.step_times import SETTLED, StepTimes
from core.steps import StepPolicy
from generation.batching import Batcher
from generation.grouping import Size
from generation.measuring import Measuring
from generation.models import Loaded, Shelf
from generation.painter import Painter
from generation.postcard import WEIGHTS
from generation.spare import Spare
from tests.generation.pipelines.conftest import Make, catalogue

CPU = torch.device("cpu")
LONG = 60
"""Seconds after which a test has failed."""


class Bench:
    """A clock that only forwards move: `max(floor, slope * rows)` seconds each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kind: type = UNet2DConditionModel) -> None:
        self.now, self.floor, self.slope, self.room = 0.0, 0.004, 0.001, 1000
        self.rows: list[int] = []
        self.finished = 0
        self.at: Callable[[float], None] = lambda now: None
        forward = kind.forward

        @functools.wraps(forward)
        def timed(module: Any, *arguments: Any, **named: Any) -> Any:
            names = ("hidden_states", "sample")
            given: Any = [*arguments, *(named[name] for name in names if name in named)][0]
            self.rows.append(len(given))
            if len(given) > self.room:
                raise torch.OutOfMemoryError("CUDA out of memory")
            answer = forward(module, *arguments, **named)
            self.now += max(self.floor, self.slope * len(given))
            self.finished += 1
            return answer

        monkeypatch.setattr(kind, "forward", timed)

    def clock(self) -> float:
        self.at(self.now)
        return self.now


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


@pytest.fixture(scope="module")
def shelf(folders: dict[str, Path]) -> Shelf:
    return Shelf(small(folders), CPU, torch.float32)


def small(folders: dict[str, Path]) -> Catalogue:
    tables = [
        f'[{name}]\nsource = "{folders[name]}"\nnative_size = 64\n' for name in ("sd", "flux")
    ]
    return Catalogue.parse("\n".join(tables))


class Trial:
    """A measuring of one model, and what came of it."""

    def __init__(
        self, shelf: Shelf, clock: Callable[[], float], name: str = "sd", **changes: Any
    ) -> None:
        self.times, self.lent, self.done = StepTimes(), 0, 0
        self.wanted = threading.Event()
        self._shelf, self._name = shelf, name
        fits = changes.pop("fits", lambda pixels: True)
        self.measuring = Measuring(
            self._borrow,
            self._give_back,
            self._look,
            fits,
            CPU,
            clock=clock,
            done=self._finished,
            **changes,
        )

    def run(self) -> bool:
        with torch.no_grad():
            return self.measuring(self.wanted)

    @property
    def key(self) -> Size:
        (key,) = self.times.table()
        assert isinstance(key, Size)
        return key

    def counts(self) -> list[int]:
        return [rows for points in self.times.settled().values() for rows, _ in points]

    @contextmanager
    def _look(self) -> Iterator[StepTimes]:
        yield self.times

    def _borrow(self) -> Loaded:
        self.lent += 1
        return self._shelf.borrow(self._name)

    def _give_back(self, loaded: Loaded) -> None:
        self.lent -= 1
        self._shelf.give_back(loaded)

    def _finished(self) -> None:
        self.done += 1


def test_rows_are_doubled_until_a_row_is_hardly_cheaper_for_it(shelf: Shelf, bench: Bench) -> None:
    trial = Trial(shelf, bench.clock)
    assert trial.run()
    # A forward of the pipeline, which has guidance, and then so many of each.
    assert bench.rows == [2, *(rows for rows in (1, 2, 4, 8) for _ in range(SETTLED))]
    assert trial.counts() == [1, 2, 4, 8]
    assert trial.times.cap(trial.key) == 4
    assert (trial.lent, trial.done) == (0, 1)


def test_what_is_known_is_not_measured_again(shelf: Shelf, bench: Bench) -> None:
    trial = Trial(shelf, bench.clock)
    trial.run()
    bench.rows.clear()
    assert trial.run()
    assert bench.rows == [2]


def test_it_ends_where_memory_does(shelf: Shelf, bench: Bench) -> None:
    asked: list[int] = []

    def fits(pixels: int) -> bool:
        asked.append(pixels)
        return pixels <= 64 * 64

    trial = Trial(shelf, bench.clock, fits=fits)
    assert trial.run()
    # With guidance a picture has two rows.
    assert asked == [64 * 64 // 2, 64 * 64, 2 * 64 * 64]
    assert trial.counts() == [1, 2]

    bench.room = 3
    trial = Trial(shelf, bench.clock)
    assert trial.run()
    assert trial.counts() == [1, 2]
    assert trial.times.cap(trial.key) == 2, "what did not fit would be tried again"


def test_a_task_that_comes_ends_it_in_the_middle_of_a_forward(shelf: Shelf, bench: Bench) -> None:
    trial = Trial(shelf, bench.clock)
    looks = 0

    def come(now: float) -> None:
        nonlocal looks
        looks += bool(bench.rows)
        if looks == 10:
            trial.wanted.set()

    bench.at = come
    assert not trial.run()
    assert (bench.rows, bench.finished) == ([2], 0), "the first forward was not interrupted"
    assert (trial.lent, trial.done, trial.times.table()) == (0, 0, {})
    # When the device is free again, it begins anew.
    trial.wanted.clear()
    bench.at = lambda now: None
    assert trial.run()
    assert trial.counts() == [1, 2, 4, 8]


def test_one_that_comes_between_two_forwards_is_not_kept_waiting(
    shelf: Shelf, bench: Bench
) -> None:
    trial = Trial(shelf, bench.clock)
    bench.at = lambda now: trial.wanted.set() if len(bench.rows) == 6 else None
    assert not trial.run()
    assert bench.rows == [2, 1, 1, 1, 2, 2]
    # What was found until then counts.
    assert trial.counts() == [1]


def test_a_model_that_is_too_slow_for_it_is_given_up(shelf: Shelf, bench: Bench) -> None:
    bench.floor = 0.4
    trial = Trial(shelf, bench.clock, longest=5.0)
    assert trial.run()
    # 0.4 for the pipeline's own, then 1.2 for each count of rows; a fourth would be too long.
    assert bench.now == pytest.approx(4.0)
    assert (trial.counts(), trial.lent, trial.done) == ([1, 2, 4], 0, 1)

    bench.rows.clear()
    bench.floor = 60.0
    looks = 0

    def creep(now: float) -> None:
        nonlocal looks
        looks += 1
        bench.now += 0.01

    bench.at = creep
    trial = Trial(shelf, bench.clock, longest=5.0)
    began = bench.now
    assert trial.run()
    # Not even one forward: each operation takes its time, and the clock is looked at before all.
    assert (bench.finished, trial.counts()) == (10, [])
    assert bench.now - began == pytest.approx(5.0, abs=0.1)


def test_other_families_are_measured_as_their_pipelines_call_them(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(monkeypatch, FluxTransformer2DModel)
    trial = Trial(shelf, bench.clock, "flux")
    assert trial.run()
    assert trial.counts() == [1, 2, 4, 8]
    assert trial.key.name == "FluxTransformer2DModel.forward"


def test_what_does_not_run_is_told_and_left(shelf: Shelf, bench: Bench) -> None:
    trial = Trial(shelf, bench.clock, fits=lambda pixels: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        trial.run()
    assert (trial.lent, trial.done) == (0, 0)


# In the moments in which nobody wants the device


@pytest.fixture
def batcher() -> Iterator[Batcher]:
    made = Batcher(StepPolicy(), StepTimes(), CPU)
    made.spare._pause = 0.0
    yield made
    made.close()


def ride(batcher: Batcher) -> Any:
    return batcher.ride(job="j", owner="ann", steps=1, stop=threading.Event())


def test_it_is_done_once_while_no_task_is_there(batcher: Batcher) -> None:
    threads: list[str] = []
    done = threading.Event()

    def work(wanted: threading.Event) -> bool:
        threads.append(threading.current_thread().name)
        assert not wanted.is_set()
        done.set()
        return True

    batcher.spare.give(work)
    assert done.wait(LONG)
    with ride(batcher) as one:
        one.run(lambda: None)
    batcher.close()
    assert threads == ["device"]


def test_a_task_ends_it_and_it_begins_anew_when_the_last_has_left(batcher: Batcher) -> None:
    begun, again, order = threading.Event(), threading.Event(), list[str]()

    def work(wanted: threading.Event) -> bool:
        begun.set()
        order.append("work")
        if order.count("work") == 2:
            again.set()
            return True
        assert wanted.wait(LONG)
        return False

    batcher.spare.give(work)
    assert begun.wait(LONG)
    with ride(batcher) as one:
        one.run(lambda: order.append("task"))
        with ride(batcher) as other:
            other.run(lambda: order.append("task"))
        one.run(lambda: order.append("task"))
    assert again.wait(LONG)
    assert order == ["work", "task", "task", "task", "work"]


def test_it_waits_for_the_end_of_a_task_that_was_there_before(batcher: Batcher) -> None:
    order, done = list[str](), threading.Event()

    def work(wanted: threading.Event) -> bool:
        order.append("work")
        done.set()
        return True

    with ride(batcher) as one:
        batcher.spare.give(work)
        one.run(lambda: order.append("task"))
    assert done.wait(LONG)
    assert order == ["task", "work"]


def test_what_fails_in_it_hurts_nobody(batcher: Batcher, caplog: pytest.LogCaptureFixture) -> None:
    failed = threading.Event()

    def work(wanted: threading.Event) -> bool:
        failed.set()
        raise LookupError("as asked")

    batcher.spare.give(work)
    assert failed.wait(LONG)
    with ride(batcher) as one:
        assert one.run(lambda: 7) == 7
    assert "LookupError: as asked" in caplog.text


def test_what_was_interrupted_rests_a_while_first() -> None:
    spare = Spare(threading.Condition(), pause=2.0)
    assert spare.due_in(0.0) is None
    spare.give(lambda wanted: not wanted.is_set())
    assert spare.due_in(0.0) == 0.0
    spare.wanted.set()
    spare.do()
    assert spare.due_in(5.0) is None
    spare.rests(5.0)
    spare.rests(6.0)
    assert spare.due_in(6.0) == 1.0
    assert spare.due_in(8.0) == 0.0
    spare.do()
    assert spare.due_in(9.0) is None


# The whole of it


@pytest.mark.skipif(not WEIGHTS.is_dir(), reason="the embedded model has not been trained yet")
def test_the_model_in_the_box_has_its_cap_before_the_first_task_and_after_a_restart(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "step-times.json"
    before = Painter(Catalogue.parse(""), device="cpu", times_file=path, measure=True)
    measured, save = threading.Event(), before._book.save
    monkeypatch.setattr(before._book, "save", lambda: (save(), measured.set()))
    before.preload("postcard")
    assert measured.wait(LONG)
    with before._batcher.times() as times:
        ((key, points),) = times.settled().items()
    assert isinstance(key, Size) and key.name == "UNet2DConditionModel.forward"
    assert [rows for rows, _ in points][:2] == [1, 2]
    make(steps=1, model="postcard", width=128, height=128, by=before)
    with before._batcher.times() as times:
        unets = [one for one in times.table() if isinstance(one, Size) and one.name == key.name]
        # It may have been faster than what was measured of so many rows.
        points = times.settled()[key]
    # What tasks ask for is what was measured.
    assert unets == [key]
    before.leaving()
    before.close()

    after = Painter(Catalogue.parse(""), device="cpu", times_file=path)
    after._loader.submit(after._shelf.get, "postcard").result()
    with after._batcher.times() as times:
        (again,) = times.settled().values()
    after.close()
    assert again == points


def test_a_painter_measures_nothing_unless_it_is_told_to(
    folders: dict[str, Path], make: Make, bench: Bench
) -> None:
    painter = Painter(catalogue(folders), device="cpu")
    painter.preload("sd")
    make(steps=1, by=painter)
    painter.close()
    assert bench.rows == [8]
