"""How pictures hang in rows: by their shapes, never cropped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gallery.files import FOLDER
from gallery.pages.tiles import NARROWEST, WIDEST, shape, shortened, sizes

RULE = re.compile(r"\.([ithm])(\d) \{ --\1: (\d); \}")


def ratio(classes: str) -> float:
    """What the style sheet makes of a shape."""
    sheet = Path(FOLDER / "base.css").read_text(encoding="utf-8")
    worth = {f"{place}{digit}": int(value) for place, digit, value in RULE.findall(sheet)}
    whole, tenths, hundredths, thousandths = (worth[name] for name in classes.split())
    return whole + tenths / 10 + hundredths / 100 + thousandths / 1000


@pytest.mark.parametrize(
    ("width", "height"), [(128, 128), (160, 104), (104, 160), (1024, 576), (640, 1138), (997, 991)]
)
def test_a_picture_hangs_in_a_box_of_its_own_shape(width: int, height: int) -> None:
    assert ratio(shape(width, height)) == pytest.approx(width / height, abs=0.0006)


def test_what_is_very_long_or_tall_has_room_in_its_box() -> None:
    assert ratio(shape(1400, 100)) == WIDEST
    assert ratio(shape(100, 1400)) == NARROWEST


def test_a_browser_is_told_about_how_wide_it_will_hang() -> None:
    assert sizes(640, 640) == "(max-width: 52rem) 10rem, 20rem"
    assert sizes(1024, 512) == "(max-width: 52rem) 20rem, 40rem"
    assert sizes(10, 1000) == "(max-width: 52rem) 1rem, 1rem"


def test_the_style_sheet_knows_every_shape() -> None:
    for thousandths in range(round(NARROWEST * 1000), round(WIDEST * 1000) + 1):
        assert ratio(shape(thousandths, 1000)) == pytest.approx(thousandths / 1000)


def test_a_long_prompt_is_cut_with_a_sign_of_it() -> None:
    assert shortened("a red boat", 10) == "a red boat"
    assert shortened("a red boats", 10) == "a red boa…"
    assert shortened("a red boat at sea", 7) == "a red…"
