"""Texts that were read before are not read again, and are what they were to the last bit."""

from __future__ import annotations

import functools
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import CLIPTextModel

from core.events import Finished
from generation.painter import Painter
from generation.recall import Recall, recalling
from tests.generation.pipelines.conftest import Make, catalogue
from tests.generation.pipelines.test_painter import bare


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by a number with every text, or texts, that CLIP reads."""
    forward, found = CLIPTextModel.forward, list[int]()

    @functools.wraps(forward)
    def counted(self: Any, input_ids: Any, *arguments: Any, **named: Any) -> Any:
        found.append(len(input_ids))
        return forward(self, input_ids, *arguments, **named)

    monkeypatch.setattr(CLIPTextModel, "forward", counted)
    return found


@pytest.fixture
def fresh(folders: dict[str, Path]) -> Any:
    painter = Painter(catalogue(folders), device="cpu")
    yield painter
    painter.close()


def test_a_repeat_reads_nothing_and_another_text_only_itself(
    make: Make, fresh: Painter, read: list[int]
):
    changes: dict[str, Any] = {"by": fresh, "steps": 1, "count": 1}
    first = make("a cat", avoid=("fog",), **changes)
    assert sum(read) == 2
    again = make("a cat", avoid=("fog",), **changes)
    assert sum(read) == 2
    assert again.pixels == first.pixels
    make("a dog", avoid=("fog",), **changes)
    assert sum(read) == 3
    make("a dog", **changes)
    blank = sum(read)
    make("a cat", **changes)
    assert sum(read) == blank


@pytest.mark.parametrize("change", [{"clip_skip": 1}, {"model": "small"}, {"text": "a dog"}])
def test_what_is_read_in_another_way_is_another_text(
    make: Make, fresh: Painter, read: list[int], change: dict[str, Any]
):
    changes: dict[str, Any] = {"text": "a cat", "by": fresh, "steps": 1, "count": 1}
    make(**changes)
    before = sum(read)
    assert isinstance(make(**changes | change).ending, Finished)
    assert sum(read) > before


@pytest.mark.parametrize("model", ["sd", "xl", "flux", "sd3"])
def test_every_family_is_told_what_its_encoders_said(folders: dict[str, Path], model: str):
    pipeline, recall = bare(folders[model]), Recall()
    given = {"prompt": "a cat", "device": "cpu", "num_images_per_prompt": 2}
    given |= {"prompt_2": None} if model in ("flux", "sd3") else {}
    given |= {"prompt_3": None} if model == "sd3" else {}
    given |= {"do_classifier_free_guidance": True} if model == "sd" else {}
    with torch.no_grad():
        expected = pipeline.encode_prompt(**given)
        works: list[int] = []
        recalling(pipeline, recall, lambda encode: works.append(1) or encode())
        found = [pipeline.encode_prompt(**given) for _ in range(2)]
    assert works == [1]
    for answer in found:
        for one, other in zip(answer, expected, strict=True):
            assert one is other is None or torch.equal(one, other)
    assert 0 < recall.size < 10**6


def test_what_somebody_wrote_into_is_forgotten():
    recall, answer = Recall(), (torch.zeros(4), None)
    recall.put("key", answer)
    assert recall.get("key") is answer
    answer[0].add_(1)
    assert recall.get("key") is None
    assert (len(recall), recall.size) == (0, 0)


def test_it_forgets_what_was_longest_not_asked_for():
    recall = Recall(limit=3 * 400)
    for key in "abc":
        recall.put(key, torch.zeros(100))
    recall.get("a")
    recall.put("d", [torch.zeros(100)])
    assert [recall.get(key) is not None for key in "abcd"] == [True, False, True, True]
    recall.put("large", torch.zeros(1000))
    assert recall.size == 1200
    # A part of a tensor keeps all of it.
    recall.put("part", torch.zeros(200)[:1])
    assert recall.size <= 1200
    assert len(recall) == 2


def test_many_threads_may_ask_at_once():
    recall = Recall(limit=40 * 400)

    def ask() -> None:
        for number in range(400):
            key = number % 60
            found = recall.get(key)
            assert found is None or found[0].item() == key
            recall.put(key, torch.full((100,), float(key)))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recall.size == 400 * len(recall) <= 40 * 400
