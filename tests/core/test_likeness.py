"""Words and vectors as looks; and that nobody finds what they may not see."""

from __future__ import annotations

import pytest

from core.likeness import (
    NORM,
    WORDS,
    Kept,
    Look,
    look_of_vector,
    look_of_words,
    signed,
)


def numbers(look: bytes) -> list[int]:
    return [byte - 256 if byte > 127 else byte for byte in look]


def far(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(numbers(one), numbers(other), strict=True))


def test_prompts_with_common_words_lie_near_each_other() -> None:
    this = look_of_words("a red lighthouse at dusk")
    near = look_of_words("Red lighthouse, stormy dusk --ar 3:2")
    assert far(this, near) < far(this, look_of_words("an astronaut rides a horse"))


def test_only_what_says_something_counts() -> None:
    this = look_of_words("a red lighthouse --ar 3:2 --seed 5 --tile")
    assert look_of_words("The LIGHTHOUSE, in red; red!") == this
    assert look_of_words("the of a --ar 3:2") == look_of_words("") == bytes(WORDS)


def test_words_of_languages_without_spaces_are_found_in_longer_ones() -> None:
    this = look_of_words("红色灯塔")
    assert far(this, look_of_words("黄昏的红色灯塔")) < far(this, look_of_words("一只黑猫"))
    assert look_of_words("猫") != bytes(WORDS)


def test_words_weigh_less_than_the_picture_however_many_there_are() -> None:
    for text in ("lighthouse", " ".join(f"word{n}" for n in range(2, 200))):
        assert far(look_of_words(text), bytes(WORDS)) ** 0.5 == pytest.approx(0.45 * NORM, rel=0.06)


def test_a_models_vector_keeps_where_it_points() -> None:
    look = look_of_vector([0.5, -1.0, 0.25])
    assert numbers(look) == [64, -127, 32]
    assert look_of_vector([5.0, -10.0, 2.5]) == look
    assert look_of_vector([0.0, 0.0]) == bytes(2)
    assert Look("k", look).dimension == 3


def test_what_a_byte_cannot_hold_is_as_much_as_it_can() -> None:
    assert numbers(signed([1.0, -1.0, 0.0], 1000.0)) == [127, -127, 0]


def test_a_look_names_its_work() -> None:
    assert Kept(5, "job-1", 3, b"").work_id == "job-1-3"
