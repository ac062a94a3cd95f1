"""Stories of the measurement of pictures with estimated rounds."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from benchmarks.kit.figures import Result
from generation.postcard import WEIGHTS

pytestmark = [
    pytest.mark.slow,
    # diffusers' schedulers give tensors to numpy's functions.
    pytest.mark.filterwarnings("ignore:__array_:DeprecationWarning"),
    pytest.mark.skipif(not WEIGHTS.is_dir(), reason="the embedded model has not been trained yet"),
]


def test_the_same_picture_is_as_near_as_can_be_and_others_are_told_by_their_error() -> None:
    from benchmarks.feature_cache import decibels

    grey, lighter, white = (Image.new("RGB", (8, 8), (tone,) * 3) for tone in (100, 101, 255))
    assert decibels(grey, grey) == 99
    assert decibels(grey, lighter) == pytest.approx(48.13, abs=0.01)
    assert decibels(Image.new("RGB", (8, 8)), white) == 0


def test_it_tells_what_is_saved_and_what_became_of_the_pictures(tmp_path: Path) -> None:
    from benchmarks.feature_cache import LEAST_SAVED, main

    file = tmp_path / "found.json"
    # One prompt says nothing of how many are right, so no promise is looked at.
    main(["--prompts", "1", "--steps", "12", "--json", str(file)])
    found = Result.read(file)
    saved = [one.value for one in found.figures if one.what.endswith("forwards saved")]
    assert len(saved) == 3 and min(saved) >= LEAST_SAVED
    assert all(one.value > 20 for one in found.figures if "dB" in one.what)
    assert len(found.tables) == 3 and "| every round, 9 steps | 25% |" in found.tables[0]
