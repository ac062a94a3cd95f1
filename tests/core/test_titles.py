"""What a derived picture is called."""

from __future__ import annotations

import pytest

from core.actions import Action
from core.edits import VARY_STRONG, VARY_SUBTLE, Box
from core.request import Kind, Source
from core.sentences import in_language
from core.titles import title
from tests.builders import request
from tests.core.test_derive import GRID, asked, press


@pytest.mark.parametrize(
    ("action", "extra", "words", "chinese"),
    [
        (Action.VARY_SUBTLE, "", "Variations (Subtle)", "变化（微调）"),
        (Action.VARY_STRONG, "", "Variations (Strong)", "变化（强烈）"),
        (Action.ENLARGE_SUBTLE, "", "Upscaled (Subtle)", "已放大（微调）"),
        (Action.ENLARGE_CREATIVE, "", "Upscaled (Creative)", "已放大（创意）"),
        (Action.ZOOM, "20", "Zoom Out 2x", "缩小 2 倍"),
        (Action.ZOOM, "15", "Zoom Out 1.5x", "缩小 1.5 倍"),
        (Action.SQUARE, "", "Made Square", "已补成方形"),
        (Action.PAN, "left", "Pan Left", "向左平移"),
        (Action.PAN, "right", "Pan Right", "向右平移"),
        (Action.PAN, "up", "Pan Up", "向上平移"),
        (Action.PAN, "down", "Pan Down", "向下平移"),
        (Action.REROLL, "", "", ""),
        (Action.UPSCALE, "", "", ""),
    ],
)
def test_each_is_called_after_what_was_pressed(
    action: Action, extra: str, words: str, chinese: str
) -> None:
    told = title(press(GRID, action, extra))
    assert (told, in_language(told, "zh-CN")) == (words, chinese)


def test_a_picture_that_was_asked_for_in_words_has_no_title() -> None:
    assert title(GRID) == ""


def test_a_picture_with_other_words_is_a_remix() -> None:
    edited = asked("a blue fox --ar 4:3")
    told = {
        title(press(GRID, action, edited=edited, parts=(Box(0, 0, 1, 1),)))
        for action in (Action.VARY_SUBTLE, Action.VARY_STRONG, Action.REGION, Action.REMIX)
    }
    assert told == {"Remix (Subtle)", "Remix (Strong)", "Remix (Region)", "Remix"}


def test_a_region_and_an_enhanced_draft() -> None:
    assert title(press(GRID, Action.REGION, mask="m")) == "Variations (Region)"
    assert title(press(asked("a fox --draft"), Action.ENHANCE)) == "Enhanced"


def test_a_pan_that_had_no_room_says_what_it_cost() -> None:
    panned = press(GRID, Action.PAN, "left", most=GRID.width * GRID.height / 1e6)
    assert title(panned) == "Pan Left, far side cut"
    assert in_language(title(panned), "zh-CN") == "向左平移，另一侧已裁去"


def test_a_zoom_that_only_changes_the_shape_has_no_factor() -> None:
    out = press(asked("a fox"), Action.ZOOM, "custom", zoom=1.0, aspect=(2, 1))
    assert title(out) == "Zoom Out"


def test_variations_of_an_older_easel_are_neither_subtle_nor_strong() -> None:
    old = request(kind=Kind.VARIATION, source=Source("x", 0.6))
    assert title(old) == "Variations"
    assert VARY_SUBTLE < 0.6 < VARY_STRONG
