"""The arithmetic of the evaluation, with readers that are always or never right."""

import subprocess
import sys
from dataclasses import replace

import pytest
from PIL import Image
from torch import Tensor, nn

from generation.postcard import NATIVE_SIZE, SIDE_MULTIPLE, WEIGHTS, vocabulary
from generation.postcard.budget import Minutes, Steps
from generation.postcard.classifier import classes_of
from generation.postcard.evaluate import (
    Score,
    asked_scenes,
    chance,
    prompts_for,
    score,
    table,
    with_all_three,
)
from generation.postcard.world import ATTRIBUTES, Scene, is_held_out


class Reader(nn.Module):
    """Says what it was told to say, whatever it sees."""

    def __init__(self, scenes: list[Scene], shift: dict[str, int]) -> None:
        super().__init__()
        classes = classes_of(scenes)
        self.logits = [
            nn.functional.one_hot((classes[:, k] + shift.get(name, 0)) % len(values), len(values))
            for k, (name, values) in enumerate(ATTRIBUTES.items())
        ]

    def forward(self, pixels: Tensor) -> list[Tensor]:
        assert pixels.shape[1:] == (3, 128, 128)
        return self.logits


@pytest.fixture
def scenes() -> list[Scene]:
    return asked_scenes(24, seed=1)


def pictures(count: int) -> list[Image.Image]:
    return [Image.new("RGB", (160, 104))] * count


def result_of(scenes: list[Scene], shift: dict[str, int]) -> Score:
    return score(Reader(scenes, shift), pictures(24), scenes, prompts_for(scenes, seed=2))


def test_half_of_the_prompts_are_held_out(scenes: list[Scene]) -> None:
    assert [is_held_out(s.subject, s.colour, s.time) for s in scenes] == [True] * 12 + [False] * 12


def test_prompts_name_what_is_asked(scenes: list[Scene]) -> None:
    prompts = prompts_for(scenes, seed=2)
    assert len({prompt.text for prompt in prompts}) == len(prompts) == 24
    for prompt, scene in zip(prompts, scenes, strict=True):
        assert prompt.names["colour"] == scene.colour


def test_all_right(scenes: list[Scene]) -> None:
    result = result_of(scenes, {})
    assert set(with_all_three(result).values()) == {1.0}
    assert set(result.by_subject.values()) == {1.0}
    assert set(result.taken_for.values()) == {""}


def test_one_wrong_attribute_spoils_all_three(scenes: list[Scene]) -> None:
    result = result_of(scenes, {"time": 1})
    assert result.right["time"] == 0
    assert result.right["subject"] == 1
    assert result.all_three == 0


def test_ground_and_position_are_not_among_the_three(scenes: list[Scene]) -> None:
    assert result_of(scenes, {"ground": 1, "position": 1}).all_three == 1


def test_what_a_prompt_does_not_name_is_not_counted(scenes: list[Scene]) -> None:
    asked = prompts_for(scenes, seed=2)
    named = [prompt for prompt in asked if "weather" in prompt.names]
    assert 0 < len(named) < 24
    wrong = {"weather": 1}
    assert result_of(scenes, wrong).right["weather"] == 0
    silent = [replace(prompt, names={**prompt.names, "weather": ""}) for prompt in asked]
    for prompt in silent:
        del prompt.names["weather"]
    result = score(Reader(scenes, wrong), pictures(24), scenes, silent)
    assert result.right["weather"] == 0
    assert result.all_three == 1


def test_wrong_subjects_are_named(scenes: list[Scene]) -> None:
    result = result_of(scenes, {"subject": 1})
    assert result.taken_for["lighthouse"] == "house"


def test_table_has_a_row_for_each_attribute() -> None:
    lines = table({"chance": chance()}).splitlines()
    assert lines[0] == "| right | chance |"
    assert lines[2] == "| subject | 8.3% |"
    assert lines[-1] == "| all three |  |"
    assert len(lines) == 2 + len(ATTRIBUTES) + 1


def test_budgets() -> None:
    assert Minutes(2).done(seconds=60, step=9) == 0.5
    assert Steps(10).done(seconds=60, step=9) == 0.9


def test_the_package_itself_does_not_import_torch() -> None:
    code = "import sys, generation.postcard; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert (NATIVE_SIZE, SIDE_MULTIPLE) == (128, 8)
    assert WEIGHTS.name == "weights"
    assert "lighthouse" in vocabulary()["subject"]
