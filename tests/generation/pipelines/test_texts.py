"""Texts cut into windows and weighed token by token; a token of the tiny encoders is a letter."""

# pyright: basic
from __future__ import annotations

import pytest

from core.request import Part
from generation.texts import MOST_WINDOWS, Text, left_out_from, room_of, windows
from tests.generation import tiny

ROOM = tiny.WINDOW - 2


@pytest.fixture(scope="module")
def tokenizer() -> tiny.CLIPTokenizer:
    return tiny.tokenizer()


def read(typed: str, tokenizer: tiny.CLIPTokenizer) -> list[str]:
    return [window.plain for window in windows(Text.read(typed), [tokenizer])[0]]


def test_brackets_weigh_and_are_not_read():
    text = Text.read("a (red:1.5) cat")
    assert text.plain == "a red cat"
    assert not text.is_even
    assert Text.read("a (red:1.0) cat").is_even
    assert Text.read("").plain == ""


def test_each_token_has_the_weight_of_its_words(tokenizer: tiny.CLIPTokenizer):
    weights = Text.read("a (red:1.5) [cat]").weights(tokenizer, tiny.WINDOW)
    assert weights[:8] == [1, 1, 1.5, 1.5, 1.5, *[1 / 1.1] * 3]
    assert set(weights[8:]) == {1}


def test_t5_counts_from_the_first_token(tokenizer: tiny.CLIPTokenizer):
    weights = Text.read("(ab:2) c").weights(tiny.t5_tokenizer(), 6)
    # Its first token is the space before the word, its last the end of the text.
    assert weights[1:3] == [2, 2]
    assert weights[-2:] == [1, 1]


def test_joined_texts_keep_their_weights():
    text = Text.join([(Text.read("a (b:3)"), 2.0), (Text.read(""), 1.0), (Text.read("c"), 0.5)])
    assert text.plain == "a b, c"
    assert text.pieces == (Part("a ", 2), Part("b", 6), Part(", "), Part("c", 0.5))


@pytest.mark.parametrize("typed", ["", "a cat", "a" * ROOM])
def test_what_fits_is_one_window(tokenizer: tiny.CLIPTokenizer, typed: str):
    assert read(typed, tokenizer) == [typed]


def test_a_long_text_is_cut_between_words_and_rather_behind_a_comma(
    tokenizer: tiny.CLIPTokenizer,
):
    assert read("one two three four five seven eight", tokenizer) == [
        "one two three four five",
        "seven eight",
    ]
    assert read("one two three four, five seven eight", tokenizer) == [
        "one two three four,",
        "five seven eight",
    ]
    # Not when half of a window would stay empty for it.
    assert read("one two, three four five seven eight", tokenizer) == [
        "one two, three four five",
        "seven eight",
    ]


def test_a_word_longer_than_a_window_is_cut_in_it(tokenizer: tiny.CLIPTokenizer):
    assert read("a" * (ROOM + 3), tokenizer) == ["a" * ROOM, "aaa"]


@pytest.mark.parametrize("script", ["灯塔在海边，", "маяк ", "🏝️🌅 "])
def test_no_letter_of_any_script_is_lost(tokenizer: tiny.CLIPTokenizer, script: str):
    typed = (script * 12).strip()
    found = read(typed, tokenizer)
    assert len(found) > 1
    assert all(len(tokenizer(window).input_ids) <= tiny.WINDOW for window in found)
    assert "".join(found).replace(" ", "") == typed.replace(" ", "")


def test_a_cut_text_keeps_its_weights(tokenizer: tiny.CLIPTokenizer):
    found, _ = windows(Text.read("one two three four (five seven:1.5) six"), [tokenizer])
    assert found[0].pieces == (Part("one two three four "), Part("five", 1.5))
    assert found[1].pieces == (Part("seven", 1.5), Part(" six"))


def test_the_smallest_window_decides(tokenizer: tiny.CLIPTokenizer):
    small = tiny.tokenizer()
    small.model_max_length = 12
    assert room_of(small) == 10
    found, _ = windows(Text.read("one two three four"), [tokenizer, small])
    assert [window.plain for window in found] == ["one two", "three four"]


def test_an_endless_text_is_left_out_from_somewhere_on(tokenizer: tiny.CLIPTokenizer):
    found, end = windows(Text.read("a" * 10_000), [tokenizer])
    assert len(found) == MOST_WINDOWS
    assert end == MOST_WINDOWS * ROOM
    assert left_out_from(Text.read("abcdef"), tokenizer, 5) == 3
    assert left_out_from(Text.read("abc"), tokenizer, 5) == 3
