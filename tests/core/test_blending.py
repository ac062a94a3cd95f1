"""What is asked for when several pictures are made one."""

from __future__ import annotations

from core.blending import LONGEST_WORDS, Dimensions, line_of
from core.prompt import parse
from core.request import Part
from tests.builders import request


def test_pictures_without_words_are_blended_without() -> None:
    assert line_of((None, None), Dimensions.SQUARE) == "--strength 0.35"
    assert line_of((), Dimensions.PORTRAIT) == "--ar 2:3 --strength 0.35"


def test_each_prompt_has_the_same_weight_and_what_it_avoids_is_left_out() -> None:
    fox = request("x", parts=(Part("a {red} fox", 2.0), Part("snow"), Part("fog", -0.5)))
    cat = request("a  cat", parts=(Part("a  cat"),))
    line = line_of((fox, None, cat, cat), Dimensions.LANDSCAPE)
    assert line == "a \\{red\\} fox, snow:: a cat:: --ar 3:2 --strength 0.35"
    assert [part.weight for part in parse(line).parts] == [1, 1]
    assert line_of((cat, None), Dimensions.SQUARE) == "a cat --strength 0.35"


def test_a_record_cannot_bring_flags_or_break_the_line() -> None:
    for text in ("a fox --turbo", "fox --aspcet 9", "cat " * LONGEST_WORDS, "::", "a::-5"):
        made = request("x", parts=(Part(text),))
        line = line_of((made, request("y")), Dimensions.SQUARE)
        assert parse(line, text_needed=False).flags == {"strength": 0.35}
