"""What forwards took is known again after a restart, and nothing that is wrong is believed."""

# pyright: basic
from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from core.kept_times import read
from core.models import Catalogue, Model
from core.speed import Speed
from core.step_times import SETTLED, StepTimes
from generation.grouping import Size, serial_of
from generation.models import Loaded
from generation.painter import Painter
from generation.speed import Held
from generation.times_book import SAVE_EVERY, TimesBook, _processor, device_in_full
from tests.generation.pipelines.conftest import Make

SHAPE = ((4, 8, 8), ("sample", "timestep"))
CALL = "UNet2DConditionModel.forward"


class Pipeline:
    def __init__(self) -> None:
        self.components = {"unet": nn.Identity(), "vae": nn.Identity(), "tokenizer": object()}


def loaded(name: str = "sd", memory: str = "high", **changes: Any) -> Loaded:
    model = Model(name=name, source=f"/models/{name}", **changes)
    return Loaded(model, Pipeline(), None, None, 1, Held(memory, 1))


class Worker:
    """One start of a worker, on a clock that stands still."""

    def __init__(self, path: Path | None, device: str = "cpu", dtype: Any = torch.float32) -> None:
        self.times, self.now = StepTimes(), 0.0
        self._lock = threading.RLock()
        self.book = TimesBook(
            path,
            self.look,
            device,
            Speed(),
            dtype,
            clock=lambda: self.now,
            today=lambda: 1e9 + self.now,
        )

    @contextmanager
    def look(self):
        with self._lock:
            yield self.times

    def load(self, model: Loaded | None = None, part: str = "unet") -> Size:
        """Loads a model; returns the key of a call of one of its parts."""
        model = model or loaded()
        self.book.greet(model)
        return Size(serial_of(model.text_to_image.components[part]), CALL, SHAPE)

    def learn(self, key: Size, seconds: float = 0.5) -> None:
        for rows in (1, 2, 4):
            for _ in range(SETTLED):
                self.times.note(key, rows, seconds)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "step-times.json"


def taught(path: Path, **changes: Any) -> None:
    before = Worker(path, **changes)
    before.learn(before.load())
    before.book.save()


def test_what_was_learned_is_known_at_the_next_start(path: Path) -> None:
    taught(path)
    after = Worker(path)
    key = after.load()
    assert after.times.table() == {key: [(1, 0.5), (2, 0.5), (4, 0.5)]}
    assert after.times.knows(key, 4) and after.times.cap(key) == 8
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("worker", "model"),
    [
        ({"device": "cuda (NVIDIA L4)"}, {}),
        ({"dtype": torch.bfloat16}, {}),
        ({}, {"name": "xl"}),
        ({}, {"revision": "v2"}),
        ({}, {"memory": "low"}),
        ({}, {"quantize": "int8"}),
    ],
)
def test_elsewhere_it_means_nothing(path: Path, worker: Any, model: Any) -> None:
    taught(path)
    after = Worker(path, **worker)
    after.load(loaded(**model))
    assert not after.times.table()


def test_nor_with_another_torch(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taught(path)
    monkeypatch.setattr(torch, "__version__", "99.0")
    taught(path)
    assert {place.torch for place in read(path.read_text())} == {"99.0"}


def test_a_model_that_was_let_go_of_and_comes_back_is_known(path: Path) -> None:
    worker = Worker(path)
    worker.learn(worker.load())
    again = worker.load()
    assert worker.times.knows(again, 4)
    # What its new place learns is what counts from now on.
    for _ in range(9):
        worker.times.note(again, 4, 9.0)
    worker.book.save()
    assert dict(next(iter(read(path.read_text()).values())).curves[0].points)[4] == 9.0


def test_several_workers_have_one_file(path: Path) -> None:
    first, second = Worker(path), Worker(path, device="cuda (NVIDIA L4)")
    first.learn(first.load())
    second.learn(second.load(), 0.25)
    first.book.save()
    second.book.save()
    for device, seconds in (("cpu", 0.5), ("cuda (NVIDIA L4)", 0.25)):
        after = Worker(path, device=device)
        assert after.times.seconds(after.load(), 4) == seconds


@pytest.mark.parametrize(
    ("text", "why"),
    [("{", "it is damaged"), ('{"format": 0}', "another version of Easel wrote it")],
)
def test_a_file_that_is_wrong_is_left_with_a_line_in_the_log_and_replaced(
    path: Path, caplog: pytest.LogCaptureFixture, text: str, why: str
) -> None:
    path.write_text(text)
    worker = Worker(path)
    worker.learn(worker.load())
    assert why in caplog.text and path.read_text() == text
    worker.book.save()
    assert read(path.read_text())


@pytest.mark.parametrize("folder", ["gone", "file"])
def test_a_folder_that_cannot_be_written_is_told_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, folder: str
) -> None:
    (tmp_path / "file").touch()
    worker = Worker(tmp_path / folder / "step-times.json")
    worker.learn(worker.load())
    worker.book.save()
    worker.book.save()
    assert caplog.text.count("step times are not kept") == 1


def test_it_is_written_now_and_then(path: Path) -> None:
    worker = Worker(path)
    worker.learn(worker.load())
    worker.now = SAVE_EVERY - 1
    worker.book.save_now_and_then()
    assert not path.exists()
    worker.now = SAVE_EVERY
    worker.book.save_now_and_then()
    first = path.read_text()
    worker.now += 1
    worker.book.save_now_and_then()
    assert path.read_text() == first


def test_nothing_is_written_where_nothing_was_learned_or_nothing_is_to_be_kept(path: Path) -> None:
    worker = Worker(path)
    worker.load()
    worker.book.save()
    assert not path.exists()
    nowhere = Worker(None)
    nowhere.learn(nowhere.load())
    nowhere.book.save()
    assert not path.exists()


def test_a_processor_is_known_by_its_name_and_its_threads(tmp_path: Path) -> None:
    cuda, cpu = torch.device("cuda"), torch.device("cpu")
    assert device_in_full("cuda (NVIDIA L4)", cuda) == "cuda (NVIDIA L4)"
    assert f"{torch.get_num_threads()} threads" in device_in_full("cpu", cpu)
    file = tmp_path / "cpuinfo"
    file.write_text("processor : 0\nmodel name\t: Abacus 9000\nmodel name\t: other\n")
    assert _processor(file) == "Abacus 9000"
    assert _processor(tmp_path / "none") != ""


def by_name(times: StepTimes) -> dict[str, list[tuple[int, float]]]:
    return {key.name: all for key, all in times.settled().items() if isinstance(key, Size)}


def test_a_worker_that_starts_again_knows_what_its_tasks_took(
    folders: dict[str, Path], path: Path, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    catalogue = Catalogue.parse(f'[sd]\nsource = "{folders["sd"]}"')
    before = Painter(catalogue, device="cpu", times_file=path)
    make(steps=SETTLED + 1, by=before)
    with before._batcher.times() as times:
        learned = by_name(times)
    before.leaving()
    before.close()
    after = Painter(catalogue, device="cpu", times_file=path)
    with caplog.at_level(logging.WARNING, "generation.times_book"):
        after._loader.submit(after._shelf.get, "sd").result()
    with after._batcher.times() as times:
        known = by_name(times)
    after.close()
    assert "UNet2DConditionModel.forward" in known and known.items() <= learned.items()
    assert "step times" not in caplog.text
